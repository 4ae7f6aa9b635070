"""Route of a user: redeeming a code for credit."""

from typing import Annotated

from fastapi import FastAPI
from pydantic import StringConstraints

from functions.edge.rest.acting import may, tell
from functions.edge.rest.answers.ledger import TransactionAnswer, show_entry
from functions.edge.rest.app import Body, Wired
from functions.farebox.admin.codes import FORM
from functions.farebox.organisations.acting import Acting


class Redemption(Body):
    """A code to redeem."""

    code: Annotated[str, StringConstraints(pattern=FORM)]


def add_redemption(app: FastAPI) -> None:
    """Have an app answer this call."""
    app.post("/api/wallet/redeem", tags=["wallet"])(redeem_code)


async def redeem_code(
    body: Redemption, acting: Annotated[Acting, may("payments.make")], runtime: Wired
) -> TransactionAnswer:
    """Redeem a code for credit. The same code again answers the same entry."""
    codes = await runtime.codes()
    entry = await codes.redeem(acting.org, body.code, person=acting.uid or acting.org)
    await tell(runtime, acting, "payments.redeem", {"entry": entry.id, "amount": entry.amount})
    return show_entry(entry)
