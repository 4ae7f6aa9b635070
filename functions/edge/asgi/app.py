"""Makes an ASGI app on Starlette alone, for the functions whose cold start counts."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from functions.edge.asgi.envelope import PRIVATE_HEADERS, SAFE_HEADERS, Envelope
from functions.edge.asgi.errors import answer_framework_refusal, answer_refusal, answer_unreachable
from functions.edge.asgi.health import health_routes
from functions.farebox.errors import FareboxError
from functions.farebox.storage import Unreachable
from functions.farebox.wiring.runtime import Runtime

MAX_MANAGEMENT_BODY_BYTES = 256 * 1024

Handler = Callable[[Request, Exception], Coroutine[Any, Any, Response]]

EXCEPTION_HANDLERS: dict[int | type[Exception], Handler] = {
    FareboxError: answer_refusal,
    HTTPException: answer_framework_refusal,
    Unreachable: answer_unreachable,
}


def edge_app(
    runtime: Runtime,
    routes: Sequence[BaseRoute],
    *,
    max_body_bytes: int = MAX_MANAGEMENT_BODY_BYTES,
    private: bool = True,
    fallback: Sequence[BaseRoute] = (),
    direct: Sequence[Route] = (),
) -> Starlette:
    """An ASGI app of these routes and `/healthz`, with this API's errors, ids and headers around them.

    `private` answers are stored by nobody and shown in no frame. `fallback` routes take what no other does. POSTs to
    the paths of `direct` routes, whose endpoints are ASGI apps, pass the router by.
    """
    headers = PRIVATE_HEADERS if private else SAFE_HEADERS
    app = _Edge(
        routes=[*direct, *routes, *health_routes(runtime), *fallback],
        middleware=[Middleware(Envelope, max_body_bytes=max_body_bytes, headers=headers)],
        exception_handlers=dict(EXCEPTION_HANDLERS),
    )
    for route in direct:
        app.short_ways[route.path] = Envelope(
            route.endpoint,
            max_body_bytes=max_body_bytes,
            headers=headers,
            handlers=EXCEPTION_HANDLERS,
            route=route,
        )
    return app


class _Edge(Starlette):
    """An app in which a POST to some paths goes straight to its endpoint, past the router and what is around it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.short_ways: dict[str, Envelope] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        short_way = self.short_ways.get(scope["path"]) if scope["type"] == "http" else None
        if short_way is None or scope["method"] != "POST":
            await super().__call__(scope, receive, send)
        else:
            await short_way(scope, receive, send)
