"""The HTTP protocol of `python main.py`, with a bound on all that a client may send before somebody looks at it.

uvicorn and its parser take headers of any size and wait for them for ever. (`h11_max_incomplete_event_size` is another
parser's; `limit_concurrency` lets half-open connections keep everybody else out.) Here a request's head is bounded in
bytes, lines and time, connections that send nothing are closed, and bodies that come too slowly are ended.

Time is counted by the server, which calls `tick` (`bounded_server.py`): a connection that is well does nothing for it,
and a server that was held up for a while takes it out on nobody.
"""

import asyncio
from dataclasses import dataclass
from typing import Any, ClassVar

import httptools
import uvicorn
from starlette.responses import Response
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle
from uvicorn.server import ServerState

from functions.edge.asgi.envelope import PRIVATE_HEADERS, REQUEST_ID, new_request_id
from functions.edge.asgi.errors import error_response, framework_refusal
from functions.edge.asgi.incoming_body import LEAST_BYTES_PER_S, PAUSE_S
from functions.edge.standalone.write_coalescing import CoalescingProtocol
from functions.farebox.errors import RequestTooSlow, ServerBusy

SLICE_BYTES = 64 * 1024  # what is parsed before the bounds are looked at: no larger than the smallest of them
LINGER_S = 1.0  # between an answer and the end of its connection, which would otherwise take the answer with it


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """What a connection may take. Numbers of bytes, lines and connections; seconds."""

    head_bytes: int = 64 * 1024  # of a request: its first line and all headers
    head_lines: int = 100
    address_bytes: int = 16 * 1024
    head_s: float = 10.0  # for a connection's first byte to come, and from a head's first byte to its last
    pause_s: float = PAUSE_S  # in a body
    body_bytes_per_s: int = LEAST_BYTES_PER_S
    discarded_bytes: int = 64 * 1024 * 1024  # of a body that goes on coming after it was answered
    pipelined: int = 100  # requests that wait for the answer to one before them
    unread_s: float = 120.0  # in which a client takes nothing of what waits for it
    connections: int = 2000  # over all clients


