"""Creem over HTTP, against a stand-in that answers in the forms of its documentation."""

import hashlib
import hmac
import itertools
import json
import random
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from aiohttp import web

from functions.farebox.accounts.plans import Plan
from functions.farebox.admin.audit_trail import AdminCommand
from functions.farebox.billing.events import CustomerChanged
from functions.farebox.billing.payer import read_payer
from functions.farebox.billing.provider import ProviderFailed
from functions.farebox.config import Config
from functions.farebox.errors import BadConfig
from functions.farebox.kit.money import NANOS_PER_USD
from functions.farebox.payments.creem.provider import CreemPayments
from functions.farebox.secrets.rotating import Secret
from functions.farebox.storage import Query, Store
from functions.farebox.wiring.runtime import Runtime
from tests.support.clients.asgi import refused
from tests.support.money.customers import wallet_of
from tests.support.money.payment_events import books
from tests.support.product.runtime import START, Clock, config_with, runtime_over

USD = NANOS_PER_USD
SECRET = "whsec_creem"
KEY = "creem_test_key"
NOW_MS = int(START.timestamp() * 1000)
PERIOD_END = "2026-12-21T12:00:00.000Z"
Object = dict[str, Any]


class CreemStandIn:
    """Takes checkouts, and tells of what customers do with them."""

    def __init__(self) -> None:
        self.url = ""
        self.checkouts: dict[str, Object] = {}
        self.is_down = False
        self.subscriptions: dict[
            str, tuple[str, int]
        ] = {}  # how each stands, and what an order to cancel it is answered
        self.alive: dict[str, Object] = {}  # subscriptions as they are now
        self.transactions: dict[str, Object] = {}
        self.refunds: list[str] = []
        self._ids = itertools.count(1)

    async def serve(self, request: web.Request) -> web.Response:
        if self.is_down:
            return web.json_response({"error": "down"}, status=503)
        if request.headers.get("x-api-key") != KEY:
            return web.json_response({"error": "who are you"}, status=403)
        if request.method == "GET":
            return self._tell(request)
        body = await request.json()
        if request.path == "/v1/refunds":
            return self._refund(self.transactions[body["transaction_id"]])
        if request.path.endswith("/cancel"):
            status, code = self.subscriptions.get(request.path.split("/")[3], (None, 404))
            return web.json_response({"status": status}, status=code)
        if request.path == "/v1/customers/billing":
            return web.json_response({"customer_portal_link": f"{self.url}/portal/{body['customer_id']}"})
        assert request.path == "/v1/checkouts"
        checkout_id = f"ch_{next(self._ids)}"
        self.checkouts[checkout_id] = body
        return web.json_response(
            {"id": checkout_id, "checkout_url": f"{self.url}/pay/{checkout_id}", "status": "pending"}
        )

    def _tell(self, request: web.Request) -> web.Response:
        if request.path == "/v1/checkouts":
            told = self.checkouts.get(request.query["checkout_id"])
            return web.json_response(told or {"error": "Not Found"}, status=200 if told else 404)
        if request.path == "/v1/transactions":
            told = self.transactions.get(request.query["transaction_id"])
            return web.json_response(told or {"error": "Not Found"}, status=200 if told else 404)
        if request.path == "/v1/subscriptions":
            name = request.query["subscription_id"]
            known = self.alive.get(name) or {"status": self.subscriptions[name][0]}
            return web.json_response(known)
        assert request.path == "/v1/transactions/search"
        found = [each for each in self.transactions.values() if each["order"] == request.query["order_id"]]
        return web.json_response({"items": found, "pagination": {"total_records": len(found)}})

    def _refund(self, transaction: Object) -> web.Response:
        if transaction["status"] != "paid":
            return web.json_response({"error": "Bad Request"}, status=400)
        transaction["status"] = "refunded"
        self.refunds.append(transaction["id"])
        return web.json_response({"id": "ref_1", "status": "pending", "transaction": transaction["id"]})

    def event(self, kind: str, told: Object, *, at_ms: int = 0) -> Object:
        return {"id": f"evt_{next(self._ids)}", "eventType": kind, "created_at": NOW_MS + at_ms, "object": told}

    def paid(self, checkout_id: str, *, tax: int = 0, discount: int = 0) -> Object:
        body = self.checkouts[checkout_id]
        cents = body["custom_price"] - discount
        order = {"id": f"ord_{checkout_id}", "amount": cents, "amount_paid": cents + tax, "currency": "USD"}
        order.update(status="paid", type="onetime", transaction=f"tran_{checkout_id}")
        told = {"id": checkout_id, "order": order, "customer": {"id": "cust_1"}, "metadata": body["metadata"]}
        return self.event("checkout.completed", {**told, "request_id": body["request_id"], "status": "completed"})

    def month(self, checkout_id: str, transaction: str) -> Object:
        return self.event("subscription.paid", self._subscription(checkout_id, last_transaction_id=transaction))

    def stands(self, checkout_id: str, status: str, *, at_ms: int) -> Object:
        kind = "canceled" if status == "canceled" else "active"
        return self.event(f"subscription.{kind}", self._subscription(checkout_id, status=status), at_ms=at_ms)

    def refunded(self, transaction: Object, cents: int, status: str = "succeeded") -> Object:
        refund = {
            "id": f"ref_{next(self._ids)}",
            "refund_amount": cents,
            "refund_currency": "USD",
            "status": status,
        }
        return self.event("refund.created", {**refund, "transaction": transaction})

    def disputed(self, transaction: Object, cents: int) -> Object:
        dispute = {"id": f"disp_{next(self._ids)}", "amount": cents, "currency": "USD", "transaction": transaction}
        return self.event("dispute.created", dispute)

    def _subscription(self, checkout_id: str, **fields: Any) -> Object:
        body = self.checkouts[checkout_id]
        told = {
            "id": f"sub_{checkout_id}",
            "product": {"id": body["product_id"], "price": 1000, "currency": "USD"},
            "customer": {"id": "cust_1"},
            "status": "active",
            "created_at": "2026-11-21T12:00:00.000Z",
            "current_period_end_date": PERIOD_END,
            "metadata": body["metadata"],
        }
        return {**told, **fields}


