"""Stripe, through its official library: Checkout, the customer portal, saved cards, signed events."""

import json
import logging
import re
import time
from collections.abc import Awaitable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import stripe

from functions.farebox.accounts.plans import Plan
from functions.farebox.billing.auto_recharge import NO_CARD
from functions.farebox.billing.events import Paid, PaymentEvent, PaymentFailed, Sale
from functions.farebox.billing.packages import CENT
from functions.farebox.billing.provider import (
    BadSignature,
    Charge,
    ChargeOutcome,
    Link,
    Order,
    ProviderCustomer,
    ProviderFailed,
    Returns,
)
from functions.farebox.errors import Conflict
from functions.farebox.payments.metadata import sale_metadata
from functions.farebox.payments.stripe.events import read_fact
from functions.farebox.secrets.rotating import Secret

if TYPE_CHECKING:
    from stripe.params import PaymentIntentCreateParams
    from stripe.params.checkout import SessionCreateParams

T = TypeVar("T")
log = logging.getLogger("farebox.payments.stripe")

TIMEOUT_S = 15.0
RETRIES = 2  # the library's own, with an idempotency key each
TOLERANCE_S = 300
LARGEST_SKEW_S = 60  # how far ahead of ours Stripe's clock may be


class StripePayments:
    """`Payments` by Stripe. A stand-in server is named by `api_base`."""

    name = "stripe"

    def __init__(self, api_key: Secret, webhook_secret: Secret, *, api_base: str | None = None) -> None:
        self._key = api_key
        self._secret = webhook_secret
        self._http = stripe.HTTPXClient(timeout=TIMEOUT_S)
        self._api_base = api_base

    @property
    def _api(self) -> stripe.V1Services:
        """The library, with the key that is right by now. It holds nothing but that: connections are `_http`'s."""
        client = stripe.StripeClient(
            self._key.value,
            http_client=self._http,
            max_network_retries=RETRIES,
            base_addresses={"api": self._api_base} if self._api_base else {},
        )
        return client.v1

    async def checkout(self, order: Order) -> Link:
        """See `Payments`. The card is saved, for auto-recharge; whether that happens is the user's to say."""
        sale = Sale(order.payer.user, "topup", order.credit, order.bonus, order.credit, order.reference)
        metadata = sale_metadata(sale)
        customer = await self._customer(order.payer)
        params: SessionCreateParams = {
            "mode": "payment",
            "customer": customer,
            "client_reference_id": order.payer.user,
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": "usd",
                        "unit_amount": order.credit // CENT,
                        "product_data": {"name": "Credit"},
                    },
                }
            ],
            "metadata": metadata,
            "payment_intent_data": {"metadata": metadata, "setup_future_usage": "off_session"},
            "success_url": order.returns.paid,
            "cancel_url": order.returns.cancelled,
        }
        return await self._open(params, order.id, customer)

    async def subscribe(self, payer: ProviderCustomer, plan: Plan, *, order_id: str, returns: Returns) -> Link:
        """See `Payments`. A plan that has no price at Stripe is described in place."""
        metadata = sale_metadata(Sale(payer.user, "plan", plan.grant, 0, plan.price, plan.id))
        customer = await self._customer(payer)
        price = plan.product_at(self.name)
        params: SessionCreateParams = {
            "mode": "subscription",
            "customer": customer,
            "client_reference_id": payer.user,
            "line_items": [
                {"quantity": 1, "price": price}
                if price
                else {
                    "quantity": 1,
                    "price_data": {
                        "currency": "usd",
                        "unit_amount": plan.price // CENT,
                        "recurring": {"interval": "month"},
                        "product_data": {"name": plan.name},
                    },
                }
            ],
            "metadata": metadata,
            "subscription_data": {"metadata": metadata},
            "success_url": returns.paid,
            "cancel_url": returns.cancelled,
        }
        return await self._open(params, order_id, customer)

    async def portal(self, payer: ProviderCustomer, return_url: str) -> str:
        """See `Payments`."""
        if payer.customer is None:
            raise Conflict("Nothing was paid yet, so there is nothing to manage. Top up first.", code="no_customer")
        session = await _ask(
            self._api.billing_portal.sessions.create_async({"customer": payer.customer, "return_url": return_url})
        )
        return str(session.url)

    async def charge_saved_card(self, charge: Charge) -> ChargeOutcome:
        """See `Payments`."""
        if charge.payer.customer is None:
            return _declined(charge, f"none_{charge.attempt}", NO_CARD)
        card = await self._saved_card(charge.payer.customer)
        if card is None:
            return _declined(charge, f"none_{charge.attempt}", NO_CARD)
        sale = Sale(charge.payer.user, charge.kind, charge.amount, 0, charge.amount, charge.attempt)
        params: PaymentIntentCreateParams = {
            "amount": charge.amount // CENT,
            "currency": "usd",
            "customer": charge.payer.customer,
            "payment_method": card,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            "off_session": True,
            "confirm": True,
            "metadata": sale_metadata(sale),
        }
        try:
            intent = await _ask(
                self._api.payment_intents.create_async(params, {"idempotency_key": f"charge-{charge.attempt}"})
            )
        except stripe.CardError as error:
            told = error.error.payment_intent if error.error else None
            return _declined(charge, told.id if told else f"none_{charge.attempt}", error.code or "card_declined")
        if intent.status == "succeeded":
            event = PaymentEvent(self.name, f"charge_{charge.attempt}", "charged", Paid(intent.id, sale))
            return ChargeOutcome("paid", event)
        if intent.status in ("requires_payment_method", "requires_action", "canceled"):
            told_error = intent.last_payment_error
            reason = "authentication_required" if intent.status == "requires_action" else "card_declined"
            return _declined(charge, intent.id, (told_error.code if told_error else None) or reason)
        return ChargeOutcome("pending")

    async def read_event(self, body: bytes, headers: Mapping[str, str]) -> PaymentEvent:
        """See `Payments`. The library's check takes time stamps from the future, so that is looked at here."""
        header = headers.get("stripe-signature")
        if not await self._secret.fits(lambda secret: _is_signed(body, header, secret)):
            raise BadSignature("the signature is missing, wrong or too old")
        signed_at = re.search(r"(?:^|,)\s*t=(\d+)", header or "")
        if signed_at is None or int(signed_at[1]) > time.time() + LARGEST_SKEW_S:
            raise BadSignature("the time stamp lies in the future")
        event: dict[str, Any] = json.loads(body)
        return PaymentEvent(self.name, event["id"], event["type"], await read_fact(event, self._payment_of_invoice))

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.close_async()  # type: ignore[no-untyped-call]

    async def _open(self, params: "SessionCreateParams", order_id: str, customer: str) -> Link:
        options: stripe.RequestOptions = {"idempotency_key": f"checkout-{order_id}"}
        session = await _ask(self._api.checkout.sessions.create_async(params, options))
        if session.url is None:
            raise ProviderFailed("The payment provider gave no page to pay on. Try again in a minute.")
        return Link(session.url, session.id, customer)

    async def _customer(self, payer: ProviderCustomer) -> str:
        """The payer's customer, made with their first order: once, though two orders come at the same time."""
        if payer.customer is not None:
            return payer.customer
        customer = await _ask(
            self._api.customers.create_async(
                {"email": payer.email, "metadata": {"farebox_user": payer.user}},
                {"idempotency_key": f"customer-{payer.user}"},
            )
        )
        return customer.id

    async def _saved_card(self, customer: str) -> str | None:
        """The card that the customer pays invoices with, or else the one saved last."""
        cards = await _ask(self._api.payment_methods.list_async({"customer": customer, "type": "card", "limit": 1}))
        kept = await _ask(self._api.customers.retrieve_async(customer))
        settings = None if getattr(kept, "deleted", False) else kept.invoice_settings
        default = settings.default_payment_method if settings else None
        if default:
            return default if isinstance(default, str) else default.id
        return cards.data[0].id if cards.data else None

    async def _payment_of_invoice(self, invoice_id: str) -> str | None:
        """The PaymentIntent that paid an invoice: since basil the invoice itself does not say."""
        paid = await _ask(self._api.invoice_payments.list_async({"invoice": invoice_id, "status": "paid", "limit": 1}))
        for each in paid.data:
            intent = each.payment.payment_intent
            if intent:
                return intent if isinstance(intent, str) else intent.id
        return None


async def _ask(call: Awaitable[T]) -> T:
    """Ask Stripe. A declined card is the caller's to hear of; anything else that goes wrong is `ProviderFailed`."""
    try:
        return await call
    except stripe.CardError:
        raise
    except stripe.StripeError as error:
        log.warning("Stripe refused or did not answer: %s, request %s", error, error.request_id)
        raise ProviderFailed("The payment provider does not answer. Try again in a minute.") from error


def _is_signed(body: bytes, header: str | None, secret: str) -> bool:
    try:
        stripe.WebhookSignature.verify_header(body, header, secret, TOLERANCE_S)
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        return False
    return True


def _declined(charge: Charge, payment_id: str, reason: str) -> ChargeOutcome:
    fact = PaymentFailed(payment_id, reason, charge.payer.user, charge.attempt)
    return ChargeOutcome("declined", PaymentEvent("stripe", f"charge_{charge.attempt}", "declined", fact))
