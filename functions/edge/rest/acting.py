"""The door of the management calls that work on an organisation: who calls, for which one, and with what right.

A call works on the caller's own organisation, or on the one that its path or the header `x-farebox-org` names. The
caller shows the token of a session, or an API key whose scopes are enough. Everything is looked up for each call: who
was removed, or was given another role, is heeded at once, and so is an API key that was revoked.
"""

from typing import Annotated, Any

from fastapi import Depends, Header, Path, Request
from fastapi.security import HTTPBearer

from functions.edge.asgi.credentials import bearer
from functions.edge.rest.app import person_of, runtime_of, visitor_of
from functions.edge.rest.seeing import LOOKING
from functions.farebox.accounts.account import account_suspended, is_active, user_path
from functions.farebox.identity import Person
from functions.farebox.identity.factors.second_factors import is_confirmed
from functions.farebox.keys.api_key import PREFIX
from functions.farebox.kit.slugs import ID
from functions.farebox.observability.request_context import current_request, note
from functions.farebox.organisations.acting import Acting, no_such_organisation
from functions.farebox.organisations.membership import membership_path, role_in
from functions.farebox.organisations.rights import OPEN_TO_SUSPENDED, ROLE_RIGHTS, Right, rights_of_key
from functions.farebox.organisations.trail import Actor
from functions.farebox.storage import Data, Document
from functions.farebox.wiring.runtime import Runtime

ORG = "x-farebox-org"

_scheme = HTTPBearer(
    auto_error=False, description="A token from /api/auth/login, or an API key with the scope", scheme_name="token"
)
OrgHeader = Annotated[
    str | None,
    Header(alias=ORG, pattern=ID, description="The organisation; without it, one's own"),
]
OrgPath = Annotated[str, Path(pattern=ID, description="The organisation")]


class Door:
    """Lets in whoever has a right. A route has one, and so it can be told of each what it needs."""

    def __init__(self, right: Right) -> None:
        self.right = right


class HeaderDoor(Door):
    """For the organisation that the header names."""

    async def __call__(
        self, request: Request, _documented: Annotated[Any, Depends(_scheme)], org: OrgHeader = None
    ) -> Acting:
        """Who calls. Raises `Unauthenticated`, `Forbidden`, or `NotFound` where one does not belong."""
        return await _admit(request, self.right, org)


class PathDoor(Door):
    """For the organisation that the path names."""

    async def __call__(self, request: Request, _documented: Annotated[Any, Depends(_scheme)], org: OrgPath) -> Acting:
        """Who calls. Raises as `HeaderDoor`."""
        return await _admit(request, self.right, org)


def may(right: Right) -> Any:
    """The dependency of a route that works on the caller's organisation, or on the one of the header."""
    return Depends(HeaderDoor(right))


def may_in(right: Right) -> Any:
    """The dependency of a route whose path names the organisation, as `{org}`."""
    return Depends(PathDoor(right))


def actor_of(request: Request, name: str) -> Actor:
    """Who does something, by this name, and from where."""
    context = current_request.get()
    return Actor(name, visitor_of(request).address, None if context is None else context.request_id)


async def tell(runtime: Runtime, acting: Acting, action: str, after: Data | None = None) -> None:
    """Leave in the organisation's trail what was done about its money."""
    trail = (await runtime.organisations()).trail
    await trail.tell(acting.org, acting.actor, action, f"wallets/{acting.org}", after)


async def _admit(request: Request, right: Right, org: str | None) -> Acting:
    if bearer(request, code="invalid_token").startswith(f"{PREFIX}-"):
        acting = await _as_key(request, org)
    else:
        acting = await _as_person(request, await person_of(request, live=request.method not in LOOKING), right, org)
    acting.require(right)
    return acting


async def _as_key(request: Request, org: str | None) -> Acting:
    """An API key, which acts for the organisation that pays for it and no other."""
    callers = await runtime_of(request).callers()
    credential = bearer(request, code="invalid_api_key")
    caller = await callers.authenticate(credential, lambda: visitor_of(request).address, None, live=True)
    note(uid=caller.uid, key=caller.terms.id)
    if org is not None and org != caller.uid:
        raise no_such_organisation()
    return Acting(
        org=caller.uid,
        actor=actor_of(request, f"key:{caller.terms.id}"),
        rights=rights_of_key(caller.scopes, caller.role),
        role=caller.role,
        uid=caller.terms.belongs.member,
        key=caller.terms.id,
        scopes=caller.scopes,
    )


async def _as_person(request: Request, person: Person, right: Right, org: str | None) -> Acting:
    """A signed-in person, in the role that they have now."""
    org = org or person.uid
    note(org=org)
    store = await runtime_of(request).store()
    own, account, membership = await store.get_many(
        user_path(person.uid), user_path(org), membership_path(org, person.uid)
    )
    role = role_in(org, person.uid, membership)
    if role is None or account is None or account.data.get("closed_at") is not None:
        raise no_such_organisation()
    is_suspended = not _is_active(account)
    rights = ROLE_RIGHTS[role] & OPEN_TO_SUSPENDED if is_suspended else ROLE_RIGHTS[role]
    if (is_suspended and right not in OPEN_TO_SUSPENDED) or not (org == person.uid or _is_active(own)):
        raise account_suspended()
    return Acting(
        org=org,
        actor=actor_of(request, person.uid),
        rights=rights,
        is_suspended=is_suspended,
        role=role,
        uid=person.uid,
        email=person.email,
        is_operator=person.is_admin,
        is_confirmed=is_confirmed(person, runtime_of(request).now()),
        is_proved=person.email_verified or runtime_of(request).config.is_private,
    )


def _is_active(account: Document | None) -> bool:
    return account is not None and is_active(account.data)
