"""httpcore, which is what httpx sends with, by itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpcore

from benchmarks.http_clients.client import CONNECT_S, SILENCE_S, Asked

BOUNDS = {"timeout": {"connect": CONNECT_S, "read": SILENCE_S, "write": SILENCE_S, "pool": SILENCE_S}}


@dataclass(frozen=True, slots=True)
class _Httpcore:
    pool: httpcore.AsyncConnectionPool
    url: httpcore.URL
    headers: list[tuple[str, str]]
    body: bytes

    async def whole(self) -> int:
        """See `Client`."""
        answer = await self.pool.request("POST", self.url, content=self.body, headers=self.headers, extensions=BOUNDS)
        return len(answer.content)

    async def piecewise(self) -> int:
        """See `Client`."""
        length = 0
        async with self.pool.stream(
            "POST", self.url, content=self.body, headers=self.headers, extensions=BOUNDS
        ) as answer:
            async for piece in answer.aiter_stream():
                length += len(piece)
        return length


@asynccontextmanager
async def opened(asked: Asked) -> AsyncIterator[_Httpcore]:
    """A pool."""
    async with httpcore.AsyncConnectionPool(max_connections=None, max_keepalive_connections=None) as pool:
        yield _Httpcore(pool, httpcore.URL(asked.url), list(asked.headers.items()), asked.body)
