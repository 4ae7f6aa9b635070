"""Results of a call: a whole answer, a stream, the upstream's refusal of the request itself, or a loss.

An answer may be larger than an instance could hold many of. What is small is taken as it comes; what grows beyond
`SMALL_BYTES` first waits for room in memory that all answers share, and while it waits its upstream's socket is not
read, so that the upstream waits too. Nothing fails for want of room: what has begun to come is paid for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from msgspec import Struct

from functions.farebox.gateway.entry.form import DialectName
from functions.farebox.gateway.faults.meaning import Reason
from functions.farebox.gateway.stream.inspector import StreamInspector
from functions.farebox.gateway.stream.transcript import (
    Transcript,
    cites,
    completion_media,
    completion_media_tokens,
    completion_texts,
)
from functions.farebox.gateway.trail import Attempt
from functions.farebox.gateway.transport import Incoming, TransportError
from functions.farebox.kit.memory_budget import Room
from functions.farebox.tokens.media import Generated
from functions.farebox.tokens.usage.places import answered_model, listed_calls, served_tier
from functions.farebox.tokens.usage.told_cost import told_cost
from functions.farebox.tokens.usage.usage import Calls, Usage

SMALL_BYTES = 1024 * 1024


class Source(Struct):
    """Where an answer came from. `model` is the upstream's name for it; `attempts` end with the one that answered;
    `first_byte_s` is the gateway's clock when the first byte of the answer was there, `price` the name of the price
    that it is charged by. `cache` is set where the cache was looked into; on a hit, the answer costs `cached_share_bp`
    basis points of that price. `first_byte_s` is `None` where none came. `left_out` are the fields of the request that
    this upstream goes without, `lowered_cap` the tokens that a choice could have, where those are fewer than were asked
    for, `lowered_calls` the most calls of each tool that its vendor ran, likewise; its bounds are among `left_out` as
    well. `public` is the name that clients know the model by. `passed_on` is the dialect of an answer that the client
    gets as its upstream wrote it, where that is another than OpenAI's of chat completions and embeddings.
    `went_without_tier`: this upstream was not told of any service tier.

    An attempt makes it; `attempts` and `cache` are added by who knows of them, before the answer is handed out."""

    upstream: str
    model: str
    attempts: tuple[Attempt, ...]
    first_byte_s: float | None
    price: str
    cache: Literal["hit", "miss"] | None = None
    cached_share_bp: int | None = None
    left_out: tuple[str, ...] = ()
    lowered_cap: int | None = None
    lowered_calls: int | None = None
    public: str = ""
    passed_on: DialectName | None = None
    went_without_tier: bool = False

    @property
    def asked(self) -> list[str]:
        """The upstreams that were asked, in order; the last one answered."""
        return [attempt.upstream for attempt in self.attempts] or [self.upstream]


class Loss(Struct):
    """An answer that its upstream is paid for and that nobody can be given. Of it is known the usage that it reported,
    or how many bytes were read."""

    source: Source
    usage: Usage | None = None
    read_bytes: int = 0
    why: str = ""  # for the operator
    would_recur: bool = False  # the same request would most likely come to the same


@dataclass(slots=True)
class RejectedAnswer:
    """The upstream found fault with the request: `status` is 400, 413 or 422, `body` an OpenAI-shaped error, `reason`
    what kind of fault it is. `of_stream_options`: with our wish for a stream's usage, which its client never made.
    `may_be_billed`: a model had begun to answer it; by the `usage` that was told, if any was."""

    source: Source
    body: bytes
    status: int
    reason: Reason = "other"
    of_stream_options: bool = False
    may_be_billed: bool = False
    usage: Usage | None = None

    async def aclose(self) -> None:
        """Nothing is open."""


class PlainAnswer(Struct, weakref=True):
    """A whole answer: `body` as the upstream wrote it, but for the name of the model, `payload` the same parsed as it
    came, `usage` if it was reported, and whether that says all. Of an answer in another dialect than OpenAI's of
    completions, `payload` is the completion that means the same."""

    source: Source
    body: bytes
    payload: Mapping[str, Any]
    usage: Usage | None
    status: int = 200
    usage_is_final: bool = True
    inspector: StreamInspector | None = None  # of a stream that came in its place

    def texts(self) -> list[str]:
        """The texts of its choices, each to be counted by itself."""
        return completion_texts(self.payload)

    def media_tokens(self) -> int:
        """The most tokens of what is no text in its choices."""
        return completion_media_tokens(self.payload)

    def generated(self) -> Generated:
        """What is no text, by what it is."""
        return completion_media(self.payload)

    @property
    def cites(self) -> bool:
        """Whether it names where it was found in the web."""
        return cites(self.payload)

    @property
    def listed_calls(self) -> tuple[int, Calls]:
        """The searches and the calls of other tools of its vendor's that it lists."""
        return listed_calls(self.payload) if self.inspector is None else self.inspector.listed_calls

    @property
    def said_since(self) -> Transcript | None:
        """What came behind the last report of a stream."""
        return None if self.inspector is None else self.inspector.said_since

    def uncounted_bytes(self) -> int:
        """All of the texts is in them."""
        return 0

    @property
    def served_tier(self) -> str | None:
        """The service tier that it names."""
        return served_tier(self.payload)

    @property
    def answered_model(self) -> str | None:
        """The model that it names."""
        return answered_model(self.payload)

    @property
    def size(self) -> int:
        """About how many bytes of text are in it at most."""
        return len(self.body)

    @property
    def told_cost(self) -> int:
        """What its upstream says that it cost, in nano-USD; 0 where it says nothing."""
        return told_cost(self.payload)

    async def aclose(self) -> None:
        """Nothing is open."""


