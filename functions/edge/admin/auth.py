"""Authentication of operators: a signed-in administrator, or the `X-Admin-Key` header."""

from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.security import APIKeyHeader, HTTPBearer
from pydantic import Field

from functions.edge.asgi.credentials import idempotency_key, is_machine
from functions.edge.asgi.machine_auth import ADMIN_KEY
from functions.edge.rest.app import person_of, runtime_of
from functions.edge.rest.seeing import LOOKING
from functions.farebox.admin.audit_trail import AdminCommand
from functions.farebox.admin.users import LONGEST_REASON
from functions.farebox.errors import Forbidden, Unauthenticated
from functions.farebox.identity.factors.second_factors import REQUIRED, require_recent
from functions.farebox.observability.request_context import note
from functions.farebox.wiring.operations import Operations

_key_scheme = APIKeyHeader(name="X-Admin-Key", scheme_name="admin_key", auto_error=False)
_token_scheme = HTTPBearer(auto_error=False, description="A token from /api/auth/login", scheme_name="token")


async def an_admin(
    request: Request, _key: Annotated[Any, Depends(_key_scheme)], _token: Annotated[Any, Depends(_token_scheme)]
) -> str:
    """Who the operator is: a user's id, or `admin-key`. Refuses everybody else; a wrong key is not passed over."""
    runtime = runtime_of(request)
    if ADMIN_KEY in request.headers:
        config = runtime.config
        if await is_machine(request, ADMIN_KEY, config.admin_secret_key, config.trusted_proxies):
            note(uid="admin-key")
            return "admin-key"
        raise Unauthenticated("The X-Admin-Key header is not right.", code="invalid_token")
    # Always as of now: who has just become an administrator, or is none any more, is one or none on every instance.
    person = await person_of(request, live=True)
    if not person.is_admin:
        raise Forbidden("This takes an administrator. Ask whoever runs this service.")
    if runtime.config.admin_second_factor == "required" and not person.has_second_factor:
        raise Forbidden("Administrators need a second factor here. Enrol one in your account first.", code=REQUIRED)
    if request.method not in LOOKING:
        require_recent(person, runtime.now())
    await (await runtime.accounts()).get_active(person.uid)
    return person.uid


Admin = Annotated[str, Depends(an_admin)]


async def operations(request: Request, _admin: Admin) -> Operations:
    """What an operator works with."""
    return await runtime_of(request).operations()


async def an_order(request: Request, actor: Admin) -> AdminCommand:
    """The operator's call, as the audit trail and its `Idempotency-Key` know it."""
    what = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
    return AdminCommand(actor, what + await request.body(), idempotency_key(request))


Operated = Annotated[Operations, Depends(operations)]
Ordered = Annotated[AdminCommand, Depends(an_order)]
Reason = Annotated[
    str, Field(min_length=1, max_length=LONGEST_REASON, description="For the ledger and the audit trail")
]
