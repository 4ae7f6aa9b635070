"""The seller's factor on list prices: held for, charged, told in the receipt, and told apart in the statistics."""

from decimal import Decimal
from typing import Any

import httpx
import pytest

from functions.farebox.pricing.bill import recompute
from functions.farebox.storage import Store
from tests.support.clients.management import AS_ADMIN, done, register
from tests.support.money.wallet_books import clean_audit
from tests.support.product.runtime import Clock

PRICE = {"input_usd_per_1m": "10", "output_usd_per_1m": "30"}


async def set_user(client: httpx.AsyncClient, uid: str, **change: Any) -> None:
    await done(client.patch(f"/api/admin/users/{uid}", json=change, headers=AS_ADMIN))


async def ask(client: httpx.AsyncClient, key: str) -> tuple[Decimal, Any]:
    """What a request costs its user, and its receipt."""
    headers = {"authorization": f"Bearer {key}"}
    body = {"model": "echo", "messages": [{"role": "user", "content": "Hello"}]}
    answer = await client.post("/v1/chat/completions", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    receipt = await done(client.get(f"/v1/receipts/{answer.headers['x-request-id']}", headers=headers))
    return Decimal(answer.headers["x-farebox-cost-usd"]), receipt


@pytest.fixture
async def customer(client: httpx.AsyncClient) -> tuple[str, str]:
    """A user's id and API key, with the echo at a price worth a margin."""
    uid, token = await register(client)
    key = await done(client.post("/api/keys", json={"name": "x"}, headers={"authorization": f"Bearer {token}"}))
    await done(client.put("/api/admin/pricing/echo", params={"force": True}, json=PRICE, headers=AS_ADMIN))
    return uid, key["key"]


async def test_a_users_multiplier_wins_over_their_plans_and_the_plans_over_one(
    client: httpx.AsyncClient,
    customer: tuple[str, str],
    clock: Clock,
    sqlite_store: Store,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("functions.farebox.keys.authentication.FRESH_S", 0.0)
    monkeypatch.setattr("functions.farebox.keys.authentication.LONGEST_S", 0.0)
    uid, key = customer
    plan = {"name": "Team", "price_usd": "0", "grant_usd": "0", "multiplier": "1.5"}
    assert (await done(client.put("/api/admin/plans/team", json=plan, headers=AS_ADMIN)))["multiplier"] == "1.5"
    listed, _ = await ask(client, key)
    await set_user(client, uid, plan="team")
    by_plan, receipt = await ask(client, key)
    assert (by_plan, receipt["bill"]["multiplier"]) == (listed * Decimal("1.5"), "1.5")
    assert recompute(receipt["bill"]) == by_plan * 10**9
    await set_user(client, uid, multiplier="2")
    assert (await ask(client, key))[0] == listed * 2
    await set_user(client, uid, multiplier="0.5")
    assert (await ask(client, key))[0] == listed / 2
    await set_user(client, uid, multiplier=None)
    assert (await ask(client, key))[0] == by_plan
    await set_user(client, uid, plan=None)
    assert (await ask(client, key))[0] == listed
    token = await done(client.post("/api/auth/login", json={"email": "ada@example.com", "password": "a long password"}))
    await done(client.get("/api/wallet", headers={"authorization": f"Bearer {token['token']}"}))  # settles here
    totals = (await done(client.get("/api/admin/stats", headers=AS_ADMIN)))["totals"]
    assert Decimal(totals["upstream_cost_usd"]) == listed * 6
    assert Decimal(totals["margin_usd"]) == Decimal(totals["cost_usd"]) - listed * 6
    assert Decimal(totals["cost_usd"]) == listed * Decimal("7.5")
    await clean_audit(sqlite_store)


async def test_what_a_wallet_cannot_pay_at_its_own_price_is_refused(
    client: httpx.AsyncClient, customer: tuple[str, str]
) -> None:
    uid, key = customer
    body = {"user_id": uid, "balance_usd": "0.002", "reason": "x"}
    await done(client.post("/api/admin/credits/set", json=body, headers=AS_ADMIN))
    await set_user(client, uid, multiplier="100")
    headers = {"authorization": f"Bearer {key}"}
    request = {"model": "echo", "messages": [{"role": "user", "content": "Hello"}]}
    answer = await client.post("/v1/chat/completions", json=request, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (402, "credit_balance_exhausted")
