"""One connection to an upstream: HTTP/1.1 (RFC 9112) by llhttp's parser, one exchange at a time.

It does what a relay needs and no more: requests with a whole body, answers that are read piece by piece as they came.
It follows no redirects (an upstream could be made to send a prompt and a key elsewhere) and keeps no cookies.
"""

import asyncio
import math
import zlib
from collections.abc import Callable
from contextvars import copy_context
from typing import Any

import httptools

from functions.farebox.gateway.transport import READ_HEADERS, ConnectionLost, TimedOut, TransportError

LINGER_S = 1.0  # how long a connection waits for the end of an answer that has said all that matters
MOST_BUFFERED_BYTES = 256 * 1024  # above, the upstream waits for whoever reads
MOST_HEADER_BYTES = 64 * 1024
MOST_INFLATED_BYTES = 16 * 1024 * 1024  # that one piece of an answer may come to

_LENGTHS = frozenset({"content-length", "transfer-encoding"})
_KEPT = frozenset(name.encode() for name in (*READ_HEADERS, *_LENGTHS, "content-encoding"))
_NO_BODY = frozenset({204, 304})
_PLAIN = frozenset({"", "identity"})
_DEFLATED = frozenset({"gzip", "x-gzip", "deflate"})
_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32  # zlib's way to say: whichever the header announces


