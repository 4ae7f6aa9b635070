"""Translates Stripe's events (https://docs.stripe.com/api), of versions before and since 2025-03-31 ("basil").

What was sold stands in the metadata that `provider.py` put on the checkout session, the PaymentIntent and the
subscription. A payment that bears none of it is somebody else's business on the same account, unless another event says
that it paid a subscription of ours; a refund or a dispute bears no metadata and names its payment alone.

What a top-up credits its checkout session says, which alone knows tax, discount and shipping. Its PaymentIntent and its
charge are taken at their word only where they took the price to the cent, and until the session is heard.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Protocol

from functions.farebox.billing.events import (
    CustomerChanged,
    Disputed,
    DisputeStatus,
    Documented,
    Fact,
    Paid,
    PaymentFailed,
    PaymentPending,
    RefundChanged,
    Refunded,
    RefundStatus,
    SubscriptionChanged,
    Unmatched,
)
from functions.farebox.billing.packages import CENT
from functions.farebox.billing.sale import USD
from functions.farebox.payments.metadata import (
    KIND,
    REFERENCE,
    USER,
    UnexpectedEvent,
    is_ours,
    paid_topup,
    wanted_credit,
)
from functions.farebox.payments.reading import id_of, name_of
from functions.farebox.payments.stripe.schedules import KIND as SCHEDULES
from functions.farebox.payments.stripe.schedules import read_schedule, subscription_of
from functions.farebox.payments.stripe.subscriptions import read_invoice, read_subscription

Object = Mapping[str, Any]
MOST_PAYMENTS = 20  # of one invoice that are known as its own


class Lookup(Protocol):
    """What an event may make us ask Stripe for."""

    async def payments_of_invoice(self, invoice_id: str) -> Sequence[Object]:
        """What paid an invoice, the first `MOST_PAYMENTS`: since basil the invoice itself does not say."""

    async def lines_of_invoice(self, invoice_id: str) -> Sequence[Object]:
        """All lines of an invoice: its event holds the first ten."""

    async def card_of(self, subscription: Object) -> str | None:
        """The fingerprint of the card that a subscription is to be paid with: one for whichever customers have it."""

    async def subscription(self, subscription_id: str) -> Object | None:
        """A subscription as it stands now."""

    async def schedule(self, schedule_id: str) -> Object | None:
        """A subscription's schedule as it stands now, the prices of its phases whole."""

    async def charge(self, charge_id: str) -> tuple[int, str] | None:
        """What a charge took, in the smallest unit of its currency, and the currency."""


# An inquiry ("warning") takes no money and freezes nothing; if it becomes a dispute, that is told under the same id.
_DISPUTES: dict[str, DisputeStatus] = {
    "needs_response": "open",
    "under_review": "open",
    "won": "won",
    "lost": "lost",
    "warning_closed": "won",
    "prevented": "won",
}


async def read_fact(event: Object, lookup: Lookup) -> Fact | None:
    """What an event tells, or `None`. May ask Stripe for what `Lookup` answers."""
    kind, told, at = str(event["type"]), event["data"]["object"], _moment(event["created"])
    if kind == "invoice.paid":
        return await _invoice_paid(told, at, lookup)
    if kind.startswith("customer.subscription."):
        heard = await read_standing(told, at, lookup)
        return heard and replace(heard, is_first=kind == "customer.subscription.created")
    if kind.startswith(SCHEDULES):
        subscription = subscription_of(told)
        known = None if subscription is None else await lookup.subscription(subscription)
        heard = None if known is None else await read_standing(known, at, lookup)
        return heard and replace(heard, asked="answered")
    if kind.startswith("charge.dispute."):
        return await _dispute(told, at, lookup)
    if kind.startswith("refund.") or kind == "charge.refund.updated":
        return await _refund(told, lookup)
    if kind in ("credit_note.created", "credit_note.voided"):
        return await _credit_note(told, lookup)
    read = _READERS.get(kind)
    if read is not None:
        return read(told)
    return None if kind.startswith(_MEANT_FOR_OTHERS) else Unmatched("unknown_kind", f"kind {kind}", "unregister it")


async def read_standing(subscription: Object, at: datetime, lookup: Lookup) -> SubscriptionChanged | None:
    """How a subscription stands, with the card of a trial, and what a schedule will make of it; `None` where it is not
    ours, or its first payment is still waited for."""
    heard = read_subscription(subscription, at)
    if heard is None:
        return None
    if heard.status == "trialing":
        heard = replace(heard, card=await lookup.card_of(subscription))
    schedule = id_of(subscription.get("schedule"))
    if schedule is None or heard.status == "ended":
        return heard
    known = await lookup.schedule(schedule)
    return heard if known is None else replace(heard, coming=read_schedule(known, heard.currency, at))


