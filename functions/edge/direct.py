"""The short way of the busiest paths: past the router, with the same errors."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Handlers = Mapping[int | type[Exception], Callable[[Request, Exception], Awaitable[Response]]]


class Direct:
    """ASGI middleware: a POST to one of these routes' paths goes straight to its endpoint, an ASGI app; everything
    else to the app behind. As the router does, it leaves the route in the scope, for the log and the telemetry."""

    def __init__(self, app: ASGIApp, *, routes: Sequence[Route], handlers: Handlers) -> None:
        self._app = app
        self._routes = {route.path: route for route in routes}
        self._handlers: dict[Any, Callable[[Request, Exception], Awaitable[Response]]] = dict(handlers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        route = self._routes.get(scope["path"]) if scope["type"] == "http" else None
        if route is None or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        scope["route"] = route
        started = False

        async def send_watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await route.endpoint(scope, receive, send_watched)
        except Exception as error:
            handler = next((self._handlers[kind] for kind in type(error).__mro__ if kind in self._handlers), None)
            if handler is None or started:
                raise
            response = await handler(Request(scope, receive), error)
            await response(scope, receive, send)
