"""Customers at Stripe who are deleted or change their address, checkouts with options, and second subscriptions."""

import httpx
import pytest

from functions.farebox.billing.payer import read_payer
from functions.farebox.errors import BadConfig
from functions.farebox.storage import Query, Store, Update
from functions.farebox.wiring.runtime import Runtime, utc_now
from tests.support.money.payment_events import USD
from tests.support.money.wallet_books import clean_audit
from tests.support.product.runtime import Clock, config_with, runtime_over
from tests.support.stand_ins.stripe_server import SECRET, Object, StripeStandIn

OPTIONS = "automatic_tax, tax_id_collection,allow_promotion_codes,invoice_creation"

# Stripe's library hands its body to httpx by an argument whose name is going out of use.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


@pytest.fixture
def clock() -> Clock:
    return Clock(utc_now())


@pytest.fixture
def runtime(sqlite_store: Store, sqlite_url: str, stripe: StripeStandIn, clock: Clock) -> Runtime:
    return runtime_over(
        sqlite_store,
        sqlite_url,
        clock,
        FAREBOX_SIGNUP_CREDIT_USD="0",
        FAREBOX_PAYMENTS="stripe",
        STRIPE_API_KEY="sk_test_stand_in",
        STRIPE_WEBHOOK_SECRET=SECRET,
        STRIPE_API_BASE=stripe.url,
        STRIPE_CHECKOUT_OPTIONS=OPTIONS,
    )


@pytest.fixture
async def uid(client: httpx.AsyncClient) -> str:
    return str((await client.get("/api/auth/me")).json()["id"])


async def begin(client: httpx.AsyncClient) -> str:
    answer = await client.post("/api/wallet/checkout", json={"amount_usd": "10"})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["session_id"])


async def customer_of(store: Store, uid: str) -> str:
    return (await read_payer(store, uid)).customers["stripe"]


def sessions(stripe: StripeStandIn) -> list[Object]:
    return [params for _, path, params in stripe.calls if path == "/v1/checkout/sessions"]


async def test_a_customer_who_was_deleted_is_made_anew_at_the_next_call(
    client: httpx.AsyncClient, stripe: StripeStandIn, sqlite_store: Store, uid: str
) -> None:
    await begin(client)
    first = await customer_of(sqlite_store, uid)
    stripe.deleted.add(first)
    for call in ("checkout", "portal"):
        body = {"amount_usd": "10"} if call == "checkout" else None
        assert (await client.post(f"/api/wallet/{call}", json=body)).status_code == 200
    second = await customer_of(sqlite_store, uid)
    assert second != first
    assert len(stripe.of_kind("customer")) == 2
    stripe.deleted.add(second)
    assert (await client.post("/api/wallet/portal")).status_code == 200
    assert await customer_of(sqlite_store, uid) != second


async def test_a_deletion_that_is_told_is_followed_if_it_is_of_the_one_we_know(
    client: httpx.AsyncClient, stripe: StripeStandIn, sqlite_store: Store, uid: str
) -> None:
    await begin(client)
    [customer] = stripe.of_kind("customer")
    stripe.tell("customer.deleted", {**customer, "id": "cus_of_before"})
    await stripe.send(client)
    assert await customer_of(sqlite_store, uid) == customer["id"]
    stripe.tell("customer.deleted", customer)
    await stripe.send(client)
    assert (await read_payer(sqlite_store, uid)).customers == {}


async def test_addresses_are_followed_both_ways(
    client: httpx.AsyncClient, stripe: StripeStandIn, sqlite_store: Store, runtime: Runtime, uid: str
) -> None:
    await begin(client)
    [customer] = stripe.of_kind("customer")
    stripe.tell("customer.updated", {**customer, "email": "books@example.com"})
    await stripe.send(client)
    assert (await client.get("/api/wallet")).json()["billing_email"] == "books@example.com"
    await begin(client)
    assert stripe.of_kind("customer")[0]["email"] == "ada@example.com", "theirs to choose: it is not written over"
    await sqlite_store.write(Update(f"users/{uid}", {"email": "countess@example.com"}))
    topups = await runtime.topups()
    await topups.checkout(uid, "countess@example.com", amount=10 * USD, package=None)
    assert stripe.of_kind("customer")[0]["email"] == "countess@example.com"


