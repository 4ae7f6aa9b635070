"""Reads Stripe's subscriptions and the invoices of their periods (https://docs.stripe.com/api/invoices), line by line.

A line is for a plan if it is one of the subscription's items: an invoice item of another kind, a fee or shipping, is
no credit. Amounts of lines are before tax and discount; a proration's is the share of its price for the rest of the
period, negative for what is given back.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from functions.farebox.billing.events import Item, PeriodPaid, SubscriptionChanged, SubscriptionStatus
from functions.farebox.billing.packages import CENT
from functions.farebox.billing.sale import USD, Line
from functions.farebox.payments.metadata import REFERENCE, USER, is_ours
from functions.farebox.payments.reading import id_of

Object = Mapping[str, Any]

STATUSES: dict[str, SubscriptionStatus] = {
    "active": "active",
    "trialing": "trialing",
    "past_due": "past_due",
    "unpaid": "unpaid",
    "paused": "paused",
    "canceled": "ended",
    "incomplete_expired": "ended",
}
MONTHS = {"month": 1, "year": 12}
RENEWALS = ("subscription_create", "subscription_cycle", "subscription")


def read_subscription(subscription: Object, at: datetime) -> SubscriptionChanged | None:
    """How a subscription of ours stands; `None` where its first payment is still waited for."""
    status = STATUSES.get(subscription["status"])
    if status is None or not is_ours(subscription):
        return None
    # Pausing its collection so that invoices are void is the portal's "pause"; the other ways go on serving.
    if status == "active" and (subscription.get("pause_collection") or {}).get("behavior") == "void":
        status = "paused"
    currency = currency_of(subscription)
    items = tuple(_item(item, subscription, currency) for item in subscription["items"]["data"])
    renews_at = max((item.renews_at for item in items if item.renews_at), default=None)
    ends_at = _future(subscription.get("cancel_at"), at)
    ends_at_renewal = bool(subscription["cancel_at_period_end"])
    return SubscriptionChanged(
        subscription=subscription["id"],
        user=subscription["metadata"][USER],
        plan=subscription["metadata"][REFERENCE],
        status=status,
        at=at,
        started_at=moment(subscription["created"]),
        renews_at=renews_at,
        ends_at_renewal=ends_at_renewal,
        ends_at=ends_at or (renews_at if ends_at_renewal else None),
        trial_ends_at=_future(subscription.get("trial_end"), at) if status == "trialing" else None,
        items=items,
        currency=currency,
    )


def _item(item: Object, subscription: Object, currency: str) -> Item:
    price, seats = item.get("price") or {}, item.get("quantity")
    ends_at = item.get("current_period_end") or subscription.get("current_period_end")
    unit = unit_in(price, currency)
    return Item(
        product=price.get("id"),
        seats=1 if seats is None else seats,
        price=None if unit is None else unit * CENT,
        months=months_of(price.get("recurring")) or 1,
        renews_at=moment(ends_at) if ends_at else None,
    )


def currency_of(subscription: Object) -> str:
    """What a subscription is charged in: a price may be sold in others than its own. Those of old do not say."""
    items = subscription["items"]["data"]
    price = items[0].get("price") or {} if items else {}
    return subscription.get("currency") or price.get("currency") or USD


def unit_in(price: Object, currency: str) -> int | None:
    """What a price costs in a currency, in its smallest unit, where Stripe says so: of others than its own it does
    where that was asked for (https://docs.stripe.com/api/prices/object#price_object-currency_options)."""
    own = price.get("currency") in (None, currency)
    sold = price if own else (price.get("currency_options") or {}).get(currency) or {}
    unit: int | None = sold.get("unit_amount")
    return unit


def read_invoice(
    invoice: Object, payments: Sequence[str], subscription: str, metadata: Mapping[str, Any], at: datetime
) -> PeriodPaid:
    """A period that an invoice has paid for, by one payment or several. `metadata` is the subscription's."""
    return PeriodPaid(
        payment=payments[0],
        also=tuple(payments[1:]),
        user=metadata[USER],
        subscription=subscription,
        plan=metadata[REFERENCE],
        lines=tuple(_line(line, invoice) for line in invoice["lines"]["data"] if _is_of_subscription(line)),
        total=invoice["total"] * CENT,
        at=at,
        currency=invoice["currency"],
        invoice_url=invoice.get("hosted_invoice_url"),
        customer=id_of(invoice.get("customer")),
        is_renewal=invoice["billing_reason"] in RENEWALS,
    )


def _line(line: Object, invoice: Object) -> Line:
    period, price = line["period"], line.get("price") or {}
    pricing = line.get("pricing") or {}
    product = id_of((pricing.get("price_details") or {}).get("price")) or id_of(price)
    unit = price.get("unit_amount")
    if unit is None and not _is_proration(line) and pricing.get("unit_amount_decimal"):
        unit = int(Decimal(str(pricing["unit_amount_decimal"])))
    return Line(
        amount=line["amount"] * CENT,
        starts_at=moment(period["start"]),
        ends_at=moment(period["end"]),
        product=product,
        unit=unit * CENT if unit else None,
        seats=line.get("quantity"),
        months=months_of(price.get("recurring") or line.get("plan")),
        is_proration=_is_proration(line) or line["amount"] < 0,
        is_discounted=_is_proration(line) and _is_discounted(line, invoice),
    )


def _is_discounted(line: Object, invoice: Object) -> bool:
    """Whether a discount is in the amount of a proration, which says nothing of how much it is, where it does not stand
    beside it (https://docs.stripe.com/changelog/clover/2025-09-30/itemize-proration-discount-amounts). Those of old
    name none, but their invoice does."""
    if any(each.get("amount") for each in line.get("discount_amounts") or ()):
        return False
    if line.get("discounts") or line.get("parent") is not None:
        return bool(line.get("discounts"))
    return bool(invoice.get("discounts") or invoice.get("discount"))


def _is_of_subscription(line: Object) -> bool:
    """Whether a line is one of the subscription's items, for a whole period or a part of it."""
    parent = line.get("parent")
    if parent is not None:
        return parent["type"] == "subscription_item_details" or _is_proration(line)
    return line.get("type", "subscription") == "subscription" or _is_proration(line)


def _is_proration(line: Object) -> bool:
    parent = line.get("parent") or {}
    return bool(line.get("proration") or (parent.get(parent.get("type", "")) or {}).get("proration"))


def months_of(recurring: Object | None) -> int | None:
    """How many months a price is for, where it is for months."""
    if not recurring or recurring.get("interval") not in MONTHS:
        return None
    return MONTHS[recurring["interval"]] * int(recurring.get("interval_count") or 1)


def _future(seconds: int | None, at: datetime) -> datetime | None:
    """A moment that was ahead when it was told; what lies behind says nothing of what runs."""
    return moment(seconds) if seconds and moment(seconds) > at else None


def moment(seconds: int) -> datetime:
    """Stripe's time."""
    return datetime.fromtimestamp(seconds, UTC)
