"""Results of a call: a whole answer, a stream, or the upstream's refusal of the request itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from functions.farebox.gateway.stream.inspector import Relay
from functions.farebox.gateway.stream.transcript import completion_texts
from functions.farebox.gateway.trail import Attempt
from functions.farebox.gateway.transport import Incoming, TransportError
from functions.farebox.tokens.usage import Usage


@dataclass(slots=True)
class Source:
    """Where an answer came from. `model` is the upstream's name for it; `attempts` end with the one that answered;
    `first_byte_s` is the gateway's clock when the first byte of the answer was there, `price` the name of the price
    that it is charged by. `cache` is set where the cache was looked into; on a hit, the answer costs `cached_share_bp`
    basis points of that price."""

    upstream: str
    model: str
    attempts: tuple[Attempt, ...]
    first_byte_s: float
    price: str
    cache: Literal["hit", "miss"] | None = None
    cached_share_bp: int | None = None

    @property
    def trail(self) -> str:
        """The upstreams that were asked, in order and separated by commas; the last one answered."""
        return ", ".join(attempt.upstream for attempt in self.attempts) or self.upstream


@dataclass(slots=True)
class RejectedAnswer:
    """The upstream found fault with the request: `status` is 400, 404, 413 or 422, `body` an OpenAI-shaped error."""

    source: Source
    status: int
    body: bytes

    async def aclose(self) -> None:
        """Nothing is open."""


@dataclass(slots=True)
class PlainAnswer:
    """A whole answer: `body` as the upstream wrote it, `payload` the same parsed, `usage` if it was reported."""

    source: Source
    body: bytes
    payload: Mapping[str, Any]
    usage: Usage | None

    def texts(self) -> list[str]:
        """The texts of its choices, each to be counted by itself."""
        return completion_texts(self.payload)

    async def aclose(self) -> None:
        """Nothing is open."""


class StreamAnswer:
    """A stream that has begun well: an async iterator of blocks of whole events, to be forwarded as they are.

    When it is over, `outcome` says how: `complete`, `broken` by the upstream (`failure` says why, in words for the
    operator), or `cut` by us. `[DONE]` and usage chunks are not among the blocks: the caller sends its own.
    Close it, whatever happens: that is what tells the upstream to stop.
    """

    def __init__(
        self,
        source: Source,
        incoming: Incoming,
        relay: Relay,
        first_block: bytes,
        on_broken: Callable[[], None],
        on_closed: Callable[[], None],
    ) -> None:
        self.source = source
        self._incoming = incoming
        self._relay = relay
        self._first_block = first_block
        self._on_broken = on_broken
        self._on_closed = on_closed
        self._told = False
        self._closed = False
        self._whole: list[bytes] = []
        self._whole_bytes_left = 0
        self._on_whole: Callable[[bytes], None] | None = None

    @property
    def outcome(self) -> Literal["complete", "broken", "cut"]:
        """How the stream ended; `cut` as long as it has not."""
        if self._relay.complete:
            return "complete"
        return "cut" if self._relay.failure is None else "broken"

    @property
    def failure(self) -> str | None:
        """Why the stream is broken."""
        return self._relay.failure

    @property
    def usage(self) -> Usage | None:
        """The usage that the upstream reported last; a cut or broken stream may have none."""
        return self._relay.usage

    def texts(self) -> list[str]:
        """The texts that were forwarded so far, each to be counted by itself."""
        return self._relay.relayed_texts()

    def usage_chunk(self, extra: Mapping[str, Any] | None = None, usage: Mapping[str, Any] | None = None) -> bytes:
        """The usage event for a client that asked for it, with `extra` fields; see `Relay.usage_chunk`."""
        return self._relay.usage_chunk(extra, usage)

    def keep(self, max_bytes: int, on_whole: Callable[[bytes], None]) -> None:
        """Have all blocks handed over once the stream is complete, if they come to no more than that."""
        self._whole_bytes_left, self._on_whole = max_bytes, on_whole

    async def aclose(self) -> None:
        """Close the upstream's connection now, or let it live if the stream was read to its end."""
        if not self._closed:
            self._closed = True
            self._on_closed()
        await self._incoming.aclose(drained=self._relay.done)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        if self._on_whole is None:
            return await self._next()
        try:
            block = await self._next()
        except StopAsyncIteration:
            if self._relay.complete and self._whole_bytes_left >= 0:
                self._on_whole(b"".join(self._whole))
            raise
        self._whole_bytes_left -= len(block)
        if self._whole_bytes_left >= 0:
            self._whole.append(block)
        return block

    async def _next(self) -> bytes:
        if self._first_block:
            block, self._first_block = self._first_block, b""
            return block
        relay = self._relay
        while not relay.over:
            try:
                chunk = await self._incoming.read()
            except TransportError as error:
                block = relay.end(str(error))
            else:
                block = relay.feed(chunk) if chunk else relay.end()
            if block:
                return block
        if relay.failure is not None and not self._told:
            self._told = True
            self._on_broken()
        raise StopAsyncIteration

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


Answer = PlainAnswer | StreamAnswer | RejectedAnswer
