"""A stand-in for the load balancer: sends each request where `infra/`'s URL map says, and streams what comes back.

    python -m tests.support.product.url_router PORT FUNCTION=URL...

It does what Google's does to a request (the caller's address and protocol in headers, the host kept) and no more.
"""

import sys
from collections.abc import AsyncIterator, Mapping

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from functions.edge.standalone.dashboard import dashboard_routes
from tests.support.patience import PATIENCE_S
from tests.support.source.url_map import UrlMap, read_url_map

HOP_BY_HOP = frozenset({"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"})
TIMEOUT = httpx.Timeout(3600.0, connect=PATIENCE_S)  # as long as the longest function may take
# gunicorn closes a connection that has been idle for two seconds: one that is about to be must not be used again.
LIMITS = httpx.Limits(max_connections=None, keepalive_expiry=1.0)


class Router:
    """The ASGI app. `backends` are the functions' own addresses; `dashboard` answers what no function has."""

    def __init__(self, url_map: UrlMap, backends: Mapping[str, str], dashboard: ASGIApp) -> None:
        self._map = url_map
        self._backends = backends
        self._dashboard = dashboard
        self._http = httpx.AsyncClient(timeout=TIMEOUT, limits=LIMITS, trust_env=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        assert scope["type"] == "http"
        rule = self._map.find(scope["path"])
        if rule is None:
            await self._dashboard(scope, receive, send)
            return
        path = scope["raw_path"].decode() if rule.rewrite is None else rule.rewrite
        query = scope["query_string"].decode()
        url = f"{self._backends[rule.function]}{path}{'?' if query else ''}{query}"
        request = Request(scope, receive)
        try:
            response = await self._pass_on(request, url)
        except httpx.TransportError as error:
            response = PlainTextResponse(f"no answer from {rule.function}: {error!r}", 502)
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _pass_on(self, request: Request, url: str) -> Response:
        headers = [(name, value) for name, value in request.headers.items() if name not in HOP_BY_HOP]
        caller = request.client.host if request.client else "unknown"
        headers += [("x-forwarded-for", caller), ("x-forwarded-proto", request.url.scheme), ("via", "1.1 local")]
        body = (
            request.stream() if "content-length" in request.headers or "transfer-encoding" in request.headers else b""
        )
        answer = await self._http.send(
            self._http.build_request(request.method, url, headers=headers, content=body), stream=True
        )

        async def relay() -> AsyncIterator[bytes]:
            try:
                async for chunk in answer.aiter_raw():
                    yield chunk
            finally:
                await answer.aclose()

        response = StreamingResponse(relay(), answer.status_code)
        response.raw_headers = [
            (name.lower(), value) for name, value in answer.headers.raw if name.decode().lower() not in HOP_BY_HOP
        ]
        return response


def main() -> None:
    """Serve until told to stop."""
    port, *backends = sys.argv[1:]
    dashboard = Starlette(routes=dashboard_routes())  # the files and headers that Firebase Hosting has
    router = Router(read_url_map(), dict(each.split("=", 1) for each in backends), dashboard)
    uvicorn.run(router, port=int(port), log_level="warning", lifespan="off")


if __name__ == "__main__":
    main()
