"""Stripe through its own library, over HTTP, against a stand-in that answers with Stripe's published objects."""

import asyncio
import random

import httpx
import pytest

from functions.farebox.billing.apply_event import event_path
from functions.farebox.billing.provider import Charge, Payments, ProviderCustomer, ProviderFailed
from functions.farebox.kit.money import NANOS_PER_USD
from functions.farebox.storage import Query, Store
from functions.farebox.wiring.runtime import Runtime
from tests.support.clients.asgi import refused
from tests.support.money.customers import wallet_of
from tests.support.money.payment_events import books
from tests.support.stand_ins.stripe_server import Object, StripeStandIn, signed

USD = NANOS_PER_USD

# Stripe's library hands its body to httpx by an argument whose name is going out of use.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


@pytest.fixture
async def uid(client: httpx.AsyncClient) -> str:
    return str((await client.get("/api/auth/me")).json()["id"])


async def begin(client: httpx.AsyncClient, **body: str) -> str:
    answer = await client.post("/api/wallet/checkout", json=body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["session_id"])


async def top_up(client: httpx.AsyncClient, stripe: StripeStandIn, amount: str = "10") -> Object:
    intent = stripe.pay(await begin(client, amount_usd=amount))
    assert set(await stripe.send(client)) == {200}
    return intent


async def balance(client: httpx.AsyncClient) -> str:
    return str((await client.get("/api/wallet")).json()["balance_usd"])


async def test_a_checkout_that_is_paid_credits_once_though_four_events_tell_of_it(
    client: httpx.AsyncClient, stripe: StripeStandIn, uid: str
) -> None:
    session_id = await begin(client, package="large")
    [call] = [params for _, path, params in stripe.calls if path == "/v1/checkout/sessions"]
    assert call["client_reference_id"] == uid
    assert call["metadata"] == call["payment_intent_data"]["metadata"]
    assert call["payment_intent_data"]["setup_future_usage"] == "off_session"
    stripe.pay(session_id)
    kinds = [event["type"] for event in stripe.events]
    assert kinds == ["checkout.session.completed", "charge.succeeded", "payment_intent.succeeded"]
    await asyncio.gather(*(stripe.send(client, event) for event in stripe.events * 3))
    assert await balance(client) == "220.00"
    [payment] = (await client.get("/api/wallet/payments")).json()["data"]
    assert payment["receipt_url"].startswith(f"{stripe.url}/receipts/")


async def test_tax_is_not_credited_and_a_refund_takes_back_its_share(
    client: httpx.AsyncClient, stripe: StripeStandIn
) -> None:
    intent = stripe.pay(await begin(client, amount_usd="10"), tax_cents=190)
    await stripe.send(client)
    assert await balance(client) == "10.00"
    stripe.refund(intent["id"], 595)
    await stripe.send(client)
    assert await balance(client) == "5.00"


async def test_what_happens_in_stripes_other_mode_is_credited_to_nobody(
    client: httpx.AsyncClient, stripe: StripeStandIn, sqlite_store: Store
) -> None:
    stripe.pay(await begin(client, amount_usd="10"))
    told = [{**event, "livemode": True} for event in stripe.events]
    assert await stripe.send(client, *told) == [200] * len(told)
    assert await balance(client) == "0.00"
    cases = await sqlite_store.query(Query("unmatched", limit=10))
    assert {case.data["reason"] for case in cases} == {"not_ours"}
    await stripe.send(client)
    assert await balance(client) == "10.00", "sent again by its own mode"


async def test_an_unpaid_session_credits_nothing_until_it_is_paid(
    client: httpx.AsyncClient, stripe: StripeStandIn
) -> None:
    stripe.pay(await begin(client, amount_usd="10"), method_later=True)
    completed = stripe.events[0]
    await stripe.send(client, completed)
    assert await balance(client) == "0.00"
    await stripe.send(client)
    assert await balance(client) == "10.00"


async def test_a_payment_that_fails_later_credits_nothing(client: httpx.AsyncClient, stripe: StripeStandIn) -> None:
    stripe.fail_later(await begin(client, amount_usd="10"))
    assert await stripe.send(client) == [200, 200]
    assert await balance(client) == "0.00"


@pytest.mark.parametrize("seed", range(6))
async def test_refunds_and_disputes_in_any_order_end_in_the_same_books(
    client: httpx.AsyncClient, stripe: StripeStandIn, sqlite_store: Store, uid: str, seed: int
) -> None:
    intent = stripe.pay(await begin(client, amount_usd="10"))
    stripe.refund(intent["id"], 300)
    failed = stripe.refund(intent["id"], 200, status="pending")
    stripe.fail_refund(failed["id"])
    dispute = stripe.dispute(intent["id"], 700)
    stripe.decide(dispute["id"], "lost")
    stripe.decide(dispute["id"], "won")
    events = stripe.events * 3
    random.Random(seed).shuffle(events)
    statuses = await asyncio.gather(*(stripe.send(client, event) for event in events))
    assert {status for each in statuses for status in each} == {200}
    end = await books(sqlite_store, intent["id"], uid)
    assert (end.balance, end.debt, end.frozen, end.status) == (7 * USD, 0, False, "partially_refunded")


