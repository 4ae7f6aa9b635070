"""Applies a provider's event: its marker, the payment, the ledger entries and the wallet in one commit.

An event that was applied before changes nothing. One that is about a payment joins what is known of it
(`payment.Payment`); once the sale is known, the books are brought in line with it (`settlement`). One of which nothing
can be made opens a case for an operator (`unmatched`), and may be sent again.

Where events do not say how a subscription stands, the provider is asked what is so now: two of one second that differ,
one that calls alive what had ended, an invoice that is heard before what it is for.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import quote

from functions.farebox.billing.customers import apply_customer
from functions.farebox.billing.events import (
    CustomerChanged,
    Item,
    Paid,
    PaymentEvent,
    PaymentFact,
    PeriodPaid,
    SubscriptionChanged,
    Unmatched,
    UnmatchedReason,
)
from functions.farebox.billing.payer import read_payer
from functions.farebox.billing.payment import Payment
from functions.farebox.billing.sale import Sale
from functions.farebox.billing.settlement import FindOthers, apply_payment, is_claimed, payment_path, payments_for
from functions.farebox.billing.subscriptions.catalogue import PlanCatalogue, UnknownPlan, read_catalogue
from functions.farebox.billing.subscriptions.entitlement import surplus
from functions.farebox.billing.subscriptions.grace import Grace
from functions.farebox.billing.subscriptions.periods import UnknownPrice, is_unclear, sale_of
from functions.farebox.billing.subscriptions.record import Contradicted
from functions.farebox.billing.subscriptions.standing import Rules, UnknownPayer, apply_subscription, owners_of
from functions.farebox.billing.unmatched import call_operators, open_case, unmatched_path
from functions.farebox.errors import NotFound
from functions.farebox.storage import Data, Document, Store, Transaction

MARKER_KEPT_FOR = timedelta(days=90)  # providers redeliver for days, people from a dashboard for weeks
NO_GRACE: Grace = {}
T = TypeVar("T")
AskStanding = Callable[[str, datetime], Awaitable[SubscriptionChanged | None]]  # see `provider.Payments.standing_of`
_Applicable = PaymentFact | SubscriptionChanged | CustomerChanged | Unmatched
# Outcomes of events that may be applied when they are sent again.
UNAPPLIED, RECORDED = "unmatched", "recorded"
STRANDED = "stranded"  # about money of an account that is gone: nothing more comes of it


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of an event: whether it was new and came to something, and the payment or payer as it stands.
    `surplus_of` is a payer who has subscribed a second time."""

    is_new: bool
    payment: Payment | None = None
    is_matched: bool = True
    surplus_of: str | None = None


def event_path(provider: str, event_id: str) -> str:
    """Where it is noted that an event was applied."""
    return f"events/{provider}_{quote(event_id, safe='')}"


async def nobody_knows(subscription: str, at: datetime) -> SubscriptionChanged | None:
    """No provider to ask how a subscription stands."""
    return None


async def apply_event(
    store: Store, event: PaymentEvent, now: datetime, *, grace: Grace = NO_GRACE, ask: AskStanding = nobody_knows
) -> Applied:
    """Apply an event, once. `ask` is the provider's `standing_of`. Raises what it and the store raise; the event is not
    marked then, and may be sent again."""
    try:
        fact = event.fact
        if not isinstance(fact, PeriodPaid | SubscriptionChanged):
            catalogue = PlanCatalogue({})
            return await _apply(store, event, fact, Rules(catalogue, now, grace))
        rules = Rules(await read_catalogue(store, now), now, grace)
        if isinstance(fact, SubscriptionChanged):

            async def apply(told: SubscriptionChanged) -> Applied:
                return await _apply(store, event, told, rules, owners=await _owners_of_trial(store, told))

            return await _once_clear(fact, apply, ask)
        known_as = await _take_standing(store, event, fact, rules, ask)
        sale = sale_of(fact, event.provider, rules.catalogue, known_as)
        paid = None if sale is None else _paid_for(fact, sale)

        async def find_others() -> list[str]:
            known = await payments_for(store, fact.user, fact.subscription)
            return [each.id for each in known if each.id != fact.payment]

        return await _apply(store, event, paid, rules, period=fact, find_others=find_others)
    except (UnknownPayer, UnknownPlan, NotFound) as error:
        case = _nobodys(event, error)
        return await _apply(store, event, case, Rules(PlanCatalogue({}), now, grace), outcome=UNAPPLIED)


def _paid_for(period: PeriodPaid, sale: Sale) -> Paid:
    """The payment of a period that grants something."""
    papers = period.invoice_url
    return Paid(period.payment, sale, papers, period.customer, papers, also=period.also)


async def _once_clear(
    fact: SubscriptionChanged, apply: Callable[[SubscriptionChanged], Awaitable[T]], ask: AskStanding
) -> T:
    """Apply how a subscription stood; where that contradicts what was heard before, what the provider says is so."""
    try:
        return await apply(fact)
    except Contradicted as contradicted:
        told = await ask(fact.subscription, contradicted.at)
        if told is None or told.user != fact.user:
            return await apply(replace(fact, asked="unanswered"))
        return await apply(replace(told, asked="answered"))


