"""One client's turn, in a process of its own, which says in JSON what came of it.

python -m benchmarks.http_clients.turn CLIENT URL LENGTH REQUESTS SECONDS [piecewise]
"""

import asyncio
import importlib
import json
import sys
import time
from collections.abc import Awaitable, Callable

import uvloop

from benchmarks.http_clients.client import MODULES, Asked, Opened

WARM_UP_S = 0.5


async def _take(
    opened: Opened, asked: Asked, length: int, under_way: int, seconds: float, piecewise: bool
) -> tuple[int, float, float]:
    """How many answers there were, in how many seconds, with how much processor time of this process, in seconds."""
    async with opened(asked) as client:
        ask = client.piecewise if piecewise else client.whole
        await _keep_asking(ask, length, under_way, WARM_UP_S)
        began_s, cpu_s = time.perf_counter(), time.process_time()
        answered = await _keep_asking(ask, length, under_way, seconds)
        return answered, time.perf_counter() - began_s, time.process_time() - cpu_s


async def _keep_asking(ask: Callable[[], Awaitable[int]], length: int, under_way: int, seconds: float) -> int:
    """So many at a time, each anew when it has its answer, and all of them to the end of their last one."""
    until_s = time.perf_counter() + seconds

    async def keep_asking() -> int:
        answered = 0
        while time.perf_counter() < until_s:
            if await ask() != length:
                raise RuntimeError("not the answer that was sent")
            answered += 1
        return answered

    return sum(await asyncio.gather(*(keep_asking() for _ in range(under_way))))


def main(name: str, base_url: str, length: str, under_way: str, seconds: str, how: str = "whole") -> None:
    """Import the client, and have it ask."""
    began_s = time.process_time()
    opened: Opened = importlib.import_module(MODULES[name]).opened
    import_s = time.process_time() - began_s
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        took = _take(opened, Asked(base_url), int(length), int(under_way), float(seconds), how == "piecewise")
        answered, all_s, cpu_s = runner.run(took)
    print(
        json.dumps(
            {"import_ms": 1000 * import_s, "per_second": answered / all_s, "cpu_us": 1_000_000 * cpu_s / answered}
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
