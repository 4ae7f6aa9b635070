"""Benchmark of storage: what a request costs there, and what that costs on Firestore, at a steady twenty a second.

Farebox runs here as anywhere; its engine alone is wrapped, to count documents as Firestore bills them.
"""

import asyncio
import json
import os
import signal
import sys
import time
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.books import check_books
from benchmarks.machine import CACHE
from benchmarks.paced.running import paced_upstream
from benchmarks.product import Farebox, farebox, open_account
from benchmarks.throughput import kinds
from benchmarks.upstream import Upstream
from tests.support.processes import free_port

RATE = 20  # requests a second, over all instances
WARM_UP_S = 10
SECONDS = 60
# USD for 100,000 documents in us-central1, 2026: https://cloud.google.com/firestore/pricing
USD_PER_100K = {"reads": 0.03, "writes": 0.09, "deletes": 0.01}


def measure(*, instances: int = 1) -> dict[str, Any]:
    """Documents read, written and deleted for each request by so many instances that share one wallet and one key, and
    USD for a million requests."""
    with paced_upstream() as stand_in, ExitStack() as stack:
        first = stack.enter_context(counted(stand_in, 0, None))
        others = [stack.enter_context(counted(stand_in, n, first.store_url)) for n in range(1, instances)]
        started = [first, *others]
        account = open_account(first.url, "steady")
        urls = [f"{each.url}/v1/chat/completions" for each in started]
        warm, _ = asyncio.run(_go_on(urls, account.keys[0], WARM_UP_S))
        before = [counts_of(each, n) for n, each in enumerate(started)]
        answered, p99_ms = asyncio.run(_go_on(urls, account.keys[0], SECONDS))
        after = [counts_of(each, n) for n, each in enumerate(started)]
        check_books(first.store_url, [account], answered=warm + answered, cut_at_most=0)
    counts = {
        kind: sum(late[kind] - early[kind] for early, late in zip(before, after, strict=True)) / answered
        for kind in USD_PER_100K
    }
    usd = sum(10 * counts[kind] * price for kind, price in USD_PER_100K.items())
    result = {"instances": instances, **counts, "usd_per_million": usd, "p99_ms": p99_ms, "requests": answered}
    print(json.dumps(result), file=sys.stderr, flush=True)
    return result


def counted(
    stand_in: Upstream, number: int, store_url: str | None, *, pin: bool = False
) -> AbstractContextManager[Farebox]:
    """Farebox with an engine that counts. `number` tells it from others."""
    return farebox(
        stand_in,
        store_url=store_url,
        command=[sys.executable, "-m", "benchmarks.counted"],
        pin=pin,
        port=free_port(),
        FAREBOX_COUNTS=str(_file(number)),
    )


def _file(number: int) -> Path:
    return CACHE / f"counts-{number}.json"


def counts_of(started: Farebox, number: int) -> dict[str, int]:
    """What an instance has counted so far: it writes that down when it is told to."""
    path = _file(number)
    path.unlink(missing_ok=True)
    os.killpg(started.process.popen.pid, signal.SIGUSR1)
    give_up = time.monotonic() + 10
    while not path.exists():
        if time.monotonic() > give_up:
            raise RuntimeError("the instance does not say what it has counted")
        time.sleep(0.05)
    counts: dict[str, int] = json.loads(path.read_text())
    return counts


async def _go_on(urls: list[str], key: str, seconds: int) -> tuple[int, float]:
    """Ask at the rate, of each instance in turn, whether or not answers have come: good answers, and the p99 in ms."""
    latencies: list[float] = []
    body = kinds()["plain"].body
    async with aiohttp.ClientSession(headers={"authorization": f"Bearer {key}"}) as session:

        async def ask(url: str) -> None:
            sent = time.perf_counter()
            async with session.post(url, json=body) as answer:
                await answer.read()
                answer.raise_for_status()
            latencies.append(1000 * (time.perf_counter() - sent))

        clock = asyncio.get_running_loop().time
        begun_s = clock()
        asking = []
        for number in range(seconds * RATE):
            asking.append(asyncio.create_task(ask(urls[number % len(urls)])))
            await asyncio.sleep(begun_s + (number + 1) / RATE - clock())
        await asyncio.gather(*asking)
    return len(latencies), sorted(latencies)[int(0.99 * len(latencies))]
