"""The one door by which an operator sees the dashboard as a user does: through it one looks, and changes nothing.

`POST /api/admin/users/{id}/see` leaves an entry in the audit trail and answers a pass, which works for its operator
alone, together with their own session, for `LASTS`. It goes into the header `x-farebox-see-as` of calls that only look.
"""

from datetime import timedelta
from typing import TYPE_CHECKING

from fastapi import Request

from functions.farebox.accounts.account import is_gone, user_path
from functions.farebox.errors import Forbidden, NotFound, Unauthenticated
from functions.farebox.identity import Person
from functions.farebox.observability.request_context import note
from functions.farebox.wiring.runtime import Runtime

if TYPE_CHECKING:
    from functions.farebox.identity.local.signed_tokens import SignedTokens

LOOKING = ("GET", "HEAD")
SEE_AS = "x-farebox-see-as"
LASTS = timedelta(minutes=30)
_PURPOSE = "see-as"
# What is its owner's alone to have: everything that is kept of a person, and how they prove who they are.
_NEVER = ("/api/auth/export", "/api/auth/second-factor", "/api/auth/identities")


def make_pass(runtime: Runtime, operator: str, uid: str) -> str:
    """A pass by which an operator sees as a user for `LASTS` from now on."""
    return _tokens(runtime).sign(_PURPOSE, uid, LASTS, operator=operator)


async def seen_as(request: Request, runtime: Runtime, operator: Person) -> Person:
    """The user whom an operator's call sees as. Nothing of this person is proved, so that nothing waits for them to be
    seen: no address counts as confirmed, no second factor as shown, and no session is theirs.

    Raises `Forbidden` for whatever does more than look, and for everybody but the operator whose pass it is, while that
    one is an administrator; `NotFound` for a user who is gone.
    """
    if request.method not in LOOKING:
        raise Forbidden("You see this account as its owner does, and change nothing of it.", code="read_only")
    if request.url.path.startswith(_NEVER):
        raise Forbidden("This is for the owner of the account alone.", code="read_only")
    try:
        told = _tokens(runtime).read(_PURPOSE, request.headers[SEE_AS])
    except Unauthenticated as error:
        raise Forbidden("Your view of this account has ended. Open it again.", code="view_ended") from error
    needs_factor = runtime.config.admin_second_factor == "required" and not operator.has_second_factor
    if not operator.is_admin or needs_factor or told["operator"] != operator.uid:
        raise Forbidden("This view of an account is not yours. Open your own.", code="view_ended")
    await (await runtime.accounts()).get_active(operator.uid)
    uid: str = told["sub"]
    user = await (await runtime.store()).get(user_path(uid))
    if user is None or is_gone(user.data):
        raise NotFound("There is no such user.", param="user_id")
    note(uid=operator.uid, seen_as=uid)
    return Person(uid, user.data["email"], email_verified=False, is_admin=False)


def _tokens(runtime: Runtime) -> "SignedTokens":
    from functions.farebox.identity.local.signed_tokens import SignedTokens  # jwt, which a start can do without

    return SignedTokens(runtime.config.secret_key.derive(_PURPOSE), runtime.now)
