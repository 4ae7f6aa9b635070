"""A client that keeps so many streams open, and says how late each event came. It lets all of them end.

    python -m benchmarks.paced.client URL KEY MODEL STREAMS SECONDS

More headers come as a JSON object on the standard input. It writes a line when the streams are warm, one when the
seconds are over, and then what it has seen, as JSON.
"""

import asyncio
import json
import sys
import time
from typing import Any
from urllib.parse import urlsplit

import uvloop

from benchmarks.paced.server import PAUSE_S, SENT, WORDS

RAMP_S = WORDS * PAUSE_S  # streams begin one after the other, for as long as one takes
_DONE = b"data: [DONE]"
_ENDS = b"\r\n0\r\n\r\n"  # of a chunked body


class Seen:
    """What the streams have come to while it counted. Times in nanoseconds."""

    def __init__(self) -> None:
        self.counts = False
        self.is_over = False
        self.late: list[int] = []
        self.first: list[int] = []  # from the request, less what the upstream takes
        self.ended = 0  # in all
        self.broken = 0


class _Stream(asyncio.Protocol):
    """A connection that asks again as soon as it has its answer."""

    def __init__(self, request: bytes, seen: Seen) -> None:
        self._request = request
        self._seen = seen
        self._asked = 0
        self._is_first = self._is_done = self._is_over = False
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.Protocol`."""
        self._transport: Any = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        now = time.monotonic_ns()
        at = data.find(SENT)
        while at >= 0:
            at += len(SENT)
            if self._seen.counts:
                self._seen.late.append(now - int(data[at : data.index(b'"', at)]))
                if self._is_first:
                    self._seen.first.append(now - self._asked - int(PAUSE_S * 1e9))
            self._is_first = False
            at = data.find(SENT, at)
        self._is_done = self._is_done or _DONE in data
        if data.endswith(_ENDS) or data == _ENDS[2:]:
            self._end()

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        self._seen.broken += not self._is_over
        self.closed.set_result(None)

    def _ask(self) -> None:
        self._is_first, self._is_done, self._is_over = True, False, False
        self._asked = time.monotonic_ns()
        self._transport.write(self._request)

    def _end(self) -> None:
        self._is_over = True
        self._seen.ended += self._is_done
        self._seen.broken += not self._is_done
        if self._seen.is_over:
            self._transport.close()
        else:
            self._ask()


async def _run(url: str, key: str, model: str, streams: int, seconds: float, headers: dict[str, str]) -> dict[str, Any]:
    parts = urlsplit(url)
    assert parts.hostname is not None and parts.port is not None
    body = {"model": model, "messages": [{"role": "user", "content": "Hello!"}], "stream": True}
    content = json.dumps(body).encode()
    lines = {"host": parts.netloc, "authorization": f"Bearer {key}", "content-type": "application/json", **headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    request = f"POST {parts.path} HTTP/1.1\r\n{head}content-length: {len(content)}\r\n\r\n".encode() + content
    seen, loop = Seen(), asyncio.get_running_loop()
    opened = []
    for _ in range(streams):
        _, stream = await loop.create_connection(lambda: _Stream(request, seen), parts.hostname, parts.port)
        opened.append(stream)
        await asyncio.sleep(RAMP_S / streams)
    await asyncio.sleep(RAMP_S / 2)
    seen.counts = True
    print("warm", flush=True)
    await asyncio.sleep(seconds)
    seen.counts, seen.is_over = False, True
    print("over", flush=True)
    await asyncio.gather(*(stream.closed for stream in opened))
    late, first = sorted(seen.late), sorted(seen.first)
    return {
        "streams": len(late) / WORDS,
        "ended": seen.ended,
        "broken": seen.broken,
        "late_p50_ms": _percentile(late, 0.5),
        "late_p99_ms": _percentile(late, 0.99),
        "first_p50_ms": _percentile(first, 0.5),
        "first_p99_ms": _percentile(first, 0.99),
    }


def _percentile(sorted_ns: list[int], share: float) -> float:
    return sorted_ns[min(len(sorted_ns) - 1, int(share * len(sorted_ns)))] / 1e6 if sorted_ns else 0.0


if __name__ == "__main__":
    url, key, model, streams, seconds = sys.argv[1:]
    print(json.dumps(uvloop.run(_run(url, key, model, int(streams), float(seconds), json.load(sys.stdin)))))
