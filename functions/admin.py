"""Edge `admin`: what operators do. A signed-in admin, or the `X-Admin-Key` header."""

from typing import Annotated

from fastapi import Depends, FastAPI, Request
from pydantic import Field

from functions.edge.credentials import is_machine
from functions.edge.machines import ADMIN_KEY
from functions.edge.management import Answer, Wired, management_app, runtime_of, signed_in
from functions.farebox.audit import audit
from functions.farebox.errors import Forbidden
from functions.farebox.runtime import Runtime


class FaultAnswer(Answer):
    """Something that does not add up."""

    path: str
    problem: str


class AuditAnswer(Answer):
    """What an audit walked, and what it found."""

    clean: bool
    wallets: int
    entries: int
    leases: int
    requests: int
    restless: int = Field(description="Wallets that never stood still for long enough to be compared")
    faults: list[FaultAnswer]


async def an_admin(request: Request) -> str:
    """Who the operator is: a user's id, or `admin-key`. Refuses everybody else."""
    runtime = runtime_of(request)
    if is_machine(request, ADMIN_KEY, runtime.config.admin_secret_key):
        return "admin-key"
    person = await signed_in(request, None)
    if not person.is_admin:
        raise Forbidden("This takes an administrator. Ask whoever runs this service.")
    return person.uid


Admin = Annotated[str, Depends(an_admin)]


def make_app(runtime: Runtime) -> FastAPI:
    """The edge's app."""
    app = management_app(runtime, "Farebox admin")

    @app.post("/api/admin/verify-books", tags=["admin"])
    async def verify_books(_admin: Admin, runtime: Wired) -> AuditAnswer:
        """Walk every wallet, ledger entry, lease and usage record, and name the first thing that does not add up."""
        *_, done = [each async for each in audit(await runtime.store())]
        return AuditAnswer(
            clean=not done.faults,
            wallets=done.wallets,
            entries=done.entries,
            leases=done.leases,
            requests=done.records,
            restless=done.restless,
            faults=[FaultAnswer(path=fault.path, problem=fault.problem) for fault in done.faults],
        )

    return app
