"""Group commit: queued commits that are wanted at the same time go to Firestore as one, which is applied whole or not.

What a request costs this process is mostly the call, whatever it writes. While none is under way a commit leaves at
once; while one is, it waits for that one's answer, or for company, and `COMPANY_S` at most. What is large goes alone,
so that nobody else waits for it, and no group is larger than a server reads.

A group that is refused has written nothing, and the status does not say on whose account: each of it is then sent by
itself, and has its own outcome. Where nobody knows what became of a group, nobody knows it of any of its commits.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from functions.farebox.storage.checks import check_writes
from functions.farebox.storage.commit_queue import CommitQueue, QueuedCommit, Versions
from functions.farebox.storage.model import MAX_WRITES, Create, Increment, Set, Unreachable, Update, Write

COMPANY_S = 0.002
LARGEST_GROUP = 64
LARGEST_BYTES = 1_000_000  # about, of a group of more than one; a server reads four million, or ten
TURNS = 2  # of the event loop, in which whoever is about to commit may join

Send = Callable[[Sequence[Write]], Awaitable[Versions]]


class GroupSender:
    """Sends queued commits. `send` makes one request of writes that were checked, and raises as `Engine.commit`."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._loop = asyncio.get_running_loop()
        self._queue = CommitQueue[QueuedCommit](self._hurry)
        self._leaving: asyncio.TimerHandle | asyncio.Handle | None = None  # of the next group
        self._under_way: set[asyncio.Task[None]] = set()

    def add(self, writes: Sequence[Write]) -> QueuedCommit:
        """Have a commit in the next group as soon as somebody waits for it, and soon in any case. Its writes are
        checked and read when it leaves."""
        commit = QueuedCommit(writes, self._hurry)
        self._queue.add(commit)
        return commit

    async def close(self) -> None:
        """Finish what waits and what is under way."""
        self._queue.want_all()
        self._queue.stop()
        while self._leaving is not None or self._under_way:
            self._leave()
            if self._under_way:  # nothing is, where none of what left can be kept
                await asyncio.wait(self._under_way)

    def _hurry(self) -> None:
        if self._leaving is not None:
            return
        if self._under_way:
            self._leaving = self._loop.call_later(COMPANY_S, self._leave)
        else:
            self._leaving = self._loop.call_soon(self._in_turns, TURNS - 1)

    def _in_turns(self, turns: int) -> None:
        if turns:
            self._leaving = self._loop.call_soon(self._in_turns, turns - 1)
        else:
            self._leave()

    def _leave(self) -> None:
        if self._leaving is not None:
            self._leaving.cancel()
            self._leaving = None
        group = self._queue.take(LARGEST_GROUP, _Room().has_for)
        checked = [commit for commit in group if _is_checked(commit)]
        if checked:
            task = self._loop.create_task(self._send_group(checked))
            self._under_way.add(task)
            task.add_done_callback(self._arrived)
        if self._queue.has_wanted:
            self._hurry()

    def _arrived(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        if self._queue.has_wanted:
            self._leave()

    async def _send_group(self, group: Sequence[QueuedCommit]) -> None:
        try:
            versions = await self._send([write for commit in group for write in commit.writes])
        except asyncio.CancelledError:
            _end_all(group, Unreachable("the event loop ended"))
            raise
        except Exception as error:
            if len(group) == 1 or isinstance(error, Unreachable):
                _end_all(group, error)
            else:
                await asyncio.gather(*(self._send_group([commit]) for commit in group))
            return
        begin = 0
        for commit in group:
            end = begin + len(commit.writes)
            commit.end(versions[begin:end])
            begin = end


class _Room:
    """The room in a group, as it fills."""

    def __init__(self) -> None:
        self._paths: set[str] = set()
        self._bytes = 0

    def has_for(self, commit: QueuedCommit) -> bool:
        """Whether a commit fits, which is then in the group: one that writes a path twice is refused. The first fits
        in any case."""
        own = {write.path for write in commit.writes}
        size = sum(map(_bytes_of, commit.writes))
        if self._paths and (
            len(self._paths) + len(own) > MAX_WRITES
            or not self._paths.isdisjoint(own)
            or self._bytes + size > LARGEST_BYTES
        ):
            return False
        self._paths |= own
        self._bytes += size
        return True


def _bytes_of(write: Write) -> int:
    """About how large a write is: its texts, which is all that can be large. Every request passes here, so what is
    nested is not looked at."""
    match write:
        case Create() | Set():
            fields = write.data
        case Update() | Increment():
            fields = write.fields
        case _:
            return 0
    return sum([len(value) for value in fields.values() if type(value) is str])


def _is_checked(commit: QueuedCommit) -> bool:
    """Whether a commit can be sent; one that cannot has its end here, and harms no other."""
    try:
        check_writes(commit.writes)
    except (TypeError, ValueError) as mistake:
        commit.end(mistake)
        return False
    if not commit.writes:
        commit.end([])
    return bool(commit.writes)


def _end_all(group: Sequence[QueuedCommit], error: Exception) -> None:
    for commit in group:
        commit.end(error)
