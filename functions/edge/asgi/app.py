"""Makes an ASGI app on Starlette alone, for the functions whose cold start counts."""

from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from functions.edge.asgi.cors import Cors
from functions.edge.asgi.envelope import PRIVATE_HEADERS, SAFE_HEADERS, Envelope
from functions.edge.asgi.errors import (
    answer_bad_config,
    answer_framework_refusal,
    answer_refusal,
    answer_turned_away,
    answer_unreachable,
)
from functions.edge.asgi.health import health_routes
from functions.farebox.errors import BadConfig, FareboxError
from functions.farebox.kit.memory_budget import MemoryBudget
from functions.farebox.storage import Refused, Unreachable
from functions.farebox.wiring.runtime import Runtime

MAX_MANAGEMENT_BODY_BYTES = 256 * 1024

Handler = Callable[[Request, Exception], Coroutine[Any, Any, Response]]

EXCEPTION_HANDLERS: dict[int | type[Exception], Handler] = {
    FareboxError: answer_refusal,
    HTTPException: answer_framework_refusal,
    Unreachable: answer_unreachable,
    Refused: answer_turned_away,
    BadConfig: answer_bad_config,
}


def edge_app(
    runtime: Runtime,
    routes: Sequence[BaseRoute],
    *,
    max_body_bytes: int = MAX_MANAGEMENT_BODY_BYTES,
    private: bool = True,
    fallback: Sequence[BaseRoute] = (),
    cors: Cors | None = None,
    handlers: Mapping[int | type[Exception], Handler] = EXCEPTION_HANDLERS,
) -> Starlette:
    """An ASGI app of these routes and `/healthz`, with this API's errors, ids and headers around them.

    `private` answers are stored by nobody and shown in no frame. `fallback` routes take what no other does. `cors` lets
    pages of other origins in, `handlers` write refusals.
    """
    headers = PRIVATE_HEADERS if private else SAFE_HEADERS
    every_route = [*routes, *health_routes(runtime), *fallback]
    return _Edge(
        every_route,
        max_body_bytes=max_body_bytes,
        memory=runtime.body_memory,
        headers=headers,
        cors=cors,
        handlers=handlers,
    )


class _Edge(Starlette):
    """An app with its envelope around its router, and nothing else: the envelope answers refusals and faults itself.

    The two layers that Starlette has for that cost 15 µs of a paid request's 900 µs of processor time.
    """

    def __init__(
        self,
        routes: Sequence[BaseRoute],
        *,
        max_body_bytes: int,
        memory: MemoryBudget,
        headers: Iterable[tuple[bytes, bytes]],
        cors: Cors | None,
        handlers: Mapping[int | type[Exception], Handler],
    ) -> None:
        super().__init__(routes=routes)
        self.router.redirect_slashes = False  # behind TLS it would send clients, and their keys, to plain http
        self._envelope = Envelope(
            _Directory(self.router, routes),
            max_body_bytes=max_body_bytes,
            memory=memory,
            headers=headers,
            handlers=handlers,
            cors=cors,
        )

    def build_middleware_stack(self) -> ASGIApp:
        """See `Starlette`, which calls it at the first request."""
        return self._envelope


class _Directory:
    """What the envelope is around: a route whose path is a fixed text is found by it, and the router searches for all
    others. Both lead to the same endpoint with the same checks before it; it saves a paid request 15 to 20 µs of
    processor time, a fiftieth of all that it takes."""

    def __init__(self, router: ASGIApp, routes: Iterable[BaseRoute]) -> None:
        self._router = router
        self._routes: dict[tuple[str, str], Route] = {}
        for route in routes:
            if isinstance(route, Route) and not route.param_convertors:
                for method in route.methods or ():
                    self._routes.setdefault((method, route.path), route)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = None
        if scope["type"] == "http" and not scope.get("root_path"):
            route = self._routes.get((scope["method"], scope["path"]))
        if route is None:
            await self._router(scope, receive, send)
            return
        scope.update(route=route, endpoint=route.endpoint, path_params={})
        await route.app(scope, receive, send)
