"""An empty store gets its first prices once; from then on the store rules."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.farebox.errors import InvalidRequest
from functions.farebox.pricing.seed import read_builtin, seed
from functions.farebox.pricing.versions import get_versions, load_prices
from functions.farebox.storage import Store
from tests.pricing.engines import WatchedEngine
from tests.support.money.prices import put_price, withdraw_price

NOW = datetime(2026, 11, 12, 8, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
ENTRIES: dict[str, Any] = {
    "a": {"input_usd_per_1m": "1", "output_usd_per_1m": "2"},
    "b/c": {"input_usd_per_1m": "3", "output_usd_per_1m": "4"},
}


async def inputs(store: Store) -> dict[str, int]:
    return {model: price.input // 10**9 for model, price in (await load_prices(store)).items()}


async def test_the_built_in_list_seeds_an_empty_store(store: Store) -> None:
    await seed(store, None, now=NOW)
    prices = await load_prices(store)
    assert prices.keys() == read_builtin().keys()
    assert {price.version for price in prices.values()} == {"1"}


async def test_a_given_list_takes_the_place_of_the_built_in_one(store: Store) -> None:
    await seed(store, ENTRIES, now=NOW)
    assert await inputs(store) == {"a": 1, "b/c": 3}


async def test_seeding_again_changes_nothing_and_reads_one_document(sqlite_store: Store) -> None:
    await seed(sqlite_store, ENTRIES, now=NOW)
    await put_price(sqlite_store, "a", ENTRIES["a"] | {"input_usd_per_1m": "5"}, now=NOW)
    await withdraw_price(sqlite_store, "b/c", now=NOW)
    watched = WatchedEngine(sqlite_store.engine)
    await seed(Store(watched), ENTRIES | {"d": ENTRIES["a"]}, now=LATER)
    assert watched.calls == ["read seeds/pricing"]
    assert await inputs(sqlite_store) == {"a": 5}


async def test_force_puts_the_given_prices_over_what_an_admin_changed(store: Store) -> None:
    await seed(store, ENTRIES, now=NOW)
    await put_price(store, "a", ENTRIES["a"] | {"input_usd_per_1m": "50"}, now=NOW, force=True)
    await put_price(store, "own", ENTRIES["a"], now=NOW)
    await withdraw_price(store, "b/c", now=NOW)
    await seed(store, ENTRIES, now=LATER, force=True)
    assert await inputs(store) == {"a": 1, "b/c": 3, "own": 1}
    assert [price.version for price in await get_versions(store, "a")] == ["3", "2", "1"]
    assert [price.version for price in await get_versions(store, "b/c")] == ["1"]


async def test_a_seed_that_was_cut_off_is_finished_by_the_next(store: Store) -> None:
    await put_price(store, "a", ENTRIES["a"] | {"input_usd_per_1m": "9"}, now=NOW)
    await seed(store, ENTRIES, now=LATER)
    assert await inputs(store) == {"a": 9, "b/c": 3}


async def test_instances_that_start_together_seed_once(store: Store) -> None:
    many = {f"model-{n}": ENTRIES["a"] for n in range(150)}
    await asyncio.gather(*(seed(store, many, now=NOW) for _ in range(4)))
    prices = await load_prices(store)
    assert prices.keys() == many.keys()
    assert {price.version for price in prices.values()} == {"1"}


async def test_a_bad_entry_is_named_and_nothing_is_written(store: Store) -> None:
    with pytest.raises(InvalidRequest, match="b/c: output_usd_per_1m"):
        await seed(store, ENTRIES | {"b/c": {"input_usd_per_1m": "3"}}, now=NOW)
    assert await inputs(store) == {}
    await seed(store, ENTRIES, now=NOW)
    with pytest.raises(InvalidRequest):
        await seed(store, {"x": {}}, now=NOW)
