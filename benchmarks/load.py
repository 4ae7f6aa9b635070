"""A closed loop of clients: each sends its next request when it has its answer."""

import asyncio
import time
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import aiohttp


@dataclass
class Result:
    """What a run came to. Latencies in seconds; `cost_usd` as the answers said."""

    seconds: float = 0.0
    latencies_s: list[float] = field(default_factory=list)
    errors: int = 0
    cost_usd: Decimal = Decimal(0)

    @property
    def per_second(self) -> float:
        """Answered requests a second."""
        return len(self.latencies_s) / self.seconds

    def percentile_ms(self, percent: float) -> float:
        """A percentile of the latencies, in milliseconds."""
        ordered = sorted(self.latencies_s)
        return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


async def drive(url: str, key: str, body: dict[str, Any], *, clients: int, seconds: float) -> Result:
    """Send `body` again and again from `clients` connections for some seconds."""
    result = Result()
    connector = aiohttp.TCPConnector(limit=clients)
    headers = {"authorization": f"Bearer {key}"}
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
        began = time.perf_counter()
        ends = began + seconds
        await asyncio.gather(*(_client(session, url, body, ends, result) for _ in range(clients)))
        result.seconds = time.perf_counter() - began
    return result


async def _client(session: aiohttp.ClientSession, url: str, body: dict[str, Any], ends: float, result: Result) -> None:
    while (sent := time.perf_counter()) < ends:
        async with session.post(url, json=body) as answer:
            await answer.read()
        if answer.status != 200:
            result.errors += 1
            continue
        result.latencies_s.append(time.perf_counter() - sent)
        result.cost_usd += Decimal(answer.headers.get("x-farebox-cost-usd", "0"))
