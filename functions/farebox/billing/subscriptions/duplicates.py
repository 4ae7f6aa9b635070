"""Ends what a payer has subscribed to a second time, and a trial that somebody has a second time: it is cancelled and
refunded, and an operator is told.

Checkouts refuse it beforehand; two pages may be open all the same, or a link be kept. What was done is noted with the
payer, step by step, and each step is done once at the provider however often it is asked, so that a run which was cut
off is gone on with by the next.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from functions.farebox.billing.events import Unmatched, UnmatchedReason
from functions.farebox.billing.payer import Payer, billing_path, read_payer
from functions.farebox.billing.payment import Payment
from functions.farebox.billing.provider import Payments
from functions.farebox.billing.settlement import payments_for
from functions.farebox.billing.subscriptions.entitlement import surplus
from functions.farebox.billing.subscriptions.trials import NOTHING_DONE, SECOND_TRIAL
from functions.farebox.billing.unmatched import call_operators, open_case
from functions.farebox.storage import Data, Store, Transaction
from functions.farebox.storage.apart import Apart

log = logging.getLogger("farebox.payments.duplicates")


async def end_duplicates(store: Store, payments: Payments, uid: str, now: datetime) -> tuple[int, int]:
    """End a payer's second subscriptions, and refund what was paid for them, each whatever becomes of the others;
    answers how many there are, and how many steps are left to the job."""
    apart = Apart()
    payer = await read_payer(store, uid)
    ids = {each.id for each in surplus(payer, now) if each.provider == payments.name} | payer.surplus.keys()
    for subscription in sorted(ids):
        done = payer.surplus.get(subscription, NOTHING_DONE)
        if not done["cancelled"]:
            with apart.each(f"the second subscription {subscription} of {uid} is cancelled later"):
                await payments.cancel_subscription(subscription)
                await _note(store, uid, payments.name, subscription, now, lambda told: {**told, "cancelled": True})
        for payment in await _paid_for(store, uid, subscription):
            if payment.id not in done["refunded"]:
                with apart.each(f"{payment.id}, which paid for a second subscription of {uid}, is refunded later"):
                    await _refund(store, payments, uid, subscription, payment, now)
    return len(ids), apart.failed


async def _refund(
    store: Store, payments: Payments, uid: str, subscription: str, payment: Payment, now: datetime
) -> None:
    is_refunded = all([await payments.refund(each.id) for each in payment.each])
    if not is_refunded:
        log.error("refund %s by hand: it paid for a second subscription, %s", payment.id, subscription)

    def add(told: Data) -> Data:
        return {**told, "refunded": sorted({*told["refunded"], payment.id})}

    await _note(store, uid, payments.name, subscription, now, add, by_hand="" if is_refunded else payment.id)


async def _paid_for(store: Store, uid: str, subscription: str) -> list[Payment]:
    """What was paid for a subscription and is not given back."""
    found = await payments_for(store, uid, subscription)
    return [each for each in found if each.sale and each.sale.total > 0 and each.returned < each.sale.total]


async def _note(
    store: Store,
    uid: str,
    provider: str,
    subscription: str,
    now: datetime,
    change: Callable[[Data], Data],
    *,
    by_hand: str = "",
) -> None:
    """Note a step with the payer, and the case for operators."""
    done = f"cancelled; refund {by_hand} by hand" if by_hand else "cancelled and refunded"

    def case_of(told: Data) -> Unmatched:
        is_trial = told.get("reason") == SECOND_TRIAL
        why = "its card or its payer had a trial before" if is_trial else "its payer has another"
        reason: UnmatchedReason = "second_trial" if is_trial else "second_subscription"
        return Unmatched(reason, subscription, f"{subscription} was {done}: {why}", user=uid)

    async def work(tx: Transaction) -> Unmatched | None:
        payer = Payer.from_document(await tx.get(billing_path(uid)))
        known = payer.surplus.get(subscription, NOTHING_DONE)
        told = change(known)
        if told == known:
            return None
        case = case_of(told)
        await open_case(tx, provider, case, "second subscription", "", now)
        tx.set(billing_path(uid), replace(payer, surplus={**payer.surplus, subscription: told}).to_data())
        return case

    case = await store.transact(work)
    if case is not None:
        call_operators(provider, case, "second subscription")
