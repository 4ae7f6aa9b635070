"""Translates Creem's events into facts. Fields: https://docs.creem.io/code/webhooks.

A single sale is known by its order, a period of a subscription by its transaction; refunds and disputes name both. Of
a dispute Creem tells only that it was opened, never how it ended: the money is gone by then, so it counts as lost.

A subscription that expired is not over: its period ended unpaid, and Creem still tries to be paid for it. Only one that
was canceled has ended.

Amounts are before discount and tax, but for what was paid. A period has one line: the product, for so many units; what
is charged for the rest of a period when the product changes is a share of its price.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from functions.farebox.billing.events import (
    CustomerChanged,
    Disputed,
    Fact,
    Item,
    Paid,
    PeriodPaid,
    RefundChanged,
    RefundStatus,
    SubscriptionChanged,
    SubscriptionStatus,
    Unmatched,
)
from functions.farebox.billing.packages import CENT
from functions.farebox.billing.sale import USD, Line
from functions.farebox.billing.subscriptions.record import PAID_FOR
from functions.farebox.payments.metadata import REFERENCE, USER, is_ours, paid_topup, wanted_credit
from functions.farebox.payments.reading import id_of, name_of

Object = Mapping[str, Any]

STATUSES: dict[str, SubscriptionStatus] = {
    "active": "active",
    "trialing": "trialing",
    "scheduled_cancel": "active",
    "past_due": "past_due",
    "unpaid": "unpaid",
    "paused": "paused",
    "canceled": "ended",
    "expired": "past_due",
}
_KNOWN_BY_KIND = (
    "scheduled_cancel",
    "past_due",
    "unpaid",
    "paused",
    "expired",
)  # a later event takes each of them back
LIVE_MODE = "prod"
_MONTHS = {"every-month": 1, "every-three-months": 3, "every-six-months": 6, "every-year": 12}
_MEANT_FOR_OTHERS = ("product.", "license.", "payout.", "discount.", "checkout.", "customer.")


def modes_of(event: Object) -> set[str]:
    """The modes that what an event tells of says it is of: `prod`, or `test` or `sandbox`, where no money moves. Each
    object says its own, and those within it theirs (https://docs.creem.io/code/webhooks)."""
    told = event["object"]
    return {each["mode"] for each in (told, *told.values()) if isinstance(each, Mapping) and each.get("mode")}


async def read_fact(event: Object) -> Fact | None:
    """What an event tells, or `None`."""
    kind, told = str(event["eventType"]), event["object"]
    at = datetime.fromtimestamp(event["created_at"] / 1000, UTC)
    if kind == "refund.created":
        status: RefundStatus = "failed" if told["status"] in ("failed", "canceled") else "live"
        amount, currency, transaction = (
            told["refund_amount"] * CENT,
            _currency(told["refund_currency"]),
            told["transaction"],
        )
        return RefundChanged(
            _payment_of(transaction), told["id"], amount, status, currency, _whole(transaction, currency)
        )
    if kind == "dispute.created":
        currency, transaction = _currency(told["currency"]), told["transaction"]
        return Disputed(
            _payment_of(transaction),
            told["id"],
            told["amount"] * CENT,
            "lost",
            at,
            currency,
            _whole(transaction, currency),
        )
    if kind == "checkout.completed":
        return _checkout_paid(told)
    if kind == "subscription.paid":
        return _period_paid(told, at)
    if kind.startswith("subscription."):
        return read_standing(told, at, kind.removeprefix("subscription.")) if is_ours(told) else None
    if kind == "customer.deleted" and is_ours(told):
        return CustomerChanged(told["id"], told["metadata"][USER], None, True)
    return None if kind.startswith(_MEANT_FOR_OTHERS) else Unmatched("unknown_kind", f"kind {kind}", "unregister it")


def _checkout_paid(checkout: Object) -> Fact | None:
    """A single sale. That of a subscription is told by `subscription.paid`, period by period."""
    order = checkout["order"]
    if order["type"] == "recurring" or order["status"] != "paid":
        return None
    currency, total = _currency(order["currency"]), _total(order)
    if not is_ours(checkout):
        return Unmatched("not_ours", order["id"], "", total * CENT, currency, is_payment=True)
    metadata = checkout["metadata"]
    if currency != USD:
        return Unmatched("currency", order["id"], "a top-up", total * CENT, currency, metadata[USER])
    wanted_credit(metadata)
    sale = paid_topup(metadata, "topup", _net(order) * CENT, total * CENT)
    return Paid(order["id"], sale, customer=id_of(checkout.get("customer")))


def _total(told: Object) -> int:
    """What was paid of an order or a transaction, tax included, in cents."""
    return int(told["amount"] if told.get("amount_paid") is None else told["amount_paid"])


def _net(order: Object) -> int:
    """What was paid of an order before tax, in cents."""
    if order.get("tax_amount") is not None and order.get("amount_paid") is not None:
        return max(0, int(order["amount_paid"]) - int(order["tax_amount"]))
    price = order["amount"] if order.get("sub_total") is None else order["sub_total"]
    return max(0, min(int(price) - int(order.get("discount_amount") or 0), _total(order)))


def _period_paid(subscription: Object, at: datetime) -> Fact:
    """A period. Where the event does not say what was paid, tax included, the price stands for it."""
    product, transaction = subscription["product"], subscription.get("last_transaction") or {}
    units, price = _units(subscription), product["price"] * CENT
    currency = _currency(transaction.get("currency") or product["currency"])
    total = transaction.get("amount_paid")
    amount = transaction.get("amount")
    starts_at = transaction.get("period_start") or subscription.get("current_period_start_date")
    ends_at = _moment(transaction.get("period_end") or subscription["current_period_end_date"])
    payment = subscription.get("last_transaction_id") or f"{subscription['id']}.{ends_at:%Y%m%dT%H%M%S}"
    paid = price * units if total is None else total * CENT
    if not is_ours(subscription):
        return Unmatched("not_ours", payment, "", paid, currency, is_payment=True)
    months = _MONTHS.get(product.get("billing_period", ""))
    sold = price * units if amount is None else _with_tax(amount, transaction, product) * CENT
    line = Line(
        amount=sold,
        starts_at=_moment(starts_at) if starts_at else at,
        ends_at=ends_at,
        product=id_of(product),
        unit=price if currency == _currency(product["currency"]) else None,
        seats=units,
        months=months,
        is_proration=sold not in (0, price * units),
    )
    return PeriodPaid(
        payment=payment,
        user=subscription["metadata"][USER],
        subscription=subscription["id"],
        plan=subscription["metadata"][REFERENCE],
        lines=(line,),
        total=paid,
        at=at,
        currency=currency,
        customer=id_of(subscription.get("customer")),
        is_renewal=not line.is_proration,
        standing=read_standing(subscription, at),
    )


def _with_tax(amount: int, transaction: Object, product: Object) -> int:
    """What a transaction sold for, in cents, as its product's price says it: with the tax where that is within it."""
    tax, paid = transaction.get("tax_amount") or 0, transaction.get("amount_paid")
    is_net = paid is not None and amount + tax == paid + (transaction.get("discount_amount") or 0)
    return amount + tax if product.get("tax_mode") == "inclusive" and is_net else amount


def read_standing(subscription: Object, at: datetime, kind: str = "") -> SubscriptionChanged | None:
    """How a subscription stands. The kind of its event counts where its object has heard of nothing yet: that of the
    documented `subscription.expired` says `active`."""
    stands = subscription["status"]
    if STATUSES.get(stands) in PAID_FOR and kind in _KNOWN_BY_KIND:
        stands = kind
    status = STATUSES.get(stands)
    if status is None:
        return None
    told = subscription.get("current_period_end_date")
    renews_at = _moment(told) if told else None
    ends_at_renewal = "scheduled_cancel" in (stands, subscription["status"]) or (
        stands == "expired" and bool(subscription.get("canceled_at"))
    )
    product = subscription.get("product")
    known = product if isinstance(product, Mapping) else {}
    sold = Item(
        product=id_of(product),
        seats=_units(subscription),
        price=known["price"] * CENT if "price" in known else None,
        months=_MONTHS.get(known.get("billing_period", ""), 1),
    )
    return SubscriptionChanged(
        subscription=subscription["id"],
        user=subscription["metadata"][USER],
        plan=subscription["metadata"][REFERENCE],
        status=status,
        at=at,
        started_at=_moment(subscription["created_at"]),
        renews_at=renews_at,
        ends_at_renewal=ends_at_renewal,
        ends_at=renews_at if ends_at_renewal else None,
        trial_ends_at=renews_at if status == "trialing" else None,
        items=(sold, *_beside(subscription, sold)),
        currency=_currency(known.get("currency", USD)),
    )


def _beside(subscription: Object, sold: Item) -> Iterator[Item]:
    """What a subscription sells beside its product."""
    for item in subscription.get("items") or ():
        if item.get("product_id") not in (None, sold.product):
            yield Item(item["product_id"], int(item.get("units") or 1), months=sold.months)


def _units(subscription: Object) -> int:
    """Seats of the product."""
    items, product = subscription.get("items") or (), id_of(subscription.get("product"))
    own = next((item for item in items if item.get("product_id") == product), items[0] if items else subscription)
    return int(own.get("units") or 1)


def _whole(transaction: Object, currency: str) -> int | None:
    """What the whole transaction was, in a currency that is not ours."""
    if currency == USD or _currency(transaction.get("currency", USD)) != currency:
        return None
    return _total(transaction) * CENT if transaction.get("amount") is not None else None


def _payment_of(transaction: Object) -> str:
    return name_of(transaction["id"] if transaction.get("subscription") else transaction["order"])


def _currency(name: str) -> str:
    return name.lower()


def _moment(text: str | int) -> datetime:
    """A time as text, or in milliseconds."""
    if isinstance(text, int):
        return datetime.fromtimestamp(text / 1000, UTC)
    return datetime.fromisoformat(text).astimezone(UTC)