class BoundedProtocol(CoalescingProtocol):
    """The protocol of one connection. `_patience_s` is how long it may go on as it does, while it is its turn."""

    limits: ClassVar[ConnectionLimits] = ConnectionLimits()

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._patience_s: float = self.limits.head_s
        self._reads_body = False  # between the end of a request's head and the end of its body
        self._unparsed_bytes = 0  # at the most: what came since the parser last had a piece of a body or the end of one
        self._was_silent = True  # when it was last looked at, nothing had come since the end of a request
        self._body_bytes = 0  # that came since then
        self._discarded_bytes = 0
        self._unread_s = 0.0
        self._unread_bytes = 0
        self._served: RequestResponseCycle | None = None  # uvicorn's `cycle` is the last request that has come
        self._fault: int | None = None  # the status of what a callback of the parser refuses
        self._has_ended = False

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.Protocol`. Where there are too many connections, the one that waits for longest makes room."""
        super().connection_made(transport)
        if len(self.connections) > self.limits.connections:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.Protocol`. uvicorn tells only the last of several pipelined requests, which may wait yet."""
        super().connection_lost(exc)
        self.pipeline.clear()
        if self._served is not None and not self._served.response_complete:
            self._served.disconnected = True
            self._served.message_event.set()

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        if len(data) > SLICE_BYTES:
            for start in range(0, len(data), SLICE_BYTES):
                self.data_received(data[start : start + SLICE_BYTES])
            return
        if self._has_ended:
            return
        self._unparsed_bytes += len(data)
        super().data_received(data)
        if self._unparsed_bytes and not self._has_ended:
            has_many_lines = self.headers is not None and len(self.headers) > self.limits.head_lines
            if self._unparsed_bytes > self.limits.head_bytes or has_many_lines:
                self._end(framework_refusal(431))

    def resume_writing(self) -> None:
        """See `asyncio.Protocol`. The client has taken what waited for it."""
        super().resume_writing()
        self._unread_s, self._unread_bytes = 0.0, 0

    # What the parser calls. An exception makes it call `send_400_response`.

    def on_headers_complete(self) -> None:
        """A request's head has come. From here on it is served."""
        limits = self.limits
        if len(self.headers) > limits.head_lines or (
            self._unparsed_bytes > limits.head_bytes and self._head_bytes() > limits.head_bytes
        ):
            self._refuse(431)
        if len(self.url) > limits.address_bytes:
            self._refuse(414)
        if len(self.pipeline) >= limits.pipelined:
            self._refuse(400)
        super().on_headers_complete()
        self._reads_body = True
        self._patience_s = limits.pause_s

    def on_body(self, body: bytes) -> None:
        """A piece of a body."""
        self._unparsed_bytes = 0
        self._body_bytes += len(body)
        super().on_body(body)
        if self.cycle.response_complete:
            self._discarded_bytes += len(body)
            if self._discarded_bytes > self.limits.discarded_bytes:
                self._refuse(413)

    def on_message_complete(self) -> None:
        """A request has come."""
        super().on_message_complete()
        self._reads_body = False
        self._unparsed_bytes = self._discarded_bytes = 0

    def _head_bytes(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + len(": \r\n") for name, value in self.headers)

    def _refuse(self, status: int) -> None:
        self._fault = status
        raise httptools.HttpParserError

    def send_400_response(self, msg: str) -> None:
        """uvicorn's, for what it cannot parse. What it would say is said in the words of this API."""
        self._end(framework_refusal(self._fault or 400))

    # What uvicorn calls.

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """A request's turn to be served has come."""
        self._served = cycle
        super()._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        """A request has been answered. As uvicorn does it, but that `tick` counts how long the connection is idle: a
        timer for each answer would cost more than all else here."""
        if self.pipeline or self.transport.is_closing():
            super().on_response_complete()
            return
        self.server_state.total_requests += 1
        self.flow.resume_reading()
        self._patience_s = self.timeout_keep_alive
        self._was_silent = True

    # What the server calls.

    def tick(self, elapsed_s: float) -> None:
        """So much time has gone since the last call. Ends the connection where it has waited for too long."""
        if self.flow.write_paused or self.transport.is_closing():
            unread_bytes = self.transport.get_write_buffer_size()
            self._unread_s = self._unread_s + elapsed_s if unread_bytes >= self._unread_bytes else 0.0
            self._unread_bytes = unread_bytes
            if self._unread_s > self.limits.unread_s:
                self.transport.abort()
            return
        body_s, self._body_bytes = self._body_bytes / self.limits.body_bytes_per_s, 0
        is_silent = not self._reads_body and not self._unparsed_bytes
        if self._was_silent and not self._reads_body and not is_silent:
            self._patience_s = self.limits.head_s  # a head begins
        self._was_silent = is_silent
        is_served = self._owes_answer() and not self._reads_body
        if is_served or self.pipeline or self.flow.read_paused:
            return  # it waits for us
        if self._reads_body:
            self._patience_s = min(self._patience_s + body_s, self.limits.pause_s)
        self._patience_s -= elapsed_s
        if self._patience_s < 0:
            # A connection that never sent anything, or nothing since its last answer, is told nothing.
            late = RequestTooSlow("The request did not come in time. Send it at once.")
            self._end(None if is_silent else error_response(late))

    def _make_room(self) -> None:
        others = (each for each in self.connections if isinstance(each, BoundedProtocol) and each is not self)
        # Whoever still sends a request waits for nothing yet: many that never finish theirs must not shut others out.
        idle = [
            each for each in others if (each._reads_body or not each._owes_answer()) and not each.transport.is_closing()
        ]
        if idle:
            min(idle, key=lambda each: each._patience_s).transport.close()
        else:
            self._end(error_response(ServerBusy("Too many clients are being served here. Try again in a few seconds.")))

    def _owes_answer(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _end(self, refusal: Response | None) -> None:
        """Take no more, answer this to the request that is coming in, and close the connection. Where it is not that
        request's turn to be answered, the connection is all that can tell."""
        self._has_ended = True
        is_its_turn = self._owes_answer() == self._reads_body and not self.pipeline
        if refusal is None or not is_its_turn or (self._reads_body and self.cycle.response_started):
            self.transport.close()
            return
        if self._reads_body:  # the app waits for it, and is not to answer any more
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.write(self._written(refusal))
        self.flow.pause_reading()
        self.loop.call_later(LINGER_S, self.transport.close)

    def _written(self, answer: Response) -> bytes:
        """An answer as it goes over the wire, with what the app's envelope adds elsewhere."""
        headers = [
            *self.server_state.default_headers,
            *answer.raw_headers,
            *PRIVATE_HEADERS,
            (REQUEST_ID, new_request_id()),
            (b"connection", b"close"),
        ]
        lines = b"".join(b"%s: %s\r\n" % header for header in headers)
        return b"".join([STATUS_LINE[answer.status_code], lines, b"\r\n", answer.body])


def bounded_by(limits: ConnectionLimits) -> type[BoundedProtocol]:
    """The protocol with these limits."""
    return type("BoundedProtocol", (BoundedProtocol,), {"limits": limits})
