"""Creem: checkout, the customer portal, signed events. It sells in its own name, and owes the tax.

https://docs.creem.io; the keys of its test mode are for https://test-api.creem.io (`CREEM_API_BASE`). It has no saved
cards to charge, so auto-recharge turns itself off with it. Its signature bears no time: an old event that is sent again
is recognised by its marker.
"""

import hashlib
import hmac
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx

from functions.farebox.billing.auto_recharge import NO_CARD
from functions.farebox.billing.events import Fact, PaymentEvent, PaymentFailed, SubscriptionChanged, Unmatched
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
    ProviderFailed,
    Quote,
    Returns,
    SavedCard,
)
from functions.farebox.billing.sale import Sale
from functions.farebox.errors import Conflict, NotFound
from functions.farebox.payments.creem.events import LIVE_MODE, STATUSES, modes_of, read_fact, read_standing
from functions.farebox.payments.metadata import is_ours, sale_metadata
from functions.farebox.payments.reading import NO_ANSWER, answered, check, check_signature, page_at, read_signed
from functions.farebox.secrets.rotating import Secret

API_BASE = "https://api.creem.io"
TEST_KEY = "creem_test_"  # how a key of the test mode begins
TIMEOUT_S = 15.0

log = logging.getLogger("farebox.payments.creem")


