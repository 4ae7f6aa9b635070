"""httpx, set up as a gateway would: no bound on connections, those of a burst kept, no proxies from the environment."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from benchmarks.http_clients.client import CONNECT_S, SILENCE_S, Asked


@dataclass(frozen=True, slots=True)
class _Httpx:
    client: httpx.AsyncClient
    url: httpx.URL
    asked: Asked

    async def whole(self) -> int:
        """See `Client`."""
        answer = await self.client.post(self.url, content=self.asked.body, headers=self.asked.headers)
        return len(answer.content)

    async def piecewise(self) -> int:
        """See `Client`."""
        length = 0
        async with self.client.stream("POST", self.url, content=self.asked.body, headers=self.asked.headers) as answer:
            async for piece in answer.aiter_bytes():
                length += len(piece)
        return length


@asynccontextmanager
async def opened(asked: Asked) -> AsyncIterator[_Httpx]:
    """A client."""
    async with httpx.AsyncClient(
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=None),
        timeout=httpx.Timeout(SILENCE_S, connect=CONNECT_S),
        trust_env=False,
    ) as client:
        yield _Httpx(client, httpx.URL(asked.url), asked)
