"""The sandbox: a payment provider of our own. A fresh checkout can be topped up, subscribed to and refunded.

Nobody pays anything. Its checkout page pays or declines at a click, and what happens reaches Farebox as signed events
through the same door as everybody's. Signatures are Standard Webhooks' (https://www.standardwebhooks.com).
"""

import base64
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

from functions.farebox.billing.auto_recharge import NO_CARD
from functions.farebox.billing.events import (
    Coming,
    Disputed,
    Fact,
    Item,
    Paid,
    PaymentEvent,
    PaymentFailed,
    PaymentPending,
    PeriodPaid,
    Refunded,
    SubscriptionChanged,
    Unmatched,
)
from functions.farebox.billing.provider import (
    BadSignature,
    Charge,
    ChargeOutcome,
    Link,
    Order,
    PageEnd,
    PlanChange,
    PlanOrder,
    ProviderCustomer,
    Quote,
    SavedCard,
)
from functions.farebox.billing.sale import Line, Sale
from functions.farebox.errors import Conflict, NotFound
from functions.farebox.payments.reading import read_signed
from functions.farebox.payments.sandbox.state import Charged, SandboxState
from functions.farebox.payments.sandbox.subscriptions import end, terms_of
from functions.farebox.storage import Data

Post = Callable[[bytes, dict[str, str]], Awaitable[int]]  # a body and its headers, to the webhook's door; its status


class Sandbox:
    """`Payments`, played by ourselves. `public_url` is where its pages are; `key` signs its events."""

    name = "sandbox"

    def __init__(self, state: SandboxState, *, public_url: str, key: bytes) -> None:
        self.state = state
        self._url = public_url
        self._webhook = Webhook(base64.b64encode(key).decode())

    async def checkout(self, order: Order) -> Link:
        """See `Payments`."""
        sale = Sale(
            user=order.payer.user,
            kind="topup",
            credit=order.credit,
            bonus=order.bonus,
            total=order.credit,
            reference=order.reference,
            credit_days=order.credit_days,
            bonus_days=order.bonus_days,
        )
        customer = await self._customer(order.payer)
        await self.state.open_session(order.id, _write_sale(sale), customer, order.returns)
        return self._link(order.id, customer)

    async def subscribe(self, order: PlanOrder) -> Link:
        """See `Payments`."""
        terms = terms_of(order.plan, seats=order.seats, is_yearly=order.is_yearly)
        sale = Sale(order.payer.user, "plan", order.plan.grant, 0, terms["price"] * order.seats, order.plan.id)
        customer = await self._customer(order.payer)
        await self.state.open_session(
            order.id, _write_sale(sale), customer, order.returns, terms=terms, trial=order.trial_days
        )
        return self._link(order.id, customer)

    async def quote_change(self, change: PlanChange) -> Quote | None:
        """See `Payments`."""
        terms = terms_of(change.plan, seats=change.seats, is_yearly=change.is_yearly)
        try:
            return await self.state.quote(change.subscription, terms)
        except NotFound:
            return None

    async def close_checkout(self, session_id: str) -> PageEnd:
        """See `Payments`."""
        try:
            return "closed" if await self.state.close_session(session_id) == "open" else "paid"
        except NotFound:
            return "closed"

    async def standing_of(self, subscription: str, at: datetime) -> SubscriptionChanged | None:
        """See `Payments`. No two of our own events are of one moment: there is nothing to ask."""
        return None

    async def cancel_subscription(self, subscription: str) -> None:
        """See `Payments`. The event is told when the customer's page is next looked at."""
        with suppress(Conflict, NotFound):
            customer = (await self.state.subscription(subscription)).data["customer"]
            await self.state.move_subscription(
                customer, subscription, lambda move, name, told, _: end(move, name, told)
            )

    async def refund(self, payment: str) -> bool:
        """See `Payments`."""
        await self.state.refund((await self.state.payment(payment)).data["customer"], payment)
        return True

    async def portal(self, payer: ProviderCustomer, return_url: str) -> Link:
        """See `Payments`."""
        if payer.customer is None:
            raise Conflict("Nothing was paid yet, so there is nothing to manage. Top up first.", code="no_customer")
        return Link(f"{self._url}/sandbox/portal/{payer.customer}", payer.customer)

    async def charge_saved_card(self, charge: Charge) -> ChargeOutcome:
        """See `Payments`. The event is not posted: a charge answers at once, as a card does."""
        if charge.card is None:
            return _declined(charge, NO_CARD)
        sale = _sale_of(charge)
        return self._outcome(
            charge, await self.state.charge_saved(charge.attempt, charge.card.customer, _write_sale(sale))
        )

    async def saved_card(self, payer: ProviderCustomer) -> SavedCard | None:
        """See `Payments`. A customer has one card; whether it pays is seen when it is charged."""
        return None if payer.customer is None else SavedCard(payer.customer, "card")

    async def outcome_of(self, charge: Charge) -> ChargeOutcome | None:
        """See `Payments`."""
        known = await self.state.charged(charge.attempt)
        return None if known is None else self._outcome(charge, known)

    def _outcome(self, charge: Charge, became: Charged) -> ChargeOutcome:
        status, told = became
        if status == "declined":
            return _declined(charge, told)
        event = PaymentEvent(self.name, f"charge_{charge.attempt}", "payment.paid", Paid(told, _sale_of(charge)))
        return ChargeOutcome("paid", event)

    async def read_event(self, body: bytes, headers: Mapping[str, str]) -> PaymentEvent:
        """See `Payments`."""
        try:
            self._webhook.verify(body, dict(headers), json_parse=False)
        except (WebhookVerificationError, ValueError) as error:  # or no text, or no signature in form
            raise BadSignature(str(error)) from error
        return await read_signed(self.name, body, "type", _read_fact)

    async def deliver(self, customer: str, post: Post) -> int:
        """Send what has happened to a customer to the webhook's door; answers how much did not arrive."""

        async def send(event_id: str, event: Data) -> bool:
            body = json.dumps({"id": event_id, "type": event["type"], "data": event["data"]})
            now = datetime.now(UTC)  # by the clock that the signature's check goes by, wherever ours stands
            headers = {
                "content-type": "application/json",
                "webhook-id": event_id,
                "webhook-timestamp": str(int(now.timestamp())),
                "webhook-signature": self._webhook.sign(event_id, now, body),
            }
            return await post(body.encode(), headers) < 300

        return await self.state.deliver(customer, send)

    async def close(self) -> None:
        """Nothing to let go of."""

    async def _customer(self, payer: ProviderCustomer) -> str:
        return await self.state.open_customer(payer.customer, payer.user, payer.email)

    def _link(self, session_id: str, customer: str) -> Link:
        return Link(f"{self._url}/sandbox/checkout/{session_id}", session_id, customer)


