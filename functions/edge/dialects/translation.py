"""Serves a route of another dialect. Whoever speaks it is sent its requests as they are, and their answers are passed
on; for all others requests are translated to chat completions, and what comes back is translated again."""

import logging
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import orjson
from msgspec.structs import replace
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from functions.edge.asgi.credentials import api_key
from functions.edge.asgi.envelope import request_id
from functions.edge.asgi.errors import error_body, error_headers, kind_of
from functions.edge.asgi.light_request import LightRequest
from functions.edge.chat.authentication import authenticate_payer
from functions.edge.chat.bodies import Check, cache_wish, key_of
from functions.edge.chat.rendering import DIALECT_HEADER, ChatRendering, charge_of
from functions.edge.chat.response import (
    Streaming,
    body_of,
    rate_headers,
    send_again,
    send_plain,
    send_stream,
    serve_until_done,
    with_rates,
)
from functions.farebox.data_plane.idempotency import Kept
from functions.farebox.data_plane.reply import PaidAnswer, StreamEnd
from functions.farebox.data_plane.request import Request
from functions.farebox.data_plane.stream import Forward, PaidStream
from functions.farebox.dialects.dialect import Dialect, StreamWriter
from functions.farebox.dialects.notes import MARK
from functions.farebox.dialects.responses.recall import Recall
from functions.farebox.errors import FareboxError, InvalidRequest, RequestTooLarge, StoreUnavailable
from functions.farebox.gateway.answers import RejectedAnswer
from functions.farebox.gateway.json_object import read_object
from functions.farebox.gateway.speech.forms import Forms
from functions.farebox.leases.rate_status import rate_view
from functions.farebox.request.chat import check_chat
from functions.farebox.request.checked import Checked
from functions.farebox.request.fate import MAX_NAMED
from functions.farebox.request.json_body import parse_body
from functions.farebox.storage import Unreachable
from functions.farebox.tokens.usage.client_form import usage_as_openai
from functions.farebox.wiring.data_plane import DataPlane
from functions.farebox.wiring.runtime import Runtime

log = logging.getLogger("farebox.chat")

Body = dict[str, Any]


