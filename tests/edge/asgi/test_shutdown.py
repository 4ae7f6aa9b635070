import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.types import Message, Receive, Scope, Send

from functions.edge.asgi import shutdown as module
from functions.edge.asgi.shutdown import Shutdown
from functions.edge.standalone import server as standalone
from functions.farebox.storage import Store
from functions.farebox.tokens import vocabulary
from functions.farebox.wiring.runtime import Runtime
from tests.support.clients.load import MODEL, completion_of
from tests.support.money.customers import open_customer
from tests.support.patience import PATIENCE_S
from tests.support.product.in_process import running
from tests.support.stand_ins.upstream import StandIn, stream

PRICING = {MODEL: {"input_usd_per_1m": "2", "output_usd_per_1m": "8"}}
SCOPE: Scope = {"type": "http"}


class Server:
    """Stands for the server: remembers what its own handler was told."""

    def __init__(self) -> None:
        self.told: list[int] = []
        self.stopped = asyncio.Event()

    def handle(self, signum: int, _frame: object) -> None:
        self.told.append(signum)
        self.stopped.set()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    before = signal.signal(signal.SIGTERM, server.handle)
    yield server
    signal.signal(signal.SIGTERM, before)


async def receive() -> Message:
    return {"type": "http.disconnect"}


async def send(_message: Message) -> None:
    return None


async def test_requests_in_flight_end_then_the_books_close_then_the_server_stops(
    runtime: Runtime, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []
    finish = asyncio.Event()

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        await finish.wait()
        events.append("answered")

    async def prepare() -> None:
        events.append("prepared")

    async def close() -> None:
        events.append("closed" if not server.told else "closed too late")

    monkeypatch.setattr(runtime, "prepare_shutdown", prepare)
    runtime.on_close(close)
    shutdown = Shutdown(runtime)
    shutdown.install()
    request = asyncio.ensure_future(shutdown.watch(app)(SCOPE, receive, send))
    await asyncio.sleep(0)
    for _ in range(2):
        os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.sleep(0.05)
    assert events == ["prepared"]
    finish.set()
    await request
    async with asyncio.timeout(PATIENCE_S):
        await server.stopped.wait()
    assert events == ["prepared", "answered", "closed"]
    assert server.told == [signal.SIGTERM]


async def test_a_request_that_does_not_end_delays_the_books_only_so_long(
    runtime: Runtime, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "DRAIN_TIMEOUT_S", 0.05)

    async def hang(_scope: Scope, _receive: Receive, _send: Send) -> None:
        await asyncio.sleep(60)

    shutdown = Shutdown(runtime)
    shutdown.install()
    request = asyncio.ensure_future(shutdown.watch(hang)(SCOPE, receive, send))
    await asyncio.sleep(0)
    os.kill(os.getpid(), signal.SIGTERM)
    async with asyncio.timeout(PATIENCE_S):
        await server.stopped.wait()
    request.cancel()


async def test_what_it_takes_to_count_a_stream_is_loaded_before_the_stream_may_be_cut(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[str] = []
    load = vocabulary.load

    def remember(name: vocabulary.EncodingName) -> Any:
        loaded.append(name)
        return load(name)

    monkeypatch.setattr(vocabulary, "load", remember)
    async with StandIn() as upstream, running(sqlite_store, pricing=PRICING, upstream=upstream) as instance:
        customer = await open_customer(sqlite_store, "1")
        upstream.default = stream(stall_after=1)
        asking = asyncio.create_task(instance.ask(customer.bearer, completion_of("Hello", stream=True)))
        async with asyncio.timeout(PATIENCE_S):
            while not upstream.requests:
                await asyncio.sleep(0.01)
        assert loaded == []
        await instance.runtime.prepare_shutdown()
        assert loaded == ["o200k_base"]
        assert not asking.done()
        await instance.stop()
        await asking


async def test_the_standalone_server_loads_it_too_as_soon_as_it_is_stopped(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standalone, "DRAIN_TIMEOUT_S", 0.2)
    events: list[str] = []
    asked, cut = asyncio.Event(), asyncio.Event()
    inference = (await runtime.data_plane()).inference

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        asked.set()
        await cut.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"cut short"})

    async def prepare() -> None:
        events.append("prepared")

    async def end() -> None:
        events.append("cancel_all")
        cut.set()

    monkeypatch.setattr(inference, "prepare_shutdown", prepare)
    monkeypatch.setattr(inference, "cancel_all", end)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = standalone.StoppingServer(uvicorn.Config(app, lifespan="off", log_config=None), inference)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        async with asyncio.timeout(PATIENCE_S), httpx.AsyncClient(timeout=PATIENCE_S) as client:
            asking = asyncio.create_task(client.get("http://{}:{}".format(*listener.getsockname())))
            await asked.wait()
            server.should_exit = True
            while not events:
                await asyncio.sleep(0.01)
            assert events == ["prepared"]
            assert (await asking).text == "cut short"
            assert events == ["prepared", "cancel_all"]
            await serving


async def test_without_a_servers_handler_there_is_nothing_to_go_before(runtime: Runtime) -> None:
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        Shutdown(runtime).install()
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGTERM, before)
