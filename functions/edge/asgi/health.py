"""`GET /healthz`: 200 when this function can serve, which takes its configuration and its store. `GET /` answers the
same to programs, which accept JSON and no page. It says how many upstreams lack a secret, where there are any."""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send

from functions.edge.asgi.errors import error_response
from functions.farebox.errors import StoreUnavailable
from functions.farebox.storage import Unreachable
from functions.farebox.wiring.runtime import Runtime

# Google's front end keeps some paths that end in z to itself on *.run.app, so there is one that does not.
HEALTH_PATHS = ("/healthz", "/health")
STORE_TIMEOUT_S = 3.0


def health_routes(runtime: Runtime) -> list[BaseRoute]:
    """The routes that every edge has."""

    async def health(_request: Request) -> Response:
        try:
            async with asyncio.timeout(STORE_TIMEOUT_S):
                store = await runtime.store()
                await store.get("health/none")
        except (TimeoutError, Unreachable, StoreUnavailable):
            return error_response(StoreUnavailable("The database does not answer. Try again in a few seconds."))
        told: dict[str, str | int] = {"status": "ok"}
        plane = runtime.data_plane.made
        if plane is not None and plane.upstreams.uncalled:
            told["upstreams_not_called"] = plane.upstreams.uncalled  # who asks is anybody: which, the log says
        return JSONResponse(told)

    return [*(Route(path, health, include_in_schema=False) for path in HEALTH_PATHS), _Root(health)]


class _Root(BaseRoute):
    """`/`, for programs alone."""

    path = "/"

    def __init__(self, answer: Callable[[Request], Awaitable[Response]]) -> None:
        self._answer = answer

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether it is this route that is asked for."""
        if scope["type"] != "http" or scope["path"] != self.path or scope["method"] not in ("GET", "HEAD"):
            return Match.NONE, {}
        accepted = Headers(scope=scope).get("accept", "")
        is_program = "application/json" in accepted and "text/html" not in accepted
        return (Match.FULL, {"route": self}) if is_program else (Match.NONE, {})

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer it."""
        response = await self._answer(Request(scope, receive))
        await response(scope, receive, send)
