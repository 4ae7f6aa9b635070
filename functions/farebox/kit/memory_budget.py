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
        if self.is_over_share(count_bytes, whose):
            return False
        if whose is not None:
            self._taken_by[whose] = self._taken_by.get(whose, 0) + count_bytes
        self._taken += count_bytes
        return True

    def is_over_share(self, count_bytes: int, whose: str | None) -> bool:
        """Whether so many bytes are more than a taker may have beside what they have."""
        return whose is not None and self._taken_by.get(whose, 0) + count_bytes > self._share

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
    """The same for what cannot be refused any more: one waits for it in turn. No taker has more than half of it, or one
    of the `largest_bytes` there are if that is more, and who waits for their own part stands in nobody's way."""

    def __init__(self, total_bytes: int, largest_bytes: int = 0) -> None:
        self._share = min(total_bytes, max(total_bytes // 2, largest_bytes))
        self._total = total_bytes
        self._budget = MemoryBudget(total_bytes, self._share)
        self._waiting: deque[tuple[int, str | None, asyncio.Future[None]]] = deque()

    @property
    def taken_bytes(self) -> int:
        """What is taken now."""
        return self._budget.taken_bytes

    def most_of(self, count_bytes: int, whose: str | None = None) -> int:
        """As much of a size as somebody can have at all: for what is larger, that is enough."""
        return min(count_bytes, self._total if whose is None else self._share)

    async def take(self, count_bytes: int, whose: str | None = None) -> None:
        """Wait for so many bytes, at most as many as one can have, behind those who wait already."""
        assert count_bytes <= self.most_of(count_bytes, whose), "it would wait for ever"
        if not self._waiting and self._budget.take(count_bytes, whose):
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((count_bytes, whose, turn))
        self._serve()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._serve()  # who waits behind may need less
            else:
                self.give_back(count_bytes, whose)
            raise

    def give_back(self, count_bytes: int, whose: str | None = None) -> None:
        """Give back what was taken before, by the same taker."""
        self._budget.give_back(count_bytes, whose)
        self._serve()

    def _serve(self) -> None:
        """Give those who wait what there is, in turn. Where it is not there the rest waits, too; but for who has their
        part, and whoever has come after them for the same."""
        left: deque[tuple[int, str | None, asyncio.Future[None]]] = deque()
        over: set[str | None] = set()
        while self._waiting:
            count_bytes, whose, turn = self._waiting[0]
            if not turn.done():
                if whose in over or self._budget.is_over_share(count_bytes, whose):
                    over.add(whose)
                    left.append(self._waiting.popleft())
                    continue
                if not self._budget.take(count_bytes, whose):
                    break
                turn.set_result(None)
            self._waiting.popleft()
        self._waiting.extendleft(reversed(left))


class Room:
    """One taker's part of a queue's memory, which is taken once and given back once.

    It is taken for the whole of what may come, never in parts: two that each wait for the other's part would wait for
    ever.
    """

    __slots__ = ("_queue", "_whose", "held_bytes")

    def __init__(self, queue: MemoryQueue, whose: str | None = None) -> None:
        self._queue = queue
        self._whose = whose
        self.held_bytes = 0

    async def take(self, count_bytes: int) -> None:
        """Wait for room for so many bytes, or for all that there is, unless there is some already."""
        if not self.held_bytes:
            count_bytes = self._queue.most_of(count_bytes, self._whose)
            await self._queue.take(count_bytes, self._whose)
            self.held_bytes = count_bytes

    def keep(self, count_bytes: int) -> None:
        """Give back what is more than so many bytes: it is known by now that it takes no more."""
        surplus = self.held_bytes - count_bytes
        if surplus > 0:
            self.held_bytes = count_bytes
            self._queue.give_back(surplus, self._whose)

    def leave(self) -> None:
        """Give it back; harmless when repeated."""
        self.keep(0)