@pytest.fixture
async def creem() -> AsyncIterator[CreemStandIn]:
    stand_in = CreemStandIn()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", stand_in.serve)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    stand_in.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield stand_in
    await runner.cleanup()


@pytest.fixture
def runtime(sqlite_store: Store, sqlite_url: str, clock: Clock, creem: CreemStandIn) -> Runtime:
    return runtime_over(
        sqlite_store,
        sqlite_url,
        clock,
        FAREBOX_SIGNUP_CREDIT_USD="0",
        FAREBOX_PAYMENTS="creem",
        CREEM_API_KEY=KEY,
        CREEM_WEBHOOK_SECRET=SECRET,
        CREEM_TOPUP_PRODUCT="prod_topup",
        CREEM_API_BASE=creem.url,
    )


async def send(client: httpx.AsyncClient, *events: Object, secret: str = SECRET) -> list[httpx.Response]:
    answers = []
    for event in events:
        body = json.dumps(event).encode()
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {"creem-signature": signature}
        answers.append(await client.post("/api/stripe/webhook", content=body, headers=headers))
    return answers


async def offer_tiny_plan(runtime: Runtime, **fields: Any) -> None:
    plan = Plan("tiny", "Tiny", price=10 * USD, grant=10 * USD, products=(("creem", "prod_tiny"),), **fields)
    await (await runtime.operations()).catalogue.put_plan(AdminCommand("admin", b"a plan"), plan)


async def begin(client: httpx.AsyncClient, amount: str = "10") -> str:
    answer = await client.post("/api/wallet/checkout", json={"amount_usd": amount})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["session_id"])


async def balance(client: httpx.AsyncClient) -> str:
    return str((await client.get("/api/wallet")).json()["balance_usd"])


async def test_a_checkout_is_sold_at_its_own_price_and_credited_once(
    client: httpx.AsyncClient, creem: CreemStandIn
) -> None:
    checkout_id = await begin(client, "12.34")
    sold = creem.checkouts[checkout_id]
    assert (sold["product_id"], sold["custom_price"], sold["units"]) == ("prod_topup", 1234, 1)
    event = creem.paid(checkout_id, tax=260)
    assert [answer.status_code for answer in await send(client, event, event, event)] == [200] * 3
    assert await balance(client) == "12.34"


