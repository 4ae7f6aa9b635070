"""What a new price would change: for whom, by how much, to the nano-USD of what was used, before it counts."""

from typing import Any

import httpx

from functions.farebox.kit.money import NANOS_PER_USD
from functions.farebox.pricing.bill import Bill, Line
from functions.farebox.storage import Create, Store
from functions.farebox.usage.aggregates import UsageAggregates
from functions.farebox.usage.record import Outcome, TokenCounts, UsageRecord, record_path
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


async def ask(store: Store, uid: str, request_id: str, prompt: int, tier: str | None) -> None:
    """A request of somebody's, as the journal has it."""
    bill = Bill("m", "1", (Line("input", prompt, NANOS_PER_USD, 1_000_000),))
    outcome = Outcome("ok", tokens=TokenCounts(prompt), bill=bill.to_data(), attempts=[], service_tier=tier)
    record = UsageRecord(uid, "k", "m", START, request_id)
    await store.write(Create(record_path(request_id), {**record.to_data(), **outcome.to_data()}))


async def preview(admin: httpx.AsyncClient, **price: Any) -> Any:
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


async def test_tiers_count_as_in_the_newest_requests_of_each_and_who_has_none_is_taken_to_be_as_the_others(
    client: httpx.AsyncClient, admin: httpx.AsyncClient, sqlite_store: Store
) -> None:
    ada, _ = await register(client)
    eve, _ = await register(client, "eve@example.com")
    await done(admin.put("/api/admin/pricing/m", json={"input_usd_per_1m": "1", "output_usd_per_1m": "0"}))
    tokens = {"prompt_tokens": 4_000_000}
    for uid in (ada, eve):
        await use(sqlite_store, uid, tokens, cost=4_000_000_000, listed=4_000_000_000)
    # Of what ada's requests cost at standard rates, half is in long prompts and a quarter was served as priority.
    for number, (prompt, tier) in enumerate(((400_000, None), (200_000, "priority"), (200_000, None))):
        await ask(sqlite_store, ada, f"req_{number}", prompt, tier)

    priority = {"input_usd_per_1m": "2", "output_usd_per_1m": "0"}
    long = [{"above_prompt_tokens": 300_000, "input_usd_per_1m": "3", "output_usd_per_1m": "0"}]
    told = await preview(
        admin, input_usd_per_1m="1", output_usd_per_1m="0", tiers=long, service_tiers={"priority": priority}
    )
    assert told["requests_looked_at"] == 3
    rows = [(each["before_usd"], each["after_usd"]) for each in told["data"]]
    assert rows == [("4.00", "9.00")] * 2  # 4 * (1/2 * 3 + 1/4 * 2 + 1/4 * 1)
    plain = await preview(admin, input_usd_per_1m="2", output_usd_per_1m="0")
    assert (plain["requests_looked_at"], plain["difference_usd"]) == (0, "8.00")
