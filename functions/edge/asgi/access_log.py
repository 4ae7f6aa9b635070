"""The access log: one line, one span and one measurement for each request, made when it has ended.

None of them holds anything that a client wrote: the path is written with its parameters' names in place of their
values.
"""

import logging
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import Any

from starlette.routing import Mount
from starlette.types import Scope

from functions.farebox.observability.logs import Access, log_access
from functions.farebox.observability.metrics import HTTP_DURATION
from functions.farebox.observability.request_context import RequestContext, current_request, parse_trace
from functions.farebox.observability.telemetry import Attribute, Span, listener

lines = logging.getLogger("farebox.access")
log = logging.getLogger("farebox.edge")

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UNKNOWN = "(unknown)"
QUIET = ("/healthz", "/health")  # asked for every few seconds; only what is ill is worth a line
HUNG_UP = 499  # what nginx calls a client that went before its answer began


class Watched:
    """One request, while it is served. `status` is the answer's, once it has begun."""

    def __init__(self, scope: Scope, headers: Mapping[bytes, bytes], request_id: str) -> None:
        self.status: int | None = None
        self._scope = scope
        self._began_s = time.perf_counter()
        trace = parse_trace(_text(headers, b"traceparent"), _text(headers, b"x-cloud-trace-context"))
        self._context = RequestContext(request_id, trace)
        self._telemetry = listener()
        self._span: AbstractContextManager[Any] = nullcontext()
        self._in_span: Span | None = None

    def __enter__(self) -> None:
        self._token = current_request.set(self._context)
        if self._telemetry is not None:
            method = {"http.request.method": self._method}
            self._span = self._telemetry.request_span(self._method, self._context.trace, method)
            self._in_span = self._span.__enter__()
            self._context.trace = self._telemetry.current() or self._context.trace

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, stack: TracebackType | None
    ) -> None:
        current_request.reset(self._token)
        if self.status is None:
            self.status = HUNG_UP
        self.when_done(self._end)
        if self._in_span is not None:
            answered: dict[str, Attribute] = {"http.response.status_code": self.status, "http.route": self._route}
            self._in_span.set(**answered)
        self._span.__exit__(kind, error, stack)

    def failed(self, error: Exception) -> None:
        """Nobody handled an exception."""
        request = (self._method, self._route, self._context.request_id)
        log.error("unhandled exception: %s %s, request %s", *request, exc_info=error)

    def when_done(self, then: Callable[[], None]) -> None:
        """Have something done once nobody works for the request any more, which may be after its client has gone."""
        work = self._context.work
        if work is None or work.done():
            then()
        else:
            work.add_done_callback(lambda _: then())

    @property
    def _method(self) -> str:
        return self._scope["method"] if self._scope["method"] in METHODS else UNKNOWN

    @property
    def _route(self) -> str:
        """The path as the route has it; what no route takes was a client's own invention."""
        route = self._scope.get("route")
        if route is None:
            return UNKNOWN
        return f"{route.path}/*" if isinstance(route, Mount) else str(route.path)

    def _end(self) -> None:
        latency_s = time.perf_counter() - self._began_s
        status = self.status or HUNG_UP
        if self._telemetry is not None:
            labels: dict[str, Attribute] = {
                "http.request.method": self._method,
                "http.route": self._route,
                "http.response.status_code": status,
            }
            self._telemetry.observe(HTTP_DURATION, latency_s, labels)
            self._telemetry.request_ended()
        if lines.isEnabledFor(logging.INFO) and not (status == 200 and self._scope["path"] in QUIET):
            log_access(lines, Access(self._method, self._route, status, latency_s, self._context))


def _text(headers: Mapping[bytes, bytes], name: bytes) -> str | None:
    value = headers.get(name)
    return None if value is None else value.decode("latin-1")