@pytest.mark.parametrize("place", ["itself", "order"])
async def test_what_happens_in_creems_other_mode_is_credited_to_nobody(
    client: httpx.AsyncClient, creem: CreemStandIn, sqlite_store: Store, place: str
) -> None:
    event = creem.paid(await begin(client))
    told = event["object"] if place == "itself" else event["object"][place]
    told["mode"] = "prod"
    [answer] = await send(client, event)
    assert (answer.status_code, await balance(client)) == (200, "0.00")
    [case] = await sqlite_store.query(Query("unmatched", limit=10))
    assert case.data["reason"] == "not_ours"
    told["mode"] = "test"
    await send(client, event)
    assert await balance(client) == "10.00", "sent again by its own mode"


@pytest.mark.parametrize(("mode", "credited"), [("test", False), ("sandbox", False), ("prod", True), (None, True)])
async def test_a_live_key_takes_no_money_that_is_none(mode: str | None, credited: bool) -> None:
    key, secret = Secret("CREEM_API_KEY", "creem_live"), Secret("CREEM_WEBHOOK_SECRET", SECRET)
    creem = CreemPayments(key, secret, topup_product="prod_topup")
    told = {"id": "cust_1", "metadata": {"farebox_user": "u", "farebox_kind": "plan"}, "mode": mode}
    body = json.dumps({"id": "evt_1", "eventType": "customer.deleted", "created_at": NOW_MS, "object": told}).encode()
    event = await creem.read_event(body, {"creem-signature": hmac.new(SECRET.encode(), body, "sha256").hexdigest()})
    await creem.close()
    assert isinstance(event.fact, CustomerChanged) == credited


async def test_a_discount_at_the_checkout_shrinks_the_credit_and_the_bonus_alike(
    client: httpx.AsyncClient, creem: CreemStandIn
) -> None:
    answer = await client.post("/api/wallet/checkout", json={"package": "large"})  # 200 USD, and 20 more
    await send(client, creem.paid(answer.json()["session_id"], discount=15000))
    assert await balance(client) == "55.00"


async def test_a_refund_that_came_to_nothing_takes_nothing_back(client: httpx.AsyncClient, creem: CreemStandIn) -> None:
    checkout_id = await begin(client)
    transaction = {"id": f"tran_{checkout_id}", "order": f"ord_{checkout_id}"}
    await send(client, creem.paid(checkout_id), *(creem.refunded(transaction, 250, s) for s in ("failed", "canceled")))
    assert await balance(client) == "10.00"


async def test_a_month_that_was_paid_with_tax_is_taken_back_whole_only_when_all_of_it_is_refunded(
    client: httpx.AsyncClient, creem: CreemStandIn, runtime: Runtime
) -> None:
    await offer_tiny_plan(runtime)
    checkout_id = (await client.post("/api/wallet/subscribe", json={"plan": "tiny"})).json()["url"].rpartition("/")[2]
    transaction = {"id": "tran_1", "order": "ord_1", "subscription": f"sub_{checkout_id}"}
    month = creem.month(checkout_id, "tran_1")
    month["object"]["last_transaction"] = {**transaction, "amount_paid": 1250, "tax_amount": 250, "currency": "USD"}
    await send(client, month, creem.refunded(transaction, 625))
    assert await balance(client) == "5.00"
    await send(client, creem.refunded(transaction, 625))
    assert await balance(client) == "0.00"


@pytest.mark.parametrize("seed", range(4))
async def test_payment_and_refunds_in_any_order_end_in_the_same_books(
    client: httpx.AsyncClient, creem: CreemStandIn, sqlite_store: Store, seed: int
) -> None:
    uid = str((await client.get("/api/auth/me")).json()["id"])
    checkout_id = await begin(client)
    transaction = {"id": f"tran_{checkout_id}", "order": f"ord_{checkout_id}", "subscription": None}
    events = [creem.paid(checkout_id), creem.refunded(transaction, 250), creem.refunded(transaction, 250)] * 2
    random.Random(seed).shuffle(events)
    await send(client, *events)
    assert (await books(sqlite_store, f"ord_{checkout_id}", uid)).balance == 5 * USD


