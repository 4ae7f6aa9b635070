"""The server of the clients: fixed bytes for every request, so that next to nothing of a turn is its own.

A stream comes as models send it, with a chunk for each event: either all at once, or with a pause after each, so
that each wakes the client, as a model's do.

    python -m benchmarks.http_clients.server PORT
"""

import asyncio
import itertools
import re
import sys
from collections.abc import Iterator
from typing import Any

import httptools
import uvloop

from benchmarks import upstream

PLAIN, STREAMED, PACED = "plain", "streamed", "paced"  # each is the beginning of a path
KINDS = (PLAIN, STREAMED, PACED)
PAUSE_S = 0.005
_HEAD = (
    b"HTTP/1.1 200 OK\r\ndate: Mon, 10 Mar 2025 01:31:30 GMT\r\ncontent-type: %b\r\nconnection: keep-alive\r\n"
    b"server: bytes\r\nx-request-id: req_1f3d8a7c5e9b40d2\r\nopenai-processing-ms: 412\r\n"
    b"x-ratelimit-remaining-requests: 9999\r\nstrict-transport-security: max-age=31536000\r\n%b\r\n\r\n"
)
_NOT_FOUND = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"


def body(kind: str) -> bytes:
    """What a client must have read at the end."""
    return upstream.completion() if kind == PLAIN else upstream.stream()


def _plain() -> bytes:
    return _HEAD % (b"application/json", b"content-length: %d" % len(body(PLAIN))) + body(PLAIN)


def _chunks() -> list[bytes]:
    """The stream, with its head in front of its first event and its end behind its last."""
    events = re.findall(rb"[^\n]+\n\n", body(STREAMED))
    chunks = [b"%x\r\n%b\r\n" % (len(event), event) for event in events]
    chunks[0] = _HEAD % (b"text/event-stream", b"transfer-encoding: chunked") + chunks[0]
    chunks[-1] += b"0\r\n\r\n"
    return chunks


_CHUNKS = _chunks()
_ANSWERS = {PLAIN: [_plain()], STREAMED: [b"".join(_CHUNKS)], PACED: _CHUNKS}


class _Server(asyncio.Protocol):
    """A connection, one request at a time."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.Protocol`."""
        self._transport: Any = transport
        self._parser = httptools.HttpRequestParser(self)
        self._kind = ""

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        self._parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        """The parser has read the path."""
        self._kind = url.decode("ascii").split("/")[1]

    def on_message_complete(self) -> None:
        """The parser has read a request."""
        self._send_next(itertools.chain(_ANSWERS.get(self._kind, [_NOT_FOUND])))

    def _send_next(self, pieces: Iterator[bytes]) -> None:
        piece = next(pieces, None)
        if piece is None or self._transport.is_closing():
            return
        self._transport.write(piece)
        if self._kind == PACED:
            asyncio.get_running_loop().call_later(PAUSE_S, self._send_next, pieces)


async def _serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(_Server, "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1])))
