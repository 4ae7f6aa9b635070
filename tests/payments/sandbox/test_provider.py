"""The sandbox, by hand: top up in the browser, subscribe, refund, dispute."""

from urllib.parse import urlsplit

import httpx
import pytest

from functions.farebox.kit.money import NANOS_PER_USD
from functions.farebox.storage import Store, Update
from tests.support.clients.asgi import refused
from tests.support.clients.sandbox_browser import begin, click, portal, shown, uid_of
from tests.support.money.customers import wallet_of
from tests.support.product.runtime import Clock

USD = NANOS_PER_USD


async def test_a_top_up_that_is_paid_at_the_checkout_is_in_the_wallet(client: httpx.AsyncClient) -> None:
    page = await begin(client, amount_usd="12.34")
    assert (await shown(client))["balance_usd"] == "0.00"
    paid = await click(client, page, "pay")
    assert "Paid" in paid.text
    assert (await shown(client))["balance_usd"] == "12.34"
    [payment] = (await client.get("/api/wallet/payments")).json()["data"]
    assert (payment["status"], payment["paid_usd"], payment["kind"]) == ("paid", "12.34", "topup")


async def test_both_ways_out_of_a_checkout_lead_to_the_billing_page_and_say_which_it_was(
    client: httpx.AsyncClient,
) -> None:
    page = await begin(client, amount_usd="10")
    assert '/billing?checkout=cancelled"' in (await client.get(page)).text
    paid = (await click(client, page, "pay")).text
    assert '/billing?checkout=paid"' in paid
    assert "cancelled" not in paid


async def test_a_checkout_can_be_paid_once(client: httpx.AsyncClient) -> None:
    page = await begin(client, amount_usd="10")
    await click(client, page, "pay")
    for _ in range(3):
        await client.post(f"{page}/pay")
    assert (await shown(client))["balance_usd"] == "10.00"


async def test_a_declined_card_credits_nothing_and_may_be_tried_again(client: httpx.AsyncClient) -> None:
    page = await begin(client, amount_usd="10")
    declined = await click(client, page, "decline")
    assert "declined" in declined.text
    assert (await shown(client))["balance_usd"] == "0.00"
    await click(client, page, "pay")
    assert (await shown(client))["balance_usd"] == "10.00"


async def test_a_package_brings_its_bonus_as_an_entry_of_its_own(client: httpx.AsyncClient) -> None:
    await click(client, await begin(client, package="large"), "pay")
    entries = (await client.get("/api/wallet/transactions")).json()["data"]
    assert [(entry["type"], entry["amount_usd"]) for entry in entries] == [("bonus", "20.00"), ("topup", "200.00")]


async def test_a_refund_takes_its_share_of_the_bonus_as_well(client: httpx.AsyncClient) -> None:
    await click(client, await begin(client, package="large"), "pay")
    page = await portal(client)
    [payment] = (await client.get("/api/wallet/payments")).json()["data"]
    await click(client, page, "refund", payment=payment["id"], amount="50")
    assert (await shown(client))["balance_usd"] == "165.00"
    await click(client, page, "refund", payment=payment["id"], amount="1000")
    assert (await shown(client))["balance_usd"] == "0.00"


async def test_a_dispute_freezes_the_wallet_and_a_won_one_frees_it(
    client: httpx.AsyncClient, sqlite_store: Store
) -> None:
    uid = await uid_of(client)
    await click(client, await begin(client, amount_usd="10"), "pay")
    page = await portal(client)
    [payment] = (await client.get("/api/wallet/payments")).json()["data"]
    await click(client, page, "dispute", payment=payment["id"], status="open")
    assert (await wallet_of(sqlite_store, uid)).spendable == 0
    await click(client, page, "dispute", payment=payment["id"], status="won")
    assert (await wallet_of(sqlite_store, uid)).spendable == 10 * USD


async def test_a_subscription_brings_its_grant_and_its_terms_and_a_refund_takes_the_grant(
    client: httpx.AsyncClient, sqlite_store: Store
) -> None:
    link = (await client.post("/api/wallet/subscribe", json={"plan": "pro"})).json()["url"]
    await click(client, urlsplit(str(link)).path, "pay")
    assert await shown(client) == {"balance_usd": "55.00", "debt_usd": "0.00", "plan": "pro"}
    wallet = await wallet_of(sqlite_store, await uid_of(client))
    assert (wallet.limits.rpm, wallet.budget.limit) == (600, 500 * USD)
    again = await client.post("/api/wallet/subscribe", json={"plan": "pro"})
    refused(again, 409, "already_subscribed")
    [payment] = (await client.get("/api/wallet/payments")).json()["data"]
    await click(client, await portal(client), "refund", payment=payment["id"])
    assert (await shown(client))["balance_usd"] == "0.00"