async def test_what_is_switched_on_is_asked_for_at_every_checkout(
    client: httpx.AsyncClient, stripe: StripeStandIn
) -> None:
    await begin(client)
    assert (await client.post("/api/wallet/subscribe", json={"plan": "starter", "seats": 3})).status_code == 200
    topup, plan = sessions(stripe)
    for session in (topup, plan):
        assert session["automatic_tax"] == {"enabled": "true"}
        assert session["tax_id_collection"] == {"enabled": "true"}
        assert session["customer_update"] == {"address": "auto", "name": "auto"}
        assert session["allow_promotion_codes"] == "true"
    assert topup["invoice_creation"]["enabled"] == "true"
    assert topup["invoice_creation"]["invoice_data"]["metadata"] == topup["metadata"]
    assert "invoice_creation" not in plan
    assert plan["line_items"]["0"]["quantity"] == "3"


def test_an_option_that_is_none_is_refused_at_the_start() -> None:
    with pytest.raises(BadConfig, match="STRIPE_CHECKOUT_OPTIONS"):
        config_with({"STRIPE_CHECKOUT_OPTIONS": "automatic_tax,magic"})


@pytest.mark.parametrize("days", ['{"past_due": -1}', '{"late": 3}', '{"unpaid": 1.5}', '{"paused": true}'])
def test_a_grace_that_is_none_is_refused_at_the_start(days: str) -> None:
    with pytest.raises(BadConfig, match="FAREBOX_PAYMENT_GRACE_DAYS"):
        config_with({"FAREBOX_PAYMENT_GRACE_DAYS": days})


async def test_the_invoice_of_a_top_up_is_listed_and_credits_nothing_more(
    client: httpx.AsyncClient, stripe: StripeStandIn, uid: str
) -> None:
    intent = stripe.pay(await begin(client))
    link = "https://invoice.stripe.com/i/1"
    invoice = {"id": "in_1", "amount_paid": 1000, "total": 1000, "currency": "usd", "metadata": intent["metadata"]}
    stripe.tell("invoice.paid", {**invoice, "payment_intent": intent["id"], "hosted_invoice_url": link})
    await stripe.send(client, *stripe.events[::-1])
    [payment] = (await client.get("/api/wallet/payments")).json()["data"]
    assert (payment["credit_usd"], payment["invoice_url"]) == ("10.00", link)
    assert (await client.get("/api/wallet")).json()["balance_usd"] == "10.00"


async def test_a_second_subscription_is_cancelled_and_refunded_in_any_order_of_its_events(
    client: httpx.AsyncClient, stripe: StripeStandIn, sqlite_store: Store, clock: Clock
) -> None:
    links = []
    for plan in ("starter", "pro"):
        answer = await client.post("/api/wallet/subscribe", json={"plan": plan})
        links.append(str(answer.json()["url"]).rpartition("/")[2])
        clock.forward(hours=25)
        credentials = {"email": "ada@example.com", "password": "a long password"}
        session = (await client.post("/api/auth/login", json=credentials)).json()
        client.headers["authorization"] = f"Bearer {session['token']}"
    for link in links:
        stripe.pay(link)
    for _ in range(3):
        await stripe.send(client, *stripe.events[::-1])
    wallet = (await client.get("/api/wallet")).json()
    assert (wallet["balance_usd"], wallet["plan"]) == ("10.00", "starter")
    assert [each["status"] for each in stripe.of_kind("subscription")] == ["active", "canceled"]
    assert len([path for method, path, _ in stripe.calls if (method, path) == ("POST", "/v1/refunds")]) == 1
    [case] = await sqlite_store.query(Query("unmatched", limit=10))
    assert case.data["reason"] == "second_subscription"
    await clean_audit(sqlite_store)
