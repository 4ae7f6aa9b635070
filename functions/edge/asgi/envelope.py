"""ASGI middleware around every answer: a request id, safe headers, a bounded body, and no fault that leaks."""

import random
import re
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from functions.edge.asgi.access_log import Watched
from functions.edge.asgi.cors import ORIGIN, Cors
from functions.edge.asgi.errors import internal_error
from functions.edge.asgi.incoming_body import BodyBounds, IncomingBody
from functions.farebox.kit.memory_budget import MemoryBudget

Handler = Callable[[Request, Exception], Awaitable[Response]]
Handlers = Mapping[int | type[Exception], Handler]

REQUEST_ID = b"x-request-id"
_SERIES = random.getrandbits(24)
_ACCEPTABLE_ID = re.compile(rb"[A-Za-z0-9._-]{1,128}")

SAFE_HEADERS = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"))
PRIVATE_HEADERS = (*SAFE_HEADERS, (b"cache-control", b"no-store"), (b"x-frame-options", b"DENY"))


def request_id(scope: Scope) -> str:
    """The id of the request, as its answer bears it."""
    return str(scope["state"]["request_id"])


class ClientGone(ClientDisconnect, OSError):
    """Raised by sending to a client that has gone: what both its server and Starlette call it."""


class Envelope:
    """ASGI middleware, and the outermost that an edge adds.

    - `x-request-id` is on every answer: the client's own if it is 1 to 128 of `[A-Za-z0-9._-]`, else a new one.
    - `headers` are on every answer that does not set them itself; to a page of another origin, what `cors` lets it.
    - A body of more than `max_body_bytes` is refused with 413, by its declared length or once that many have come. One
      that is large counts in `memory`, until nobody works for the request any more; see `IncomingBody`.
    - A refusal is answered by the first of `handlers` that fits it, where they are given; Starlette has its own inside.
    - A client that goes, before its body has come or while it is answered, is no failure, and is told nothing more.
    - An exception that nobody handled is logged with its traceback and answered with a 500 that tells nothing; after
      the first byte it is raised on, so that the server cuts the connection instead of ending it cleanly.
    - Each request has one line in the log and one span (`access_log.py`).
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        max_body_bytes: int,
        memory: MemoryBudget | None = None,
        headers: Iterable[tuple[bytes, bytes]] = SAFE_HEADERS,
        handlers: Handlers | None = None,
        cors: Cors | None = None,
    ) -> None:
        self.app = app
        self._bounds = BodyBounds(max_body_bytes, memory)
        self.headers = tuple(headers)
        self._handlers: Mapping[Any, Handler] = handlers or {}
        self._cors = cors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = dict(scope["headers"])
        chosen_id = _choose_id(given.get(REQUEST_ID))
        text_id = chosen_id.decode()
        # The router says in `route` where the request went; what is there before is a server's around us.
        body = IncomingBody(receive, given.get(b"content-length"), self._bounds)
        scope = {**scope, "route": None, "state": {"request_id": text_id, "headers": given, "body": body}}
        watched = Watched(scope, given, text_id)
        cors = self._cors if ORIGIN in given else None

        async def send_enveloped(message: Message) -> None:
            if message["type"] == "http.response.start":
                watched.status = message["status"]
                headers = self._add_headers(message.get("headers", ()), chosen_id)
                if cors is not None:
                    headers += cors.headers(given[ORIGIN])
                message = {**message, "headers": headers}
            try:
                await send(message)
            except OSError as error:  # which is how a server tells that nobody takes it
                raise ClientGone from error

        with watched:
            try:
                app = self.app if cors is None else cors.preflight(scope["method"], given) or self.app
                await app(scope, body.receive, send_enveloped)
            except ClientDisconnect:
                pass
            except Exception as error:
                response = await self._refusal(error, watched, Request(scope, receive))
                with suppress(ClientGone):
                    await response(scope, receive, send_enveloped)
            finally:
                if body.is_counted:
                    watched.when_done(body.release)

    async def _refusal(self, error: Exception, watched: Watched, request: Request) -> Response:
        """What answers an exception; where an answer has begun, it is raised on."""
        if watched.status is None and (handler := self._handler_of(error)) is not None:
            return await handler(request, error)
        watched.failed(error)
        if watched.status is not None:
            raise error
        return internal_error()

    def _handler_of(self, error: Exception) -> Handler | None:
        return next((self._handlers[kind] for kind in type(error).__mro__ if kind in self._handlers), None)

    def _add_headers(self, own: Iterable[tuple[bytes, bytes]], chosen_id: bytes) -> list[tuple[bytes, bytes]]:
        headers = list(own)
        names = {name for name, _ in headers}  # in lower case, as ASGI wants them
        headers += [header for header in self.headers if header[0] not in names]
        headers.append((REQUEST_ID, chosen_id))
        return headers


def _choose_id(given: bytes | None) -> bytes:
    if given is not None and _ACCEPTABLE_ID.fullmatch(given):
        return given
    return new_request_id()


def new_request_id() -> bytes:
    """An id that no other request has."""
    # It names a request and opens nothing. Like `Ids.next`, and for its reason, a process's ids follow each other.
    return b"req_%06x%014x%04x" % (_SERIES, time.time_ns() // 1000, random.getrandbits(16))
