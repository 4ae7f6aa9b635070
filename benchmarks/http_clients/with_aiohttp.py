"""aiohttp, set up as a gateway would: no bound on connections, no cookies, no redirects."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from yarl import URL

from benchmarks.http_clients.client import CONNECT_S, IN_ALL_S, SILENCE_S, Asked


@dataclass(frozen=True, slots=True)
class _Aiohttp:
    session: aiohttp.ClientSession
    url: URL
    asked: Asked

    async def whole(self) -> int:
        """See `Client`."""
        async with self._post() as answer:
            return len(await answer.read())

    async def piecewise(self) -> int:
        """See `Client`."""
        length = 0
        async with self._post() as answer:
            async for piece in answer.content.iter_any():
                length += len(piece)
        return length

    def _post(self) -> "aiohttp.client._RequestContextManager":
        return self.session.post(self.url, data=self.asked.body, headers=self.asked.headers, allow_redirects=False)


@asynccontextmanager
async def opened(asked: Asked) -> AsyncIterator[_Aiohttp]:
    """A session."""
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=IN_ALL_S, sock_connect=CONNECT_S, sock_read=SILENCE_S),
    ) as session:
        yield _Aiohttp(session, URL(asked.url), asked)
