"""Prices in memory: never waited for once they are there, and never older than they may be."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.farebox.errors import NotFound, StoreUnavailable
from functions.farebox.pricing.price_list import REFRESH_AFTER, WAIT_AFTER, PriceList
from functions.farebox.storage import Store
from tests.pricing.engines import WatchedEngine
from tests.support.money.prices import put_price, withdraw_price
from tests.support.patience import PATIENCE_S
from tests.support.storage.instrumented_engines import CountingEngine

SECOND = timedelta(seconds=1)


class Clock:
    def __init__(self) -> None:
        self.time = datetime(2026, 11, 12, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time


class Shop:
    """A price list over a store whose engine can be watched, held up and cut off."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.engine = WatchedEngine(store.engine)
        self.clock = Clock()
        self.prices = PriceList(Store(self.engine), self.clock)

    async def put(self, usd: str, model: str = "m") -> None:
        entry: dict[str, Any] = {"input_usd_per_1m": usd, "output_usd_per_1m": usd}
        await put_price(self.store, model, entry, now=self.clock(), force=True)

    async def usd(self) -> int:
        return (await self.prices.tariff(frozenset({"m"}))).ceiling.input // 10**9


@pytest.fixture
async def shop(sqlite_store: Store) -> AsyncIterator[Shop]:
    shop = Shop(sqlite_store)
    await shop.put("1")
    yield shop
    shop.engine.open_gate()


async def eventually(holds: Callable[[], Awaitable[object]], expected: object) -> None:
    """Let background work run until `holds` answers what is expected."""
    for _ in range(2_000):
        if await holds() == expected:
            return
        await asyncio.sleep(0.001)
    raise AssertionError(f"still {await holds()}, not {expected}")


async def test_a_later_look_reads_only_what_has_changed(sqlite_store: Store) -> None:
    shop = Shop(sqlite_store)
    counted = CountingEngine(sqlite_store.engine)
    prices = PriceList(Store(counted), shop.clock)
    for number in range(10):
        await shop.put("1", f"m{number}")
    shop.clock.time += WAIT_AFTER
    assert len(await prices.current()) == 10
    shop.clock.time += WAIT_AFTER
    counted.reset()
    await shop.put("2", "m3")
    await withdraw_price(sqlite_store, "m4", now=shop.clock())
    assert {price.model: price.input // 10**9 for price in (await prices.current()).values()} == {
        **{f"m{number}": 1 for number in range(10) if number != 4},
        "m3": 2,
    }
    assert counted.reads.total() == 2


async def test_a_change_by_a_clock_that_is_a_minute_slow_is_not_missed(shop: Shop) -> None:
    shop.clock.time += WAIT_AFTER
    await shop.usd()
    shop.clock.time -= timedelta(minutes=1)
    await shop.put("2")
    shop.clock.time += timedelta(minutes=1) + REFRESH_AFTER
    await eventually(shop.usd, 2)


async def test_a_model_without_a_price_is_refused(shop: Shop) -> None:
    with pytest.raises(NotFound, match=r"'unheard-of' has no price here\. GET /v1/models lists") as refusal:
        await shop.prices.tariff(frozenset({"unheard-of"}))
    assert (refusal.value.code, refusal.value.param) == ("model_not_found", "model")


async def test_all_prices_are_listed_by_name(shop: Shop) -> None:
    await shop.put("2", "b")
    await shop.put("3", "a/c")
    assert [price.model for price in (await shop.prices.current()).values()] == ["a/c", "b", "m"]


async def test_requests_that_arrive_together_share_one_load(shop: Shop) -> None:
    assert await asyncio.gather(*(shop.usd() for _ in range(50))) == [1] * 50
    assert shop.engine.calls == ["query pricing"]


async def test_a_fresh_list_asks_the_store_nothing(shop: Shop) -> None:
    await shop.usd()
    shop.clock.time += REFRESH_AFTER - SECOND
    await asyncio.gather(*(shop.usd() for _ in range(50)))
    assert len(shop.engine.calls) == 1


async def test_an_aged_list_is_looked_at_again_and_nobody_waits(shop: Shop) -> None:
    await shop.usd()
    await shop.put("2")
    shop.clock.time += REFRESH_AFTER
    shop.engine.close_gate()
    async with asyncio.timeout(PATIENCE_S):
        assert [await shop.usd() for _ in range(10)] == [1] * 10
    shop.engine.open_gate()
    await eventually(shop.usd, 2)
    assert len(shop.engine.calls) == 2


async def test_a_deleted_model_is_refused_once_the_list_was_looked_at(shop: Shop) -> None:
    await shop.usd()
    await withdraw_price(shop.store, "m", now=shop.clock())
    await shop.prices.refresh()
    with pytest.raises(NotFound):
        await shop.usd()


async def test_a_price_changed_in_this_process_counts_at_once(shop: Shop) -> None:
    await shop.usd()
    await shop.put("2")
    await shop.prices.refresh()
    assert await shop.usd() == 2


async def test_a_look_that_began_before_the_change_does_not_hide_it(shop: Shop) -> None:
    await shop.usd()
    shop.engine.close_gate()
    shop.clock.time += REFRESH_AFTER
    assert await shop.usd() == 1
    await asyncio.sleep(0.02)  # the look has read, and is held up with its answer
    await shop.put("2")
    refreshing = asyncio.create_task(shop.prices.refresh())
    await asyncio.sleep(0)
    shop.engine.open_gate()
    await refreshing
    assert await shop.usd() == 2


async def test_an_instance_that_slept_long_looks_before_it_charges(shop: Shop) -> None:
    await shop.usd()
    await shop.put("2")
    shop.clock.time += WAIT_AFTER
    assert await shop.usd() == 2


async def test_a_failed_look_keeps_the_last_good_prices(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    await shop.usd()
    shop.engine.broken = True
    with caplog.at_level(logging.WARNING):
        for age in (REFRESH_AFTER, WAIT_AFTER):
            shop.clock.time += age
            assert await shop.usd() == 1
            await eventually(lambda: _count(caplog), 1)
            caplog.clear()
    shop.engine.broken = False
    await shop.put("2")
    shop.clock.time += REFRESH_AFTER
    await eventually(shop.usd, 2)


async def test_a_broken_store_is_asked_once_in_a_while_and_not_by_every_request(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    await shop.usd()
    shop.engine.broken = True
    shop.clock.time += WAIT_AFTER
    assert [await shop.usd() for _ in range(20)] == [1] * 20
    assert len(shop.engine.calls) == 2
    assert await _count(caplog) == 1


async def test_a_list_that_never_loaded_refuses_and_recovers(shop: Shop) -> None:
    shop.engine.broken = True
    with pytest.raises(StoreUnavailable):
        await shop.usd()
    shop.engine.broken = False
    assert await shop.usd() == 1


async def test_a_request_that_gives_up_does_not_take_the_load_with_it(shop: Shop) -> None:
    shop.engine.close_gate()
    impatient = asyncio.create_task(shop.usd())
    patient = asyncio.create_task(shop.usd())
    await asyncio.sleep(0.01)
    impatient.cancel()
    shop.engine.open_gate()
    assert await patient == 1
    assert shop.engine.calls == ["query pricing"]


async def _count(caplog: pytest.LogCaptureFixture) -> int:
    return len(caplog.records)


async def test_a_look_that_is_under_way_ends_before_the_store_does(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    shop.engine.close_gate()
    shop.prices.look_ahead()
    await shop.prices.close()
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert caplog.messages == []
