"""Memory that all requests of a process share."""

import asyncio
from collections import deque


class MemoryBudget:
    """Bytes that are taken until they are given back. Nobody waits for any: who gets none has to be refused.

    `share_bytes` is the most that one taker may have, by whatever name takers go: so none takes all of it from others.
    """

    __slots__ = ("_share", "_taken", "_taken_by", "_total")

    def __init__(self, total_bytes: int, share_bytes: int | None = None) -> None:
        self._total = total_bytes
        self._share = total_bytes if share_bytes is None else share_bytes
        self._taken = 0
        self._taken_by: dict[str, int] = {}

    @property
    def taken_bytes(self) -> int:
        """What is taken now."""
        return self._taken

    def take(self, count_bytes: int, whose: str | None = None) -> bool:
        """Take so many bytes, or none: answers whether they were there. Without `whose` no share bounds them."""
        if self._taken + count_bytes > self._total:
            return False
        if whose is not None:
            held = self._taken_by.get(whose, 0) + count_bytes
            if held > self._share:
                return False
            self._taken_by[whose] = held
        self._taken += count_bytes
        return True

    def give_back(self, count_bytes: int, whose: str | None = None) -> None:
        """Give back what was taken before, by the same taker."""
        assert count_bytes <= self._taken
        self._taken -= count_bytes
        if whose is not None:
            left = self._taken_by.pop(whose, 0) - count_bytes
            assert left >= 0
            if left:
                self._taken_by[whose] = left


class MemoryQueue:
    """The same for what cannot be refused any more: one waits for it in turn."""

    def __init__(self, total_bytes: int) -> None:
        self._total = total_bytes
        self._budget = MemoryBudget(total_bytes)
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    @property
    def taken_bytes(self) -> int:
        """What is taken now."""
        return self._budget.taken_bytes

    def most_of(self, count_bytes: int) -> int:
        """As much of a size as there is at all: what is larger gets everything."""
        return min(count_bytes, self._total)

    async def take(self, count_bytes: int) -> None:
        """Wait for so many bytes, at most as many as there are, behind those who wait already."""
        assert count_bytes <= self._total, "it would wait for ever"
        if not self._waiting and self._budget.take(count_bytes):
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((count_bytes, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._serve()  # who waits behind may need less
            else:
                self.give_back(count_bytes)
            raise

    def give_back(self, count_bytes: int) -> None:
        """Give back what was taken before."""
        self._budget.give_back(count_bytes)
        self._serve()

    def _serve(self) -> None:
        while self._waiting:
            count_bytes, turn = self._waiting[0]
            if not turn.done():
                if not self._budget.take(count_bytes):
                    return
                turn.set_result(None)
            self._waiting.popleft()


class Room:
    """One taker's part of a queue's memory, which is taken once and given back once.

    It is taken for the whole of what may come, never in parts: two that each wait for the other's part would wait for
    ever.
    """

    __slots__ = ("_queue", "held_bytes")

    def __init__(self, queue: MemoryQueue) -> None:
        self._queue = queue
        self.held_bytes = 0

    async def take(self, count_bytes: int) -> None:
        """Wait for room for so many bytes, or for all that there is, unless there is some already."""
        if not self.held_bytes:
            count_bytes = self._queue.most_of(count_bytes)
            await self._queue.take(count_bytes)
            self.held_bytes = count_bytes

    def leave(self) -> None:
        """Give it back; harmless when repeated."""
        count_bytes, self.held_bytes = self.held_bytes, 0
        if count_bytes:
            self._queue.give_back(count_bytes)