def _session_completed(session: Object) -> Fact | None:
    if session["mode"] != "payment":
        return None
    if not is_ours(session):
        return _not_ours(session, session.get("amount_total"))
    if session["payment_status"] == "unpaid":
        metadata = session["metadata"]
        return PaymentPending(_payment_of(session), metadata[USER], wanted_credit(metadata))
    metadata, total, currency = session["metadata"], session["amount_total"], session["currency"]
    subtotal, net = session.get("amount_subtotal") or 0, _net(session)
    if currency == USD:
        paid = net * CENT
    elif subtotal:
        paid = wanted_credit(metadata) * net // subtotal
    else:
        return Unmatched("currency", _payment_of(session), "a top-up", total * CENT, currency, metadata[USER])
    sale = paid_topup(metadata, _topup_kind(metadata), paid, total * CENT, currency)
    return Paid(_payment_of(session), sale)


def _net(session: Object) -> int:
    """What was paid before tax, less discount and shipping, in the smallest unit. Tax may be on top of the price or
    within it; where the parts make no sum, the price counts, or what was paid if that is less."""
    total, subtotal = session["amount_total"], session.get("amount_subtotal")
    parts = session.get("total_details") or {}
    discount, tax, shipping = (parts.get(f"amount_{part}") or 0 for part in ("discount", "tax", "shipping"))
    price = total if subtotal is None else subtotal
    if total in (price - discount + tax + shipping, price - discount + shipping):
        return max(0, int(total - tax - shipping))
    return int(min(price, total))


def _session_failed(session: Object) -> Fact | None:
    return PaymentFailed(_payment_of(session), "payment_failed") if is_ours(session) else None


def _intent_paid(intent: Object) -> Fact | None:
    return _taken(intent, intent.get("amount_received") or intent["amount"])


def _intent_failed(intent: Object) -> Fact | None:
    if not is_ours(intent):
        return None
    error = intent.get("last_payment_error") or {}
    reason = error.get("code") or "payment_failed"
    metadata = intent["metadata"]
    attempt = metadata.get(REFERENCE) if metadata.get(KIND) == "auto_recharge" else None
    return PaymentFailed(intent["id"], reason, metadata[USER], attempt)


def _charge_paid(charge: Object) -> Fact | None:
    """A charge bears its PaymentIntent's metadata, and the receipt."""
    if not charge["captured"] or charge["status"] != "succeeded":
        return None
    return _taken(charge, charge.get("amount_captured") or charge["amount"])


def _taken(told: Object, cents: int) -> Fact | None:
    """What a PaymentIntent or a charge took."""
    if not is_ours(told):
        return _not_ours(told, cents)
    payment, currency, metadata = _payment_of(told), told["currency"], told["metadata"]
    if _topup_kind(metadata) == "topup" and (currency != USD or cents * CENT != wanted_credit(metadata)):
        return Documented(payment, told.get("receipt_url"), None, cents * CENT, currency)
    if currency != USD:
        return Unmatched("currency", payment, "an automatic top-up", cents * CENT, currency, metadata[USER])
    sale = paid_topup(metadata, metadata[KIND], cents * CENT, cents * CENT)
    return Paid(payment, sale, told.get("receipt_url"), is_exact=sale.kind != "topup")


def _charge_refunded(charge: Object) -> Fact:
    currency, whole = charge.get("currency", USD), charge.get("amount_captured") or charge["amount"]
    return Refunded(_payment_of(charge), charge["amount_refunded"] * CENT, currency, _whole(currency, whole))


async def _refund(refund: Object, lookup: Lookup) -> Fact:
    status: RefundStatus = "failed" if refund["status"] in ("failed", "canceled") else "live"
    payment = name_of(refund.get("payment_intent"), refund.get("charge"))
    currency = refund.get("currency", USD)
    whole = await _whole_of(currency, refund, lookup)
    return RefundChanged(payment, refund["id"], refund["amount"] * CENT, status, currency, whole)


async def _dispute(dispute: Object, at: datetime, lookup: Lookup) -> Fact | None:
    status = _DISPUTES.get(dispute["status"])
    if status is None:
        return None
    payment = name_of(dispute.get("payment_intent"), dispute.get("charge"))
    currency = dispute.get("currency", USD)
    whole = await _whole_of(currency, dispute, lookup)
    return Disputed(payment, dispute["id"], dispute["amount"] * CENT, status, at, currency, whole)


async def _credit_note(note: Object, lookup: Lookup) -> Fact | None:
    """What of a paid invoice was given back to the customer's balance, or otherwise than by a refund, which is told by
    itself."""
    refunded = sum(each.get("amount_refunded") or 0 for each in note.get("refunds") or ())
    if not refunded and note.get("refund"):
        return None
    given = note.get("post_payment_amount")
    cents = (note["total"] if given is None and note.get("type") != "pre_payment" else given or 0) - refunded
    invoice = name_of(note["invoice"])
    payment = next(iter(_names_of(await lookup.payments_of_invoice(invoice))), invoice)
    status: RefundStatus = "failed" if note["status"] == "void" else "live"
    currency = note.get("currency", USD)
    return RefundChanged(payment, note["id"], cents * CENT, status, currency) if cents > 0 else None