class Translated:
    """A route of a dialect; `check` is the check of its bodies. What they are translated to is checked again. `recall`
    remembers what was answered, for clients of a dialect that refer to it."""

    def __init__(self, runtime: Runtime, dialect: Dialect, check: Check, recall: Recall | None = None) -> None:
        self._runtime = runtime
        self._dialect = dialect
        self._rendering = SpokenRendering(dialect)
        self._check = check
        self._recall = recall

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        await refuse_in(self._dialect, self._answer, scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        http = LightRequest(scope, receive)
        plane, caller = await authenticate_payer(self._runtime, http, api_key(http))
        raw = await http.body()
        body, remember = await parse_body(raw), None
        if self._recall is not None:
            recalled_bytes = self._recall.size_of(caller.party, body)
            if recalled_bytes:
                await http.incoming.grown_to(len(raw) + recalled_bytes)
                body = self._recall.filled(caller.party, body)
            if body.get("store") is not False:
                remember = partial(self._recall.keep, caller.party)
        told = self._check(body)
        asked = told.body()
        own = own_form(told, self._dialect, self._check)
        forms = Forms(own, lambda: self._chat(asked))
        key = key_of(http, plane.gateway.routes, told, raw)
        request = Request(
            caller,
            own,
            request_id(scope),
            self._rendering,
            key,
            cache=cache_wish(http),
            headers=http.headers.raw,
            forms=forms,
        )
        work = self._serve(plane, request, asked, send, remember)
        await serve_until_done(request.hang_up, receive, work, to_the_end=key is not None)

    def _chat(self, asked: Body) -> Checked:
        """The chat completion request that means the same, checked; what is lost is among what is `dropped`."""
        lost: list[str] = []
        chat = check_chat(self._dialect.request(asked, lost))
        return replace(chat, dropped=(*lost, *chat.dropped)[:MAX_NAMED]) if lost else chat

    async def _serve(
        self, plane: DataPlane, request: Request, asked: Body, send: Send, remember: Callable[[bytes], None] | None
    ) -> None:
        reply = await plane.inference.serve(request)
        if isinstance(reply, Kept):
            await send_again(send, self._again(reply, asked))
            return
        headers = rate_headers(rate_view(reply.hold, self._runtime.now()))
        if isinstance(reply, PaidAnswer):
            body = self._body(request, reply, asked)
            if remember is not None:
                remember(body)
            await send_plain(send, request, reply, body, headers)
            return
        stream: Streaming = reply
        if reply.source.passed_on is None:
            stream = TranslatedStream(reply, self._dialect.stream(asked))
        if remember is not None:
            stream = RememberedStream(stream, remember)
        await send_stream(send, request, stream, headers)

    def _body(self, request: Request, paid: PaidAnswer, asked: Body) -> bytes:
        answer, body = paid.answer, body_of(request, paid)
        if isinstance(answer, RejectedAnswer):
            return orjson.dumps(self._dialect.error(answer.status, orjson.loads(body)["error"]))
        if answer.source.passed_on is not None:
            return body
        completion = read_object(body) or {}
        if (answer.usage is None or not answer.usage_is_final) and not request.own.wants_cost:
            completion["usage"] = usage_as_openai(paid.settled.usage)
        return orjson.dumps(self._dialect.answer(completion, asked))

    def _again(self, answer: Kept, asked: Body) -> Kept:
        if DIALECT_HEADER in answer.head:
            return answer
        if answer.stream:
            return replace(answer, body=self._dialect.stream(asked).write(answer.body))
        return replace(answer, body=orjson.dumps(self._dialect.answer(read_object(answer.body) or {}, asked)))


def own_form(told: Checked, dialect: Dialect, check: Check) -> Checked:
    """What goes to who speaks the dialect: what was told, but for notes that are nothing to them."""
    if told.encoded.find(MARK) < 0:
        return told
    return replace(check(dialect.own(told.body())), unknown=told.unknown, dropped=told.dropped)


async def refuse_in(dialect: Dialect, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Serve a request by `app`; what that refuses is refused in the dialect's words."""
    started = False

    async def send_watched(message: Message) -> None:
        nonlocal started
        started = True
        if message["type"] == "http.response.start" and dialect.id_header is not None:
            own = (dialect.id_header, request_id(scope).encode())
            message = {**message, "headers": [*message["headers"], own]}
        await send(message)

    try:
        await app(scope, receive, send_watched)
    except (FareboxError, HTTPException, Unreachable) as error:
        if started:
            raise
        await _refusal(dialect, error)(scope, receive, send_watched)


def _refusal(dialect: Dialect, error: Exception) -> Response:
    if isinstance(error, Unreachable):
        error = StoreUnavailable("The database does not answer. Try again in a few seconds.")
    elif isinstance(error, HTTPException):
        is_large = error.status_code == 413
        error = (RequestTooLarge if is_large else InvalidRequest)("The body could not be taken. Send a smaller one.")
    assert isinstance(error, FareboxError)
    status = kind_of(error)[0]
    answer = JSONResponse(dialect.error(status, error_body(error)["error"]), status, error_headers(error))
    return with_rates(answer, error)


class SpokenRendering(ChatRendering):
    """`Rendering` that also ends a stream which is passed on in its upstream's own dialect."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect

    def tail(self, end: StreamEnd) -> bytes:
        """See `Rendering`."""
        withheld = end.relayed.withheld
        if withheld is None:
            return super().tail(end)
        if end.error is not None:
            return self._dialect.broken(kind_of(end.error)[0], error_body(end.error)["error"])
        return self._dialect.ending(withheld, charge_of(end.settled))


class RememberedStream:
    """A stream whose last block, which ends it, is to be remembered."""

    def __init__(self, stream: Streaming, remember: Callable[[bytes], None]) -> None:
        self.source = stream.source
        self._stream = stream
        self._remember = remember

    async def blocks(self, forward: Forward | None = None) -> AsyncIterator[bytes]:
        """See `Streaming`. The end is never forwarded."""
        last = b""
        async for block in self._stream.blocks(forward):
            last = block or last
            yield block
        self._remember(last)


class TranslatedStream:
    """A stream in another dialect. What cannot be translated ends it for the client, and is read and paid to its end
    all the same."""

    def __init__(self, stream: PaidStream, writer: StreamWriter) -> None:
        self.source = stream.source
        self._stream = stream
        self._writer = writer
        self._failed = False

    async def blocks(self, forward: Forward | None = None) -> AsyncIterator[bytes]:
        """See `Streaming`."""

        def translate_and_forward(block: bytes) -> bool:
            translated = self._translated(block)
            return not translated or forward is None or forward(translated)

        async for block in self._stream.blocks(forward and translate_and_forward):
            yield self._translated(block)

    def _translated(self, block: bytes) -> bytes:
        if self._failed or not block:
            return b""
        try:
            return self._writer.write(block)
        except Exception:
            log.exception("a stream could not be translated")
            self._failed = True
            return self._writer.fail()
