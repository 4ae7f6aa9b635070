"""Translates Stripe's events (https://docs.stripe.com/api), of versions before and since 2025-03-31 ("basil").

What was sold stands in the metadata that `provider.py` put on the checkout session, the PaymentIntent and the
subscription. What bears none of it is somebody else's business on the same account, and tells nothing here; but a
refund or a dispute bears no metadata and names its payment alone, so those are always facts.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from functions.farebox.billing.events import (
    Disputed,
    DisputeStatus,
    Fact,
    Paid,
    PaymentFailed,
    RefundChanged,
    Refunded,
    RefundStatus,
    Sale,
    SubscriptionChanged,
    SubscriptionStatus,
)
from functions.farebox.billing.packages import CENT
from functions.farebox.payments.metadata import KIND, REFERENCE, USER, UnexpectedEvent, paid_month, paid_topup

Object = Mapping[str, Any]
FindPayment = Callable[[str], Awaitable[str | None]]  # an invoice's id; its PaymentIntent's

# An inquiry ("warning") takes no money and freezes nothing; if it becomes a dispute, that is told under the same id.
_DISPUTES: dict[str, DisputeStatus] = {
    "needs_response": "open",
    "under_review": "open",
    "won": "won",
    "lost": "lost",
    "warning_closed": "won",
    "prevented": "won",
}
_SUBSCRIPTIONS: dict[str, SubscriptionStatus] = {
    "active": "active",
    "trialing": "active",
    "past_due": "past_due",
    "unpaid": "past_due",
    "paused": "past_due",
    "canceled": "ended",
    "incomplete_expired": "ended",
}
_GRANTING = ("subscription_create", "subscription_cycle")


async def read_fact(event: Object, find_payment: FindPayment) -> Fact | None:
    """What an event tells, or `None`. May ask Stripe which payment paid an invoice."""
    kind, told = str(event["type"]), event["data"]["object"]
    if kind == "invoice.paid":
        return await _invoice_paid(told, find_payment)
    if kind.startswith("customer.subscription."):
        return _subscription(told, _moment(event["created"]))
    if kind.startswith("charge.dispute."):
        return _dispute(told, _moment(event["created"]))
    if kind.startswith("refund.") or kind == "charge.refund.updated":
        return _refund(told)
    read = _READERS.get(kind)
    return None if read is None else read(told)


def _session_paid(session: Object) -> Fact | None:
    if session["mode"] != "payment" or session["payment_status"] == "unpaid" or not _is_ours(session):
        return None
    return Paid(_payment_of(session), _sale(session, session["amount_total"]))


def _session_failed(session: Object) -> Fact | None:
    return PaymentFailed(_payment_of(session), "payment_failed") if _is_ours(session) else None


def _intent_paid(intent: Object) -> Fact | None:
    if not _is_ours(intent):
        return None
    return Paid(intent["id"], _sale(intent, intent.get("amount_received") or intent["amount"]))


def _intent_failed(intent: Object) -> Fact | None:
    if not _is_ours(intent):
        return None
    error = intent.get("last_payment_error") or {}
    reason = error.get("code") or "payment_failed"
    metadata = intent["metadata"]
    attempt = metadata.get(REFERENCE) if metadata.get(KIND) == "auto_recharge" else None
    return PaymentFailed(intent["id"], reason, metadata[USER], attempt)


def _charge_paid(charge: Object) -> Fact | None:
    """A charge bears its PaymentIntent's metadata, and the receipt."""
    if not _is_ours(charge) or not charge["captured"] or charge["status"] != "succeeded":
        return None
    return Paid(
        _payment_of(charge), _sale(charge, charge.get("amount_captured") or charge["amount"]), charge.get("receipt_url")
    )


def _charge_refunded(charge: Object) -> Fact:
    return Refunded(_payment_of(charge), charge["amount_refunded"] * CENT)


def _refund(refund: Object) -> Fact:
    status: RefundStatus = "failed" if refund["status"] in ("failed", "canceled") else "live"
    payment = refund.get("payment_intent") or refund["charge"]
    return RefundChanged(payment, refund["id"], refund["amount"] * CENT, status)


def _dispute(dispute: Object, at: datetime) -> Fact | None:
    status = _DISPUTES.get(dispute["status"])
    if status is None:
        return None
    payment = dispute.get("payment_intent") or dispute["charge"]
    return Disputed(payment, dispute["id"], dispute["amount"] * CENT, status, at)


def _subscription(subscription: Object, at: datetime) -> Fact | None:
    status = _SUBSCRIPTIONS.get(subscription["status"])
    if status is None or not _is_ours(subscription):
        return None
    items = subscription["items"]["data"]
    ends = [item.get("current_period_end") or subscription.get("current_period_end") for item in items]
    return SubscriptionChanged(
        subscription=subscription["id"],
        user=subscription["metadata"][USER],
        plan=subscription["metadata"][REFERENCE],
        status=status,
        at=at,
        started_at=_moment(subscription["created"]),
        renews_at=max((_moment(end) for end in ends if end), default=None),
        ends_at_renewal=bool(subscription["cancel_at_period_end"]),
    )


async def _invoice_paid(invoice: Object, find_payment: FindPayment) -> Fact | None:
    """A month of a plan: its grant, which lapses when the month does. A change in mid-month grants nothing."""
    parent = (invoice.get("parent") or {}).get("subscription_details") or invoice.get("subscription_details") or {}
    metadata = parent.get("metadata") or {}
    if USER not in metadata or invoice["amount_paid"] <= 0 or invoice["billing_reason"] not in _GRANTING:
        return None
    payment = invoice.get("payment_intent") or await find_payment(invoice["id"]) or invoice["id"]
    expires_at = _moment(max(line["period"]["end"] for line in invoice["lines"]["data"]))
    sale = paid_month(metadata, _usd_cents(invoice, invoice["amount_paid"]) * CENT, expires_at)
    return Paid(payment, sale, invoice.get("hosted_invoice_url"))


def _invoice_failed(invoice: Object) -> Fact | None:
    payment = invoice.get("payment_intent")
    return PaymentFailed(payment, "invoice_payment_failed") if payment else None


_READERS: dict[str, Callable[[Object], Fact | None]] = {
    "checkout.session.completed": _session_paid,
    "checkout.session.async_payment_succeeded": _session_paid,
    "checkout.session.async_payment_failed": _session_failed,
    "payment_intent.succeeded": _intent_paid,
    "payment_intent.payment_failed": _intent_failed,
    "charge.succeeded": _charge_paid,
    "charge.refunded": _charge_refunded,
    "invoice.payment_failed": _invoice_failed,
}


def _is_ours(told: Object) -> bool:
    return USER in (told.get("metadata") or {})


def _payment_of(told: Object) -> str:
    return str(told.get("payment_intent") or told["id"])


def _sale(told: Object, cents: int) -> Sale:
    """What was sold, by the metadata."""
    metadata = told["metadata"]
    total = _usd_cents(told, cents) * CENT
    kind = metadata[KIND]
    if kind not in ("topup", "auto_recharge"):
        raise UnexpectedEvent(f"{told['id']} sells a {kind}")
    return paid_topup(metadata, kind, total)


def _usd_cents(told: Object, cents: int) -> int:
    if told["currency"] != "usd":
        raise UnexpectedEvent(f"{told['id']} was paid in {told['currency']}, not in usd")
    return cents


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
