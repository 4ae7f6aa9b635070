from datetime import timedelta

import httpx
import pytest

from functions.farebox.ledger.book import post
from functions.farebox.ledger.wallet import Posting
from functions.farebox.storage import Store, Update
from tests.support.clients.asgi import error_of
from tests.support.product.runtime import START, Clock


@pytest.fixture
async def uid(signed_in: httpx.AsyncClient) -> str:
    return str((await signed_in.get("/api/auth/me")).json()["id"])


async def test_a_new_wallet_holds_the_welcome_credit(signed_in: httpx.AsyncClient) -> None:
    assert (await signed_in.get("/api/wallet")).json() == {
        "balance_usd": "1.00",
        "reserved_usd": "0.00",
        "available_usd": "1.00",
        "debt_usd": "0.00",
        "frozen": False,
        "currency": "USD",
        "budget": {"period": "2026-11", "limit_usd": None, "spent_usd": "0.00", "remaining_usd": None},
        "member_budget": None,
        "time_zone": "UTC",
        "plan": None,
        "subscription": None,
        "expiring": [],
        "pending_usd": "0.00",
        "billing_email": None,
        "auto_recharge": None,
        "low_balance_usd": None,
    }


async def test_a_wallet_says_that_a_disputed_payment_froze_it(
    signed_in: httpx.AsyncClient, sqlite_store: Store, uid: str
) -> None:
    await sqlite_store.write(Update(f"wallets/{uid}", {"frozen": True}))
    assert (await signed_in.get("/api/wallet")).json()["frozen"] is True


async def test_a_budget_is_that_of_the_current_month_even_if_nothing_was_spent_in_it(
    signed_in: httpx.AsyncClient, sqlite_store: Store, uid: str, clock: Clock
) -> None:
    budget = {"period": "2026-11", "limit": 5_000_000_000, "spent": 2_000_000_000, "reserved": 500_000_000}
    wallet = {"budget": budget, "reserved": 500_000_000}
    await sqlite_store.write(Update(f"wallets/{uid}", wallet))
    shown = (await signed_in.get("/api/wallet")).json()
    assert (shown["reserved_usd"], shown["available_usd"]) == ("0.50", "0.50")
    assert shown["budget"] == {
        "period": "2026-11",
        "limit_usd": "5.00",
        "spent_usd": "2.00",
        "remaining_usd": "2.50",
    }
    clock.forward(days=10)
    token = await signed_in.post("/api/auth/login", json={"email": "ada@example.com", "password": "a long password"})
    signed_in.headers["authorization"] = f"Bearer {token.json()['token']}"
    december = (await signed_in.get("/api/wallet")).json()["budget"]
    assert december == {"period": "2026-12", "limit_usd": "5.00", "spent_usd": "0.00", "remaining_usd": "5.00"}


async def test_transactions_come_newest_first_filtered_and_in_pages(
    signed_in: httpx.AsyncClient, sqlite_store: Store, uid: str
) -> None:
    for day, (kind, amount) in enumerate([("topup", 5_000), ("usage", -1), ("usage", -2), ("topup", 7_000)], 1):
        posting = Posting(f"p{day}", kind, amount, f"Day {day}", reference=f"r{day}", metadata={"n": day})  # type: ignore[arg-type]
        await post(sqlite_store, uid, START + timedelta(days=day), posting)

    async def ids(**query: str | int) -> list[str]:
        return [entry["id"] for entry in (await signed_in.get("/api/wallet/transactions", params=query)).json()["data"]]

    assert await ids() == ["p4", "p3", "p2", "p1", "signup-bonus"]
    assert await ids(type="topup") == ["p4", "p1"]
    assert await ids(**{"from": "2026-11-23T12:00:00Z", "to": "2026-11-25T12:00:00Z"}) == ["p3", "p2"]
    assert await ids(**{"from": "2026-11-23T13:00:00+01:00", "type": "usage"}) == ["p3", "p2"]

    seen: list[str] = []
    query: dict[str, str | int] = {"limit": 2}
    while True:
        page = (await signed_in.get("/api/wallet/transactions", params=query)).json()
        seen += [entry["id"] for entry in page["data"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert seen == ["p4", "p3", "p2", "p1", "signup-bonus"]

    entry = (await signed_in.get("/api/wallet/transactions", params={"limit": 1})).json()["data"][0]
    assert entry == {
        "id": "p4",
        "type": "topup",
        "amount_usd": "0.000007",
        "balance_before_usd": "1.000004997",
        "balance_after_usd": "1.000011997",
        "description": "Day 4",
        "reference": "r4",
        "metadata": {"n": 4},
        "created_at": "2026-11-25T12:00:00Z",
    }


@pytest.mark.parametrize(
    ("query", "param", "code"),
    [
        ("type=gift", "type", "unknown_value"),
        ("from=yesterday", "from", "invalid_type"),
        ("from=2026", "from", "invalid_type"),
        ("to=-1.5", "to", "invalid_type"),
        ("to=2026-11-01T00:00:00", "to", "invalid_value"),
    ],
)
async def test_a_filter_that_means_nothing_is_refused(
    signed_in: httpx.AsyncClient, query: str, param: str, code: str
) -> None:
    error = error_of(await signed_in.get(f"/api/wallet/transactions?{query}"))
    assert (error["param"], error["code"]) == (param, code)
