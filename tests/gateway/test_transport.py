"""The HTTP transport by itself: what gateways rely on without seeing it."""

import ast
import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from functions.farebox.gateway.exchange import ConnectionLost, Outgoing
from functions.farebox.gateway.transport import HttpIncoming, HttpTransport
from functions.farebox.gateway.upstreams import Upstream
from tests.support.upstream import Break, Pause, StandIn, completion, raw, status

EVENTS = {"content-type": "text/event-stream"}


@pytest.fixture
async def transport() -> AsyncIterator[HttpTransport]:
    transport = HttpTransport()
    yield transport
    await transport.close()


async def send(transport: HttpTransport, upstream: StandIn) -> HttpIncoming:
    target = Upstream("a", upstream.base_url, {"m": "m"})
    return await transport.send(Outgoing(target, "/chat/completions", b"{}", {}))


async def body(incoming: HttpIncoming) -> bytes:
    return b"".join([chunk async for chunk in _chunks(incoming)])


async def _chunks(incoming: HttpIncoming) -> AsyncIterator[bytes]:
    while chunk := await incoming.read():
        yield chunk


async def test_no_redirect_is_followed(transport: HttpTransport, upstream: StandIn) -> None:
    upstream.script(raw(status=307, headers={"location": f"{upstream.base_url}/elsewhere"}))
    incoming = await send(transport, upstream)
    assert incoming.status == 307
    assert len(upstream.requests) == 1
    await incoming.aclose()


async def test_no_cookie_is_kept(transport: HttpTransport, upstream: StandIn) -> None:
    upstream.script(completion(headers={"set-cookie": "session=1; Path=/"}))
    for _ in range(2):
        await body(await send(transport, upstream))
    assert "cookie" not in upstream.last.headers


async def test_no_proxy_is_taken_from_the_environment(
    transport: HttpTransport, upstream: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    assert await body(await send(transport, upstream))


async def test_more_connections_may_be_open_than_a_small_pool_has(transport: HttpTransport, upstream: StandIn) -> None:
    upstream.default = raw(b"x", Pause(), headers=EVENTS)
    async with asyncio.timeout(20):
        open_ones = await asyncio.gather(*[send(transport, upstream) for _ in range(150)])
    assert upstream.connections == 150
    for incoming in open_ones:
        await incoming.aclose()


async def test_an_answer_that_nobody_reads_gives_its_connection_back(
    transport: HttpTransport, upstream: StandIn
) -> None:
    upstream.script(*[status(500)] * 3)
    for _ in range(3):
        incoming = await send(transport, upstream)
        await incoming.aclose(drained=True)
        await incoming.aclose(drained=True)
        await asyncio.sleep(0.02)
    assert upstream.connections == 1


async def test_closing_is_at_once_even_for_an_answer_that_was_to_linger(
    transport: HttpTransport, upstream: StandIn
) -> None:
    upstream.script(raw(b"x", Pause(), headers=EVENTS))
    incoming = await send(transport, upstream)
    await incoming.aclose(drained=True)
    await incoming.aclose()
    await incoming.aclose()
    await upstream.last.hang_up(within_s=0.5)


async def test_closing_the_transport_closes_what_lingers(transport: HttpTransport, upstream: StandIn) -> None:
    upstream.script(raw(b"x", Pause(), headers=EVENTS))
    incoming = await send(transport, upstream)
    await incoming.aclose(drained=True)
    await transport.close()
    await upstream.last.hang_up(within_s=0.5)


async def test_an_answer_shorter_than_it_promised_is_a_lost_connection(
    transport: HttpTransport, upstream: StandIn
) -> None:
    upstream.script(raw(b"half", Break(), headers={"content-length": "8"}))
    incoming = await send(transport, upstream)
    with pytest.raises(ConnectionLost):
        await body(incoming)
    await incoming.aclose()


async def test_what_is_not_http_is_a_lost_connection(transport: HttpTransport) -> None:
    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example.com ESMTP\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        target = Upstream("a", f"http://127.0.0.1:{port}", {"m": "m"})
        with pytest.raises(ConnectionLost):
            await transport.send(Outgoing(target, "/chat/completions", b"{}", {}))


def test_only_the_transport_and_the_probe_know_the_http_client() -> None:
    folder = Path("functions/farebox")
    importers = set()
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(name.split(".")[0] == "aiohttp" for name in names):
                importers.add(str(file.relative_to(folder)))
    assert importers == {"gateway/transport.py", "gateway/probe.py"}