def _declined(charge: Charge, reason: str) -> ChargeOutcome:
    fact = PaymentFailed(f"sbx_pay_{charge.attempt}", reason, charge.payer.user, charge.attempt)
    event = PaymentEvent("sandbox", f"charge_{charge.attempt}", "payment.failed", fact)
    return ChargeOutcome("declined", event)


async def _read_fact(event: Mapping[str, Any]) -> Fact | None:
    kind, data = event["type"], event["data"]
    match kind:
        case "payment.pending":
            return PaymentPending(data["payment"], data["user"], data["credit"])
        case "period.paid":
            return _read_period(data)
        case "payment.paid":
            return Paid(data["payment"], _read_sale(data["sale"]))
        case "payment.failed":
            return PaymentFailed(data["payment"], "card_declined")
        case "payment.refunded":
            return Refunded(data["payment"], data["amount"])
        case "payment.disputed":
            at = datetime.fromisoformat(data["told"])
            return Disputed(data["payment"], data["dispute"], data["amount"], data["status"], at)
        case "subscription.changed":
            return _read_subscription(data)
    return Unmatched("unknown_kind", f"kind {kind}")


def _read_period(data: Mapping[str, Any]) -> PeriodPaid:
    return PeriodPaid(
        payment=data["payment"],
        user=data["user"],
        subscription=data["subscription"],
        plan=data["plan"],
        lines=tuple(_read_line(line) for line in data["lines"]),
        total=data["total"],
        at=datetime.fromisoformat(data["told"]),
        is_renewal=data["is_renewal"],
    )


def _read_line(data: Mapping[str, Any]) -> Line:
    own = {name: data[name] for name in ("amount", "product", "unit", "seats", "months", "is_proration")}
    return Line(starts_at=datetime.fromisoformat(data["start"]), ends_at=datetime.fromisoformat(data["end"]), **own)


def _read_subscription(data: Mapping[str, Any]) -> SubscriptionChanged:
    ends, trial_ends, coming = data.get("ends"), data.get("trial_ends"), data.get("next")
    renews_at = datetime.fromisoformat(data["renews"])
    after = coming and Coming(coming["plan"], renews_at, coming["seats"], coming["price"], coming["months"])
    return SubscriptionChanged(
        subscription=data["subscription"],
        user=data["user"],
        plan=data["plan"],
        status=data["status"],
        at=datetime.fromisoformat(data["told"]),
        started_at=datetime.fromisoformat(data["started"]),
        renews_at=renews_at,
        ends_at_renewal=ends is not None,
        ends_at=datetime.fromisoformat(ends) if ends else None,
        trial_ends_at=datetime.fromisoformat(trial_ends) if trial_ends else None,
        items=(Item(data["plan"], data.get("seats", 1), data.get("price"), data.get("months", 1)),),
        coming=(after,) if after else (),
    )


def _sale_of(charge: Charge) -> Sale:
    return Sale(charge.payer.user, charge.kind, charge.amount, 0, charge.amount, charge.attempt)


def _write_sale(sale: Sale) -> Data:
    return {
        "user": sale.user,
        "kind": sale.kind,
        "credit": sale.credit,
        "bonus": sale.bonus,
        "total": sale.total,
        "reference": sale.reference,
        "credit_days": sale.credit_days,
        "bonus_days": sale.bonus_days,
    }


def _read_sale(data: Mapping[str, Any]) -> Sale:
    fields = dict(data)
    lapses = fields.pop("credit_lapses", None)
    sale = Sale.from_data(fields)
    return sale if lapses is None else replace(sale, credit_expires_at=datetime.fromisoformat(lapses))