async def test_a_grant_lapses_after_its_month_without_a_job_and_the_next_one_comes(
    client: httpx.AsyncClient, clock: Clock
) -> None:
    link = (await client.post("/api/wallet/subscribe", json={"plan": "starter"})).json()["url"]
    await click(client, urlsplit(str(link)).path, "pay")
    await click(client, await begin(client, amount_usd="7"), "pay")
    [lapsing] = (await client.get("/api/wallet")).json()["expiring"]
    assert (lapsing["left_usd"], lapsing["expires_at"][:10]) == ("10.00", "2026-12-21"), "what was topped up does not"
    clock.forward(days=30, seconds=1)
    credentials = {"email": "ada@example.com", "password": "a long password"}
    session = (await client.post("/api/auth/login", json=credentials)).json()
    client.headers["authorization"] = f"Bearer {session['token']}"
    page = await portal(client)
    await click(client, page, "renew")
    entries = (await client.get("/api/wallet/transactions")).json()["data"]
    assert [(entry["type"], entry["amount_usd"]) for entry in entries] == [
        ("grant", "10.00"),
        ("expiry", "-10.00"),
        ("topup", "7.00"),
        ("grant", "10.00"),
    ]


async def test_a_cancelled_subscription_takes_its_terms_with_it(client: httpx.AsyncClient, sqlite_store: Store) -> None:
    link = (await client.post("/api/wallet/subscribe", json={"plan": "starter"})).json()["url"]
    await click(client, urlsplit(str(link)).path, "pay")
    await click(client, await portal(client), "cancel")
    assert await shown(client) == {"balance_usd": "10.00", "debt_usd": "0.00", "plan": None}
    wallet = await wallet_of(sqlite_store, await uid_of(client))
    assert not wallet.limits
    assert wallet.budget.limit is None


async def test_what_an_admin_has_set_stays_when_the_plan_changes(
    client: httpx.AsyncClient, sqlite_store: Store
) -> None:
    uid = await uid_of(client)
    budget = {"period": "2026-11", "limit": 3 * USD, "spent": 0, "reserved": 0}
    await sqlite_store.write(Update(f"wallets/{uid}", {"budget": budget}))
    link = (await client.post("/api/wallet/subscribe", json={"plan": "starter"})).json()["url"]
    await click(client, urlsplit(str(link)).path, "pay")
    assert (await wallet_of(sqlite_store, uid)).budget.limit == 3 * USD


async def test_the_pages_run_no_script_and_load_nothing(client: httpx.AsyncClient) -> None:
    page = await begin(client, amount_usd="10")
    await click(client, await begin(client, amount_usd="10"), "pay")
    for address in (page, await portal(client)):
        answer = await client.get(address)
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "frame-ancestors 'none'" in policy
        assert "<script" not in answer.text
        assert "http-equiv" not in answer.text
        assert '<html lang="en">' in answer.text
        assert 'src="' not in answer.text


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({"amount_usd": "4.99"}, "invalid_value", "amount_usd"),
        ({"amount_usd": "1000.01"}, "invalid_value", "amount_usd"),
        ({"amount_usd": "10.001"}, "invalid_value", "amount_usd"),
        ({"amount_usd": "-10"}, "invalid_value", "amount_usd"),
        ({"package": "none such"}, "unknown_value", "package"),
        ({"package": "small", "amount_usd": "10"}, "invalid_body", "amount_usd"),
        ({}, "invalid_body", "amount_usd"),
    ],
)
async def test_what_is_not_on_offer_cannot_be_bought(
    client: httpx.AsyncClient, body: dict[str, str], code: str, param: str
) -> None:
    refused(await client.post("/api/wallet/checkout", json=body), 400, code, param)


@pytest.mark.parametrize("path", ["/sandbox/checkout/unknown", "/sandbox/portal/unknown", "/sandbox/portal/.."])
async def test_a_page_that_nobody_was_sent_to_is_not_there(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 404
    assert answer.headers["x-request-id"]


async def test_a_browser_is_shown_a_refusal_as_a_page(client: httpx.AsyncClient) -> None:
    await click(client, await begin(client, amount_usd="10"), "pay")
    page = await portal(client)
    answer = await client.post(f"{page}/refund", data={"payment": "none", "amount": "<b>"})
    assert (answer.status_code, answer.headers["content-type"]) == (400, "text/html; charset=utf-8")
    assert '<p role="alert">' in answer.text
    assert "<b>" not in answer.text


async def test_nobody_has_a_portal_before_they_have_paid(client: httpx.AsyncClient) -> None:
    refused(await client.post("/api/wallet/portal"), 409, "no_customer")
