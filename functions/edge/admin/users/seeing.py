"""Routes for operators: seeing the dashboard as a user does."""

from datetime import datetime

from fastapi import FastAPI
from pydantic import Field

from functions.edge.admin.auth import Operated, Ordered, Reason
from functions.edge.admin.users.users import UserId
from functions.edge.rest.app import Answer, Body, Wired
from functions.edge.rest.seeing import LASTS, make_pass
from functions.farebox.admin.audit_trail import Change
from functions.farebox.errors import Forbidden
from functions.farebox.storage import Transaction


class Sight(Body):
    """Why one looks."""

    reason: Reason


class SightAnswer(Answer):
    """A view of an account, for its operator alone."""

    pass_: str = Field(alias="pass", description="Goes into `x-farebox-see-as` of calls that only look", repr=False)
    user_id: str
    email: str
    expires_at: datetime


def add_seeing(app: FastAPI) -> None:
    """Have an app answer this call."""
    app.post("/api/admin/users/{id}/see", tags=["admin"])(see_as_user)


async def see_as_user(id: UserId, body: Sight, ops: Operated, order: Ordered, runtime: Wired) -> SightAnswer:
    """See as a user for half an hour: a pass, with which the calls of a signed-in administrator that only look answer
    as they would answer the user. It changes nothing, and the audit trail tells of it."""
    if order.actor == "admin-key":
        raise Forbidden("Sign in to see as somebody else: a key is nobody who looks.")
    user = await ops.users.get(id)
    until = runtime.now() + LASTS

    async def work(_tx: Transaction, _id: str) -> Change:
        return Change("users.see", f"users/{id}", None, {"reason": body.reason, "until_at": until})

    await ops.log.change(order, work)
    return SightAnswer(**{"pass": make_pass(runtime, order.actor, id)}, user_id=id, email=user.email, expires_at=until)
