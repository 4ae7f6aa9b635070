import asyncio
from pathlib import Path

import orjson
import pytest

from functions.farebox.errors import BadConfig
from functions.farebox.storage import Store
from functions.farebox.wiring.once import Once
from functions.farebox.wiring.runtime import Runtime, process_runtime
from tests.support.patience import PATIENCE_S
from tests.support.product.in_process import running
from tests.support.product.runtime import SECRET, Clock, config_with, runtime_over


async def test_a_value_is_made_once_however_many_ask_for_it() -> None:
    made = []

    async def make() -> str:
        await asyncio.sleep(0)
        made.append("value")
        return "value"

    once = Once(make)
    assert await asyncio.gather(*(once() for _ in range(10))) == ["value"] * 10
    assert made == ["value"]


async def test_a_value_that_could_not_be_made_is_tried_again() -> None:
    outcomes: list[OSError | str] = [OSError("not yet"), "value"]

    async def make() -> str:
        outcome = outcomes.pop(0)
        if isinstance(outcome, OSError):
            raise outcome
        return outcome

    once = Once(make)
    with pytest.raises(OSError, match="not yet"):
        await once()
    assert await once() == "value"


async def test_a_value_that_takes_longer_than_somebody_waits_is_there_for_the_next() -> None:
    made = []
    there = asyncio.Event()

    async def make() -> str:
        await there.wait()
        made.append("value")
        return "value"

    once = Once(make)
    for _ in range(3):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(once(), 0.001)
        assert once.made is None
    there.set()
    assert await once() == once.made == "value"
    assert made == ["value"]


async def test_what_was_opened_last_is_closed_first_and_the_store_at_the_end(
    sqlite_store: Store, sqlite_url: str
) -> None:
    runtime = runtime_over(sqlite_store, sqlite_url, Clock())
    store = await runtime.store()
    closed: list[str] = []

    async def close(name: str) -> None:
        await store.get("still/open")
        closed.append(name)

    async def fail() -> None:
        raise RuntimeError("cannot close")

    runtime.on_close(lambda: close("first opened"))
    runtime.on_close(fail)
    runtime.on_close(lambda: close("last opened"))
    await runtime.close()
    await runtime.close()
    assert closed == ["last opened", "first opened"]


async def test_closing_takes_no_longer_than_it_may(sqlite_store: Store, sqlite_url: str) -> None:
    runtime = runtime_over(sqlite_store, sqlite_url, Clock())

    async def hang() -> None:
        await asyncio.sleep(60)

    runtime.on_close(hang)
    async with asyncio.timeout(PATIENCE_S):
        await runtime.close(timeout_s=0.05)


async def test_an_address_that_the_storage_refuses_is_the_variables_fault() -> None:
    runtime = Runtime(config_with({"FAREBOX_STORE": "firestore://UPPER CASE/x"}))
    with pytest.raises(BadConfig, match="FAREBOX_STORE"):
        await runtime.store()


def test_each_event_loop_has_a_runtime_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAREBOX_STORE", f"sqlite:///{tmp_path}/farebox.db")
    monkeypatch.setenv("FAREBOX_SECRET_KEY", SECRET)

    async def twice() -> Runtime:
        first, second = await process_runtime(), await process_runtime()
        assert first is second
        return first

    assert asyncio.run(twice()) is not asyncio.run(twice())


async def test_models_without_a_price_are_told_at_the_first_start_and_not_again(
    sqlite_store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    entry = {"id": "up", "base_url": "http://127.0.0.1:9/v1", "models": {"priced": "a", "unpriced": "b"}}
    price = {"input_usd_per_1m": "1", "output_usd_per_1m": "1"}
    for told in (True, False):
        caplog.clear()
        async with running(
            sqlite_store, pricing={"priced": price}, FAREBOX_UPSTREAMS=orjson.dumps([entry]).decode()
        ) as instance:
            await instance.runtime.data_plane()
        assert ("nobody can use them: unpriced. Set one" in caplog.text) is told


async def test_settings_that_the_store_has_overtaken_are_told(
    sqlite_store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "farebox")
    entry = {"id": "up", "base_url": "http://127.0.0.1:9/v1", "models": {"priced": "a"}}
    price = {"input_usd_per_1m": "1", "output_usd_per_1m": "1"}
    for seed, told in (("once", False), ("once", True), ("force", False)):
        caplog.clear()
        async with running(
            sqlite_store,
            pricing={"priced": price},
            FAREBOX_UPSTREAMS=orjson.dumps([entry]).decode(),
            FAREBOX_SEED=seed,
        ) as instance:
            await instance.runtime.data_plane()
        for name in ("FAREBOX_UPSTREAMS", "FAREBOX_PRICING"):
            assert (f"{name} seeded this store before" in caplog.text) is told
