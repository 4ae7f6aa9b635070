"""A stand-in for Stripe over HTTP: Checkout, the portal, saved cards, subscriptions, refunds, disputes.

Its objects are Stripe's own published examples with the fields changed that a test is about, so their shape is not
from memory. It honours idempotency keys as Stripe does: the same key answers the same again, and another body under
it is refused. It is told what a customer or a bank does (`pay`, `refund`, `dispute`, `renew`), and what goes wrong
(`decline_with`, `answer_late`, `fail_next`); `send` delivers its events, doubled or reordered as the test wishes.
"""

import asyncio
import copy
import itertools
import json
import time
from functools import cache
from typing import Any, Self
from urllib.parse import parse_qsl

import httpx
import stripe
from aiohttp import web

from tests.support.reference_data import reference_data
from tests.support.stand_ins.stripe_forms import again, error_of, list_of, unflatten
from tests.support.stand_ins.stripe_portal import StripePortal

SECRET = "whsec_of_the_stand_in"
Object = dict[str, Any]


@cache
def _examples() -> Object:
    resources: Object = json.loads((reference_data() / "stripe-objects.json").read_text())["resources"]
    return resources


class StripeStandIn:
    """The server. `async with StripeStandIn() as stripe: ...` gives it a port; `url` is what the SDK is to call."""

    def __init__(self) -> None:
        _examples()
        self.url = ""
        self.calls: list[tuple[str, str, Object]] = []
        self.events: list[Object] = []
        self.decline_with: str | None = None
        self.answer_late_s = 0.0
        self.fail_next = 0
        self.odd_answer: tuple[int, bytes] | None = None  # to everything, while there is one
        self.lines: dict[str, list[Object]] = {}  # of invoices that only the API knows whole
        self.portal = StripePortal()
        self.cancels_nothing = False
        self.live_elsewhere: set[str] = set()  # subscriptions that are there for a key of the live mode
        self.deleted: set[str] = set()  # customers that somebody has deleted in Stripe's dashboard
        self._objects: dict[str, Object] = {}
        self._answers: dict[str, tuple[bytes, web.Response]] = {}
        self._ids = itertools.count(1)
        self._clock = itertools.count(int(time.time()))

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    # What customers and banks do.

    def pay(
        self, session_id: str, *, tax_cents: int = 0, discount_cents: int = 0, method_later: bool = False
    ) -> Object:
        """Pay a checkout, less a discount and with a tax on top; with a method that pays later, its session completes
        unpaid first."""
        session = self._objects[session_id]
        if session["mode"] == "subscription":
            return self._begin_subscription(session)
        given = session.pop("_given")
        cents = session["amount_subtotal"] - discount_cents + tax_cents
        parts = {"amount_discount": discount_cents, "amount_tax": tax_cents, "amount_shipping": 0}
        session["total_details"] = parts
        intent = self._make("payment_intent", "pi", amount=cents, amount_received=cents, currency="usd")
        intent.update(
            status="succeeded", customer=session["customer"], metadata=given["payment_intent_data"]["metadata"]
        )
        session.update(payment_intent=intent["id"], amount_total=cents, status="complete", payment_status="paid")
        self.save_card(session["customer"])
        if method_later:
            self._event("checkout.session.completed", {**session, "payment_status": "unpaid"})
            self._event("checkout.session.async_payment_succeeded", session)
        else:
            self._event("checkout.session.completed", session)
        self._succeed(intent)
        return intent

    def save_card(self, customer: str) -> None:
        """Save a card, which is charged from now on."""
        self._make("payment_method", "pm", customer=customer, type="card")

    def end_page(self, session_id: str, status: str) -> None:
        """Have a checkout be of a status, or be `missing`."""
        if status == "missing":
            del self._objects[session_id]
        else:
            self._objects[session_id]["status"] = status

    def fail_later(self, session_id: str) -> None:
        """Have a payment fail that was to come later."""
        session = self._objects[session_id]
        intent = self._make("payment_intent", "pi", amount=session["amount_subtotal"], currency="usd")
        told = {**session, "payment_intent": intent["id"], "payment_status": "unpaid"}
        self._event("checkout.session.completed", told)
        self._event("checkout.session.async_payment_failed", told)

    def refund(self, intent_id: str, cents: int, *, status: str = "succeeded") -> Object:
        """Refund a part of a payment."""
        charge = self._charge_of(intent_id)
        charge["amount_refunded"] += cents
        refund = self._make("refund", "re", amount=cents, charge=charge["id"], payment_intent=intent_id, status=status)
        self._event("refund.created", refund)
        self._event("charge.refunded", charge)
        return refund

    def fail_refund(self, refund_id: str) -> None:
        """Have a refund come back: the payer's bank did not take it."""
        refund = self._objects[refund_id]
        refund["status"] = "failed"
        self._event("refund.failed", refund)

    def dispute(self, intent_id: str, cents: int) -> Object:
        """Have the payer's bank dispute a payment."""
        charge = self._charge_of(intent_id)
        dispute = self._make("dispute", "dp", amount=cents, charge=charge["id"], payment_intent=intent_id)
        dispute["status"] = "needs_response"
        self._event("charge.dispute.created", dispute)
        return dispute

    def decide(self, dispute_id: str, status: str) -> None:
        """Close a dispute as won or lost."""
        dispute = self._objects[dispute_id]
        dispute["status"] = status
        self._event("charge.dispute.closed", dispute)

    def renew(self, subscription_id: str) -> Object:
        """Begin a subscription's next month, and pay its invoice; answers the payment."""
        subscription = self._objects[subscription_id]
        return self._invoice(subscription, "subscription_cycle")

    def change(self, subscription_id: str, price: str, quantity: int = 1) -> None:
        """Change a subscription in the portal, which bills that at once."""
        subscription = self._objects[subscription_id]
        item = subscription["items"]["data"][0]
        billed = self.portal.bill(item, price, quantity)
        item.update(price=self.portal.prices[price], quantity=quantity)
        self._event("customer.subscription.updated", subscription)
        details = {"metadata": subscription["metadata"], "subscription": subscription_id}
        invoice = self._make("invoice", "in", status="paid", billing_reason="subscription_update", **billed)
        invoice["parent"] = {"type": "subscription_details", "subscription_details": details}
        invoice["payment_intent"] = f"pi_of_{invoice['id']}"
        self._event("invoice.paid", invoice)

    def cancel(self, subscription_id: str) -> None:
        """End a subscription now."""
        subscription = self._objects[subscription_id]
        subscription["status"] = "canceled"
        self._event("customer.subscription.deleted", subscription)

    def tell(self, kind: str, told: Object) -> None:
        """Have something told that happened in Stripe's own pages."""
        self._event(kind, told)

    def of_kind(self, kind: str) -> list[Object]:
        """All objects of a kind."""
        return [each for each in self._objects.values() if each["object"] == kind]

    # Delivery.

    async def send(self, door: httpx.AsyncClient, *events: Object) -> list[int]:
        """Deliver events, in this order, or all that have not been delivered; answers the statuses."""
        chosen = list(events) or self.events
        self.events = [event for event in self.events if event not in chosen]
        return [(await door.post("/api/stripe/webhook", **signed(event))).status_code for event in chosen]

    # The API.

    async def _serve(self, request: web.Request) -> web.Response:
        raw = await request.read()
        params = unflatten(parse_qsl(raw.decode() or request.query_string, keep_blank_values=True))
        self.calls.append((request.method, request.path, params))
        key = request.headers.get("idempotency-key", "")
        if self.odd_answer is not None:
            status, body = self.odd_answer
            return web.Response(status=status, body=body, content_type="application/json")
        if self.fail_next:
            self.fail_next -= 1
            return error_of(500, {"type": "api_error", "message": "told to fail"})
        if request.method == "POST" and key in self._answers:
            known, answer = self._answers[key]
            if known != raw:
                return error_of(400, {"type": "idempotency_error", "message": "another body"})
            return again(answer)
        answer = self._answer(request.method, request.path, params)
        if request.method == "POST":
            self._answers[key] = (raw, answer)
        await asyncio.sleep(self.answer_late_s)
        return again(answer)

    def _answer(self, method: str, path: str, params: Object) -> web.Response:
        if params.get("customer") in self.deleted and method == "POST":
            return self._no_customer(params["customer"])
        parts = path.removeprefix("/v1/").split("/")
        answer = self._answer_about_customers(method, parts, params) or self._answer_about_money(method, parts, params)
        answer = answer or self.portal.answer(method, parts, params, self._objects)
        answer = answer or self._answer_about_pages(method, parts, params)
        missing = {"type": "invalid_request_error", "message": f"the stand-in has no {method} {path}"}
        return answer or error_of(404, missing)

    def _answer_about_customers(self, method: str, parts: list[str], params: Object) -> web.Response | None:
        match (method, parts):
            case ("POST", ["customers"]):
                made = self._make("customer", "cus", invoice_settings={"default_payment_method": None})
                made.update({name: params[name] for name in ("email", "metadata")})
                return web.json_response(made)
            case ("GET", ["customers", customer]):
                return web.json_response(self._objects[customer])
            case ("POST", ["customers", customer]):
                self._objects[customer].update(params)
                return web.json_response(self._objects[customer])
            case ("POST", ["billing_portal", "sessions"]):
                portal = self._make("billing_portal.session", "bps", customer=params["customer"])
                return web.json_response({**portal, "url": f"{self.url}/portal/{params['customer']}"})
            case ("GET", ["payment_methods"]):
                cards = [card for card in self.of_kind("payment_method") if card["customer"] == params["customer"]]
                return list_of(cards[::-1])
            case ("GET", ["payment_methods", card]):
                return web.json_response(self._objects[card])
        return None

    def _answer_about_pages(self, method: str, parts: list[str], params: Object) -> web.Response | None:
        if parts[:2] != ["checkout", "sessions"]:
            return None
        if len(parts) == 2:
            return web.json_response({**self._open_session(params), "_given": None})
        session = self._objects.get(parts[2])
        if session is None:
            told = {"type": "invalid_request_error", "code": "resource_missing", "param": "session"}
            return error_of(404, {**told, "message": f"No such checkout session: {parts[2]}"})
        if method == "POST" and session["status"] != "open":
            return error_of(400, {"type": "invalid_request_error", "message": "only one that is open can be expired"})
        if method == "POST":
            session["status"] = "expired"
        return web.json_response({**session, "_given": None})

    def _answer_about_money(self, method: str, parts: list[str], params: Object) -> web.Response | None:
        match (method, parts):
            case ("POST", ["payment_intents"]):
                return self._charge_saved(params)
            case ("GET", ["payment_intents", "search"]):
                found = [each for each in self.of_kind("payment_intent") if _is_asked_for(each, params["query"])]
                return web.json_response({"object": "search_result", "data": found, "has_more": False})
            case ("GET", ["invoice_payments"]):
                intent = self._objects[params["invoice"]]["_intent"]
                paid = {"object": "invoice_payment", "id": f"inpay_{intent}", "invoice": params["invoice"]}
                return list_of([{**paid, "payment": {"type": "payment_intent", "payment_intent": intent}}])
            case ("GET", ["invoices", invoice, "lines"]):
                after = params.get("starting_after")
                known = [each["id"] for each in self.lines[invoice]]
                return list_of(self.lines[invoice][known.index(after) + 1 if after else 0 :], int(params["limit"]))
            case (_, ["subscriptions", subscription]):
                return self._answer_about_subscription(method, subscription)
            case ("POST", ["refunds"]):
                intent = params["payment_intent"]
                return web.json_response(self.refund(intent, self._objects[intent]["amount"]))
        return None

    def _answer_about_subscription(self, method: str, subscription: str) -> web.Response:
        known = self._objects.get(subscription)
        if known is None:
            told = {"type": "invalid_request_error", "code": "resource_missing", "param": "id"}
            elsewhere = "; a similar object exists in live mode" if subscription in self.live_elsewhere else ""
            return error_of(404, {**told, "message": f"No such subscription: '{subscription}'{elsewhere}"})
        if method == "DELETE" and self.cancels_nothing:
            return error_of(400, {"type": "invalid_request_error", "message": "it cannot be cancelled like this"})
        if method == "DELETE":
            self.cancel(subscription)
        return web.json_response(known)

    def _no_customer(self, customer: str) -> web.Response:
        told = {"type": "invalid_request_error", "code": "resource_missing", "param": "customer"}
        return error_of(400, {**told, "message": f"No such customer: '{customer}'"})

    def _open_session(self, params: Object) -> Object:
        session = self._make("checkout.session", "cs", mode=params["mode"], customer=params["customer"])
        [item] = params["line_items"].values()
        price = self.portal.prices.get(item.get("price")) or item["price_data"]
        cents = int(price["unit_amount"]) * int(item["quantity"])
        session.update(
            amount_subtotal=cents,
            amount_total=cents,
            currency="usd",
            metadata=params["metadata"],
            client_reference_id=params["client_reference_id"],
            payment_intent=None,
            status="open",
            url=f"{self.url}/pay/{session['id']}",
            _given=params,
        )
        return session

    def _charge_saved(self, params: Object) -> web.Response:
        assert params["off_session"] == params["confirm"] == "true"
        if self._objects[params["payment_method"]]["customer"] != params["customer"]:
            return error_of(400, {"type": "invalid_request_error", "message": "the card was detached"})
        cents = int(params["amount"])
        intent = self._make("payment_intent", "pi", amount=cents, currency="usd", customer=params["customer"])
        intent["metadata"] = params["metadata"]
        if self.decline_with:
            error = {"type": "card_error", "code": self.decline_with, "message": "declined"}
            intent.update(status="requires_payment_method", last_payment_error=error)
            self._event("payment_intent.payment_failed", intent)
            return error_of(402, {**error, "payment_intent": intent})
        intent.update(status="succeeded", amount_received=cents)
        self._succeed(intent)
        return web.json_response(intent)

    # Objects and events.

    def _succeed(self, intent: Object) -> None:
        cents = intent["amount"]
        charge = self._make("charge", "ch", amount=cents, amount_captured=cents, amount_refunded=0, captured=True)
        charge.update(payment_intent=intent["id"], status="succeeded", currency="usd", metadata=intent["metadata"])
        charge["receipt_url"] = f"{self.url}/receipts/{charge['id']}"
        intent["latest_charge"] = charge["id"]
        self._event("charge.succeeded", charge)
        self._event("payment_intent.succeeded", intent)

    def _begin_subscription(self, session: Object) -> Object:
        given = session.pop("_given")
        subscription = self._make("subscription", "sub", customer=session["customer"], status="active")
        subscription.update(metadata=given["subscription_data"]["metadata"], cancel_at_period_end=False)
        subscription.update(cancel_at=None, trial_end=None, pause_collection=None)
        subscription["created"] = next(self._clock)
        subscription["_cents"] = session["amount_subtotal"]
        [sold] = given["line_items"].values()
        if "price" in sold:
            item = {"price": self.portal.prices[sold["price"]], "quantity": int(sold["quantity"])}
            subscription["items"]["data"][0].update(item)
        session.update(subscription=subscription["id"], status="complete", payment_status="paid")
        self._event("checkout.session.completed", session)
        return self._invoice(subscription, "subscription_create")

    def _invoice(self, subscription: Object, reason: str) -> Object:
        end = next(self._clock) + 30 * 24 * 3600
        cents = subscription["_cents"]
        subscription["items"]["data"][0]["current_period_end"] = end
        change = "created" if reason == "subscription_create" else "updated"
        self._event(f"customer.subscription.{change}", subscription)
        intent = self._make("payment_intent", "pi", amount=cents, amount_received=cents, currency="usd", metadata={})
        invoice = self._make("invoice", "in", amount_paid=cents, status="paid", billing_reason=reason, currency="usd")
        details = {"metadata": subscription["metadata"], "subscription": subscription["id"]}
        invoice["parent"] = {"type": "subscription_details", "subscription_details": details, "quote_details": None}
        line = invoice["lines"]["data"][0]
        details = {"proration": False, "subscription": subscription["id"], "subscription_item": "si_1"}
        line["parent"] = {"type": "subscription_item_details", "subscription_item_details": details}
        line.update(amount=cents, period={"start": next(self._clock), "end": end})
        invoice.update(total=cents, subtotal=cents)
        invoice.update(_intent=intent["id"], hosted_invoice_url=f"{self.url}/invoices/{invoice['id']}")
        self._event("invoice.paid", invoice)
        self._succeed(intent)
        return intent

    def _charge_of(self, intent_id: str) -> Object:
        return self._objects[self._objects[intent_id]["latest_charge"]]

    def _make(self, kind: str, prefix: str, **fields: Any) -> Object:
        made = {**copy.deepcopy(_examples()[kind]), **fields, "id": f"{prefix}_{next(self._ids)}", "object": kind}
        self._objects[made["id"]] = made
        return made

    def _event(self, kind: str, told: Object) -> None:
        event = copy.deepcopy(_examples()["event"])
        visible = {name: value for name, value in copy.deepcopy(told).items() if not name.startswith("_")}
        event.update(id=f"evt_{next(self._ids)}", type=kind, created=next(self._clock), data={"object": visible})
        self.events.append(event)


def _is_asked_for(intent: Object, query: str) -> bool:
    """Whether a payment is what a search for one field of metadata finds."""
    return any(query == f"metadata['{name}']:'{value}'" for name, value in intent["metadata"].items())


def signed(event: Object, *, secret: str = SECRET, age_s: int = 0) -> Any:
    """An event as the body and the headers of a request, signed some seconds ago."""
    body = json.dumps(event)
    header = stripe.WebhookSignature.generate_signature_header(body, secret, int(time.time()) - age_s)
    return {"content": body, "headers": {"stripe-signature": header, "content-type": "application/json"}}
