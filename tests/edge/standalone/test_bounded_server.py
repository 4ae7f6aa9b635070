"""What a client may send before anybody knows who it is: tried over sockets, against a server in this process."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from functions.edge.standalone.bounded_protocol import SLICE_BYTES, BoundedProtocol, ConnectionLimits
from functions.edge.standalone.bounded_server import BoundedServer
from tests.support.patience import PATIENCE_S

HEAD = b"POST / HTTP/1.1\r\nhost: farebox.test\r\n"
SOON_S = 0.5


class Client:
    """A connection, with nothing between the test and its bytes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        """The next answer: status, headers, body."""
        async with asyncio.timeout(PATIENCE_S):
            first, *lines = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[:-2]
            headers = dict(line.split(": ", 1) for line in lines)
            body = await self.reader.readexactly(int(headers["content-length"]))
        return int(first.split()[1]), headers, body

    async def refused(self, status: int, code: str) -> dict[str, str]:
        """The next answer, which is this refusal in the form that all have, and the last."""
        answered, headers, body = await self.answer()
        error = orjson.loads(body)["error"]
        assert (answered, error["code"]) == (status, code), error
        assert error.keys() == {"message", "type", "param", "code"}
        assert headers["x-request-id"]
        assert headers["connection"] == "close"
        assert await self.rest() == b""
        return headers

    async def rest(self) -> bytes:
        """All that comes until the connection has ended."""
        async with asyncio.timeout(PATIENCE_S):
            try:
                return await self.reader.read()
            except ConnectionError:
                return b""


@dataclass
class Running:
    """A server, and what it has read."""

    port: int
    server: uvicorn.Server
    read: list[int]

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Client]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            yield Client(reader, writer)
        finally:
            writer.transport.abort()

    def tick(self, elapsed_s: float) -> None:
        for connection in self.server.server_state.connections:
            assert isinstance(connection, BoundedProtocol)
            connection.tick(elapsed_s)


@asynccontextmanager
async def serving(app: ASGIApp, kind: type[uvicorn.Server] = BoundedServer, **limits: Any) -> AsyncIterator[Running]:
    read: list[int] = []

    class Protocol(BoundedProtocol):
        def data_received(self, data: bytes) -> None:
            if len(data) <= SLICE_BYTES:  # what is larger comes here again, in slices
                read.append(len(data))
            super().data_received(data)

    Protocol.limits = ConnectionLimits(**limits)
    config = uvicorn.Config(
        app, http=Protocol, ws="none", lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=1
    )
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1024)
        server = kind(config)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield Running(listener.getsockname()[1], server, read)
        finally:
            server.should_exit = True
            await task


async def reads(_scope: Scope, receive: Receive, send: Send) -> None:
    """Answers how long the body was; nothing to a client that has gone."""
    length, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        length += len(message["body"])
        more = message["more_body"]
    await answer(send, b"%d" % length)