async def test_only_a_subscription_that_has_ended_or_is_nowhere_counts_as_cancelled_though_stripe_refuses(
    client: httpx.AsyncClient, stripe: StripeStandIn, runtime: Runtime
) -> None:
    assert (await client.post("/api/wallet/subscribe", json={"plan": "starter"})).status_code == 200
    [session] = stripe.of_kind("checkout.session")
    stripe.pay(session["id"])
    [subscription] = stripe.of_kind("subscription")
    payments, stripe.cancels_nothing = await runtime.payments(), True
    stripe.live_elsewhere.add("sub_live")
    for refused_one in (subscription["id"], "sub_live"):
        with pytest.raises(ProviderFailed):
            await payments.cancel_subscription(refused_one)
    await payments.cancel_subscription("sub_of_nobody")
    for ended in ("canceled", "incomplete_expired"):
        subscription["status"] = ended
        await payments.cancel_subscription(subscription["id"])
    subscription["status"], stripe.cancels_nothing = "active", False
    await payments.cancel_subscription(subscription["id"])
    assert subscription["status"] == "canceled"


async def test_a_dispute_freezes_and_a_lost_one_takes_the_credit(
    client: httpx.AsyncClient, stripe: StripeStandIn, sqlite_store: Store, uid: str
) -> None:
    intent = await top_up(client, stripe)
    dispute = stripe.dispute(intent["id"], 1000)
    await stripe.send(client)
    assert (await wallet_of(sqlite_store, uid)).frozen
    stripe.decide(dispute["id"], "lost")
    await stripe.send(client)
    wallet = await wallet_of(sqlite_store, uid)
    assert (wallet.frozen, wallet.balance) == (False, 0)


async def test_a_subscription_grants_each_month_once_and_a_refund_of_its_payment_takes_the_grant(
    client: httpx.AsyncClient, stripe: StripeStandIn
) -> None:
    answer = await client.post("/api/wallet/subscribe", json={"plan": "starter"})
    first = stripe.pay(answer.json()["url"].rpartition("/")[2])
    await stripe.send(client, *stripe.events[::-1], *stripe.events)
    wallet = (await client.get("/api/wallet")).json()
    assert (wallet["balance_usd"], wallet["plan"]) == ("10.00", "starter")
    [subscription] = stripe.of_kind("subscription")
    stripe.renew(subscription["id"])
    await stripe.send(client)
    assert await balance(client) == "20.00"
    stripe.refund(first["id"], 1000)
    stripe.cancel(subscription["id"])
    await stripe.send(client)
    wallet = (await client.get("/api/wallet")).json()
    assert (wallet["balance_usd"], wallet["plan"]) == ("10.00", None)


async def test_a_page_that_was_paid_at_stripe_is_not_given_up_and_one_that_is_over_is(
    client: httpx.AsyncClient, stripe: StripeStandIn
) -> None:
    async def begun() -> str:
        answer = await client.post("/api/wallet/subscribe", json={"plan": "starter"})
        return str(answer.json()["url"].rpartition("/")[2])

    for end in ("open", "expired", "missing"):
        stripe.end_page(await begun(), end)
        assert (await client.delete("/api/wallet/subscribe")).status_code == 204
    stripe.pay(await begun())
    refused(await client.delete("/api/wallet/subscribe"), 409, "checkout_paid")
    refused(await client.post("/api/wallet/subscribe", json={"plan": "pro"}), 409, "checkout_open")
    await stripe.send(client)
    assert (await client.get("/api/wallet")).json()["plan"] == "starter"


async def test_the_portal_is_stripes_own(client: httpx.AsyncClient, stripe: StripeStandIn) -> None:
    refused(await client.post("/api/wallet/portal"), 409, "no_customer")
    await begin(client, amount_usd="10")
    [customer] = stripe.of_kind("customer")
    answer = await client.post("/api/wallet/portal")
    assert answer.json() == {"url": f"{stripe.url}/portal/{customer['id']}"}


async def test_a_user_is_one_customer_whose_orders_come_at_once(
    client: httpx.AsyncClient, stripe: StripeStandIn
) -> None:
    stripe.answer_late_s = 0.05
    await asyncio.gather(*(begin(client, amount_usd="10") for _ in range(4)))
    await begin(client, amount_usd="10")
    assert len(stripe.of_kind("customer")) == 1
    assert len(stripe.of_kind("checkout.session")) == 5


