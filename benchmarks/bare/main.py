"""A bare relay on Farebox's stack: functions-framework and aiohttp, and nothing else.

It checks no key, keeps no books, looks at no body and survives no fault. What Farebox does beyond it costs the
difference. With `BARE_NOTES`, the path of a file, an answer does not end before one note of it is on disk: the least
that a gateway with durable books does, and what the disk alone makes of it.
"""

import asyncio
import itertools
import os
from collections.abc import AsyncIterator

import aiohttp
import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

UPSTREAM = os.environ.get("BARE_UPSTREAM", "")
NOTES = os.environ.get("BARE_NOTES")
NOTE_BYTES = 1024  # a usage record of Farebox's is that long
FILE_NOTES = 16_384  # written over and over, as a write-ahead log is: a file that grows keeps the disk longer

_sessions: list[aiohttp.ClientSession] = []


class _Notes:
    """A file of notes, each on disk before whoever wrote it goes on."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        os.write(self._file, bytes(FILE_NOTES * NOTE_BYTES))
        os.fsync(self._file)
        self._places = itertools.cycle(range(0, FILE_NOTES * NOTE_BYTES, NOTE_BYTES))

    async def add(self, text: bytes) -> None:
        """Write one."""
        await asyncio.to_thread(self._write, text[:NOTE_BYTES].ljust(NOTE_BYTES))

    def _write(self, note: bytes) -> None:
        os.pwrite(self._file, note, next(self._places))
        os.fdatasync(self._file)


_notes: list[_Notes] = []


class _Relayed(StreamingResponse):
    """An upstream's answer, passed on as it comes."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        super().__init__(_pieces(answer), answer.status, media_type=answer.headers.get("content-type"))
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Relay it, then give the connection back."""
        async with self._answer:
            await super().__call__(scope, receive, send)


async def _pieces(answer: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    async for piece in answer.content.iter_any():
        yield piece
    if _notes:
        await _notes[0].add(b"streamed")


@functions_framework.aio.http
async def relay(request: Request) -> Response:
    """Pass a request on."""
    if request.method != "POST":
        return Response(status_code=405)
    if not _sessions:
        connector = aiohttp.TCPConnector(limit=0)
        _sessions.append(aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()))
        if NOTES is not None:
            _notes.append(_Notes(NOTES))
    answer = await _sessions[0].post(
        UPSTREAM + request.url.path,
        data=await request.body(),
        headers={"content-type": "application/json", "accept-encoding": "identity"},
    )
    if answer.headers.get("content-type", "").startswith("text/event-stream"):
        return _Relayed(answer)
    async with answer:
        body = await answer.read()
        if _notes:
            await _notes[0].add(body)
        return Response(body, answer.status, media_type=answer.headers.get("content-type"))
