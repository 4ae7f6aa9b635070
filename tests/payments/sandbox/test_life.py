"""A subscription's whole life, played by hand in the sandbox: change of plan, seats, year, trial, coupon, tax, cancel,
resume, failed payment; and a second one, which is ended."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from functions.farebox.accounts.plans import BUILTIN
from functions.farebox.jobs.schedule import run_job
from functions.farebox.payments.sandbox.provider import Sandbox
from functions.farebox.storage import Query, Store
from functions.farebox.wiring.runtime import Runtime
from tests.support.clients.asgi import refused
from tests.support.clients.management import done
from tests.support.clients.sandbox_browser import begin, click, portal, shown, subscribe, uid_of
from tests.support.money.customers import wallet_of
from tests.support.money.payment_events import USD
from tests.support.money.provider_events import put_plan
from tests.support.money.wallet_books import clean_audit
from tests.support.product.runtime import Clock


async def state(client: httpx.AsyncClient) -> dict[str, Any]:
    """The subscription, as its payer is told of it."""
    told: dict[str, Any] = (await client.get("/api/wallet")).json()["subscription"]
    return told


async def sub_id(client: httpx.AsyncClient) -> str:
    return str((await state(client))["id"])


async def press(client: httpx.AsyncClient, action: str, **fields: str) -> None:
    """Press a button of the subscription that there is."""
    page, subscription = await portal(client), await sub_id(client)
    answer = await client.post(f"{page}/{action}", data={"subscription": subscription, **fields}, follow_redirects=True)
    assert answer.status_code == 200, answer.text


async def change(client: httpx.AsyncClient, plan: str, seats: int = 1, interval: str = "month") -> None:
    await press(client, "change", plan=plan, seats=str(seats), interval=interval)


async def sign_in(client: httpx.AsyncClient) -> None:
    credentials = {"email": "ada@example.com", "password": "a long password"}
    session = (await client.post("/api/auth/login", json=credentials)).json()
    client.headers["authorization"] = f"Bearer {session['token']}"


async def test_every_button_of_the_portal_is_on_its_page(client: httpx.AsyncClient) -> None:
    await subscribe(client, "starter")
    page = (await client.get(await portal(client))).text
    for action in (
        "renew",
        "fail",
        "pause",
        "cancel-later",
        "cancel",
        "change",
        "refund",
        "dispute",
        "card",
        "discount",
    ):
        assert f"/{action}" in page


async def test_an_upgrade_is_billed_at_once_and_a_downgrade_waits_for_the_next_period(
    client: httpx.AsyncClient, clock: Clock
) -> None:
    await subscribe(client, "starter")
    clock.forward(days=15)
    await sign_in(client)
    await change(client, "pro")
    assert await shown(client) == {"balance_usd": "32.50", "debt_usd": "0.00", "plan": "pro"}
    await change(client, "starter")
    assert (await shown(client))["plan"] == "pro"
    told = await state(client)
    agreed = {"plan": "starter", "seats": 1, "interval": "month", "price_usd": "10.00", "begins_at": told["renews_at"]}
    assert (told["plan"], told["next"]) == ("pro", agreed)
    await press(client, "cancel-later")
    assert (await state(client))["next"] is None
    await press(client, "resume")
    assert (await state(client))["next"] == agreed
    clock.forward(days=15)
    await sign_in(client)
    await press(client, "renew")
    assert await shown(client) == {"balance_usd": "10.00", "debt_usd": "0.00", "plan": "starter"}


@pytest.mark.parametrize(("coupon", "tax"), [("0", "0"), ("25", "19")])
@pytest.mark.parametrize(
    ("plan", "seats", "interval"),
    [("pro", 1, "month"), ("starter", 7, "month"), ("pro", 3, "year"), ("starter", 1, "month")],
)
async def test_what_a_change_is_quoted_to_cost_is_what_it_costs(
    client: httpx.AsyncClient,
    sqlite_store: Store,
    clock: Clock,
    plan: str,
    seats: int,
    interval: str,
    coupon: str,
    tax: str,
) -> None:
    for each in BUILTIN[:2]:
        await put_plan(sqlite_store, replace(each, yearly_price=10 * each.price))
    await subscribe(client, "starter", seats=2)
    await click(client, await portal(client), "discount", coupon=coupon, tax=tax)
    clock.forward(days=11, seconds=7)
    await sign_in(client)
    wanted = {"plan": plan, "seats": seats, "interval": interval}
    quote = await done(client.post("/api/wallet/subscribe/quote", json=wanted))
    paid = (await done(client.get("/api/wallet/payments")))["data"]
    await change(client, plan, seats, interval)
    charged = (await done(client.get("/api/wallet/payments")))["data"][: -len(paid)]
    assert [each["paid_usd"] for each in charged] == ([] if quote["today_usd"] == "0.00" else [quote["today_usd"]])
    told = await state(client)
    assert (quote["renews_at"], quote["is_estimate"]) == (told["renews_at"], False)
    assert (quote["begins_at"] is None) == (told["plan"] == plan and told["seats"] == seats)
    clock.forward(days=400)
    await sign_in(client)
    await click(client, await portal(client), "discount", coupon="0", tax="0")
    await press(client, "renew")
    [renewal] = (await done(client.get("/api/wallet/payments")))["data"][: -len(paid) - len(charged)]
    assert renewal["paid_usd"] == quote["renewal_usd"]


async def test_seats_multiply_the_grant_and_one_more_is_billed_at_once(client: httpx.AsyncClient, clock: Clock) -> None:
    await subscribe(client, "starter", seats=2)
    assert (await shown(client))["balance_usd"] == "20.00"
    clock.forward(days=15)
    await sign_in(client)
    await change(client, "starter", seats=3)
    assert (await shown(client))["balance_usd"] == "25.00"
    told = await state(client)
    assert (told["seats"], told["price_usd"], told["interval"]) == (3, "10.00", "month")


async def test_a_year_comes_month_by_month(
    client: httpx.AsyncClient, sqlite_store: Store, runtime: Runtime, clock: Clock
) -> None:
    refused(
        await client.post("/api/wallet/subscribe", json={"plan": "starter", "interval": "year"}),
        400,
        "unknown_value",
        "interval",
    )
    await put_plan(sqlite_store, replace(BUILTIN[0], yearly_price=100 * USD))
    await subscribe(client, "starter", interval="year")
    [payment] = (await client.get("/api/wallet/payments")).json()["data"]
    assert (payment["paid_usd"], payment["credit_usd"]) == ("100.00", "120.00")
    assert (await shown(client))["balance_usd"] == "10.00"
    assert ((await state(client))["interval"], (await state(client))["price_usd"]) == ("year", "100.00")
    clock.forward(days=32)
    assert (await run_job("auto-recharge", runtime))["subscriptions"]["months_begun"] == 1
    await sign_in(client)
    assert (await shown(client))["balance_usd"] == "10.00"
    await clean_audit(sqlite_store)


async def test_a_trial_is_free_once_and_then_paid_for(client: httpx.AsyncClient, sqlite_store: Store) -> None:
    await put_plan(sqlite_store, replace(BUILTIN[0], trial_days=14))
    await subscribe(client, "starter")
    assert await shown(client) == {"balance_usd": "0.00", "debt_usd": "0.00", "plan": "starter"}
    told = await state(client)
    assert (told["status"], told["trial_ends_at"] is not None) == ("trialing", True)
    await press(client, "renew")
    assert (await shown(client))["balance_usd"] == "10.00"
    await press(client, "cancel")
    await subscribe(client, "starter")
    assert (await shown(client))["balance_usd"] == "20.00", "the second one is no trial"
    org = (await done(client.post("/api/orgs", json={"name": "A trial more"})))["id"]
    link = await done(client.post("/api/wallet/subscribe", json={"plan": "starter"}, headers={"x-farebox-org": org}))
    await client.post(f"{urlsplit(link['url']).path}/pay")
    told = await done(client.get("/api/wallet", headers={"x-farebox-org": org}))
    assert told["subscription"]["status"] == "active", "nor is that of an organisation of the same person"


async def test_a_page_that_was_paid_is_not_given_up_and_its_trial_is_had(
    client: httpx.AsyncClient, sqlite_store: Store, runtime: Runtime
) -> None:
    await put_plan(sqlite_store, replace(BUILTIN[0], trial_days=14))
    link = await done(client.post("/api/wallet/subscribe", json={"plan": "starter"}))
    sandbox = await runtime.payments()
    assert isinstance(sandbox, Sandbox)
    await sandbox.state.pay(link["url"].rpartition("/")[2])  # and its events are on their way
    for _ in range(2):
        refused(await client.delete("/api/wallet/subscribe"), 409, "checkout_paid")
    refused(await client.post("/api/wallet/subscribe", json={"plan": "starter"}), 409, "checkout_open")
    await client.get(await portal(client))
    assert (await state(client))["status"] == "trialing"
    org = (await done(client.post("/api/orgs", json={"name": "A trial more"})))["id"]
    link = await done(client.post("/api/wallet/subscribe", json={"plan": "starter"}, headers={"x-farebox-org": org}))
    await client.post(f"{urlsplit(link['url']).path}/pay")
    told = await done(client.get("/api/wallet", headers={"x-farebox-org": org}))
    assert told["subscription"]["status"] == "active"


async def test_a_coupon_and_tax_change_what_is_paid(client: httpx.AsyncClient) -> None:
    page = await begin(client, package="large")
    await client.post(f"{page}/pay", data={"coupon": "50", "tax": "19"})
    [payment] = (await client.get("/api/wallet/payments")).json()["data"]
    found = {name: payment[name] for name in ("paid_usd", "credit_usd", "bonus_usd")}
    assert found == {"paid_usd": "119.00", "credit_usd": "100.00", "bonus_usd": "10.00"}
    await click(client, await portal(client), "discount", coupon="100", tax="19")
    await subscribe(client, "starter")
    assert (await shown(client))["balance_usd"] == "120.00", "a period for nothing is a period"


async def test_a_cancellation_at_the_end_can_be_taken_back_and_holds_otherwise(
    client: httpx.AsyncClient, runtime: Runtime, clock: Clock
) -> None:
    await subscribe(client, "starter")
    await press(client, "cancel-later")
    told = await state(client)
    assert (told["ends_at"] is not None, told["renews_at"]) == (True, None)
    await press(client, "resume")
    assert (await state(client))["ends_at"] is None
    await press(client, "cancel-later")
    clock.forward(days=31)
    await run_job("auto-recharge", runtime)
    await sign_in(client)
    assert (await shown(client))["plan"] is None


async def test_a_change_of_what_is_cancelled_is_quoted_to_end_with_it_and_one_that_would_never_begin_is_refused(
    client: httpx.AsyncClient,
) -> None:
    await subscribe(client, "pro")
    await press(client, "cancel-later")
    ends_at, page, own = (await state(client))["ends_at"], await portal(client), await sub_id(client)
    answer = await client.post("/api/wallet/subscribe/quote", json={"plan": "starter"})
    refused(answer, 409, "subscription_cancelled")
    fields = {"subscription": own, "plan": "starter", "seats": "1", "interval": "month"}
    assert (await client.post(f"{page}/change", data=fields)).status_code == 409
    quote = await done(client.post("/api/wallet/subscribe/quote", json={"plan": "enterprise"}))
    assert (quote["begins_at"], quote["renews_at"], quote["ends_at"]) == (None, None, ends_at)
    await change(client, "enterprise")
    told = await state(client)
    assert (told["plan"], told["renews_at"], told["ends_at"]) == ("enterprise", None, ends_at)
    await press(client, "resume")
    quote = await done(client.post("/api/wallet/subscribe/quote", json={"plan": "starter"}))
    assert (quote["begins_at"], quote["renews_at"], quote["ends_at"]) == (ends_at, ends_at, None)


async def test_no_change_is_promised_of_what_nobody_pays_for(client: httpx.AsyncClient) -> None:
    await subscribe(client, "starter")
    for _ in range(3):
        assert (await client.post("/api/wallet/subscribe/quote", json={"plan": "pro"})).status_code == 200
        await press(client, "fail")
    page, own = await portal(client), await sub_id(client)
    for _ in ("unpaid", "paused"):
        refused(await client.post("/api/wallet/subscribe/quote", json={"plan": "pro"}), 409, "subscription_not_paid")
        fields = {"subscription": own, "plan": "pro", "seats": "1", "interval": "month"}
        assert (await client.post(f"{page}/change", data=fields)).status_code == 409
        await press(client, "pause")
    assert (await state(client))["plan"] == "starter"


async def test_a_failed_payment_is_a_problem_until_it_is_paid_and_ends_the_terms_after_the_grace(
    client: httpx.AsyncClient, runtime: Runtime, clock: Clock
) -> None:
    await subscribe(client, "starter")
    clock.forward(days=30)
    await sign_in(client)
    await press(client, "fail")
    told = await state(client)
    assert (told["payment_problem"], told["current_plan"]) == ("past_due", "starter")
    await press(client, "renew")
    assert (await state(client))["payment_problem"] is None
    clock.forward(days=30)
    await sign_in(client)
    await press(client, "fail")
    clock.forward(days=8)
    await run_job("auto-recharge", runtime)
    await sign_in(client)
    assert (await state(client))["current_plan"] is None
    await press(client, "pause")
    assert (await state(client))["payment_problem"] == "paused"


async def test_a_transfer_is_shown_to_be_on_its_way_until_it_arrives(client: httpx.AsyncClient) -> None:
    page = await begin(client, amount_usd="10")
    await client.post(f"{page}/pay", data={"later": "1"})
    wallet = (await client.get("/api/wallet")).json()
    assert (wallet["balance_usd"], wallet["pending_usd"]) == ("0.00", "10.00")
    [payment] = (await client.get("/api/wallet/payments")).json()["data"]
    assert (payment["status"], payment["kind"], payment["credit_usd"]) == ("pending", "topup", "10.00")
    await client.post(f"{page}/pay")
    wallet = (await client.get("/api/wallet")).json()
    assert (wallet["balance_usd"], wallet["pending_usd"]) == ("10.00", "0.00")


async def test_a_second_subscription_is_refused_with_the_way_to_change_the_first(client: httpx.AsyncClient) -> None:
    first = await client.post("/api/wallet/subscribe", json={"plan": "starter"})
    refused(await client.post("/api/wallet/subscribe", json={"plan": "pro"}), 409, "checkout_open")
    assert (await client.delete("/api/wallet/subscribe")).status_code == 204
    refused(await client.delete("/api/wallet/subscribe"), 404, "not_found")
    closed = await client.post(f"{urlsplit(str(first.json()['url'])).path}/pay")
    assert closed.status_code == 409
    await subscribe(client, "pro")
    for plan in ("pro", "starter"):
        refused(await client.post("/api/wallet/subscribe", json={"plan": plan}), 409, "already_subscribed")


async def test_of_two_subscriptions_the_later_is_ended_and_refunded_and_an_operator_is_told(
    client: httpx.AsyncClient, sqlite_store: Store, runtime: Runtime, clock: Clock
) -> None:
    uid = await uid_of(client)
    first = await client.post("/api/wallet/subscribe", json={"plan": "starter"})
    clock.forward(hours=25)  # its page is over, and another may be opened; clocks differ, and it is paid all the same
    await sign_in(client)
    second = await client.post("/api/wallet/subscribe", json={"plan": "pro"})
    clock.forward(hours=-24)
    await client.post(f"{urlsplit(str(first.json()['url'])).path}/pay")
    clock.forward(hours=1)
    await client.post(f"{urlsplit(str(second.json()['url'])).path}/pay")
    await client.get(await portal(client))
    await client.get(await portal(client))
    assert await shown(client) == {"balance_usd": "10.00", "debt_usd": "0.00", "plan": "starter"}
    statuses = {each["reference"]: each["status"] for each in (await client.get("/api/wallet/payments")).json()["data"]}
    assert statuses == {"starter": "paid", "pro": "refunded"}
    cases = await sqlite_store.query(Query("unmatched", limit=10))
    assert [case.data["reason"] for case in cases] == ["second_subscription"]
    await run_job("auto-recharge", runtime)
    assert (await wallet_of(sqlite_store, uid)).balance == 10 * USD
    await clean_audit(sqlite_store)