async def test_a_dispute_counts_as_lost_for_nobody_tells_how_it_ended(
    client: httpx.AsyncClient, creem: CreemStandIn, sqlite_store: Store
) -> None:
    uid = str((await client.get("/api/auth/me")).json()["id"])
    checkout_id = await begin(client)
    transaction = {"id": f"tran_{checkout_id}", "order": f"ord_{checkout_id}", "subscription": None}
    await send(client, creem.paid(checkout_id), creem.disputed(transaction, 1000))
    wallet = await wallet_of(sqlite_store, uid)
    assert (wallet.balance, wallet.frozen) == (0, False)


async def test_a_subscription_grants_each_month_and_gives_its_terms_until_it_ends(
    client: httpx.AsyncClient, creem: CreemStandIn, runtime: Runtime
) -> None:
    refused(await client.post("/api/wallet/subscribe", json={"plan": "starter"}), 404, "not_found", "plan")
    await offer_tiny_plan(runtime)
    answer = await client.post("/api/wallet/subscribe", json={"plan": "tiny"})
    checkout_id = answer.json()["url"].rpartition("/")[2]
    first, second = creem.month(checkout_id, "tran_1"), creem.month(checkout_id, "tran_2")
    await send(client, first, creem.stands(checkout_id, "active", at_ms=1), first, second)
    wallet = (await client.get("/api/wallet")).json()
    assert (wallet["balance_usd"], wallet["plan"]) == ("20.00", "tiny")
    transaction = {"id": "tran_1", "order": "ord_1", "subscription": f"sub_{checkout_id}"}
    await send(client, creem.stands(checkout_id, "canceled", at_ms=2), creem.refunded(transaction, 1000))
    wallet = (await client.get("/api/wallet")).json()
    assert (wallet["balance_usd"], wallet["plan"]) == ("10.00", None)


async def test_a_page_at_creem_is_given_up_unless_it_was_paid_and_its_trial_is_noted_if_it_is_paid_after_that(
    client: httpx.AsyncClient, creem: CreemStandIn, runtime: Runtime, sqlite_store: Store
) -> None:
    uid = str((await client.get("/api/auth/me")).json()["id"])
    await offer_tiny_plan(runtime, trial_days=7)

    async def begun() -> str:
        answer = await client.post("/api/wallet/subscribe", json={"plan": "tiny"})
        return str(answer.json()["url"].rpartition("/")[2])

    for status, marks in (("expired", 0), ("pending", 1)):
        left = await begun()
        creem.checkouts[left]["status"] = status
        assert (await client.delete("/api/wallet/subscribe")).status_code == 204
        assert len((await read_payer(sqlite_store, uid)).trial_marks) == marks
    creem.checkouts[await begun()]["status"] = "completed"
    refused(await client.delete("/api/wallet/subscribe"), 409, "checkout_paid")
    assert await sqlite_store.query(Query("trials")) == []
    await send(client, creem.stands(left, "trialing", at_ms=1))
    assert [each.data["user"] for each in await sqlite_store.query(Query("trials"))] == [uid]
    assert (await read_payer(sqlite_store, uid)).trial_marks == ()


async def test_the_portal_is_there_once_creem_has_told_who_the_customer_is(
    client: httpx.AsyncClient, creem: CreemStandIn
) -> None:
    checkout_id = await begin(client)
    refused(await client.post("/api/wallet/portal"), 409, "no_customer")
    await send(client, creem.paid(checkout_id))
    assert (await client.post("/api/wallet/portal")).json() == {"url": f"{creem.url}/portal/cust_1"}
    assert creem.checkouts[await begin(client)]["customer"] == {"id": "cust_1"}


async def test_a_foreign_signature_changes_nothing_and_answers_400(
    client: httpx.AsyncClient, creem: CreemStandIn
) -> None:
    event = creem.paid(await begin(client))
    [foreign] = await send(client, event, secret="somebody else's")
    refused(foreign, 400, "invalid_signature")
    refused(await client.post("/api/stripe/webhook", content=json.dumps(event)), 400, "invalid_signature")
    assert await balance(client) == "0.00"


