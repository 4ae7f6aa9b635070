"""The HTTP transport by itself: what gateways rely on without seeing it."""

import asyncio
import gzip
import math
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from unittest.mock import Mock

import pytest

from functions.farebox.gateway.http.connection import Connection, HttpIncoming
from functions.farebox.gateway.http.pool import HttpTransport
from functions.farebox.gateway.probe import probe
from functions.farebox.gateway.transport import ConnectFailed, ConnectionLost, Outgoing, TimedOut
from functions.farebox.gateway.upstream import Timeouts, Upstream, parse_upstream
from tests.support.stand_ins.upstream import Break, Pause, StandIn, completion, raw, status

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


async def test_the_query_is_on_every_address_as_it_was_configured(transport: HttpTransport, upstream: StandIn) -> None:
    entry = upstream.entry("azure", query={"api-version": "2024-10-21", "x&y": "a b"}, auth={"header": "api-key"})
    entry["base_url"] += "/openai/deployments/gpt"
    target = parse_upstream({**entry, "api_key": "k"})
    await body(await transport.send(Outgoing(target, "/chat/completions", b"{}", target.head)))
    assert upstream.last.path == "/v1/openai/deployments/gpt/chat/completions"
    assert upstream.last.query == "api-version=2024-10-21&x%26y=a%20b"
    assert upstream.last.headers["api-key"] == "k"
    assert (await probe(target)).error is None
    check = upstream.checks[-1]
    assert (check.query, check.headers["api-key"]) == (upstream.last.query, "k")


