"""Serves a paid request over ASGI: the answer's headers, the relay, and the client that may go at any moment.

The work runs in a task of its own, because a server cancels a handler whose client is gone, and the books must be
closed all the same. It is told of the hang-up instead, cancels the upstream and charges what was relayed.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine, Mapping
from typing import Any, Protocol

from starlette.responses import Response
from starlette.types import Receive, Send

from functions.edge.chat.large_bodies import send_body
from functions.edge.chat.rendering import RENDERING
from functions.edge.chat.sending import Sender, body_part
from functions.farebox.data_plane.disconnect import HangUp, HungUp
from functions.farebox.data_plane.idempotency import Kept
from functions.farebox.data_plane.reply import PaidAnswer
from functions.farebox.data_plane.request import Request
from functions.farebox.data_plane.stream import Forward
from functions.farebox.errors import RateLimited
from functions.farebox.gateway.answers import RejectedAnswer, Source
from functions.farebox.leases.rate_status import WindowView
from functions.farebox.observability.request_context import current_request

log = logging.getLogger("farebox.chat")

Headers = list[tuple[bytes, bytes]]

WATCH_AFTER_S = 0.1  # a client that goes sooner is noticed then

STREAMING: Headers = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),  # proxies are to pass events on as they come
]


class Streaming(Protocol):
    """A stream to relay."""

    source: Source

    def blocks(self, forward: Forward | None = None) -> AsyncIterator[bytes]:
        """What to send, as it comes, but for what `forward` has taken. It is to be iterated to its end."""


_working: set[asyncio.Task[None]] = set()  # the loop itself only keeps weak references


async def serve_until_done(
    hang_up: HangUp, receive: Receive, work: Coroutine[Any, Any, None], *, to_the_end: bool
) -> None:
    """Run `work` to its end, whatever becomes of the client, and tell it if the client goes.

    `to_the_end`: it is not told. The client has asked for exactly one call, whose answer it may come back for.
    """
    loop = asyncio.get_running_loop()
    task = loop.create_task(work)
    ended = _end_of(task, loop)
    watch = None if to_the_end else _Watch(receive, hang_up, loop)
    try:
        await ended  # and not the task, which would be cancelled with us
        task.result()
    except HungUp:
        pass  # there is nobody left to tell
    except asyncio.CancelledError:
        if not to_the_end:
            hang_up.set()
        raise
    finally:
        if watch is not None:
            watch.stop()
        if not task.done() and (context := current_request.get()) is not None:
            context.work = task  # not sooner: a task holds its context, and two that hold each other are garbage


def _end_of(task: asyncio.Task[None], loop: asyncio.AbstractEventLoop) -> asyncio.Future[None]:
    """Resolves when a task has ended, and can be cancelled without it. (`asyncio.shield` does the same and more, in
    twice the time.)"""
    ended: asyncio.Future[None] = loop.create_future()

    def end(task: asyncio.Task[None]) -> None:
        _working.discard(task)
        if not ended.done():
            ended.set_result(None)
        elif not task.cancelled():
            task.exception()  # there is nobody left to raise it to

    _working.add(task)
    task.add_done_callback(end)
    return ended


async def send_plain(send: Send, request: Request, paid: PaidAnswer, body: bytes, headers: Headers) -> None:
    """Send a whole answer, whose body was written for this client."""
    answer = paid.answer
    status = answer.status if isinstance(answer, RejectedAnswer) else 200
    head = RENDERING.head(answer.source, request.receipt_id, paid.settled, request.dropped)
    own = [*_encoded(head), *_content(body)]
    await send({"type": "http.response.start", "status": status, "headers": [*own, *headers]})
    await send_body(send, body)  # until then it counts in the memory that there is for large answers


def body_of(request: Request, paid: PaidAnswer) -> bytes:
    """The body of a whole answer, or of an upstream's refusal."""
    answer = paid.answer
    if isinstance(answer, RejectedAnswer):
        return answer.body
    return request.rendering.body(answer, paid.settled, wants_cost=request.own.wants_cost)


async def send_again(send: Send, answer: Kept) -> None:
    """Send an answer that was given before."""
    own = [*_encoded(answer.head), (b"x-farebox-idempotent-replay", b"true")]
    own += STREAMING if answer.stream else _content(answer.body)
    await send({"type": "http.response.start", "status": 200, "headers": own})
    await send_body(send, answer.body)


async def send_stream(send: Send, request: Request, stream: Streaming, headers: Headers) -> None:
    """Relay a stream. A client that no longer takes anything has hung up."""
    own = [*STREAMING, *_encoded(RENDERING.head(stream.source, request.receipt_id, dropped=request.dropped))]
    client = Sender(send, request.hang_up)
    blocks = stream.blocks(client.at_once)
    try:
        await client.offer({"type": "http.response.start", "status": 200, "headers": [*own, *headers]})
        async for block in blocks:
            if block:
                await client.offer(body_part(block))
            else:
                await client.caught_up()
    except Exception:  # the server can't send it: nobody has it, and its books are closed as for who has gone
        request.hang_up.set()
        async for _ in blocks:
            pass
        raise
    await client.offer({"type": "http.response.body", "body": b""})


def rate_headers(windows: Mapping[str, WindowView]) -> Headers:
    """`x-ratelimit-{limit,remaining,reset}-{requests,tokens}`, in OpenAI's form."""
    headers: Headers = []
    for name, window in windows.items():
        for what, value in (
            ("limit", str(window.limit)),
            ("remaining", str(window.remaining)),
            ("reset", duration(window.reset_s)),
        ):
            headers.append((f"x-ratelimit-{what}-{name}".encode(), value.encode()))
    return headers


def with_rates(refusal: Response, error: Exception) -> Response:
    """A refusal for an error; where that is a key's pace, with what is left of its windows."""
    if isinstance(error, RateLimited):
        refusal.raw_headers.extend(rate_headers(error.windows))
    return refusal


def duration(seconds: float) -> str:
    """A duration as OpenAI writes it: `12ms`, `1.5s`, `6m0s`, `23h59m10s`."""
    millis = round(seconds * 1000)
    if millis < 1000:
        return f"{millis}ms"
    if millis < 60_000:
        return f"{millis / 1000:g}s"
    minutes, rest = divmod(millis // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes}m{rest}s" if hours else f"{minutes}m{rest}s"


def _content(body: bytes) -> Headers:
    return [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]


def _encoded(headers: Mapping[str, str]) -> Headers:
    return [(name.encode(), value.encode()) for name, value in headers.items()]


class _Watch:
    """Watches for the client's going, once the request has taken a moment: most answers that come sooner need none."""

    def __init__(self, receive: Receive, hang_up: HangUp, loop: asyncio.AbstractEventLoop) -> None:
        self._receive = receive
        self._hang_up = hang_up
        self._task: asyncio.Task[None] | None = None
        self._timer = loop.call_later(WATCH_AFTER_S, self._start)

    def stop(self) -> None:
        """The request is over."""
        self._timer.cancel()
        if self._task is not None:
            self._task.cancel()

    def _start(self) -> None:
        self._task = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._hang_up.set()