async def test_what_others_sell_and_unknown_events_are_recorded(client: httpx.AsyncClient, creem: CreemStandIn) -> None:
    event = creem.paid(await begin(client))
    event["object"]["metadata"] = {}
    answers = await send(client, event, creem.event("weather.changed", {}))
    assert [(answer.status_code, answer.json()["applied"]) for answer in answers] == [(200, False)] * 2
    assert await balance(client) == "0.00"


@pytest.mark.parametrize("payment", ["tran_1", "ord_1"])
async def test_a_payment_is_refunded_once_by_its_transaction_whatever_it_is_known_by(
    creem: CreemStandIn, runtime: Runtime, payment: str
) -> None:
    payments = await runtime.payments()
    creem.transactions["tran_1"] = {"id": "tran_1", "order": "ord_1", "status": "paid"}
    assert [await payments.refund(payment) for _ in range(3)] == [True] * 3
    assert creem.refunds == ["tran_1"]
    await payments.close()


async def test_what_creem_does_not_refund_is_an_operators_and_what_it_does_not_answer_is_asked_again(
    creem: CreemStandIn, runtime: Runtime
) -> None:
    payments = await runtime.payments()
    creem.transactions["tran_2"] = {"id": "tran_2", "order": None, "status": "chargedback"}
    for unknown in ("tran_2", "tran_0", "ord_0", "sub_1.20261221T120000"):
        assert not await payments.refund(unknown)
    creem.is_down = True
    with pytest.raises(ProviderFailed):
        await payments.refund("tran_2")
    await payments.close()


@pytest.mark.parametrize("status", ["active", "scheduled_cancel", "past_due", "of a new kind", "expired", "canceled"])
async def test_only_a_subscription_that_has_ended_or_is_not_there_counts_as_cancelled_though_creem_refuses(
    creem: CreemStandIn, runtime: Runtime, status: str
) -> None:
    payments = await runtime.payments()
    creem.subscriptions = {"sub_refused": (status, 400), "sub_done": ("canceled", 200)}
    await payments.cancel_subscription("sub_done")
    await payments.cancel_subscription("sub_of_nobody")
    if status == "canceled":
        await payments.cancel_subscription("sub_refused")
    else:
        with pytest.raises(ProviderFailed):
            await payments.cancel_subscription("sub_refused")
    await payments.close()


async def test_creem_being_down_is_told(client: httpx.AsyncClient, creem: CreemStandIn) -> None:
    creem.is_down = True
    answer = await client.post("/api/wallet/checkout", json={"amount_usd": "10"})
    refused(answer, 503, "payment_provider_unavailable")


@pytest.mark.parametrize("missing", ["CREEM_API_KEY", "CREEM_WEBHOOK_SECRET", "CREEM_TOPUP_PRODUCT"])
async def test_what_creem_needs_is_named_where_it_is_missing(missing: str) -> None:
    given = {"CREEM_API_KEY": KEY, "CREEM_WEBHOOK_SECRET": SECRET, "CREEM_TOPUP_PRODUCT": "prod_topup"}
    del given[missing]
    config = config_with({"FAREBOX_PAYMENTS": "creem", **given})
    with pytest.raises(BadConfig, match=missing):
        await _open_all(config)


async def _open_all(config: Config) -> None:
    await Runtime(config).payments()
    config.check_events()  # which is all that wants the webhook's secret


async def test_a_subscription_that_creem_tells_of_after_its_end_is_asked_for_and_lives_if_it_says_so(
    client: httpx.AsyncClient, creem: CreemStandIn, runtime: Runtime
) -> None:
    await offer_tiny_plan(runtime)
    answer = await client.post("/api/wallet/subscribe", json={"plan": "tiny"})
    checkout_id = answer.json()["url"].rpartition("/")[2]
    begun, ended, later = (
        creem.stands(checkout_id, status, at_ms=at) for at, status in enumerate(("active", "canceled", "active"))
    )
    creem.is_down = True
    assert [each.status_code for each in await send(client, begun, ended, later)] == [200, 200, 503]
    creem.is_down = False
    creem.alive[f"sub_{checkout_id}"] = later["object"]
    assert [each.status_code for each in await send(client, later)] == [200]
    assert (await client.get("/api/wallet")).json()["plan"] == "tiny"
