"""The whole system's totals of a day are the sum of its payers', before it is rolled up and after."""

from collections import Counter
from datetime import date, timedelta

import pytest

from functions.farebox.jobs.roll_up_days import SETTLED_AFTER, roll_up_days
from functions.farebox.storage import Create, Increment, Query, Set, Store
from functions.farebox.usage.aggregates import UsageAggregates, upstream_counter
from functions.farebox.usage.stats import Stats, system_stats
from functions.farebox.usage.system_days import MARKER, rolled_up_until
from tests.support.product.runtime import START

TODAY = START.date()
DAYS = 5
OPEN_LEASE = {"state": "open", "expires_at": START - 2 * SETTLED_AFTER}


def used(uid: str, day: date, model: str, requests: int) -> list[Increment]:
    counts = {"requests": requests, "charged": 7 * requests, upstream_counter("requests", "a"): requests}
    return UsageAggregates({(f"{day}", f"{day}", model): Counter(counts)}).increments(uid, "k")


@pytest.fixture
async def busy(store: Store) -> Store:
    """Three people who use two models on each of the last days."""
    for ago in range(DAYS):
        for number, uid in enumerate(("ada", "bea", "cem"), 1):
            day = TODAY - timedelta(days=ago)
            await store.write(*used(uid, day, "m/1", number), *used(uid, day, "m2", 10 * ago))
    return store


def told(stats: Stats) -> object:
    return stats.total(), sorted(stats.groups["date"].items()), stats.groups["model"], stats.groups["upstream"]


async def test_it_is_told_the_same_before_and_after_a_day_is_rolled_up(busy: Store) -> None:
    before = told(await system_stats(busy, 7, START))
    assert (await roll_up_days(busy, START, is_over=lambda: True))["days"] == 1  # and it is cut off
    assert told(await system_stats(busy, 7, START)) == before
    await roll_up_days(busy, START)
    assert told(await system_stats(busy, 7, START)) == before
    assert await rolled_up_until(busy) == TODAY
    assert len(await busy.query(Query("system_days"))) == (DAYS - 1) * 2
    assert await roll_up_days(busy, START) == {"days": 0, "until": f"{TODAY}"}


async def test_what_is_used_meanwhile_is_told_at_once_and_kept_later(busy: Store) -> None:
    await roll_up_days(busy, START)
    before = (await system_stats(busy, 7, START)).total()["requests"]
    await busy.write(*used("dea", TODAY, "m/1", 1000))
    assert (await system_stats(busy, 7, START)).total()["requests"] == before + 1000
    tomorrow = START.replace(hour=0) + timedelta(days=1) + SETTLED_AFTER
    assert (await roll_up_days(busy, tomorrow))["days"] == 1
    assert (await system_stats(busy, 7, tomorrow)).total()["requests"] == before + 1000


async def test_what_earlier_versions_kept_of_a_day_in_parts_is_replaced(busy: Store) -> None:
    before = told(await system_stats(busy, 7, START))
    day = TODAY - timedelta(days=2)
    for part in range(8):
        await busy.write(Set(f"system_days/{day}_m2_{part}", {"date": f"{day}", "model": "m2", "requests": 4}))
    assert told(await system_stats(busy, 7, START)) == before
    await roll_up_days(busy, START)
    assert told(await system_stats(busy, 7, START)) == before


async def test_a_day_waits_for_its_last_requests_and_for_a_sweep_that_is_late(busy: Store) -> None:
    early = START.replace(hour=0) + SETTLED_AFTER - timedelta(seconds=1)
    await roll_up_days(busy, early)
    assert await rolled_up_until(busy) == TODAY - timedelta(days=1)
    await busy.write(Create("wallets/ada/leases/l", OPEN_LEASE))
    assert (await roll_up_days(busy, START))["days"] == 0
    await busy.write(Set("wallets/ada/leases/l", {**OPEN_LEASE, "state": "closed"}))
    assert (await roll_up_days(busy, START))["days"] == 1


async def test_where_nobody_has_used_anything_there_is_nothing_to_do(store: Store) -> None:
    assert await roll_up_days(store, START) == {"days": 0, "until": None}
    assert await store.get(MARKER) is None
    assert (await system_stats(store, 7, START)).total()["requests"] == 0
