"""Group commit: whatever arrives while the disk is busy is applied together, with one wait for the disk.

The statements run on the event loop under `BEGIN IMMEDIATE`; only the `COMMIT`, which waits for the disk, is another
thread's. (Statements in a thread would each queue for the interpreter's lock, up to 5 ms a time, whenever the loop is
busy.) All of it is callbacks and no task, so that nothing is half done when somebody cancels one.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread

from functions.farebox.storage.commit_queue import CommitQueue, QueuedCommit, Versions
from functions.farebox.storage.model import Unreachable, Write
from functions.farebox.storage.sqlite.commit import Step, apply, checked
from functions.farebox.storage.sqlite.file import BUSY_TIMEOUT_S, is_busy

LARGEST_GROUP = 64  # commits that are applied before the event loop gets its turn again
TURNS = 4  # of the event loop, in which whoever is about to commit may join
LONG_ALONE = 8  # groups of one in a row, after which nobody is expected to
BUSY_PAUSE_S = 0.001


class PreparedCommit(QueuedCommit):
    """A commit whose steps may have been made when it was asked for."""

    def __init__(self, writes: Sequence[Write], on_wanted: Callable[[], None], steps: list[Step] | None) -> None:
        super().__init__(writes, on_wanted)
        self._steps = steps

    def apply(self, connection: sqlite3.Connection) -> Versions | Exception:
        """Apply it inside a running transaction; answers what becomes of it if the transaction does. Raises
        `sqlite3.Error`, which is the whole group's."""
        try:
            return apply(connection, checked(self.writes) if self._steps is None else self._steps)
        except sqlite3.Error:
            raise
        except Exception as refusal:
            return refusal


_Applied = list[tuple[PreparedCommit, Versions | Exception]]


class GroupWriter:
    """Writes to one connection, which is its own. It never waits inside SQLite, for that would hold the loop."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._queue = CommitQueue[PreparedCommit](self._hurry)
        self._is_busy = False  # a group is about to be applied, or on its way to the disk
        self._alone = 0  # groups of one, up to the last
        self._give_up_s = 0.0
        self._idle: asyncio.Future[None] | None = None
        self._applied: SimpleQueue[_Applied | None] = SimpleQueue()
        self._committer = Thread(target=self._commit_groups, name="sqlite-commit", daemon=True)
        self._committer.start()

    def add(self, writes: Sequence[Write], steps: list[Step] | None = None) -> PreparedCommit:
        """Have a commit in the next group as soon as somebody waits for it, and soon in any case. Its writes are
        checked and read when its turn comes, or have been where `steps` are given, and then it is not to be amended."""
        commit = PreparedCommit(writes, self._hurry, steps)
        self._queue.add(commit)
        return commit

    def _hurry(self) -> None:
        """Apply what is wanted, once whatever is ready in the loop, or has arrived, has had its chance to join. Who has
        long been alone does not wait for company: each turn is a look at every socket. Should there be some, it gathers
        while the disk is busy, and the next group waits again."""
        if not self._is_busy:
            self._is_busy = True
            self._give_up_s = self._loop.time() + BUSY_TIMEOUT_S
            self._in_turns(TURNS if self._alone < LONG_ALONE else 1, self._apply)

    def _in_turns(self, turns: int, then: Callable[[], None]) -> None:
        if turns:
            self._loop.call_soon(self._in_turns, turns - 1, then)
        else:
            then()

    async def close(self) -> None:
        """Finish what waits, and close the connection."""
        if self._queue.waiting or self._is_busy:
            self._idle = self._loop.create_future()
            self._queue.want_all()
            await self._idle
        self._queue.stop()
        self._applied.put(None)
        self._committer.join()
        self._connection.close()

    def _apply(self) -> None:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            if is_busy(error) and self._loop.time() < self._give_up_s:  # another process writes
                self._loop.call_later(BUSY_PAUSE_S, self._apply)
                return
            self._end([(commit, unreachable(error)) for commit in self._take_group()])
            return
        group = self._take_group()
        try:
            applied = [(commit, commit.apply(self._connection)) for commit in group]
        except sqlite3.Error as error:
            self._connection.rollback()
            self._end([(commit, unreachable(error)) for commit in group])
            return
        self._applied.put(applied)

    def _take_group(self) -> list[PreparedCommit]:
        group = self._queue.take(LARGEST_GROUP)
        self._alone = self._alone + 1 if len(group) == 1 else 0
        return group

    def _commit_groups(self) -> None:
        """What the thread does: wait for the disk. A refusal may rest on what its group wrote before, so it waits too;
        when the disk fails, nothing is known of any."""
        while (applied := self._applied.get()) is not None:
            try:
                self._connection.execute("COMMIT")
            except sqlite3.Error as error:
                failure = unreachable(error)
                applied = [(commit, failure) for commit, _ in applied]
                if self._connection.in_transaction:
                    self._connection.rollback()
            with suppress(RuntimeError):  # the loop is closed, and nobody waits any more
                self._loop.call_soon_threadsafe(self._end, applied)

    def _end(self, applied: _Applied) -> None:
        self._is_busy = False
        for commit, outcome in applied:
            commit.end(outcome)
        if self._queue.has_wanted:
            self._hurry()
        elif self._idle is not None and not self._queue.waiting and not self._idle.done():
            self._idle.set_result(None)


def unreachable(error: Exception) -> Unreachable:
    """What a fault of the database is to the domain: it is not known what was done."""
    return Unreachable(f"SQLite: {error}")