async def test_who_lacks_a_secret_is_not_called(transport: HttpTransport, upstream: StandIn) -> None:
    target = parse_upstream(upstream.entry(api_key={"secret": "projects/p/secrets/s"}))
    with pytest.raises(ConnectFailed, match=r"^no credential$"):
        await transport.send(Outgoing(target, "/chat/completions", b"{}", {}))
    assert upstream.requests == []
    assert "projects/p/secrets/s could not be read" in str((await probe(target)).error)


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


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def talking(talk: Talk, tls: ssl.SSLContext | None = None) -> AsyncIterator[Upstream]:
    """An upstream that reads a request and then does as it is told, as often as it is asked."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.append(asyncio.current_task())
        try:
            while True:
                await reader.readuntil(b"\r\n\r\n{}")
                await talk(reader, writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.transport.abort()

    served: list[asyncio.Task[None] | None] = []
    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls) as server:
        port = server.sockets[0].getsockname()[1]
        yield Upstream("a", f"{'https' if tls else 'http'}://localhost:{port}", {"m": "m"}, timeouts=Timeouts(idle_s=5))
        for task in served:
            assert task is not None
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def says(answer: bytes) -> Talk:
    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)

    return talk


async def ask(transport: HttpTransport, upstream: Upstream) -> HttpIncoming:
    return await transport.send(Outgoing(upstream, "/chat/completions", b"{}", {}))


async def test_an_interim_answer_is_passed_over(transport: HttpTransport) -> None:
    answer = b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi"
    async with talking(says(answer)) as upstream:
        incoming = await ask(transport, upstream)
        assert (incoming.status, incoming.headers) == (200, {"content-length": "2"})
        assert await body(incoming) == b"hi"


async def test_an_answer_without_a_length_ends_with_its_connection(transport: HttpTransport) -> None:
    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\nall that ")
        await asyncio.sleep(0.02)
        writer.write(b"there is")
        writer.close()

    async with talking(talk) as upstream:
        assert await body(await ask(transport, upstream)) == b"all that there is"


async def test_what_comes_behind_an_answer_is_not_taken_for_the_next_one(transport: HttpTransport) -> None:
    smuggled = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil"
    async with talking(says(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi" + smuggled)) as upstream:
        with pytest.raises(ConnectionLost):
            await body(await ask(transport, upstream))

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi")
        await writer.drain()
        await asyncio.sleep(0.02)
        writer.write(smuggled)

    async with talking(talk) as upstream:
        for _ in range(2):
            assert await body(await ask(transport, upstream)) == b"hi"
            await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"x: " + b"y" * 70_000 + b"\r\n", id="too many headers"),
        pytest.param(b"content-encoding: br\r\n", id="an encoding that nobody asked for"),
        pytest.param(b"content-length: 1\r\ntransfer-encoding: chunked\r\n", id="two lengths"),
    ],
)
async def test_an_answer_that_is_not_what_was_asked_for_is_a_lost_connection(
    transport: HttpTransport, head: bytes
) -> None:
    async with talking(says(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n")) as upstream:
        with pytest.raises(ConnectionLost):
            await ask(transport, upstream)


async def test_the_beginning_of_what_is_compressed_is_not_taken_for_the_end(transport: HttpTransport) -> None:
    packed = gzip.compress(b"hello")

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(packed))
        for at in range(len(packed)):
            writer.write(packed[at : at + 1])
            await asyncio.sleep(0.001)

    async with talking(talk) as upstream:
        assert await body(await ask(transport, upstream)) == b"hello"


async def test_an_answer_inflates_to_a_bound_only(transport: HttpTransport) -> None:
    bomb = gzip.compress(bytes(64 * 1024 * 1024))
    head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(bomb)
    async with talking(says(head + bomb)) as upstream:
        with pytest.raises(ConnectionLost):
            await body(await ask(transport, upstream))


async def test_an_upstream_waits_for_a_slow_reader(transport: HttpTransport) -> None:
    size = 64 * 1024 * 1024
    sent = 0

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % size)
        while sent < size:
            writer.write(bytes(65536))
            sent += 65536
            await writer.drain()

    async with talking(talk) as upstream:
        incoming = await ask(transport, upstream)
        await asyncio.sleep(0.3)
        assert sent < size // 2
        assert len(await body(incoming)) == size
        assert (await ask(transport, upstream)).status == 200


async def test_a_header_with_a_line_break_is_never_sent(transport: HttpTransport) -> None:
    async with talking(says(b"")) as upstream:
        with pytest.raises(ValueError, match="line break"):
            await transport.send(Outgoing(upstream, "/x", b"{}", {"x-request-id": "a\r\nauthorization: stolen"}))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of `localhost`'s own making, with its key, that nobody trusts yet."""
    file = tmp_path_factory.mktemp("tls") / "localhost.pem"
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    )
    subprocess.run([*command.split(), "-keyout", file, "-out", f"{file}.crt"], check=True, capture_output=True)
    file.write_bytes(file.read_bytes() + Path(f"{file}.crt").read_bytes())
    return file


async def test_an_upstream_that_cannot_prove_its_name_gets_no_request(
    transport: HttpTransport, certificate: Path
) -> None:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    async with talking(says(b""), tls) as upstream:
        with pytest.raises(ConnectFailed):
            await ask(transport, upstream)


