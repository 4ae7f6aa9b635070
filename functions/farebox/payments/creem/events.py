"""Translates Creem's events into facts. Fields: https://docs.creem.io/code/webhooks.

A single sale is known by its order, a month of a subscription by its transaction; refunds and disputes name both. Of
a dispute Creem tells only that it was opened, never how it ended: the money is gone by then, so it counts as lost.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from functions.farebox.billing.events import (
    Disputed,
    Fact,
    Paid,
    RefundChanged,
    RefundStatus,
    SubscriptionChanged,
    SubscriptionStatus,
)
from functions.farebox.billing.packages import CENT
from functions.farebox.payments.metadata import REFERENCE, USER, UnexpectedEvent, paid_month, paid_topup

Object = Mapping[str, Any]

_SUBSCRIPTIONS: dict[str, SubscriptionStatus] = {
    "active": "active",
    "trialing": "active",
    "scheduled_cancel": "active",
    "past_due": "past_due",
    "unpaid": "past_due",
    "paused": "past_due",
    "canceled": "ended",
    "expired": "ended",
}


def read_fact(event: Object) -> Fact | None:
    """What an event tells, or `None`."""
    kind, told = str(event["eventType"]), event["object"]
    if kind == "refund.created":
        amount = _usd(told["refund_amount"], told["refund_currency"])
        status: RefundStatus = "failed" if told["status"] in ("failed", "canceled") else "live"
        return RefundChanged(_payment_of(told["transaction"]), told["id"], amount, status)
    at = datetime.fromtimestamp(event["created_at"] / 1000, UTC)
    if kind == "dispute.created":
        amount = _usd(told["amount"], told["currency"])
        return Disputed(_payment_of(told["transaction"]), told["id"], amount, "lost", at)
    if USER not in (told.get("metadata") or {}):
        return None
    if kind == "checkout.completed":
        return _checkout_paid(told)
    if kind == "subscription.paid":
        return _month_paid(told)
    return _subscription(told, at) if kind.startswith("subscription.") else None


def _checkout_paid(checkout: Object) -> Fact | None:
    """A single sale. That of a subscription is told by `subscription.paid`, month by month."""
    order, metadata = checkout["order"], checkout["metadata"]
    if order["type"] == "recurring" or order["status"] != "paid":
        return None
    total = _usd(order.get("amount_paid") or order["amount"], order["currency"])
    return Paid(order["id"], paid_topup(metadata, "topup", total), customer=_id_of(checkout.get("customer")))


def _month_paid(subscription: Object) -> Fact:
    """A month. Where the event does not say what was paid, tax included, the price stands for it."""
    metadata, product = subscription["metadata"], subscription["product"]
    transaction = subscription.get("last_transaction") or {}
    price = {"amount_paid": product["price"], "currency": product["currency"]}
    paid = transaction if transaction.get("amount_paid") else price
    total = _usd(paid["amount_paid"], paid["currency"])
    sale = paid_month(metadata, total, _moment(subscription["current_period_end_date"]))
    return Paid(subscription["last_transaction_id"], sale, customer=_id_of(subscription.get("customer")))


def _subscription(subscription: Object, at: datetime) -> Fact | None:
    status = _SUBSCRIPTIONS.get(subscription["status"])
    if status is None:
        return None
    renews_at = subscription.get("current_period_end_date")
    return SubscriptionChanged(
        subscription=subscription["id"],
        user=subscription["metadata"][USER],
        plan=subscription["metadata"][REFERENCE],
        status=status,
        at=at,
        started_at=_moment(subscription["created_at"]),
        renews_at=_moment(renews_at) if renews_at else None,
        ends_at_renewal=subscription["status"] == "scheduled_cancel",
    )


def _payment_of(transaction: Object) -> str:
    return str(transaction["id"] if transaction.get("subscription") else transaction["order"])


def _id_of(told: Any) -> str | None:
    """An object's id, whether it came whole or by name, if it came."""
    if told is None:
        return None
    return str(told["id"] if isinstance(told, Mapping) else told)


def _usd(cents: int, currency: str) -> int:
    if currency.upper() != "USD":
        raise UnexpectedEvent(f"it was paid in {currency}: the product at Creem must be priced in USD")
    return cents * CENT


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
