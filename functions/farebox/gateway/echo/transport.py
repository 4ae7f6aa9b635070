"""The echo upstream as a transport: the same interface as a server's, without a socket."""

import asyncio
import secrets
import time
from collections.abc import Callable, Iterator, Mapping

import orjson

from functions.farebox.gateway.echo.chat import Refused, complete
from functions.farebox.gateway.echo.embeddings import embed
from functions.farebox.gateway.transport import Outgoing

WORD_PAUSE_S = 0.02

_JSON = {"content-type": "application/json"}
_EVENTS = {"content-type": "text/event-stream; charset=utf-8"}


class EchoTransport:
    """Answers chat and embedding requests. `pause_s` lies between two words of a stream, so that one can see it
    flow; `wall_clock` gives Unix time, `make_id` the random part of an id."""

    def __init__(
        self,
        *,
        pause_s: float = WORD_PAUSE_S,
        wall_clock: Callable[[], float] = time.time,
        make_id: Callable[[], str] = lambda: secrets.token_hex(12),
    ) -> None:
        self._pause_s = pause_s
        self._wall_clock = wall_clock
        self._make_id = make_id

    async def send(self, outgoing: Outgoing) -> "EchoIncoming":
        """Answer a request."""
        outgoing.was_sent = True
        request = orjson.loads(outgoing.body)
        try:
            if outgoing.path == "/embeddings":
                return EchoIncoming(200, _JSON, iter([embed(request)]))
            completion = complete(request, id=f"chatcmpl-{self._make_id()}", created=int(self._wall_clock()))
        except Refused as refusal:
            error = {
                "message": refusal.message,
                "type": "invalid_request_error",
                "param": refusal.param,
                "code": None,
            }
            return EchoIncoming(400, _JSON, iter([orjson.dumps({"error": error})]))
        if request.get("stream") is True:
            return EchoIncoming(200, _EVENTS, completion.events(), self._pause_s)
        return EchoIncoming(200, _JSON, iter([completion.whole()]))

    async def close(self) -> None:
        """Nothing is open."""


class EchoIncoming:
    """An answer of the echo upstream, made as it is read."""

    def __init__(self, status: int, headers: Mapping[str, str], chunks: Iterator[bytes], pause_s: float = 0.0) -> None:
        self._status = status
        self._headers = headers
        self._chunks = chunks
        self._pause_s = pause_s
        self._begun = False

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self._status

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, by lower-case names."""
        return self._headers

    @property
    def is_whole(self) -> bool:
        """Whether nothing more is to be made."""
        return False

    def allow(self, seconds: float) -> None:
        """It takes no time that is worth a bound."""

    async def read(self) -> bytes:
        """The next chunk, empty at the end."""
        if self._begun and self._pause_s:
            await asyncio.sleep(self._pause_s)
        self._begun = True
        return next(self._chunks, b"")

    async def pass_on(self, take: Callable[[bytes], bool]) -> None:
        """It makes nothing before it is asked."""

    async def aclose(self, *, drained: bool = False) -> None:
        """Stop answering."""
        self._chunks = iter(())
