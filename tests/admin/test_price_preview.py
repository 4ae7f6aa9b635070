"""What a new price would change: for whom, by how much, to the nano-USD of what was used, before it counts."""

from typing import Any

import httpx

from functions.farebox.storage import Create, Store
from functions.farebox.usage.aggregates import UsageAggregates
from tests.support.clients.asgi import refused
from tests.support.clients.management import done, register
from tests.support.product.runtime import START

TODAY = START.date().isoformat()


async def use(store: Store, uid: str, counts: dict[str, int], *, cost: int, listed: int, day: str = TODAY) -> None:
    """What somebody used of a model, as settlements count it."""
    totals = UsageAggregates()
    totals.add((day, day, "m"), {"requests": 2, "cost": cost, "charged": cost, "list_cost": listed, **counts})
    [user_row] = totals.increments(uid, "k")
    await store.write(Create(user_row.path, {**user_row.fields, **user_row.amounts}))


async def preview(admin: httpx.AsyncClient, **price: str) -> Any:
    return await done(admin.post("/api/admin/pricing/m/preview", json=price))


async def test_it_tells_who_pays_what_more_at_their_own_factor_and_changes_nothing(
    client: httpx.AsyncClient, admin: httpx.AsyncClient, sqlite_store: Store
) -> None:
    ada, _ = await register(client)
    eve, _ = await register(client, "eve@example.com")
    old = {"input_usd_per_1m": "1", "output_usd_per_1m": "2"}
    await done(admin.put("/api/admin/pricing/m", json=old))
    tokens = {"prompt_tokens": 1_000_000, "completion_tokens": 500_000}
    await use(sqlite_store, ada, tokens, cost=2_000_000_000, listed=2_000_000_000)
    await use(sqlite_store, eve, tokens, cost=6_000_000_000, listed=2_000_000_000)  # at three times the list
    await use(sqlite_store, ada, tokens, cost=9, listed=9, day="2026-01-01")  # too long ago

    told = await preview(admin, input_usd_per_1m="1.50", output_usd_per_1m="2", request_usd="0.25")
    rows = {each["name"]: (each["before_usd"], each["after_usd"], each["difference_usd"]) for each in told["data"]}
    assert list(rows.items()) == [
        ("eve@example.com", ("6.00", "9.00", "3.00")),
        ("ada@example.com", ("2.00", "3.00", "1.00")),
    ]
    assert (told["users"], told["difference_usd"]) == (2, "4.00")
    assert (await done(admin.get("/api/admin/pricing/m")))["price"]["input_usd_per_1m"] == "1.00"
    bad = await admin.post("/api/admin/pricing/m/preview", json={**old, "input_usd_per_1m": "-1"})
    refused(bad, 400, "invalid_value", "input_usd_per_1m")
