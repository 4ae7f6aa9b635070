"""What a prompt of 100,000 tokens delays: its own upstream call, and the requests of others.

One process is client and upstream at once, so that one clock sees a request leave and arrive. While the wallet is far
from empty the prompt's tokens are only bounded; where money is short they are counted, and meanwhile somebody else's
small requests are timed.
"""

import asyncio
import json
import statistics
import sys
import time
from dataclasses import dataclass, field
from typing import Any

from benchmarks.product import farebox, open_account
from benchmarks.throughput import LONG_PROMPT_TOKENS
from benchmarks.upstream import PLAIN, Upstream, completion

TIMES = 40
WARMING = 30
PROBES_EACH_S = 0.004  # a small request this long after the last
COUNTED_PROMPTS = 20
# A prompt whose bytes are bounded at more than this, and whose tokens cost less: it must be counted.
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
    with farebox(stand_in) as started:
        rich = await asyncio.to_thread(open_account, started.url, "rich")
        port = int(started.url.rpartition(":")[2])
        small, long = _request("Hello!", rich.keys[0]), _request("word " * LONG_PROMPT_TOKENS, rich.keys[0])
        await _delays_ms(port, small, arrivals, WARMING)
        small_ms = await _delays_ms(port, small, arrivals, TIMES)
        long_ms = await _delays_ms(port, long, arrivals, TIMES)
    result = {
        "small_p50_ms": statistics.median(small_ms),
        "long_p50_ms": statistics.median(long_ms),
        "long_most_ms": max(long_ms),
        "added_p50_ms": statistics.median(long_ms) - statistics.median(small_ms),
    }
    print(result, file=sys.stderr, flush=True)
    return result


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


def _request(text: str, key: str) -> bytes:
    body = json.dumps({"model": PLAIN, "messages": [{"role": "user", "content": text}], "max_tokens": 64}).encode()
    return (
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n"
        b"authorization: Bearer %s\r\ncontent-length: %d\r\n\r\n%s" % (key.encode(), len(body), body)
    )


def _length(headers: bytes) -> int:
    for line in headers.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    raise RuntimeError("an answer without a length")