async def test_a_request_goes_over_tls(
    transport: HttpTransport, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    async with talking(says(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi"), tls) as upstream:
        for _ in range(2):
            assert await body(await ask(transport, upstream)) == b"hi"


async def test_a_probe_trusts_whom_calls_trust(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, OSError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}")
            await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls) as server:
        upstream = Upstream("a", f"https://localhost:{server.sockets[0].getsockname()[1]}", {"m": "m"})
        assert (await probe(upstream)).error == "TLS: certificate not trusted"
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert (await probe(upstream)).error is None


async def test_whoever_gives_up_as_the_answer_comes_leaves_the_connections_next_user_alone() -> None:
    following: list[asyncio.Task[HttpIncoming]] = []

    def serve_another(connection: Connection) -> None:
        if not following:
            following.append(asyncio.create_task(connection.exchange(b"", b"", math.inf, 5)))

    connection = Connection(serve_another)
    connection.connection_made(Mock(asyncio.Transport))
    first = asyncio.create_task(connection.exchange(b"", b"", math.inf, 5))
    await asyncio.sleep(0)
    connection.data_received(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    connection.data_received(b"HTTP/1.1 204 No Content\r\n\r\n")
    assert (await following[0]).status == 204


async def coming(idle_s: float = 60) -> tuple[Connection, HttpIncoming]:
    """An answer that has begun, on a connection that no network is behind."""
    connection = Connection(Mock())
    connection.connection_made(Mock(asyncio.Transport))
    exchange = asyncio.create_task(connection.exchange(b"", b"", math.inf, idle_s))
    await asyncio.sleep(0)
    connection.data_received(b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n")
    return connection, await exchange


async def test_bytes_are_taken_in_the_turn_they_come_in_until_no_more_are_wanted_so() -> None:
    connection, incoming = await coming()
    taken: list[bytes] = []

    def take(piece: bytes) -> bool:
        taken.append(piece)
        return len(taken) < 2

    passing = asyncio.create_task(incoming.pass_on(take))
    await asyncio.sleep(0)
    connection.data_received(b"a")
    assert taken == [b"a"]
    connection.data_received(b"b")
    connection.data_received(b"c")
    assert taken == [b"a", b"b"]
    await passing
    assert [await incoming.read(), await incoming.read()] == [b"c", b""]


async def test_what_has_come_before_is_read_and_not_passed_on() -> None:
    connection, incoming = await coming()
    connection.data_received(b"a")
    await incoming.pass_on(lambda _: pytest.fail("it was passed on"))
    assert await incoming.read() == b"a"


async def test_an_answer_that_breaks_or_falls_silent_while_it_is_passed_on_says_so_to_the_next_read() -> None:
    connection, incoming = await coming()
    passing = asyncio.create_task(incoming.pass_on(lambda _: True))
    await asyncio.sleep(0)
    connection.connection_lost(None)
    await passing
    with pytest.raises(ConnectionLost):
        await incoming.read()
    _, silent = await coming(idle_s=0.01)
    await silent.pass_on(lambda _: True)
    with pytest.raises(TimedOut):
        await silent.read()


async def test_a_mistake_of_whoever_takes_the_bytes_is_theirs_and_leaves_the_connection_alone() -> None:
    connection, incoming = await coming()

    def fail(_: bytes) -> bool:
        raise KeyError("a mistake")

    passing = asyncio.create_task(incoming.pass_on(fail))
    await asyncio.sleep(0)
    connection.data_received(b"a")
    with pytest.raises(KeyError):
        await passing
    connection.data_received(b"bc")
    assert await incoming.read() == b"bc"


@pytest.mark.parametrize("fails", [False, True])
async def test_a_reader_that_is_given_up_by_what_it_takes_leaves_the_connection_alone(*, fails: bool) -> None:
    """As one is whose client turns out to be gone when it is sent that."""
    connection, incoming = await coming()

    def take(_: bytes) -> bool:
        passing.cancel()
        if fails:
            raise KeyError("a mistake")
        return False

    passing = asyncio.create_task(incoming.pass_on(take))
    await asyncio.sleep(0)
    connection.data_received(b"a")
    with pytest.raises(asyncio.CancelledError):
        await passing
    connection.data_received(b"bc")
    assert await incoming.read() == b"bc"


async def test_bytes_are_taken_in_the_context_of_the_request_that_reads_them() -> None:
    name: ContextVar[str] = ContextVar("name", default="the connection's")
    connection, incoming = await coming()
    seen: list[str] = []

    def take(_: bytes) -> bool:
        seen.append(name.get())
        return False

    async def read() -> None:
        name.set("the reader's")
        await incoming.pass_on(take)

    reading = asyncio.create_task(read())
    await asyncio.sleep(0)
    connection.data_received(b"a")
    await reading
    assert seen == ["the reader's"]