async def _take_standing(
    store: Store, event: PaymentEvent, period: PeriodPaid, rules: Rules, ask: AskStanding
) -> Mapping[str, Any] | None:
    """Take up how a subscription stood when a period of it was paid for, where the event says it or the provider has to
    be asked; answers how it is kept then. It is known by its time, so it may be taken up any number of times, and the
    event is marked only with the period."""

    async def apply(told: SubscriptionChanged) -> None:
        owners = await _owners_of_trial(store, told)

        async def work(tx: Transaction) -> None:
            await apply_subscription(tx, event.provider, told, rules, owners)

        await store.transact(work)

    async def read() -> Mapping[str, Any] | None:
        return (await read_payer(store, period.user)).subscriptions.get(period.subscription)

    if period.standing is not None:
        await _once_clear(period.standing, apply, ask)
    known = await read()
    if not is_unclear(period, event.provider, rules.catalogue, known):
        return known
    at = period.at if known is None else max(period.at, known["told_at"])
    told = await ask(period.subscription, at)
    if told is None or told.user != period.user:
        return known
    await apply(replace(told, asked="answered", items=(*told.items, *_billed_beside(period, told))))
    return await read()


def _billed_beside(period: PeriodPaid, told: SubscriptionChanged) -> list[Item]:
    """What was billed between renewals and is not sold any more, where the provider says what is: no plan is known by
    it, so it was sold beside one, unless it is heard to have been one's. What a renewal bills may be the plan's former
    price."""
    if period.is_renewal or not told.items:
        return []
    billed = {line.product for line in period.lines if line.amount > 0}
    return [Item(product) for product in sorted(filter(None, billed - {item.product for item in told.items}))]


async def _owners_of_trial(store: Store, fact: SubscriptionChanged) -> list[str]:
    return await owners_of(store, fact.user) if fact.status == "trialing" else []


def _nobodys(event: PaymentEvent, error: Exception) -> Unmatched:
    """The case of an event that names a user or a plan which is not there."""
    fact = event.fact
    amount, currency, about = None, None, event.id
    match fact:
        case PeriodPaid():
            amount, currency, about = fact.total, fact.currency, fact.payment
        case Paid():
            amount, currency, about = fact.sale.total, fact.sale.currency, fact.payment
        case SubscriptionChanged():
            about = fact.subscription
    reason: UnmatchedReason = "no_plan" if isinstance(error, UnknownPlan) else "nobody"
    if isinstance(error, UnknownPrice):
        reason = "currency"
    return Unmatched(reason, about, str(error), amount, currency)


async def _apply(
    store: Store,
    event: PaymentEvent,
    fact: _Applicable | None,
    rules: Rules,
    *,
    period: PeriodPaid | None = None,
    find_others: FindOthers | None = None,
    owners: Sequence[str] = (),
    outcome: str = "",
) -> Applied:
    marker_at = event_path(event.provider, event.id)

    async def work(tx: Transaction) -> Applied:
        marker = await tx.get(marker_at)
        if marker is not None and not _may_be_applied(marker, fact):
            return Applied(is_new=False)
        about = None if marker is None else marker.data.get("about")
        case = None if about is None else await tx.get(unmatched_path(event.provider, about))
        if fact is None:
            applied = Applied(is_new=True, is_matched=period is not None)
        else:
            applied = await _apply_fact(tx, event, fact, rules, period, find_others, owners)
        told = outcome or _outcome(applied)
        tx.set(marker_at, _marker(event.type, told, applied.payment, rules.now, fact))
        if case is not None and applied.is_matched and about != (applied.payment and applied.payment.id):
            tx.delete(case.path)
        return applied

    applied = await store.transact(work)
    if applied.is_new and isinstance(fact, Unmatched):
        call_operators(event.provider, fact, event.type)
    return applied


async def _apply_fact(
    tx: Transaction,
    event: PaymentEvent,
    fact: _Applicable,
    rules: Rules,
    period: PeriodPaid | None,
    find_others: FindOthers | None,
    owners: Sequence[str],
) -> Applied:
    match fact:
        case SubscriptionChanged():
            payer = await apply_subscription(tx, event.provider, fact, rules, owners)
            return Applied(True, surplus_of=fact.user if surplus(payer, rules.now) else None)
        case CustomerChanged():
            await apply_customer(tx, event.provider, fact)
            return Applied(True)
        case Unmatched():
            await _open_case(tx, event, fact, rules.now)
            return Applied(True, is_matched=False)
        case _:
            payment, owner = await apply_payment(tx, event.provider, fact, rules, period, find_others)
            user = None if payment.sale is None else payment.sale.user
            is_stranded = user is not None and owner is None
            second = user if owner and surplus(owner, rules.now) else None
            return Applied(True, payment, is_matched=not is_stranded, surplus_of=second)


async def _open_case(tx: Transaction, event: PaymentEvent, fact: Unmatched, now: datetime) -> None:
    document = await tx.get(payment_path(fact.about)) if fact.is_payment else None
    if document is None or not is_claimed(fact.about, document):  # else another event has told what it was for
        await open_case(tx, event.provider, fact, event.type, event.id, now)


def _may_be_applied(marker: Document, fact: _Applicable | None) -> bool:
    """Whether an event that was heard before may come to something now: one that could not be read then, say."""
    if marker.data["outcome"] == RECORDED:
        return fact is not None and not isinstance(fact, Unmatched)
    return bool(marker.data["outcome"] == UNAPPLIED)


def _outcome(applied: Applied) -> str:
    if applied.is_matched:
        return "applied"
    return RECORDED if applied.payment is None else STRANDED


def _marker(kind: str, outcome: str, payment: Payment | None, now: datetime, fact: _Applicable | None) -> Data:
    return {
        "about": fact.about if isinstance(fact, Unmatched) else None,
        "type": kind,
        "outcome": outcome,
        "payment": None if payment is None else payment.id,
        "created_at": now,
        "expires_at": now + MARKER_KEPT_FOR,
    }
