"""Our own client. No other module of the benchmark knows where it is."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from benchmarks.http_clients.client import CONNECT_S, IN_ALL_S, PATH, SILENCE_S, Asked
from functions.farebox.gateway.http.pool import HttpTransport
from functions.farebox.gateway.transport import Outgoing
from functions.farebox.gateway.upstream import Timeouts, Upstream


@dataclass(frozen=True, slots=True)
class _Ours:
    transport: HttpTransport
    upstream: Upstream
    asked: Asked

    async def whole(self) -> int:
        """See `Client`: it reads in pieces whatever it reads."""
        return await self.piecewise()

    async def piecewise(self) -> int:
        """See `Client`."""
        length = 0
        answer = await self.transport.send(Outgoing(self.upstream, PATH, self.asked.body, self.asked.headers))
        while piece := await answer.read():
            length += len(piece)
        return length


@asynccontextmanager
async def opened(asked: Asked) -> AsyncIterator[_Ours]:
    """As the gateway has it."""
    transport = HttpTransport()
    try:
        yield _Ours(
            transport, Upstream("a", asked.base_url, {}, timeouts=Timeouts(CONNECT_S, IN_ALL_S, SILENCE_S)), asked
        )
    finally:
        await transport.close()
