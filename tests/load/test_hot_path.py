"""What a request costs in storage, and what it waits for: a warm one waits for none before its upstream is called."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from starlette.types import ASGIApp, Message, Scope

from functions.farebox.storage import Query, Store
from functions.farebox.storage.connect import open_engine
from functions.farebox.wiring import data_plane
from tests.simulation.memory_engine import MemoryEngine
from tests.simulation.virtual_loop import run_virtually
from tests.support.clients.load import MODEL, completion_of
from tests.support.money.customers import open_customer
from tests.support.product.in_process import AS_SHIPPED_S, running
from tests.support.stand_ins.upstream import StandIn
from tests.support.storage.instrumented_engines import CountingEngine, SilentEngine

PRICING = {MODEL: {"input_usd_per_1m": "1", "output_usd_per_1m": "2"}}
START = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
RATE = 20  # requests a second
SECONDS = 60  # that are counted, by a virtual clock
WARM_UP_S = 10
WARMING = 20  # requests that make a lease known by its use
DAY_S = 24 * 3600
MOST_WRITES = 2.1  # a request, over its life
MOST_READS = 0.1
ECHOED = {"model": "echo", "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 20}


@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
async def test_a_warm_request_reaches_its_upstream_while_the_store_says_nothing(
    sqlite_url: str, streamed: bool
) -> None:
    engine = SilentEngine(open_engine(sqlite_url))
    store = Store(engine)
    customer = await open_customer(store, "10")
    body = completion_of(stream=streamed, max_tokens=20)
    async with (
        StandIn() as upstream,
        running(store, pricing=PRICING, upstream=upstream, FAREBOX_SETTLE_INTERVAL_S=AS_SHIPPED_S) as instance,
    ):
        for _ in range(WARMING):
            assert (await instance.ask(customer.bearer, body)).status_code == 200
        await asyncio.sleep(1.5)  # the lease has been filled up since the last of them
        engine.fall_silent()
        sent: list[Message] = []
        asking = asyncio.create_task(call(instance.app, customer.bearer, body, sent))
        try:
            await upstream.asked(WARMING + 1)
            await asyncio.sleep(0.2)
            assert upstream.last.finished, "the whole answer is there"
            assert engine.asked > 0, "the journal was asked alongside"
            assert sent == [], "no byte is relayed before the request is on record"
        finally:
            engine.answer()
        await asking
        assert sent[0]["status"] == 200
    await store.close()


async def test_what_one_process_records_lies_together_in_the_store(sqlite_store: Store) -> None:
    customer = await open_customer(sqlite_store, "10")
    async with running(sqlite_store) as instance:
        for _ in range(WARMING):
            assert (await instance.ask(customer.bearer, ECHOED)).status_code == 200
    records = await sqlite_store.query(Query("usage", order_by="created_at", limit=WARMING))
    assert len(records) == WARMING
    for ids in ([record.path for record in records], [record.data["request_id"] for record in records]):
        assert ids == sorted(ids)


async def call(app: ASGIApp, headers: Mapping[str, str], body: Mapping[str, Any], sent: list[Message]) -> None:
    """Call an app as a server does; what it sends can be seen while it goes on."""
    incoming: asyncio.Queue[Message] = asyncio.Queue()
    incoming.put_nowait({"type": "http.request", "body": orjson.dumps(body), "more_body": False})

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/v1/chat/completions",
        "raw_path": b"/v1/chat/completions",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "server": ("farebox.test", 80),
        "client": ("127.0.0.1", 1),
    }
    await app(scope, incoming.get, send)


def test_at_twenty_requests_a_second_each_costs_at_most_two_writes_and_hardly_a_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = CountingEngine(MemoryEngine())

    async def minute() -> int:
        loop = asyncio.get_running_loop()
        monkeypatch.setattr(data_plane, "time", SimpleNamespace(monotonic=loop.time))
        store = Store(engine)

        def now() -> datetime:
            return START + timedelta(seconds=loop.time())

        customer = await open_customer(store, "100", now=now)
        async with running(store, now=now, FAREBOX_SETTLE_INTERVAL_S=AS_SHIPPED_S) as instance:
            asked = [asyncio.create_task(instance.ask(customer.bearer, ECHOED))]
            await asyncio.gather(*asked)
            await asyncio.sleep(DAY_S)  # the price list was made long ago
            for number in range((WARM_UP_S + SECONDS) * RATE):
                if number == WARM_UP_S * RATE:
                    engine.reset()
                asked.append(asyncio.create_task(instance.ask(customer.bearer, ECHOED)))
                await asyncio.sleep(1 / RATE)
            answers = await asyncio.gather(*asked)
            assert {answer.status_code for answer in answers} == {200}
        return SECONDS * RATE

    requests = run_virtually(minute())
    assert engine.writes.total() + engine.deletes.total() <= MOST_WRITES * requests, engine.writes
    assert engine.reads.total() <= MOST_READS * requests, engine.reads
