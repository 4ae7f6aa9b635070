"""A bare relay on Farebox's stack: functions-framework and aiohttp, and nothing else.

It checks no key, keeps no books, looks at no body and survives no fault. What Farebox does beyond it costs the
difference.
"""

import os

import aiohttp
import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

UPSTREAM = os.environ.get("BARE_UPSTREAM", "")

_sessions: list[aiohttp.ClientSession] = []


class _Relayed(StreamingResponse):
    """An upstream's answer, passed on as it comes."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        super().__init__(answer.content.iter_any(), answer.status, media_type=answer.headers.get("content-type"))
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Relay it, then give the connection back."""
        async with self._answer:
            await super().__call__(scope, receive, send)


@functions_framework.aio.http
async def relay(request: Request) -> Response:
    """Pass a request on."""
    if request.method != "POST":
        return Response(status_code=405)
    if not _sessions:
        connector = aiohttp.TCPConnector(limit=0)
        _sessions.append(aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()))
    answer = await _sessions[0].post(
        UPSTREAM + request.url.path,
        data=await request.body(),
        headers={"content-type": "application/json", "accept-encoding": "identity"},
    )
    if answer.headers.get("content-type", "").startswith("text/event-stream"):
        return _Relayed(answer)
    async with answer:
        return Response(await answer.read(), answer.status, media_type=answer.headers.get("content-type"))
