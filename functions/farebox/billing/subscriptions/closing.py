"""Closing: what has to be settled with the payment provider before a payer ends.

Whatever runs there goes on charging a card for a wallet that nobody can spend from any more.
"""

from datetime import datetime

from functions.farebox.billing.payer import Payer, billing_path
from functions.farebox.billing.subscriptions.entitlement import running
from functions.farebox.errors import Conflict
from functions.farebox.storage import Data, Transaction


async def check_settled(tx: Transaction, uid: str, now: datetime) -> None:
    """Raises `Conflict` while a payer has a plan, be it paused, a checkout of one, or money on its way."""
    payer = Payer.from_document(await tx.get(billing_path(uid)))
    if running(payer, now) is not None:
        raise Conflict(
            "There is a plan, which may be paused. POST /api/wallet/portal opens the page on which to cancel it; do so "
            "first.",
            code="plan_active",
        )
    if open_checkout(payer, now) is not None:
        raise Conflict(
            "A checkout of a plan is open. Give it up by DELETE /api/wallet/subscribe first.", code="checkout_open"
        )
    if payer.pending or payer.recharge.attempt is not None:
        raise Conflict(
            "A payment is on its way; GET /api/wallet/payments tells of it. Try again once it has arrived or failed.",
            code="payment_pending",
        )


def open_checkout(payer: Payer, now: datetime) -> Data | None:
    """The checkout of a plan that may be being paid."""
    checkout = payer.checkout
    return checkout if checkout is not None and checkout["expires_at"] > now else None
