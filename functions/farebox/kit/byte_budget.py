"""A budget of bytes that many share: memory for what is large, which one waits for in turn.

Room is asked for once, for the whole of what may come, and never in parts: two that each wait for the other's part
would wait for ever.
"""

import asyncio
from collections import deque


class ByteBudget:
    """So many bytes, for whoever comes first."""

    def __init__(self, shared_bytes: int) -> None:
        self._shared_bytes = self.free_bytes = shared_bytes
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    def most_of(self, size: int) -> int:
        """As much of a size as there is at all: what is larger gets everything."""
        return min(size, self._shared_bytes)

    async def take(self, size: int) -> None:
        """Wait for so many bytes, behind those who wait already."""
        if not self._waiting and size <= self.free_bytes:
            self.free_bytes -= size
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((size, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._serve()  # who waits behind may need less
            else:
                self.give(size)
            raise

    def give(self, size: int) -> None:
        """Give back what was taken."""
        self.free_bytes += size
        self._serve()

    def _serve(self) -> None:
        while self._waiting:
            size, turn = self._waiting[0]
            if not turn.done():
                if size > self.free_bytes:
                    return
                self.free_bytes -= size
                turn.set_result(None)
            self._waiting.popleft()


class Room:
    """One taker's part of it, which is taken once and given back once."""

    __slots__ = ("_budget", "held_bytes")

    def __init__(self, budget: ByteBudget) -> None:
        self._budget = budget
        self.held_bytes = 0

    async def take(self, size: int) -> None:
        """Wait for room for so many bytes, unless there is some already."""
        if not self.held_bytes:
            size = self._budget.most_of(size)
            await self._budget.take(size)
            self.held_bytes = size

    def leave(self) -> None:
        """Give it back; harmless when repeated."""
        size, self.held_bytes = self.held_bytes, 0
        if size:
            self._budget.give(size)
