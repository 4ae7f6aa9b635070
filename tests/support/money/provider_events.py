"""Events of Stripe and of Creem about subscriptions, in their own forms, and the way from there to the books."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from functions.farebox.accounts.plans import Plan, Plans, plan_path
from functions.farebox.billing.apply_event import Applied, apply_event
from functions.farebox.billing.events import PaymentEvent, SubscriptionChanged
from functions.farebox.billing.subscriptions.grace import Grace
from functions.farebox.payments.creem.events import read_fact as read_creem
from functions.farebox.payments.creem.events import read_standing as read_at_creem
from functions.farebox.payments.reading import read_or_report
from functions.farebox.payments.stripe.events import read_fact as read_stripe
from functions.farebox.payments.stripe.events import read_standing as read_at_stripe
from functions.farebox.storage import Set, Store
from tests.support.money.payment_events import PAYER

Object = dict[str, Any]

BEGIN = datetime(2026, 11, 27, 18, 40, tzinfo=UTC)
MONTH = timedelta(days=30)
CENTS = {"starter": 1000, "pro": 5000}
METADATA = {
    "farebox_user": PAYER,
    "farebox_kind": "plan",
    "farebox_credit_nanos": "10000000000",
    "farebox_bonus_nanos": "0",
    "farebox_reference": "starter",
}


@dataclass(frozen=True)
class Known:
    """What a provider says when it is asked: by id, charges as their amount and currency, invoices' payments, and
    subscriptions and their schedules as they are now."""

    charges: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    payments: Mapping[str, list[str]] = field(default_factory=dict)
    subscriptions: Mapping[str, Object] = field(default_factory=dict)
    schedules: Mapping[str, Object] = field(default_factory=dict)

    async def standing_of(self, subscription: str, at: datetime) -> SubscriptionChanged | None:
        """See `Payments`."""
        known = self.subscriptions.get(subscription)
        if known is None:
            return None
        return read_at_creem(known, at) if "product" in known else await read_at_stripe(known, at, Lookup(self))


NOTHING = Known()


class Lookup:
    """Stripe, asked for what its events leave out."""

    def __init__(self, known: Known = NOTHING) -> None:
        self._known = known

    async def payments_of_invoice(self, invoice_id: str) -> list[Object]:
        paid = self._known.payments.get(invoice_id, [])
        return [{"payment": {"type": "payment_intent", "payment_intent": each}} for each in paid]

    async def lines_of_invoice(self, invoice_id: str) -> list[Object]:
        return []

    async def card_of(self, subscription: Mapping[str, Any]) -> str | None:
        card: str | None = subscription.get("default_payment_method")
        return card and f"print_of_{card}"

    async def subscription(self, subscription_id: str) -> Object | None:
        return self._known.subscriptions.get(subscription_id)

    async def schedule(self, schedule_id: str) -> Object | None:
        return self._known.schedules.get(schedule_id)

    async def charge(self, charge_id: str) -> tuple[int, str] | None:
        return self._known.charges.get(charge_id)


def stamp(moment: datetime) -> int:
    return int(moment.timestamp())


def stripe_event(kind: str, told: Object, at: datetime = BEGIN, name: str = "") -> Object:
    return {
        "id": name or f"evt_{kind}_{told['id']}_{stamp(at)}",
        "type": kind,
        "created": stamp(at),
        "data": {"object": told},
    }


def stripe_subscription(
    plan: str = "starter", *, status: str = "active", seats: int = 1, end: datetime = BEGIN + MONTH, **fields: Any
) -> Object:
    price = {"id": f"price_{plan}", "unit_amount": CENTS[plan], "currency": "usd", "recurring": {"interval": "month"}}
    item = {"id": "si", "quantity": seats, "current_period_end": stamp(end), "price": price}
    told = {
        "id": "sub_1",
        "object": "subscription",
        "status": status,
        "created": stamp(BEGIN),
        "cancel_at_period_end": False,
        "cancel_at": None,
        "customer": "cus_x",
        "metadata": METADATA,
        "items": {"object": "list", "data": [item]},
    }
    return {**told, **fields}


def stripe_line(
    plan: str,
    cents: int,
    start: datetime = BEGIN,
    end: datetime = BEGIN + MONTH,
    *,
    seats: int = 1,
    is_proration: bool = False,
) -> Object:
    details = {"proration": is_proration, "subscription": "sub_1", "subscription_item": "si"}
    return {
        "id": f"il_{plan}_{cents}",
        "amount": cents,
        "quantity": seats,
        "period": {"start": stamp(start), "end": stamp(end)},
        "pricing": {"type": "price_details", "price_details": {"price": f"price_{plan}"}},
        "parent": {"type": "subscription_item_details", "subscription_item_details": details},
    }


def stripe_invoice(name: str, lines: Sequence[Object], *, reason: str = "subscription_cycle", **fields: Any) -> Object:
    total = sum(line["amount"] for line in lines)
    told = {
        "id": f"in_{name}",
        "object": "invoice",
        "status": "paid",
        "total": total,
        "amount_paid": max(0, total),
        "currency": "usd",
        "billing_reason": reason,
        "payment_intent": f"pi_{name}",
        "customer": "cus_x",
        "parent": {
            "type": "subscription_details",
            "subscription_details": {"subscription": "sub_1", "metadata": METADATA},
        },
        "lines": {"object": "list", "data": list(lines)},
    }
    return {**told, **fields}


def creem_event(kind: str, told: Object, at: datetime = BEGIN, name: str = "") -> Object:
    known = name or f"evt_{kind}_{told.get('last_transaction_id') or told['id']}_{stamp(at)}"
    return {"id": known, "eventType": kind, "created_at": stamp(at) * 1000, "object": told}


def creem_subscription(
    plan: str = "starter", *, status: str = "active", units: int = 1, end: datetime = BEGIN + MONTH, **fields: Any
) -> Object:
    product = {"id": f"prod_{plan}", "price": CENTS[plan], "currency": "USD", "billing_period": "every-month"}
    told = {
        "id": "sub_1",
        "object": "subscription",
        "product": product,
        "customer": {"id": "cust_1"},
        "status": status,
        "items": [{"id": "sitem_1", "product_id": product["id"], "units": units}],
        "created_at": BEGIN.isoformat(),
        "current_period_end_date": end.isoformat(),
        "metadata": METADATA,
    }
    return {**told, **fields}


def creem_paid(
    name: str,
    plan: str = "starter",
    *,
    cents: int | None = None,
    units: int = 1,
    tax: int = 0,
    discount: int = 0,
    start: datetime = BEGIN,
    end: datetime = BEGIN + MONTH,
) -> Object:
    """A subscription with the transaction that paid a period, or the rest of one."""
    amount = CENTS[plan] * units if cents is None else cents
    transaction = {
        "id": f"tran_{name}",
        "amount": amount,
        "discount_amount": discount,
        "tax_amount": tax,
        "amount_paid": amount - discount + tax,
        "currency": "USD",
        "period_start": stamp(start) * 1000,
        "period_end": stamp(end) * 1000,
        "subscription": "sub_1",
    }
    told = creem_subscription(plan, units=units, end=end)
    return {**told, "last_transaction_id": transaction["id"], "last_transaction": transaction}


async def name_products(store: Store) -> None:
    """Have the built-in plans name their prices at Stripe and their products at Creem."""
    for plan in await Plans(store, lambda: BEGIN).list():
        named = replace(plan, products=(("creem", f"prod_{plan.id}"), ("stripe", f"price_{plan.id}")))
        await store.write(Set(plan_path(plan.id), named.to_data()))


async def put_plan(store: Store, plan: Plan) -> None:
    await Plans(store, lambda: BEGIN).list()
    await store.write(Set(plan_path(plan.id), plan.to_data()))


async def read(event: Object, known: Known = NOTHING) -> PaymentEvent:
    """An event of either provider, read."""
    if "eventType" in event:
        fact = await read_or_report(read_creem(event), event)
        return PaymentEvent("creem", event["id"], event["eventType"], fact)
    fact = await read_or_report(read_stripe(event, Lookup(known)), event)
    return PaymentEvent("stripe", event["id"], event["type"], fact)


async def tell(
    store: Store,
    *events: Object,
    now: datetime = BEGIN,
    grace: Grace | None = None,
    known: Known = NOTHING,
) -> list[Applied]:
    """Apply events in their order."""
    return [
        await apply_event(store, await read(event, known), now, grace=grace or {}, ask=known.standing_of)
        for event in events
    ]