async def test_a_failure_of_stripes_is_tried_again_with_the_same_key(
    client: httpx.AsyncClient, stripe: StripeStandIn
) -> None:
    stripe.fail_next = 1
    await begin(client, amount_usd="10")
    assert len(stripe.of_kind("customer")) == 1


async def test_stripe_being_down_is_told_and_nothing_is_changed(
    client: httpx.AsyncClient, stripe: StripeStandIn
) -> None:
    stripe.fail_next = 100
    refused(await client.post("/api/wallet/checkout", json={"amount_usd": "10"}), 503, "payment_provider_unavailable")


@pytest.mark.parametrize("fault", ["foreign", "stale", "future", "missing", "not text"])
async def test_an_event_that_stripe_did_not_sign_now_changes_nothing_and_answers_400(
    client: httpx.AsyncClient, stripe: StripeStandIn, sqlite_store: Store, fault: str
) -> None:
    stripe.pay(await begin(client, amount_usd="10"))
    event = stripe.events[0]
    sent = {
        "foreign": signed(event, secret="whsec_of_somebody_else"),
        "stale": signed(event, age_s=301),
        "future": signed(event, age_s=-120),
        "missing": {"content": signed(event)["content"]},
        "not text": {**signed(event), "content": b"\xff\xfe"},
    }[fault]
    refused(await client.post("/api/stripe/webhook", **sent), 400, "invalid_signature")
    assert await balance(client) == "0.00"
    assert await sqlite_store.get(event_path("stripe", event["id"])) is None


async def test_what_others_sell_on_the_same_account_is_recorded_and_credits_nobody(
    client: httpx.AsyncClient, stripe: StripeStandIn, sqlite_store: Store
) -> None:
    stripe.pay(await begin(client, amount_usd="10"))
    for event in stripe.events:
        event["data"]["object"]["metadata"] = {}
    name = stripe.events[0]["id"]
    assert set(await stripe.send(client)) == {200}
    assert await balance(client) == "0.00"
    marker = await sqlite_store.get(event_path("stripe", name))
    assert marker is not None
    assert marker.data["outcome"] == "recorded"


async def charge_of(payments: Payments, payer: ProviderCustomer) -> Charge:
    return Charge("att_1", payer, 5 * USD, await payments.saved_card(payer))


async def test_a_saved_card_is_charged_once_an_attempt(
    client: httpx.AsyncClient, stripe: StripeStandIn, runtime: Runtime, uid: str
) -> None:
    await top_up(client, stripe)
    payments = await runtime.payments()
    payer = await (await runtime.topups()).payer(uid, "ada@example.com")
    outcomes = [await payments.charge_saved_card(await charge_of(payments, payer)) for _ in range(3)]
    assert [outcome.status for outcome in outcomes] == ["paid"] * 3
    assert len({outcome.event for outcome in outcomes}) == 1
    assert len([path for _, path, _ in stripe.calls if path == "/v1/payment_intents"]) == 3
    assert len(stripe.of_kind("payment_intent")) == 2


@pytest.mark.parametrize("code", ["card_declined", "authentication_required"])
async def test_a_declined_card_is_told_with_stripes_reason(
    client: httpx.AsyncClient, stripe: StripeStandIn, runtime: Runtime, uid: str, code: str
) -> None:
    await top_up(client, stripe)
    stripe.decline_with = code
    payer = await (await runtime.topups()).payer(uid, "ada@example.com")
    payments = await runtime.payments()
    outcome = await payments.charge_saved_card(await charge_of(payments, payer))
    assert outcome.status == "declined"
    assert outcome.event is not None
    assert outcome.event.fact is not None
    assert getattr(outcome.event.fact, "reason", None) == code


async def test_a_charge_whose_outcome_is_unclear_says_so(
    client: httpx.AsyncClient, stripe: StripeStandIn, runtime: Runtime, uid: str
) -> None:
    await top_up(client, stripe)
    payer = await (await runtime.topups()).payer(uid, "ada@example.com")
    payments = await runtime.payments()
    charge = await charge_of(payments, payer)
    stripe.fail_next = 100
    with pytest.raises(ProviderFailed):
        await payments.charge_saved_card(charge)


async def test_a_card_that_is_gone_is_told_from_a_refusal_that_may_pass(
    client: httpx.AsyncClient, stripe: StripeStandIn, runtime: Runtime, uid: str
) -> None:
    await top_up(client, stripe)
    payments = await runtime.payments()
    charge = await charge_of(payments, await (await runtime.topups()).payer(uid, "ada@example.com"))
    [card] = stripe.of_kind("payment_method")
    stripe.odd_answer = (400, b'{"error": {"type": "invalid_request_error", "message": "not now"}}')
    with pytest.raises(ProviderFailed):
        await payments.charge_saved_card(charge)
    stripe.odd_answer, card["customer"] = None, None
    outcome = await payments.charge_saved_card(charge)
    assert outcome.event is not None
    assert getattr(outcome.event.fact, "reason", None) == "no_saved_card"