class Connection(asyncio.Protocol):
    """A connection. `on_free` hears when it may serve another exchange."""

    def __init__(self, on_free: "Callable[[Connection], None]") -> None:
        self.is_open = False
        self.free_since_s = 0.0
        self._on_free = on_free
        self._exchanges = 0
        self._transport: Any = None
        self._answer: HttpIncoming | None = None
        self._parser: Any = None
        self._is_writing = False  # a part of a request has not been taken by the system

    async def exchange(self, request: bytes, body: bytes, until_s: float, idle_s: float) -> "HttpIncoming":
        """Send a request, its head and its body; returns when the answer's headers are there.

        The answer has until `until_s` of the loop's clock, unless it is allowed another time; `idle_s` of silence while
        somebody reads end it, too. Raises `TransportError`.
        """
        assert self._answer is None, "one exchange at a time"
        answer = self._answer = HttpIncoming(self, until_s, idle_s)
        self._parser = httptools.HttpResponseParser(answer)
        self._exchanges += 1
        self._transport.writelines((request, body))
        try:
            await answer.headers_come()
        except BaseException:
            if self._answer is answer:  # else it came after all, and the connection is another exchange's by now
                self.abort()
            raise
        return answer

    def abort(self, why: TransportError | None = None) -> None:
        """Close it now, which tells the upstream to stop. Whoever reads its answer is told why."""
        answer, self._answer = self._answer, None
        if why is not None and self._is_writing:
            why.was_written = False
        self._parser = None
        if self.is_open:
            self.is_open = False
            self._transport.abort()
        if answer is not None:
            answer.end(why or ConnectionLost("it was closed"))

    @property
    def parser(self) -> Any:
        """What parses the answer at hand."""
        return self._parser

    def hold_back(self, wait: bool) -> None:
        """Have the upstream wait, or go on."""
        if self.is_open:
            (self._transport.pause_reading if wait else self._transport.resume_reading)()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.Protocol`."""
        self._transport = transport
        self._transport.set_write_buffer_limits(0)  # so that the end of each request's writing is told
        self.is_open = True

    def pause_writing(self) -> None:
        """See `asyncio.Protocol`."""
        self._is_writing = True

    def resume_writing(self) -> None:
        """See `asyncio.Protocol`."""
        self._is_writing = False

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        answer = self._answer
        if answer is None:  # nobody asked
            self.abort()
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self.abort(ConnectionLost("the answer is not HTTP"))
            return
        if answer.is_whole:
            self._release()
        answer.wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        answer, self._answer = self._answer, None
        self.is_open = False
        if answer is not None:
            answer.lose_connection(was_used=self._exchanges > 1, was_written=not self._is_writing)

    def _release(self) -> None:
        assert self._answer is not None
        keeps_alive = self._answer.keeps_alive
        self._answer = self._parser = None
        if keeps_alive and self.is_open:
            self._on_free(self)
        else:
            self.abort()


class HttpIncoming:
    """An answer that is coming in over a connection; the parser tells it what comes.

    One timer an answer watches for silence and for the end of its time. It is not set anew for every piece: it looks,
    when it fires, at how long the reader has been waiting, and sleeps on for the rest.
    """

    __slots__ = (
        "__weakref__", "_buffered", "_connection", "_failure", "_header_bytes", "_heard", "_idle_s", "_inflater",
        "_is_held_back", "_is_interim", "_lingers", "_loop", "_pieces", "_take_at_once", "_timer", "_until_s",
        "_waiter", "_waiting_since_s", "headers", "is_whole", "keeps_alive", "status",
    )  # fmt: skip

    def __init__(self, connection: Connection, until_s: float, idle_s: float) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.is_whole = False
        self.keeps_alive = False
        self._connection = connection
        self._idle_s = idle_s
        self._loop = asyncio.get_running_loop()
        self._header_bytes = 0
        self._is_interim = False  # a 1xx before the answer
        self._inflater: Any = None
        self._pieces: list[bytes] = []
        self._buffered = 0
        self._is_held_back = False
        self._heard = False
        self._failure: TransportError | None = None
        self._waiter: asyncio.Future[bool] | None = None
        self._take_at_once: Callable[[bytes], bool] | None = None
        self._waiting_since_s: float | None = None
        self._until_s = until_s
        self._timer: asyncio.TimerHandle | None = self._loop.call_at(until_s, self._look_at_the_time)
        self._lingers = False

    def allow(self, seconds: float) -> None:
        """See `Incoming`."""
        self._until_s = self._loop.time() + seconds

    async def headers_come(self) -> None:
        """Wait until the headers are there. Raises `TransportError`."""
        while not self.status and self._failure is None:
            await self._wait()
        if self._failure is not None:
            raise self._failure

    async def read(self) -> bytes:
        """The next bytes as they came, decompressed; empty at the end. Raises `TransportError`."""
        if not self._pieces and not self.is_whole and self._failure is None:
            await self._wait_for_piece()
        if self._pieces:
            return self._take()
        if self._failure is not None:
            raise self._failure
        return b""

    async def pass_on(self, take: Callable[[bytes], bool]) -> None:
        """See `Incoming`."""
        if self._pieces or self.is_whole or self._failure is not None:
            return
        context = copy_context()  # the connection's own is that of whoever opened it
        self._take_at_once = lambda piece: context.run(take, piece)
        try:
            await self._wait_for_piece()
        finally:
            self._take_at_once = None

    async def aclose(self, *, drained: bool = False) -> None:
        """Close the connection now; `drained`: or keep it, if the answer ends within `LINGER_S`."""
        if self.is_whole or self._failure is not None or (drained and self._lingers):
            return
        if drained:
            self._lingers = True
            self._take()
            self._set_timer(LINGER_S, self._connection.abort)
        else:
            self._connection.abort()

    # What the parser calls.

    def on_message_begin(self) -> None:
        """A message begins: an interim answer, or the answer, or something behind it that nobody asked for."""
        if self.is_whole:
            raise ValueError("a second answer")
        self._heard = True

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a trailer, which is of no interest."""
        self._header_bytes += len(name) + len(value)
        if self._header_bytes > MOST_HEADER_BYTES:
            raise ValueError("too many headers")
        if not self.status and (name := name.lower()) in _KEPT:
            self.headers[name.decode("latin-1")] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """The headers are there."""
        status: int = self._connection.parser.get_status_code()
        if status < 200:
            self._is_interim = True
            self.headers.clear()
            return
        self.status = status
        encoding = self.headers.get("content-encoding", "").lower()
        if encoding in _DEFLATED:
            self._inflater = zlib.decompressobj(_GZIP_OR_ZLIB)
        elif encoding not in _PLAIN:
            raise ValueError("an encoding that was not asked for")

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        if self._lingers:
            return
        if self._inflater is not None:
            body = self._inflater.decompress(body, MOST_INFLATED_BYTES)
            if self._inflater.unconsumed_tail:
                raise ValueError("it inflates too far")
            if not body:  # a beginning that nothing comes of yet: to a reader, no bytes are the end
                return
        self._pieces.append(body)
        self._buffered += len(body)
        if self._buffered > MOST_BUFFERED_BYTES and not self._is_held_back:
            self._is_held_back = True
            self._connection.hold_back(True)

    def on_message_complete(self) -> None:
        """The answer is whole, or it was an interim one."""
        if self._is_interim:
            self._is_interim = False
        else:
            self.keeps_alive = self._connection.parser.should_keep_alive()
            self._become_whole()

    # What the connection calls.

    def wake(self) -> None:
        """Something came: whoever waits looks at it."""
        waiter = self._waiter
        if waiter is None or waiter.done():
            return
        is_taken = False
        if self._take_at_once is not None and self._pieces:
            self._waiting_since_s = self._loop.time()
            try:
                if self._take_at_once(self._take()) and not self.is_whole and self._failure is None:
                    return
            except Exception as error:  # it is the reader's, and not the connection's
                if not waiter.done():
                    waiter.set_exception(error)
                return
            is_taken = True
        if not waiter.done():  # who took it may have given its reader up
            waiter.set_result(is_taken)

    def end(self, failure: TransportError) -> None:
        """Nothing more comes."""
        self._failure = failure
        self._stop_timer()
        self.wake()

    def lose_connection(self, *, was_used: bool, was_written: bool) -> None:
        """The upstream has closed the connection, which may be how it ends its answer."""
        if self.status and (self.status in _NO_BODY or _LENGTHS.isdisjoint(self.headers)):
            self._become_whole()
            self.wake()
        else:
            was_stale = was_used and not self._heard
            self.end(ConnectionLost("the connection broke", was_stale=was_stale, was_written=was_written))

    def _become_whole(self) -> None:
        self.is_whole = True
        self._stop_timer()
        self._go_on()

    def _take(self) -> bytes:
        pieces, self._pieces, self._buffered = self._pieces, [], 0
        self._go_on()
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _go_on(self) -> None:
        if self._is_held_back:
            self._is_held_back = False
            self._connection.hold_back(False)

    async def _wait(self) -> bool:
        """Whether what came was taken, and no more is to be taken so."""
        self._waiter = self._loop.create_future()
        try:
            return await self._waiter
        finally:
            self._waiter = None

    async def _wait_for_piece(self) -> None:
        now_s = self._waiting_since_s = self._loop.time()
        if self._timer is None or self._timer.when() > now_s + self._idle_s:
            self._set_timer(self._idle_s, self._look_at_the_time)
        try:
            while not self._pieces and not self.is_whole and self._failure is None:
                if await self._wait():
                    return
        finally:
            self._waiting_since_s = None

    def _set_timer(self, seconds: float, then: Callable[[], None]) -> None:
        self._stop_timer()
        self._timer = self._loop.call_later(seconds, then)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look_at_the_time(self) -> None:
        now_s = self._loop.time()
        since_s = self._waiting_since_s
        silent_at_s = math.inf if since_s is None else since_s + self._idle_s
        over_at_s = min(silent_at_s, self._until_s)
        self._timer = None
        if now_s >= over_at_s:
            self._connection.abort(TimedOut("it fell silent" if silent_at_s < self._until_s else "no answer in time"))
        elif over_at_s < math.inf:
            self._timer = self._loop.call_at(over_at_s, self._look_at_the_time)
