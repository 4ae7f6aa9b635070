"""Stripe, through its official library: Checkout, the customer portal, saved cards, signed events."""

import re
import time
from collections.abc import Mapping, Set
from datetime import datetime
from typing import TYPE_CHECKING, Any

import stripe

from functions.farebox.accounts.plans import MONTHS_A_YEAR, Plan
from functions.farebox.billing.auto_recharge import NO_CARD
from functions.farebox.billing.events import Fact, Paid, PaymentEvent, PaymentFailed, SubscriptionChanged, Unmatched
from functions.farebox.billing.packages import CENT
from functions.farebox.billing.provider import (
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
from functions.farebox.billing.sale import Sale
from functions.farebox.errors import Conflict
from functions.farebox.payments.metadata import REFERENCE, sale_metadata
from functions.farebox.payments.reading import answered, check, check_signature, page_at, read_signed
from functions.farebox.payments.stripe.asking import Refused, ask
from functions.farebox.payments.stripe.customers import for_customer
from functions.farebox.payments.stripe.events import read_fact, read_standing
from functions.farebox.payments.stripe.lookup import StripeLookup
from functions.farebox.payments.stripe.quoting import quote_change
from functions.farebox.payments.stripe.subscriptions import STATUSES
from functions.farebox.secrets.rotating import Secret

if TYPE_CHECKING:
    from stripe.params import (
        PaymentIntentCreateParams,
        RefundCreateParams,
    )
    from stripe.params.billing_portal import SessionCreateParams as PortalParams
    from stripe.params.checkout import SessionCreateParams

TIMEOUT_S = 15.0
RETRIES = 2  # the library's own, with an idempotency key each
TOLERANCE_S = 300
LARGEST_SKEW_S = 60  # how far ahead of ours Stripe's clock may be


class StripePayments:
    """`Payments` by Stripe. A stand-in server is named by `api_base`; `options` are what every checkout has switched
    on, of `config.CHECKOUT_OPTIONS`."""

    name = "stripe"

    def __init__(
        self,
        api_key: Secret,
        webhook_secret: Secret | None,
        *,
        api_base: str | None = None,
        options: Set[str] = frozenset(),
    ) -> None:
        self._key = api_key
        self._secret = webhook_secret
        self._http = stripe.HTTPXClient(timeout=TIMEOUT_S)
        self._api_base = api_base
        self._options = options

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
        metadata = sale_metadata(
            Sale(
                user=order.payer.user,
                kind="topup",
                credit=order.credit,
                bonus=order.bonus,
                total=order.credit,
                reference=order.reference,
                credit_days=order.credit_days,
                bonus_days=order.bonus_days,
            )
        )
        params: SessionCreateParams = {
            "mode": "payment",
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
        if "invoice_creation" in self._options:
            params["invoice_creation"] = {"enabled": True, "invoice_data": {"metadata": metadata}}
        return await self._open(params, order.id, order.payer)

    async def subscribe(self, order: PlanOrder) -> Link:
        """See `Payments`. A plan that has no price at Stripe is described in place."""
        plan, user = order.plan, order.payer.user
        metadata = sale_metadata(Sale(user, "plan", plan.grant, 0, plan.price, plan.id))
        price = self._price_of(plan, is_yearly=order.is_yearly)
        params: SessionCreateParams = {
            "mode": "subscription",
            "client_reference_id": user,
            "line_items": [
                {"quantity": order.seats, "price": price}
                if price
                else {
                    "quantity": order.seats,
                    "price_data": {
                        "currency": "usd",
                        "unit_amount": plan.price_for(MONTHS_A_YEAR if order.is_yearly else 1) // CENT,
                        "recurring": {"interval": "year" if order.is_yearly else "month"},
                        "product_data": {"name": plan.name},
                    },
                }
            ],
            "metadata": metadata,
            "subscription_data": {"metadata": metadata},
            "success_url": order.returns.paid,
            "cancel_url": order.returns.cancelled,
        }
        if order.trial_days:
            params["subscription_data"] = {"metadata": metadata, "trial_period_days": order.trial_days}
        return await self._open(params, order.id, order.payer)

    async def quote_change(self, change: PlanChange) -> Quote | None:
        """See `Payments`."""
        return await quote_change(self._api, change, self._price_of(change.plan, is_yearly=change.is_yearly))

    def _price_of(self, plan: Plan, *, is_yearly: bool) -> str | None:
        return plan.yearly_product_at(self.name) if is_yearly else plan.product_at(self.name)

    async def close_checkout(self, session_id: str) -> PageEnd:
        """See `Payments`. Stripe refuses to expire what is not open, and what is not there."""
        sessions = self._api.checkout.sessions
        try:
            await ask(sessions.expire_async(session_id))
        except Refused as refusal:
            if refusal.is_gone:
                return "closed"
            session = await ask(sessions.retrieve_async(session_id))
            with answered():
                status = session.status
            if status == "complete":
                return "paid"
            if status != "expired":
                raise
        return "closed"

    async def standing_of(self, subscription: str, at: datetime) -> SubscriptionChanged | None:
        """See `Payments`."""
        lookup = StripeLookup(self._api)
        known = await lookup.subscription(subscription)
        if known is None:
            return None
        with answered():
            told = await read_standing(known, at, lookup)
            check(told)
        return told

    async def cancel_subscription(self, subscription: str) -> None:
        """See `Payments`. Stripe refuses to cancel what has ended, and what is not there."""
        subscriptions = self._api.subscriptions
        try:
            await ask(subscriptions.cancel_async(subscription, {"prorate": False, "invoice_now": False}))
        except Refused as refusal:
            if refusal.is_gone:
                return
            known = await ask(subscriptions.retrieve_async(subscription))
            with answered():
                status = known.status
            if STATUSES.get(status) != "ended":
                raise

    async def refund(self, payment: str) -> bool:
        """See `Payments`. An invoice that was paid without any payment of Stripe's there is nothing to give back of."""
        paid: RefundCreateParams
        if payment.startswith("pi_"):
            paid = {"payment_intent": payment}
        elif payment.startswith(("ch_", "py_")):
            paid = {"charge": payment}
        else:
            return False
        try:
            options: stripe.RequestOptions = {"idempotency_key": f"refund-{payment}"}
            await ask(self._api.refunds.create_async(paid, options))
        except Refused as refusal:
            return refusal.cause == "charge_already_refunded"
        return True

    async def portal(self, payer: ProviderCustomer, return_url: str) -> Link:
        """See `Payments`."""
        if payer.customer is None:
            raise Conflict("Nothing was paid yet, so there is nothing to manage. Top up first.", code="no_customer")

        async def open_for(customer: str) -> Link:
            params: PortalParams = {"customer": customer, "return_url": return_url}
            session = await ask(self._api.billing_portal.sessions.create_async(params))
            with answered():
                return Link(page_at(session.url, api_base=self._api_base), session.id, customer)

        return await for_customer(self._api, payer, open_for)

    async def charge_saved_card(self, charge: Charge) -> ChargeOutcome:
        """See `Payments`."""
        card = charge.card
        if card is None:
            return _declined(charge, f"none_{charge.attempt}", NO_CARD)
        params: PaymentIntentCreateParams = {
            "amount": charge.amount // CENT,
            "currency": "usd",
            "customer": card.customer,
            "payment_method": card.id,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            "off_session": True,
            "confirm": True,
            "metadata": sale_metadata(_sale_of(charge)),
        }
        try:
            intent = await ask(
                self._api.payment_intents.create_async(params, {"idempotency_key": f"charge-{charge.attempt}"}),
                may_be_declined=True,
            )
        except stripe.CardError as error:
            told = error.error.payment_intent if error.error else None
            return _declined(charge, told.id if told else f"none_{charge.attempt}", error.code or "card_declined")
        except Refused:
            if await self._is_saved(card):
                raise
            return _declined(charge, f"none_{charge.attempt}", NO_CARD)  # what had been charged, it would have told
        with answered():
            return self._outcome(charge, intent)

    async def outcome_of(self, charge: Charge) -> ChargeOutcome | None:
        """See `Payments`. Stripe forgets idempotency keys, and no payment: ours bear the attempt's id. A search knows
        of one within a minute (https://docs.stripe.com/search)."""
        query = f"metadata['{REFERENCE}']:'{charge.attempt}'"
        intents = await ask(self._api.payment_intents.search_async({"query": query, "limit": 1}))
        with answered():
            return self._outcome(charge, intents.data[0]) if intents.data else None

    def _outcome(self, charge: Charge, intent: stripe.PaymentIntent) -> ChargeOutcome:
        if intent.status == "succeeded":
            event = PaymentEvent(self.name, f"charge_{charge.attempt}", "charged", Paid(intent.id, _sale_of(charge)))
            return ChargeOutcome("paid", event)
        if intent.status in ("requires_payment_method", "requires_action", "canceled"):
            told_error = intent.last_payment_error
            reason = "authentication_required" if intent.status == "requires_action" else "card_declined"
            return _declined(charge, intent.id, (told_error.code if told_error else None) or reason)
        return ChargeOutcome("pending")

    async def read_event(self, body: bytes, headers: Mapping[str, str]) -> PaymentEvent:
        """See `Payments`."""
        header = headers.get("stripe-signature")
        await check_signature(self.name, self._secret, lambda secret: _is_signed(body, header, secret))
        return await read_signed(self.name, body, "type", self._read_fact)

    async def _read_fact(self, event: Mapping[str, Any]) -> Fact | None:
        """What an event tells. In Stripe's test mode anybody pays with a card that is none, so what that tells under a
        live key is no money, nor is anything ours that happens in the mode which our key is not for."""
        mode = re.match(r"[sr]k_(live|test)_", self._key.value)
        if mode is not None and event.get("livemode") is (mode[1] == "test"):
            about = str(event["id"])
            return Unmatched("not_ours", about, f"an event of Stripe's other mode: the key is for {mode[1]} mode")
        return await read_fact(event, StripeLookup(self._api))

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.close_async()  # type: ignore[no-untyped-call]

    async def _open(self, params: "SessionCreateParams", order_id: str, payer: ProviderCustomer) -> Link:
        self._add_options(params)

        async def open_for(customer: str) -> Link:
            options: stripe.RequestOptions = {"idempotency_key": f"checkout-{order_id}-{customer}"}
            session = await ask(self._api.checkout.sessions.create_async({**params, "customer": customer}, options))
            with answered():
                return Link(page_at(session.url, api_base=self._api_base), session.id, customer)

        return await for_customer(self._api, payer, open_for)

    def _add_options(self, params: "SessionCreateParams") -> None:
        """Switch on what the operator wants of every checkout. Tax comes on top of a price that says nothing else."""
        if "automatic_tax" in self._options:
            params["automatic_tax"] = {"enabled": True}
        if "tax_id_collection" in self._options:
            params["tax_id_collection"] = {"enabled": True}
        if self._options & {"automatic_tax", "tax_id_collection"}:
            params["customer_update"] = {"address": "auto", "name": "auto"}
        if "allow_promotion_codes" in self._options:
            params["allow_promotion_codes"] = True

    async def _is_saved(self, card: SavedCard) -> bool:
        """Whether a card is its customer's still."""
        try:
            kept = await ask(self._api.payment_methods.retrieve_async(card.id))
        except Refused as refusal:
            if refusal.is_gone:
                return False
            raise
        with answered():
            holder = kept.customer
            return (holder if holder is None or isinstance(holder, str) else holder.id) == card.customer

    async def saved_card(self, payer: ProviderCustomer) -> SavedCard | None:
        """See `Payments`. It is the card that the customer pays invoices with, or else the one saved last."""
        customer = payer.customer
        if customer is None:
            return None
        cards = await ask(self._api.payment_methods.list_async({"customer": customer, "type": "card", "limit": 1}))
        kept = await ask(self._api.customers.retrieve_async(customer))
        with answered():
            settings = None if getattr(kept, "deleted", False) else kept.invoice_settings
            default = settings.default_payment_method if settings else None
            if default:
                return SavedCard(customer, default if isinstance(default, str) else default.id)
            return SavedCard(customer, cards.data[0].id) if cards.data else None


def _is_signed(body: bytes, header: str | None, secret: str) -> bool:
    """The library's check takes time stamps from the future, so that is looked at here."""
    try:
        stripe.WebhookSignature.verify_header(body, header, secret, TOLERANCE_S)
    except (stripe.SignatureVerificationError, ValueError, TypeError):  # or no text, or none in ASCII
        return False
    signed_at = re.search(r"(?:^|,)\s*t=(\d+)", header or "")
    return signed_at is not None and int(signed_at[1]) <= time.time() + LARGEST_SKEW_S


def _sale_of(charge: Charge) -> Sale:
    return Sale(charge.payer.user, charge.kind, charge.amount, 0, charge.amount, charge.attempt)


def _declined(charge: Charge, payment_id: str, reason: str) -> ChargeOutcome:
    fact = PaymentFailed(payment_id, reason, charge.payer.user, charge.attempt)
    return ChargeOutcome("declined", PaymentEvent("stripe", f"charge_{charge.attempt}", "declined", fact))
