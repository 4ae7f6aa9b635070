"""Closing: what has to be settled with the payment provider when a payer ends.

Whatever runs there goes on charging a card for a wallet that nobody can spend from any more. So a payer who is gone is
marked as such in the transaction that ends them, and all that is open at the provider is ended: at once, or by the job
where the provider does not do it now. A page that is paid in between is a case for an operator (`settlement`).
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from functions.farebox.billing.auto_recharge import Recharge
from functions.farebox.billing.events import Unmatched
from functions.farebox.billing.payer import AlertTerms, Payer, billing_path, read_payer
from functions.farebox.billing.provider import Payments
from functions.farebox.billing.subscriptions.entitlement import running
from functions.farebox.billing.unmatched import open_case
from functions.farebox.errors import Conflict
from functions.farebox.storage import Data, Set, Store, Transaction
from functions.farebox.storage.apart import Apart


async def settle_up(tx: Transaction, uid: str, now: datetime) -> Set:
    """What to write of a payer who is closed in this transaction.

    Raises `Conflict` while they have a plan, be it paused, a checkout of one, or money on its way.
    """
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
    return Set(billing_path(uid), forgotten(payer).to_data())


def forgotten(payer: Payer) -> Payer:
    """A payer who is gone: nothing is charged, nobody is told anything, and the provider's name of them goes."""
    kept = replace(payer, customers={}, emails={}, pending={}, plan=None, check_at=None, is_gone=True)
    return replace(kept, recharge=Recharge(), charging=None, alerts=AlertTerms())


def open_checkout(payer: Payer, now: datetime) -> Data | None:
    """The checkout of a plan that may be being paid."""
    checkout = payer.checkout
    return checkout if checkout is not None and checkout["expires_at"] > now else None


async def end_business(store: Store, payments: Payments, uid: str, now: datetime) -> bool:
    """End all that is open at the provider for a payer who is gone, each thing whatever becomes of the others; answers
    whether it is. The job goes on with what the provider does not end now. Safe to repeat."""
    payer = await read_payer(store, uid)
    if not payer.is_gone or not payer.has_open_ends:
        return True
    pages = {*payer.topups, *(() if payer.checkout is None else (payer.checkout["session"],))} - {None}
    live = {each: data for each, data in payer.subscriptions.items() if data["status"] != "ended"}
    elsewhere = sorted(each for each, data in live.items() if data.get("provider") not in (None, "", payments.name))
    apart, ended = Apart(), {*elsewhere}
    for page in sorted(pages):
        with apart.each(f"the page {page} of {uid} is closed later"):
            await payments.close_checkout(page)
            ended.add(page)
    for subscription in sorted(live.keys() - set(elsewhere)):
        with apart.each(f"the subscription {subscription} of {uid} is cancelled later"):
            await payments.cancel_subscription(subscription)
            ended.add(subscription)
    for subscription in elsewhere:
        await _leave_to_operator(store, uid, live[subscription]["provider"], subscription, now)
    await _note_ended(store, uid, payer, ended, now)
    return not apart.failed


async def _note_ended(store: Store, uid: str, seen: Payer, ended: Collection[str], now: datetime) -> None:
    """Note what of a payer's business is ended: pages and subscriptions. What was begun since it was `seen` is for the
    next time."""

    async def work(tx: Transaction) -> None:
        payer = Payer.from_document(await tx.get(billing_path(uid)))
        topups = {page: data for page, data in payer.topups.items() if page not in ended}
        over = {
            each: {**data, "status": "ended", "told_at": now}
            for each, data in payer.subscriptions.items()
            if each in ended and data["status"] != "ended"
        }
        checkout = payer.checkout
        if checkout is not None and checkout == seen.checkout and checkout["session"] in (None, *ended):
            checkout = None
        subscriptions = {**payer.subscriptions, **over}
        tx.set(
            billing_path(uid),
            replace(payer, topups=topups, checkout=checkout, subscriptions=subscriptions).to_data(),
        )

    await store.transact(work)


async def _leave_to_operator(store: Store, uid: str, provider: str, subscription: str, now: datetime) -> None:
    """Open a case for a subscription at a provider that is not the one in use."""
    case = Unmatched("account_gone", subscription, "cancel it by hand: its payer's account is gone", user=uid)
    await store.transact(lambda tx: open_case(tx, provider, case, "account gone", "", now))