async def _invoice_paid(invoice: Object, at: datetime, lookup: Lookup) -> Fact | None:
    """A period of a subscription; or the invoice of a top-up, whose checkout tells of the payment."""
    details = (invoice.get("parent") or {}).get("subscription_details") or invoice.get("subscription_details") or {}
    is_periods = details or invoice.get("subscription")
    metadata = details.get("metadata") or (_metadata_of_lines(invoice) if is_periods else {})
    if USER not in metadata and not is_ours(invoice):
        return _not_ours(invoice, invoice.get("total") or invoice.get("amount_paid"))
    payments = _listed_payments(invoice)
    if not payments and invoice["amount_paid"] > 0:
        payments = _names_of(await lookup.payments_of_invoice(invoice["id"]))
    payments = payments or [invoice["id"]]
    if USER not in metadata:
        return Documented(payments[0], invoice_url=invoice.get("hosted_invoice_url"))
    subscription = name_of(details.get("subscription"), invoice.get("subscription"))
    if invoice["lines"].get("has_more"):
        invoice = {**invoice, "lines": {"data": await lookup.lines_of_invoice(invoice["id"])}}
    return read_invoice(invoice, payments, subscription, metadata, at)


def _metadata_of_lines(invoice: Object) -> Object:
    """The subscription's, which its lines bear as well: an invoice of old does not say it."""
    return next((line["metadata"] for line in invoice["lines"]["data"] if is_ours(line)), {})


def _listed_payments(invoice: Object) -> list[str]:
    """The payments that an invoice names, as older ones do, or lists, where it was asked to; none where it lists only
    the first of them (https://docs.stripe.com/api/invoices/object)."""
    listed = invoice.get("payments") or {}
    if listed.get("has_more"):
        return []
    own = id_of(invoice.get("payment_intent")) or id_of(invoice.get("charge"))
    return [*dict.fromkeys([*filter(None, [own]), *_names_of(listed.get("data") or ())])][:MOST_PAYMENTS]


def _names_of(listed: Sequence[Object]) -> list[str]:
    """What refunds and disputes call the payments of an invoice: by the PaymentIntent, or the charge where there is
    none (https://docs.stripe.com/api/invoice-payment/object)."""
    paid = [each["payment"] for each in listed if each.get("status", "paid") == "paid"]
    return [name for each in paid if (name := id_of(each.get("payment_intent")) or id_of(each.get("charge")))]


def _invoice_failed(invoice: Object) -> Fact | None:
    payment = id_of(invoice.get("payment_intent"))
    return PaymentFailed(payment, "invoice_payment_failed") if payment else None


def _customer_updated(customer: Object) -> Fact | None:
    return CustomerChanged(customer["id"], customer["metadata"][USER], customer["email"]) if is_ours(customer) else None


def _customer_deleted(customer: Object) -> Fact | None:
    return CustomerChanged(customer["id"], customer["metadata"][USER], None, True) if is_ours(customer) else None


_READERS: dict[str, Callable[[Object], Fact | None]] = {
    "checkout.session.completed": _session_completed,
    "checkout.session.async_payment_succeeded": _session_completed,
    "checkout.session.async_payment_failed": _session_failed,
    "checkout.session.expired": lambda session: None,
    "payment_intent.succeeded": _intent_paid,
    "payment_intent.payment_failed": _intent_failed,
    "charge.succeeded": _charge_paid,
    "charge.refunded": _charge_refunded,
    "invoice.payment_failed": _invoice_failed,
    "customer.updated": _customer_updated,
    "customer.deleted": _customer_deleted,
}
# Kinds that tell nothing which another does not, and that an endpoint for everything is sent all the same.
_MEANT_FOR_OTHERS = (
    "customer.",
    "invoice.",
    "invoiceitem.",
    "payment_intent.",
    "payment_method.",
    "charge.",
    "price.",
    "product.",
    "setup_intent.",
    "billing_portal.",
    "balance.",
    "payout.",
    "plan.",
    "invoice_payment.",
)


def _not_ours(told: Object, cents: int | None) -> Unmatched | None:
    """Money that bears no metadata of ours. A charge or a PaymentIntent of a subscription's bears none either: it is
    ours once its invoice says so, which older versions name."""
    if told.get("invoice"):
        return None
    amount = None if cents is None else cents * CENT
    return (
        Unmatched("not_ours", _payment_of(told), "", amount, told.get("currency"), is_payment=True) if amount else None
    )


def _topup_kind(metadata: Object) -> Any:
    kind = metadata[KIND]
    if kind not in ("topup", "auto_recharge"):
        raise UnexpectedEvent(f"a payment that sells a {kind}")
    return kind


def _payment_of(told: Object) -> str:
    return id_of(told.get("payment_intent")) or str(told["id"])


def _whole(currency: str, cents: int) -> int | None:
    return None if currency == USD else cents * CENT


async def _whole_of(currency: str, told: Object, lookup: Lookup) -> int | None:
    """The whole payment in a currency that is not ours, by its charge."""
    charge = id_of(told.get("charge"))
    if currency == USD or charge is None:
        return None
    taken = await lookup.charge(charge)
    return taken[0] * CENT if taken is not None and taken[1] == currency else None


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
