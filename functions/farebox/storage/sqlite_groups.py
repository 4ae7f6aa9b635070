"""Commits in groups: whatever arrives while the disk is busy is applied together, with one wait for the disk.

The statements run on the event loop under `BEGIN IMMEDIATE`; only the `COMMIT`, which waits for the disk, is another
thread's. (Statements in a thread would each queue for the interpreter's lock, up to 5 ms a time, whenever the loop is
busy.) All of it is callbacks and no task, so that nothing is half done when somebody cancels one.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread

from functions.farebox.storage.model import Unreachable
from functions.farebox.storage.sqlite_commit import Step, apply
from functions.farebox.storage.sqlite_file import BUSY_TIMEOUT_S, is_busy

LARGEST_GROUP = 64  # commits that are applied before the event loop gets its turn again
BUSY_PAUSE_S = 0.001

Versions = list[str | None]
_Commit = tuple[list[Step], asyncio.Future[Versions]]
_Applied = list[tuple[asyncio.Future[Versions], Versions | Exception]]


class GroupWriter:
    """Writes to one connection, which is its own. It never waits inside SQLite, for that would hold the loop."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[_Commit] = deque()
        self._is_busy = False  # a group is about to be applied, or on its way to the disk
        self._give_up_s = 0.0
        self._idle: asyncio.Future[None] | None = None
        self._applied: SimpleQueue[_Applied | None] = SimpleQueue()
        self._committer = Thread(target=self._commit_groups, name="sqlite-commit", daemon=True)
        self._committer.start()

    def add(self, steps: list[Step]) -> asyncio.Future[Versions]:
        """Have a commit in the next group. The future has its versions when it is on disk, or what refused it."""
        done: asyncio.Future[Versions] = self._loop.create_future()
        self._waiting.append((steps, done))
        if not self._is_busy:
            self._go_on()
        return done

    async def close(self) -> None:
        """Finish what waits, and close the connection."""
        if self._is_busy:
            self._idle = self._loop.create_future()
            await self._idle
        self._applied.put(None)
        self._committer.join()
        self._connection.close()

    def _go_on(self) -> None:
        """Apply what waits, once whatever else is ready in the loop has had its chance to join."""
        self._is_busy = True
        self._give_up_s = self._loop.time() + BUSY_TIMEOUT_S
        self._loop.call_soon(self._apply)

    def _apply(self) -> None:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            if is_busy(error) and self._loop.time() < self._give_up_s:  # another process writes
                self._loop.call_later(BUSY_PAUSE_S, self._apply)
                return
            self._end([(done, unreachable(error)) for _, done in self._take_group()])
            return
        group = self._take_group()
        try:
            applied = [(done, _attempt(self._connection, steps)) for steps, done in group]
        except sqlite3.Error as error:
            self._connection.rollback()
            self._end([(done, unreachable(error)) for _, done in group])
            return
        self._applied.put(applied)

    def _take_group(self) -> list[_Commit]:
        return [self._waiting.popleft() for _ in range(min(len(self._waiting), LARGEST_GROUP))]

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
            else:
                done.set_result(outcome)
        if self._waiting:
            self._go_on()
        elif self._idle is not None and not self._idle.done():
            self._idle.set_result(None)


def unreachable(error: Exception) -> Unreachable:
    """What a fault of the database is to the domain: it is not known what was done."""
    return Unreachable(f"SQLite: {error}")


def _attempt(connection: sqlite3.Connection, steps: Sequence[Step]) -> Versions | Exception:
    try:
        return apply(connection, steps)
    except sqlite3.Error:
        raise  # it is the whole group's
    except Exception as refusal:
        return refusal
