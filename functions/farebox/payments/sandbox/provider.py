"""The sandbox: a payment provider of our own. A fresh checkout can be topped up, subscribed to and refunded.

Nobody pays anything. Its checkout page pays or declines at a click, and what happens reaches Farebox as signed events
through the same door as everybody's. Signatures are Standard Webhooks' (https://www.standardwebhooks.com).
"""

import base64
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

from functions.farebox.accounts.plans import Plan
from functions.farebox.billing.events import (
    Disputed,
    Fact,
    Paid,
    PaymentEvent,
    PaymentFailed,
    Refunded,
    Sale,
    SubscriptionChanged,
)
from functions.farebox.billing.provider import (
    BadSignature,
    Charge,
    ChargeOutcome,
    Link,
    Order,
    ProviderCustomer,
    Returns,
)
from functions.farebox.errors import Conflict
from functions.farebox.payments.sandbox.state import SandboxState
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
        sale = Sale(order.payer.user, "topup", order.credit, order.bonus, order.credit, order.reference)
        return await self._open(order.id, order.payer, sale, order.returns)

    async def subscribe(self, payer: ProviderCustomer, plan: Plan, *, order_id: str, returns: Returns) -> Link:
        """See `Payments`."""
        sale = Sale(payer.user, "plan", plan.grant, 0, plan.price, plan.id)
        return await self._open(order_id, payer, sale, returns)

    async def portal(self, payer: ProviderCustomer, return_url: str) -> str:
        """See `Payments`."""
        if payer.customer is None:
            raise Conflict("Nothing was paid yet, so there is nothing to manage. Top up first.", code="no_customer")
        return f"{self._url}/sandbox/portal/{payer.customer}"

    async def charge_saved_card(self, charge: Charge) -> ChargeOutcome:
        """See `Payments`. The event is not posted: a charge answers at once, as a card does."""
        if charge.payer.customer is None:
            return _declined(charge, "no_saved_card")
        sale = Sale(charge.payer.user, charge.kind, charge.amount, 0, charge.amount, charge.attempt)
        status, told = await self.state.charge_saved(charge.attempt, charge.payer.customer, _write_sale(sale))
        if status == "declined":
            return _declined(charge, told)
        event = PaymentEvent(self.name, f"charge_{charge.attempt}", "payment.paid", Paid(told, sale))
        return ChargeOutcome("paid", event)

    async def read_event(self, body: bytes, headers: Mapping[str, str]) -> PaymentEvent:
        """See `Payments`."""
        try:
            self._webhook.verify(body, dict(headers))
        except WebhookVerificationError as error:
            raise BadSignature(str(error)) from error
        event = json.loads(body)
        return PaymentEvent(self.name, event["id"], event["type"], _read_fact(event["type"], event["data"]))

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

    async def _open(self, session_id: str, payer: ProviderCustomer, sale: Sale, returns: Returns) -> Link:
        customer = await self.state.open_customer(payer.customer, payer.user, payer.email)
        await self.state.open_session(session_id, _write_sale(sale), customer, returns)
        return Link(f"{self._url}/sandbox/checkout/{session_id}", session_id, customer)


def _declined(charge: Charge, reason: str) -> ChargeOutcome:
    fact = PaymentFailed(f"sbx_pay_{charge.attempt}", reason, charge.payer.user, charge.attempt)
    event = PaymentEvent("sandbox", f"charge_{charge.attempt}", "payment.failed", fact)
    return ChargeOutcome("declined", event)


def _read_fact(kind: str, data: Mapping[str, Any]) -> Fact | None:
    match kind:
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
            return SubscriptionChanged(
                subscription=data["subscription"],
                user=data["user"],
                plan=data["plan"],
                status=data["status"],
                at=datetime.fromisoformat(data["told"]),
                started_at=datetime.fromisoformat(data["started"]),
                renews_at=datetime.fromisoformat(data["renews"]),
            )
    return None


def _write_sale(sale: Sale) -> Data:
    return {
        "user": sale.user,
        "kind": sale.kind,
        "credit": sale.credit,
        "bonus": sale.bonus,
        "total": sale.total,
        "reference": sale.reference,
    }


def _read_sale(data: Mapping[str, Any]) -> Sale:
    fields = dict(data)
    lapses = fields.pop("credit_lapses", None)
    sale = Sale(**fields)
    return sale if lapses is None else replace(sale, credit_expires_at=datetime.fromisoformat(lapses))