async def refuses(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Answers without looking at the body."""
    await answer(send, b"no")


async def answer(send: Send, body: bytes) -> None:
    headers = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not holds():
            await asyncio.sleep(0.01)


async def send_endlessly(client: Client, piece: bytes, pause_s: float = 0.0) -> None:
    with suppress(ConnectionError):
        while True:
            await client.send(piece)
            await asyncio.sleep(pause_s)


@asynccontextmanager
async def beside(work: Awaitable[None]) -> AsyncIterator[None]:
    task = asyncio.ensure_future(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


@pytest.mark.parametrize(
    ("begin", "piece"),
    [
        (HEAD + b"x: ", b"y" * 8192),
        (HEAD, b"x: y\r\n" * 1000),
        (b"GET /", b"y" * 8192),
        (b"", b"\r\n" * 4096),
        (HEAD + b"y" * 100, b"y" * 8192),
    ],
    ids=["one header", "lines", "the address", "nothing", "a name"],
)
async def test_a_head_without_an_end_is_refused_and_read_no_further(begin: bytes, piece: bytes) -> None:
    async with serving(reads) as running, running.client() as client:
        await client.send(begin)
        async with beside(send_endlessly(client, piece)):
            with suppress(ConnectionError):
                status, _, _ = await client.answer()
                assert status in (400, 431)
            await client.rest()
        assert sum(running.read) <= 1024 * 1024, "what the system had read already, and no more"


async def test_the_refusal_of_a_large_head_is_in_the_form_of_all() -> None:
    async with serving(reads) as running, running.client() as client:
        await client.send(HEAD + b"x: " + b"y" * 70_000)
        await client.refused(431, "headers_too_large")


async def test_a_head_that_is_large_and_whole_is_refused_too() -> None:
    async with serving(reads) as running, running.client() as client:
        await client.send(HEAD + b"x: " + b"y" * 66_000 + b"\r\ncontent-length: 2\r\n\r\nhi")
        await client.refused(431, "headers_too_large")


async def test_as_many_lines_as_are_allowed_are_served_and_one_more_is_not() -> None:
    async with serving(reads) as running:
        for more, status in ((98, 200), (99, 431)):  # beside `host` and `content-length`
            async with running.client() as client:
                await client.send(HEAD + b"x: y\r\n" * more + b"content-length: 2\r\n\r\nhi")
                assert (await client.answer())[0] == status


async def test_a_long_address_is_refused() -> None:
    async with serving(reads) as running, running.client() as client:
        await client.send(b"GET /" + b"y" * 17_000 + b" HTTP/1.1\r\nhost: farebox.test\r\n\r\n")
        await client.refused(414, "address_too_long")


async def test_what_is_not_http_is_refused_in_the_form_of_all() -> None:
    async with serving(reads) as running, running.client() as client:
        await client.send(b"hello\r\n\r\n")
        await client.refused(400, "invalid_request")


@pytest.mark.parametrize("begin", [HEAD, HEAD + b"content-length: 0\r\n\r\n" + HEAD], ids=["first", "second"])
async def test_a_head_that_does_not_come_to_its_end_in_time_is_refused(begin: bytes) -> None:
    async with serving(reads, head_s=SOON_S) as running, running.client() as client:
        await client.send(begin)
        if begin != HEAD:
            assert (await client.answer())[0] == 200
        async with beside(send_endlessly(client, b"x", 0.05)):
            await client.refused(408, "request_timeout")


async def test_a_connection_that_never_says_anything_is_closed_without_a_word() -> None:
    async with serving(reads, head_s=SOON_S) as running, running.client() as client:
        assert await client.rest() == b""


async def test_a_connection_is_kept_as_long_as_it_is_used() -> None:
    async with serving(reads, uvicorn.Server) as running, running.client() as client:  # which looks at none by itself
        for _ in range(5):
            await client.send(HEAD + b"content-length: 2\r\n\r\nhi")
            assert (await client.answer())[2] == b"2"
            running.tick(4.0)
        running.tick(4.0)
        assert await client.rest() == b""


async def test_half_open_connections_harm_nobody() -> None:
    async with serving(reads, connections=100) as running:
        half_open = [await asyncio.open_connection("127.0.0.1", running.port) for _ in range(600)]
        for _, writer in half_open[::2]:
            writer.write(HEAD)
        for _ in range(20):
            async with running.client() as client:
                await client.send(HEAD + b"content-length: 2\r\n\r\nhi")
                assert (await client.answer())[2] == b"2"
        await until(lambda: len(running.server.server_state.connections) <= 101)
        for _, writer in half_open:
            writer.transport.abort()


async def test_where_all_connections_are_being_served_a_new_one_is_told_to_come_back() -> None:
    release = asyncio.Event()

    async def waits(scope: Scope, receive: Receive, send: Send) -> None:
        await release.wait()
        await reads(scope, receive, send)

    async with (
        serving(waits, connections=2, head_s=SOON_S) as running,
        running.client() as first,
        running.client() as second,
    ):
        for client in (first, second):
            await client.send(HEAD + b"content-length: 2\r\n\r\nhi")
        await until(lambda: len(running.server.server_state.tasks) == 2)
        async with running.client() as third:
            headers = await third.refused(503, "server_busy")
        assert int(headers["retry-after"]) > 0
        await asyncio.sleep(3 * SOON_S)
        release.set()
        for client in (first, second):
            assert (await client.answer())[2] == b"2", "who is being served may wait for as long as it takes"


@pytest.mark.parametrize("header", [b"content-length: 100000\r\n", b"transfer-encoding: chunked\r\n"])
async def test_a_body_that_stops_coming_ends(header: bytes) -> None:
    async with serving(reads, pause_s=SOON_S) as running, running.client() as client:
        await client.send(HEAD + header + b"\r\n1\r\nx\r\n")
        await client.refused(408, "request_timeout")
        await until(lambda: not running.server.server_state.tasks)


async def test_a_body_that_comes_too_slowly_ends() -> None:
    async with serving(reads, pause_s=SOON_S, body_bytes_per_s=1_000_000) as running, running.client() as client:
        await client.send(HEAD + b"content-length: 1000000\r\n\r\n")
        async with beside(send_endlessly(client, b"x", 0.05)):
            await client.refused(408, "request_timeout")


@pytest.mark.parametrize("piece", [b"x" * 8192, b"x: y\r\n" * 1000], ids=["one line", "lines"])
@pytest.mark.parametrize("begin", [b"0\r\nx: ", b"1;x="], ids=["a trailer", "an extension of a chunk"])
async def test_what_is_neither_head_nor_body_is_bounded_too(begin: bytes, piece: bytes) -> None:
    async with serving(reads) as running, running.client() as client:
        await client.send(HEAD + b"transfer-encoding: chunked\r\n\r\n" + begin)
        async with beside(send_endlessly(client, piece)):
            await client.rest()
        assert sum(running.read) <= 1024 * 1024
        await until(lambda: not running.server.server_state.tasks)


async def test_what_goes_on_coming_after_its_answer_is_taken_up_to_a_bound() -> None:
    async with serving(refuses, discarded_bytes=1024 * 1024) as running, running.client() as client:
        await client.send(HEAD + b"content-length: 500000\r\n\r\n" + b"x" * 500_000)
        assert (await client.answer())[2] == b"no"
        await client.send(HEAD + b"content-length: 0\r\n\r\n")
        assert (await client.answer())[2] == b"no", "the connection can be used again"
        await client.send(HEAD + b"content-length: 500000000\r\n\r\n")
        assert (await client.answer())[2] == b"no"
        before = sum(running.read)
        async with beside(send_endlessly(client, b"x" * 8192)):
            assert await client.rest() == b""
        assert sum(running.read) - before <= 4 * 1024 * 1024


async def test_pipelined_requests_are_answered_in_their_order() -> None:
    async with serving(reads) as running, running.client() as client:
        await client.send(b"".join(HEAD + b"content-length: %d\r\n\r\n" % n + b"x" * n for n in range(50)))
        assert [(await client.answer())[2] for _ in range(50)] == [b"%d" % n for n in range(50)]
        await client.send(HEAD + b"content-length: 3\r\n\r\nxyz")
        assert (await client.answer())[2] == b"3"


async def test_too_many_pipelined_requests_end_the_connection() -> None:
    async with serving(reads, pipelined=5) as running, running.client() as client:
        await client.send((HEAD + b"content-length: 0\r\n\r\n") * 10)
        await client.rest()


@pytest.mark.parametrize("chunked", [False, True], ids=["declared", "in chunks"])
async def test_a_large_body_comes_whole(chunked: bool) -> None:
    total, chunk = 31 * 1024 * 1024, 16 * 1024
    async with serving(reads, pause_s=30) as running, running.client() as client:
        header = b"transfer-encoding: chunked" if chunked else b"content-length: %d" % total
        await client.send(HEAD + header + b"\r\n\r\n")
        piece = b"x" * chunk
        for _ in range(total // chunk):
            await client.send(b"%x\r\n%b\r\n" % (chunk, piece) if chunked else piece)
        if chunked:
            await client.send(b"0\r\n\r\n")
        assert (await client.answer())[2] == b"%d" % total
        await client.send(HEAD + b"content-length: 0\r\n\r\n")
        assert (await client.answer())[2] == b"0"


async def test_a_client_that_takes_nothing_of_its_answer_ends() -> None:
    ended = asyncio.Event()

    async def streams(_scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        gone = asyncio.create_task(_gone(receive))
        while not gone.done():
            await send({"type": "http.response.body", "body": b"x" * 65536, "more_body": True})
            await asyncio.sleep(0)
        ended.set()

    async with serving(streams, unread_s=SOON_S) as running, running.client() as client:
        await client.send(HEAD + b"content-length: 0\r\n\r\n")  # and nothing reads beyond what its buffer holds
        async with asyncio.timeout(PATIENCE_S):
            await ended.wait()


@pytest.mark.parametrize("leave", ["close", "abort"])
async def test_a_request_is_told_that_its_client_has_gone_though_others_wait_behind_it(leave: str) -> None:
    begun, told, served = asyncio.Event(), asyncio.Event(), 0

    async def waits(_scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal served
        served += 1
        await send({"type": "http.response.start", "status": 200, "headers": []})
        begun.set()
        await _gone(receive)
        told.set()
        await send({"type": "http.response.body", "body": b"nobody takes it"})

    async with serving(waits) as running, running.client() as client:
        await client.send((HEAD + b"content-length: 0\r\n\r\n") * 3)
        async with asyncio.timeout(PATIENCE_S):
            await begun.wait()
            getattr(client.writer.transport, leave)()
            await told.wait()
        await until(lambda: not running.server.server_state.tasks)
    assert served == 1, "who has gone is not served what it had asked for besides"


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
