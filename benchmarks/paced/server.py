"""An upstream whose streams take their time: an event every 50 ms, which says when it was sent.

python -m benchmarks.paced.server PORT
"""

import asyncio
import sys
import time
from typing import Any

import httptools
import uvloop

from benchmarks.upstream import COMPLETION_TOKENS, ENVELOPE, PLAIN, USAGE, completion, dumps

PAUSE_S = 0.05
THOUGHT_S = 0.1  # of a whole answer
WORDS = COMPLETION_TOKENS  # events with a moment in them
SENT = b'"content":" '  # what is before the moment, in nanoseconds of the machine's monotonic clock


def _event(*choices: dict[str, Any], **more: Any) -> bytes:
    chunk = {**ENVELOPE, "object": "chat.completion.chunk", "choices": list(choices), **more}
    return b"data: " + dumps(chunk) + b"\n\n"


def _chunk(event: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(event), event)


_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
_WHOLE = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (
    len(completion()),
    completion(),
)
_ROLE = _event({"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None})
_WORD = _event({"index": 0, "delta": {"content": " MOMENT"}, "finish_reason": None})
_BEFORE, _AFTER = _WORD.split(b"MOMENT")
_END = b"".join(
    (
        _event({"index": 0, "delta": {}, "finish_reason": "stop"}),
        _event(usage=USAGE),
        b"data: [DONE]\n\n",
    )
)


class _Server(asyncio.Protocol):
    """A connection, one request at a time."""

    def __init__(self, pause_s: float) -> None:
        self._pause_s = pause_s

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.Protocol`."""
        self._transport: Any = transport
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        self._is_plain = False

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        self._parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        """The parser has read the path."""
        self._is_plain = url.startswith(b"/%b/" % PLAIN.encode())

    def on_message_complete(self) -> None:
        """The parser has read a request."""
        if self._is_plain:
            self._loop.call_later(THOUGHT_S, self._transport.write, _WHOLE)
            return
        self._loop.call_later(self._pause_s, self._send, WORDS, _HEAD + _chunk(_ROLE))

    def _send(self, left: int, before: bytes) -> None:
        if self._transport.is_closing():
            return
        if not left:
            self._transport.write(_chunk(_END) + b"0\r\n\r\n")
            return
        word = b"%b%d%b" % (_BEFORE, time.monotonic_ns(), _AFTER)
        self._transport.write(before + _chunk(word))
        self._loop.call_later(self._pause_s, self._send, left - 1, b"")


async def _serve(port: int, pause_s: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Server(pause_s), "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else PAUSE_S))