class StreamAnswer:
    """A stream that has begun well: an async iterator of blocks of whole events, to be forwarded as they are.

    `inspector` knows what was in them and, when it is over, how it ended. `[DONE]` and usage chunks are not among the
    blocks: the caller sends its own. Close it, whatever happens: that is what tells the upstream to stop.
    """

    def __init__(
        self,
        source: Source,
        incoming: Incoming,
        inspector: StreamInspector,
        first_block: bytes,
        status: int = 200,
        room: Room | None = None,
    ) -> None:
        self.source = source
        self.inspector = inspector
        self.status = status
        self._incoming = incoming
        self._room = room  # in which an event grows that is large
        self._first_block = first_block
        self._on_broken: Callable[[], None] | None = None
        self._on_closed: Callable[[], None] | None = None
        self._whole: list[bytes] = []
        self._whole_bytes_left = 0
        self._on_whole: Callable[[bytes], None] | None = None

    def watch(self, *, on_broken: Callable[[], None], on_closed: Callable[[], None]) -> None:
        """Have it told, once each, that the upstream broke the stream, and that the stream was closed."""
        self._on_broken, self._on_closed = on_broken, on_closed

    def keep(self, max_bytes: int, on_whole: Callable[[bytes], None]) -> None:
        """Have all blocks handed over once the stream is complete, if they come to no more than that."""
        self._whole_bytes_left, self._on_whole = max_bytes, on_whole

    async def aclose(self) -> None:
        """Close the upstream's connection now, or let it live if the stream was read to its end."""
        if self._on_closed is not None:
            tell, self._on_closed = self._on_closed, None
            tell()
        if self._room is not None:
            self._room.leave()
        await self._incoming.aclose(drained=self.inspector.done)

    async def pass_on(self, forward: Callable[[bytes], bool]) -> None:
        """Have blocks forwarded in the very turn of the event loop in which they come, for as long as `forward` answers
        that it takes more so. Those that it was given are not among the iterated ones, which go on where it ends. It is
        the short way for what most of a stream is, events that are all alike; whatever else comes up is left to the
        iteration."""
        inspector = self.inspector
        if self._first_block or inspector.over or (self._room is not None and self._room.held_bytes):
            return

        def take(chunk: bytes) -> bool:
            block = inspector.feed(chunk)
            if block:
                self._kept(block)
            return (not block or forward(block)) and not inspector.over and inspector.pending_bytes <= SMALL_BYTES

        await self._incoming.pass_on(take)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        try:
            block = await self._next()
        except StopAsyncIteration:
            if self._on_whole is not None and self.inspector.complete and self._whole_bytes_left >= 0:
                self._on_whole(b"".join(self._whole))
            raise
        self._kept(block)
        return block

    def _kept(self, block: bytes) -> None:
        if self._on_whole is not None:
            self._whole_bytes_left -= len(block)
            if self._whole_bytes_left >= 0:
                self._whole.append(block)

    async def _next(self) -> bytes:
        if self._first_block:
            block, self._first_block = self._first_block, b""
            return block
        inspector, room = self.inspector, self._room
        if room is not None and room.held_bytes and inspector.pending_bytes <= SMALL_BYTES:
            room.leave()  # the event that it was for is sent
        while not inspector.over:
            if inspector.pending_bytes > SMALL_BYTES and room is not None:
                await room.take(inspector.max_pending_bytes)
            try:
                chunk = await self._incoming.read()
            except TransportError as error:
                block = inspector.end(str(error))
            else:
                block = inspector.feed(chunk) if chunk else inspector.end()
            if block:
                if room is not None and inspector.pending_bytes <= SMALL_BYTES:
                    room.keep(len(block))  # until it is sent, which may take its client a while
                return block
        if inspector.failure is not None and self._on_broken is not None:
            tell, self._on_broken = self._on_broken, None
            tell()
        raise StopAsyncIteration

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


Answer = PlainAnswer | StreamAnswer | RejectedAnswer
