"""A request's body while it comes in: bounded in size, in time, and in memory over all requests of a process."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

from functions.farebox.errors import RequestTooSlow, ServerBusy
from functions.farebox.kit.memory_budget import MemoryBudget

SMALL_BYTES = 64 * 1024  # bodies up to here are not counted, and so never refused for want of memory
COPIES = 4  # of a body, at the most, while it is served: its pieces, it whole, parsed, and written anew for an upstream

# How slow a body may be: it may pause for so long, and what comes at this rate or faster makes up for pauses.
PAUSE_S = 30.0
LEAST_BYTES_PER_S = 16 * 1024

NOBODY = ""  # has sent what nobody has claimed to be theirs: all of it shares one part of the memory


@dataclass(frozen=True, slots=True)
class BodyBounds:
    """What one address takes. Without a `memory` bodies are not counted, which is for where nobody reads them."""

    max_bytes: int
    memory: MemoryBudget | None
    free_bytes: int = field(init=False)  # up to here nothing is looked at

    def __post_init__(self) -> None:
        object.__setattr__(self, "free_bytes", min(SMALL_BYTES, self.max_bytes))


class IncomingBody:
    """One body. It counts by its declared length, from when somebody asks for it, or as it comes; until `release`."""

    _whose = NOBODY
    _check: Callable[[], Awaitable[None]] | None = None
    _received = 0
    _counted = 0
    _began_s = 0.0
    _has_ended = False

    def __init__(self, receive: Receive, declared: bytes | None, bounds: BodyBounds) -> None:
        self._receive = receive
        self._bounds = bounds
        # As far as is known: it may prove to be longer.
        self._bytes = int(declared) if declared is not None and declared.isdigit() and len(declared) < 20 else 0

    def belongs_to(self, whose: str, check: Callable[[], Awaitable[None]] | None = None) -> None:
        """Count it as somebody's, before it is asked for. `check` is awaited before memory is taken for it, if it is
        large; what it raises refuses it."""
        self._whose, self._check = whose, check

    async def receive(self) -> Message:
        """The next message, as ASGI has it.

        Raises `HTTPException` 413 for a body that is too large, `ServerBusy` where there is no memory for it, and
        `RequestTooSlow`.
        """
        if self._has_ended or self._bytes <= self._bounds.free_bytes:
            message = await self._receive()
        else:
            await self._bound()
            message = await self._receive_in_time()
        if message["type"] == "http.request":
            self._received += len(message.get("body", b""))
            self._has_ended = not message.get("more_body", False)
            await self.grown_to(self._received)
        return message

    async def grown_to(self, size: int) -> None:
        """It is so many bytes long so far, as they came or unpacked. Raises as `receive` does."""
        if size > self._bytes:
            self._bytes = size
            if size > self._bounds.free_bytes:
                await self._bound()

    def grows_no_more(self) -> None:
        """All of it is there: nothing is left to check, and the check may hold whoever holds this."""
        self._check = None

    @property
    def is_counted(self) -> bool:
        """Whether there is anything to release."""
        return self._counted > 0

    def release(self) -> None:
        """Nothing of the body is in memory any more."""
        if self._bounds.memory is not None:
            self._bounds.memory.give_back(self._counted, self._whose)
            self._counted = 0

    async def _bound(self) -> None:
        if self._bytes > self._bounds.max_bytes:
            raise HTTPException(413)
        if self._bounds.memory is None:
            return
        if self._check is not None:
            check, self._check = self._check, None
            await check()
        more = self._bytes * COPIES - self._counted
        if more and not self._bounds.memory.take(more, self._whose):
            raise ServerBusy("Too many large requests are being served here. Try again in a few seconds.")
        self._counted += more

    async def _receive_in_time(self) -> Message:
        loop = asyncio.get_running_loop()
        if not self._began_s:
            self._began_s = loop.time()
        try:
            async with asyncio.timeout_at(self._began_s + PAUSE_S + self._received / LEAST_BYTES_PER_S):
                return await self._receive()
        except TimeoutError:
            raise RequestTooSlow("The body came too slowly. Send it at 16 kB a second or faster.") from None
