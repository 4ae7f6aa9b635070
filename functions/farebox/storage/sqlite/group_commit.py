"""Group commit: whatever arrives while the disk is busy is applied together, with one wait for the disk.

The statements run on the event loop under `BEGIN IMMEDIATE`; only the `COMMIT`, which waits for the disk, is another
thread's. (Statements in a thread would each queue for the interpreter's lock, up to 5 ms a time, whenever the loop is
busy.) All of it is callbacks and no task, so that nothing is half done when somebody cancels one.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import Any

from functions.farebox.storage.model import Unreachable, Write
from functions.farebox.storage.sqlite.commit import Step, apply, checked
from functions.farebox.storage.sqlite.file import BUSY_TIMEOUT_S, is_busy

LARGEST_GROUP = 64  # commits that are applied before the event loop gets its turn again
TURNS = 4  # of the event loop, in which whoever is about to commit may join
LONG_ALONE = 8  # groups of one in a row, after which nobody is expected to
BUSY_PAUSE_S = 0.001
PATIENCE_S = 0.002  # how long a commit that nobody waits for yet may wait for company, or for what amends it
CLOCK_S = 0.001  # the event loop's clock is that coarse

Versions = list[str | None]


class QueuedCommit:
    """A commit that waits for its group, and then for the disk."""

    def __init__(self, writer: "GroupWriter", writes: Sequence[Write], steps: list[Step] | None) -> None:
        loop = asyncio.get_running_loop()
        self.done: asyncio.Future[Versions] = loop.create_future()
        self.since_s = loop.time()
        self._writer = writer
        self._writes = writes
        self._steps = steps
        self.is_begun = False
        self.is_wanted = False  # somebody waits for it, or it has waited long enough

    def amend(self, writes: Sequence[Write]) -> bool:
        """See `Queued`."""
        if not self.is_begun:
            self._writes, self._steps = writes, None
        return not self.is_begun

    def begin(self, connection: sqlite3.Connection) -> Versions | Exception:
        """Apply it inside a running transaction; answers what becomes of it if the transaction does. Raises
        `sqlite3.Error`, which is the whole group's."""
        self.is_begun = True
        try:
            return apply(connection, checked(self._writes) if self._steps is None else self._steps)
        except sqlite3.Error:
            raise
        except Exception as refusal:
            return refusal

    def __await__(self) -> Generator[Any, None, Versions]:
        if not self.is_begun:
            self.is_wanted = True
            self._writer.hurry()
        return self.done.__await__()


_Applied = list[tuple[asyncio.Future[Versions], Versions | Exception]]


class GroupWriter:
    """Writes to one connection, which is its own. It never waits inside SQLite, for that would hold the loop."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._waiting: list[QueuedCommit] = []
        self._is_busy = False  # a group is about to be applied, or on its way to the disk
        self._alone = 0  # groups of one, up to the last
        self._patience: asyncio.TimerHandle | None = None
        self._give_up_s = 0.0
        self._idle: asyncio.Future[None] | None = None
        self._applied: SimpleQueue[_Applied | None] = SimpleQueue()
        self._committer = Thread(target=self._commit_groups, name="sqlite-commit", daemon=True)
        self._committer.start()

    def add(self, writes: Sequence[Write], steps: list[Step] | None = None) -> QueuedCommit:
        """Have a commit in the next group as soon as somebody waits for it, and soon in any case. Its writes are
        checked and read when its turn comes, or have been where `steps` are given."""
        commit = QueuedCommit(self, writes, steps)
        self._waiting.append(commit)
        if self._patience is None:
            self._patience = self._loop.call_later(PATIENCE_S, self._lose_patience)
        return commit

    def hurry(self) -> None:
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
        if self._waiting or self._is_busy:
            self._idle = self._loop.create_future()
            self._want(list(self._waiting))
            await self._idle
        if self._patience is not None:
            self._patience.cancel()
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
            self._end([(commit.done, unreachable(error)) for commit in self._take_group()])
            return
        group = self._take_group()
        try:
            applied = [(commit.done, commit.begin(self._connection)) for commit in group]
        except sqlite3.Error as error:
            self._connection.rollback()
            self._end([(commit.done, unreachable(error)) for commit in group])
            return
        self._applied.put(applied)

    def _take_group(self) -> list[QueuedCommit]:
        group = [commit for commit in self._waiting if commit.is_wanted][:LARGEST_GROUP]
        self._alone = self._alone + 1 if len(group) == 1 else 0
        taken = set(group)
        self._waiting = [commit for commit in self._waiting if commit not in taken]
        return group

    def _lose_patience(self) -> None:
        """What has waited long enough is wanted now. But what has arrived in the meantime is looked at first: where the
        loop is behind, that may be an answer which amends it. It takes two turns: one reads it, and wakes somebody."""
        self._patience = None
        until_s = self._loop.time() - PATIENCE_S + CLOCK_S
        old = [commit for commit in self._waiting if commit.since_s <= until_s]
        if old:
            self._loop.call_soon(self._loop.call_soon, self._want, old)
        if len(old) < len(self._waiting):
            self._patience = self._loop.call_at(self._waiting[len(old)].since_s + PATIENCE_S, self._lose_patience)

    def _want(self, commits: Sequence[QueuedCommit]) -> None:
        waiting = [commit for commit in commits if not commit.is_begun]
        for commit in waiting:
            commit.is_wanted = True
        if waiting:
            self.hurry()

    def _commit_groups(self) -> None:
        """What the thread does: wait for the disk. A refusal may rest on what its group wrote before, so it waits too;
        when the disk fails, nothing is known of any."""
        while (applied := self._applied.get()) is not None:
            try:
                self._connection.execute("COMMIT")
            except sqlite3.Error as error:
                failure = unreachable(error)
                applied = [(done, failure) for done, _ in applied]
                if self._connection.in_transaction:
                    self._connection.rollback()
            with suppress(RuntimeError):  # the loop is closed, and nobody waits any more
                self._loop.call_soon_threadsafe(self._end, applied)

    def _end(self, applied: _Applied) -> None:
        self._is_busy = False
        for done, outcome in applied:
            if done.done():  # whoever waited was cancelled
                continue
            if isinstance(outcome, Exception):
                done.set_exception(outcome)
                done.exception()  # retrieved here, for nobody may be waiting
            else:
                done.set_result(outcome)
        if any(commit.is_wanted for commit in self._waiting):
            self.hurry()
        elif self._idle is not None and not self._waiting and not self._idle.done():
            self._idle.set_result(None)


def unreachable(error: Exception) -> Unreachable:
    """What a fault of the database is to the domain: it is not known what was done."""
    return Unreachable(f"SQLite: {error}")