class CreemPayments:
    """`Payments` by Creem. Top-ups are sold as one product, whose price is set for each; plans name theirs."""

    name = "creem"

    def __init__(
        self, api_key: Secret, webhook_secret: Secret | None, *, topup_product: str, api_base: str | None = None
    ) -> None:
        self._key = api_key
        self._secret = webhook_secret
        self._product = topup_product
        self._api_base = api_base
        self._http = httpx.AsyncClient(base_url=api_base or API_BASE, timeout=TIMEOUT_S, follow_redirects=False)

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
        price = {"product_id": self._product, "units": 1, "custom_price": order.credit // CENT}
        return await self._open(price, sale, order.id, order.payer, order.returns)

    async def subscribe(self, order: PlanOrder) -> Link:
        """See `Payments`. The plan must name its product at Creem, where trials are the product's own."""
        plan = order.plan
        product = plan.yearly_product_at(self.name) if order.is_yearly else plan.product_at(self.name)
        if product is None:
            raise NotFound("This plan is not on offer.", param="plan")
        sale = Sale(order.payer.user, "plan", plan.grant, 0, plan.price, plan.id)
        sold = {"product_id": product, "units": order.seats}
        return await self._open(sold, sale, order.id, order.payer, order.returns)

    async def quote_change(self, change: PlanChange) -> Quote | None:
        """See `Payments`. Creem documents no preview of what it charges."""
        return None

    async def close_checkout(self, session_id: str) -> PageEnd:
        """See `Payments`. Creem lets no program do it; what is paid a second time is ended and told an operator. How
        the page stands: https://docs.creem.io/api-reference/endpoint/get-checkout."""
        try:
            session = await self._ask("GET", "/v1/checkouts", params={"checkout_id": session_id})
        except _Refused:
            return "open"
        ends: dict[object, PageEnd] = {"completed": "paid", "processing": "paid", "expired": "closed"}
        return ends.get(session.get("status"), "open")

    async def standing_of(self, subscription: str, at: datetime) -> SubscriptionChanged | None:
        """See `Payments`. https://docs.creem.io/api-reference/endpoint/get-subscription"""
        try:
            known = await self._subscription(subscription)
        except _Refused:
            return None
        with answered():
            told = read_standing(known, at) if is_ours(known) else None
            check(told)
        return told

    async def cancel_subscription(self, subscription: str) -> None:
        """See `Payments`. How one stands that it refuses to cancel:
        https://docs.creem.io/api-reference/endpoint/get-subscription."""
        try:
            await self._post(f"/v1/subscriptions/{subscription}/cancel", {"mode": "immediate"})
        except _Refused as refusal:
            if refusal.is_missing:
                return
            known = await self._subscription(subscription)
            if STATUSES.get(known.get("status", "")) != "ended":
                raise

    async def _subscription(self, subscription: str) -> Mapping[str, Any]:
        return await self._ask("GET", "/v1/subscriptions", params={"subscription_id": subscription})

    async def refund(self, payment: str) -> bool:
        """See `Payments`. A period is known by its transaction, a single sale by its order, whose transaction is asked
        for: https://docs.creem.io/api-reference/endpoint/refund-payment."""
        try:
            transaction = await self._transaction(payment)
            if transaction is None:
                return False
            with answered():
                if transaction["status"] == "refunded":
                    return True
                body, once = {"transaction_id": str(transaction["id"])}, {"idempotency-key": f"refund-{payment}"}
            told = await self._post("/v1/refunds", body, headers=once)
        except _Refused:
            return False
        return told.get("status") not in ("failed", "canceled")

    async def _transaction(self, payment: str) -> Mapping[str, Any] | None:
        if payment.startswith("tran_"):
            return await self._ask("GET", "/v1/transactions", params={"transaction_id": payment})
        found = await self._ask("GET", "/v1/transactions/search", params={"order_id": payment})
        with answered():
            return next(iter(found["items"]), None)

    async def portal(self, payer: ProviderCustomer, return_url: str) -> Link:
        """See `Payments`. Creem's page leads back by itself."""
        if payer.customer is None:
            raise _no_customer()
        try:
            answer = await self._post("/v1/customers/billing", {"customer_id": payer.customer})
        except _Refused:
            raise _no_customer() from None
        return Link(page_at(answer.get("customer_portal_link"), api_base=self._api_base), payer.customer)

    async def saved_card(self, payer: ProviderCustomer) -> SavedCard | None:
        """See `Payments`. There never is one."""
        return None

    async def outcome_of(self, charge: Charge) -> ChargeOutcome | None:
        """See `Payments`. Nothing ever was asked for."""
        return None

    async def charge_saved_card(self, charge: Charge) -> ChargeOutcome:
        """See `Payments`. There never is one."""
        fact = PaymentFailed(f"none_{charge.attempt}", NO_CARD, charge.payer.user, charge.attempt)
        return ChargeOutcome("declined", PaymentEvent(self.name, f"charge_{charge.attempt}", "declined", fact))

    async def read_event(self, body: bytes, headers: Mapping[str, str]) -> PaymentEvent:
        """See `Payments`. The signature is the HMAC-SHA256 of the body, in hexadecimal."""
        given = headers.get("creem-signature", "").encode()

        def is_signed(secret: str) -> bool:
            expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
            return hmac.compare_digest(given, expected.encode())

        await check_signature(self.name, self._secret, is_signed)
        return await read_signed(self.name, body, "eventType", self._read_fact)

    async def _read_fact(self, event: Mapping[str, Any]) -> Fact | None:
        """What an event tells. In Creem's test mode anybody pays with a card that is none, so what that tells under a
        live key is no money, nor is anything ours that happens in the mode which our key is not for."""
        is_test = self._key.value.startswith(TEST_KEY)
        if any((mode != LIVE_MODE) is not is_test for mode in modes_of(event)):
            name = "test" if is_test else "live"
            about = str(event["id"])
            return Unmatched("not_ours", about, f"an event of Creem's other mode: the key is for {name} mode")
        return await read_fact(event)

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.aclose()

    async def _open(
        self, price: Mapping[str, Any], sale: Sale, order_id: str, payer: ProviderCustomer, returns: Returns
    ) -> Link:
        body = {**price, "request_id": order_id, "success_url": returns.paid, "metadata": sale_metadata(sale)}
        by_email = {**body, "customer": {"email": payer.email}}
        if payer.customer is None:
            return self._link(await self._post("/v1/checkouts", by_email))
        try:
            answer = await self._post("/v1/checkouts", {**body, "customer": {"id": payer.customer}})
        except _Refused:  # it was deleted there, or the order is wrong, which the next answer says as well
            answer = await self._post("/v1/checkouts", by_email)
        return self._link(answer)

    def _link(self, answer: Mapping[str, Any]) -> Link:
        with answered():
            return Link(page_at(answer["checkout_url"], api_base=self._api_base), str(answer["id"]))

    async def _post(
        self, path: str, body: Mapping[str, Any], *, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        return await self._ask("POST", path, json=body, headers=headers)

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        json: Mapping[str, Any] | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        try:
            signed = {"x-api-key": self._key.value, **(headers or {})}
            answer = await self._http.request(method, path, json=json, params=params, headers=signed)
            answer.raise_for_status()
            told = answer.json()
            if not isinstance(told, dict):
                raise ValueError("it answered no object")
        except (httpx.HTTPError, ValueError) as error:
            log.warning("Creem refused or did not answer: %s", error)
            if isinstance(error, httpx.HTTPStatusError) and error.response.status_code in (400, 404, 409):
                raise _Refused(NO_ANSWER, is_missing=error.response.status_code == 404) from error
            raise ProviderFailed(NO_ANSWER) from error
        return told


class _Refused(ProviderFailed):
    """Creem has understood, and does not do it: what was named is not there, or not in a state for it."""

    def __init__(self, message: str, *, is_missing: bool) -> None:
        super().__init__(message)
        self.is_missing = is_missing


def _no_customer() -> Conflict:
    return Conflict("Nothing was paid yet, so there is nothing to manage. Top up first.", code="no_customer")
