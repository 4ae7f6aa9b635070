"""`GET /healthz`: 200 when this function can serve, which takes its configuration and its store."""

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from functions.edge.asgi.errors import error_response
from functions.farebox.errors import StoreUnavailable
from functions.farebox.storage import Unreachable
from functions.farebox.wiring.runtime import Runtime

# Google's front end keeps some paths that end in z to itself on *.run.app, so there is one that does not.
HEALTH_PATHS = ("/healthz", "/health")
STORE_TIMEOUT_S = 3.0


def health_routes(runtime: Runtime) -> list[Route]:
    """The routes that every edge has."""

    async def health(_request: Request) -> Response:
        try:
            async with asyncio.timeout(STORE_TIMEOUT_S):
                store = await runtime.store()
                await store.get("health/none")
        except (TimeoutError, Unreachable, StoreUnavailable):
            return error_response(StoreUnavailable("The database does not answer. Try again in a few seconds."))
        return JSONResponse({"status": "ok"})

    return [Route(path, health, include_in_schema=False) for path in HEALTH_PATHS]
