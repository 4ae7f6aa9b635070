"""Benchmark of a prompt of 100,000 tokens: what it delays, its own upstream call and the requests of others.

One process is client and upstream at once, so that one clock sees a request leave and arrive. While the wallet is far
from empty the prompt's tokens are only bounded; where money is short they are counted, and meanwhile somebody else's
small requests are timed.
"""

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from benchmarks.peers import bare_relay
from benchmarks.product import farebox, open_account
from benchmarks.throughput import LONG_PROMPT_TOKENS
from benchmarks.upstream import PLAIN, Upstream, completion

TIMES = 40
WARMING = 30
PROBES_EACH_S = 0.004  # a small request this long after the last
COUNTED_PROMPTS = 20
PROBING_S = 3.0
# A key's budget. The bytes of the long prompt are bounded at more than this, its tokens cost less: it is counted.
SHORT_USD = "0.05"


@dataclass
class _Arrivals:
    """An upstream that notes when the first byte of each request is there."""

    times: list[float] = field(default_factory=list)
    server: asyncio.Server | None = None

    async def start(self) -> str:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=2**21)
        return f"http://127.0.0.1:{self.server.sockets[0].getsockname()[1]}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        body = completion()
        head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body)
        try:
            while True:
                headers = await reader.readuntil(b"\r\n\r\n")
                self.times.append(time.perf_counter())
                await reader.readexactly(_length(headers))
                writer.write(head + body)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


def measure() -> dict[str, Any]:
    """Delays in ms."""
    return asyncio.run(_measure())


async def _measure() -> dict[str, Any]:
    arrivals = _Arrivals()
    stand_in = Upstream(await arrivals.start())
    text = "word " * LONG_PROMPT_TOKENS
    result: dict[str, Any] = {}
    with bare_relay(stand_in) as bare:
        port, path = _port(bare.url(PLAIN)), f"/{PLAIN}/v1/chat/completions"
        result["bare"] = await _compare(port, _request("Hello!", "none", path), _request(text, "none", path), arrivals)
    with farebox(stand_in) as started:
        port = _port(started.url)
        rich = await asyncio.to_thread(open_account, started.url, "rich")
        small, long = _request("Hello!", rich.keys[0]), _request(text, rich.keys[0])
        result["farebox"] = await _compare(port, small, long, arrivals)
        short = await asyncio.to_thread(open_account, started.url, "short", monthly_budget_usd=SHORT_USD)
        counted = _request(text, short.keys[0])
        await _ask(port, counted, 1)  # loads the vocabulary
        result["alone"] = await _probe(port, small, asyncio.sleep(PROBING_S))
        result["beside_counting"] = await _probe(port, small, _ask(port, counted, COUNTED_PROMPTS))
    await asyncio.sleep(0.2)  # the connections that have ended are noticed
    for name, measured in result.items():
        print(name, measured, file=sys.stderr, flush=True)
    return result


async def _compare(port: int, small: bytes, long: bytes, arrivals: _Arrivals) -> dict[str, float]:
    """What a long prompt waits before its upstream call, beside a small one; in ms."""
    await _delays_ms(port, small, arrivals, WARMING)
    small_ms = await _delays_ms(port, small, arrivals, TIMES)
    long_ms = await _delays_ms(port, long, arrivals, TIMES)
    p50s = statistics.median(small_ms), statistics.median(long_ms)
    return {
        "small_p50_ms": p50s[0],
        "long_p50_ms": p50s[1],
        "long_most_ms": max(long_ms),
        "added_ms": p50s[1] - p50s[0],
    }


async def _probe(port: int, request: bytes, meanwhile: Coroutine[Any, Any, None]) -> dict[str, float]:
    """How long small requests take while something else goes on; in ms."""
    task = asyncio.create_task(meanwhile)
    latencies = []
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while not task.done():
        sent = time.perf_counter()
        writer.write(request)
        await _read_answer(reader)
        latencies.append(1000 * (time.perf_counter() - sent))
        await asyncio.sleep(PROBES_EACH_S)
    writer.close()
    await task
    ordered = sorted(latencies)
    return {"p50_ms": ordered[len(ordered) // 2], "p99_ms": ordered[int(0.99 * len(ordered))], "most_ms": ordered[-1]}


async def _ask(port: int, request: bytes, times: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(times):
        writer.write(request)
        await writer.drain()
        await _read_answer(reader)
    writer.close()


def _port(url: str) -> int:
    port = urlsplit(url).port
    assert port is not None
    return port


async def _delays_ms(port: int, request: bytes, arrivals: _Arrivals, times: int) -> list[float]:
    """From the last byte that the client has handed to its socket to the first that the upstream gets."""
    delays = []
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(times):
        arrivals.times.clear()
        writer.write(request)
        await writer.drain()
        sent = time.perf_counter()
        await _read_answer(reader)
        delays.append(1000 * (arrivals.times[0] - sent))
    writer.close()
    return delays


async def _read_answer(reader: asyncio.StreamReader) -> None:
    headers = await reader.readuntil(b"\r\n\r\n")
    body = await reader.readexactly(_length(headers))
    if b" 200 " not in headers[:16]:
        raise RuntimeError(body.decode())


def _request(text: str, key: str, path: str = "/v1/chat/completions") -> bytes:
    body = json.dumps({"model": PLAIN, "messages": [{"role": "user", "content": text}], "max_tokens": 64}).encode()
    return (
        b"POST %s HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n"
        b"authorization: Bearer %s\r\ncontent-length: %d\r\n\r\n%s" % (path.encode(), key.encode(), len(body), body)
    )


def _length(headers: bytes) -> int:
    for line in headers.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0
