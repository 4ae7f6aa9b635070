"""Documents in one SQLite file: durable, transactional, and shared by any number of processes of one machine.

Reads take tens of microseconds, so they run on the event loop. A commit's statements do as well, under
`BEGIN IMMEDIATE`; only the `COMMIT`, which waits for the disk, goes to a thread. Whatever arrives meanwhile is
applied as one group with one `COMMIT`, so one fsync serves many. (Statements in a thread would each queue for the
interpreter's lock, up to 5 ms a time, whenever the loop is busy.)
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

from functions.farebox.storage.checks import can_exist, check_aggregate, check_query, check_writes, split_path
from functions.farebox.storage.model import Document, Query, Unreachable, Write
from functions.farebox.storage.sqlite_commit import Step, apply, prepare
from functions.farebox.storage.sqlite_file import BUSY_TIMEOUT_S, connect, create, is_busy
from functions.farebox.storage.sqlite_json import loads
from functions.farebox.storage.sqlite_query import Statement, select_paths, selects, totals

LARGEST_GROUP = 64  # commits that are applied before the event loop gets its turn again
BUSY_PAUSE_S = 0.001

_Row = tuple[str, int, str]
_Outcome = list[str | None] | Exception
_Commit = tuple[list[Step], asyncio.Future[list[str | None]]]


class SqliteEngine:
    """An `Engine` over one file, which is made where it is missing, readable by its owner only.

    Nothing is opened before the first use, and from then on the engine belongs to the event loop of that use.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        self._connections: tuple[sqlite3.Connection, sqlite3.Connection] | None = None
        self._committer = ThreadPoolExecutor(1, thread_name_prefix="sqlite-commit")
        self._waiting: deque[_Commit] = deque()
        self._writing: asyncio.Task[None] | None = None
        self._committing: asyncio.Future[sqlite3.Cursor] | None = None
        self._closed = False

    async def read(self, paths: Sequence[str]) -> list[Document | None]:
        """The documents at these paths."""
        keys = [split_path(path) for path in paths if can_exist(path)]
        if not keys:
            return [None] * len(paths)
        found = {document.path: document for document in self._fetch([select_paths(keys)], len(keys))}
        return [found.get(path) for path in paths]

    async def query(self, query: Query) -> list[Document]:
        """The documents that a query finds."""
        check_query(query)
        return self._fetch(selects(query), query.limit)

    async def aggregate(self, query: Query, sums: Sequence[str] = ()) -> dict[str, int]:
        """Counted in a thread, on a connection of its own: this may go through a whole collection."""
        check_aggregate(query, sums)
        self._open()

        def count() -> list[Any]:
            with closing(connect(self._path)) as connection:
                return connection.execute(*totals(query, sums)).fetchall()

        try:
            [row] = await asyncio.to_thread(count)
        except sqlite3.Error as error:
            raise _unreachable(error) from error
        return dict(zip(("count", *sums), map(int, row), strict=True))

    async def commit(self, writes: Sequence[Write]) -> list[str | None]:
        """Queue the writes for the next group and wait until they are on disk, or refused."""
        check_writes(writes)
        self._open()
        done: asyncio.Future[list[str | None]] = asyncio.get_running_loop().create_future()
        self._waiting.append((prepare(writes), done))
        self._go_on()
        return await done

    async def close(self) -> None:
        """Finish what is queued, then let go of the file. The engine cannot be used again."""
        self._closed = True
        while self._waiting or not self._idle():
            assert self._writing is not None
            await asyncio.wait([self._writing])
        self._committer.shutdown()
        for connection in self._connections or ():
            connection.close()

    def _go_on(self, _: object = None) -> None:
        """See to it that whatever waits is written, also after the task that does so was cancelled with its loop."""
        if self._waiting and self._idle():
            assert self._connections is not None
            self._writing = asyncio.create_task(self._write_groups(self._connections[1]))
            self._writing.add_done_callback(self._go_on)

    def _idle(self) -> bool:
        return self._writing is None or self._writing.done()

    async def _write_groups(self, writer: sqlite3.Connection) -> None:
        while self._waiting:
            size = min(len(self._waiting), LARGEST_GROUP)
            group = [self._waiting.popleft() for _ in range(size)]
            outcomes: Sequence[_Outcome] = [Unreachable("the writer was cancelled") for _ in group]
            try:
                outcomes = await self._write_group(writer, [steps for steps, _ in group])
            finally:
                for (_, done), outcome in zip(group, outcomes, strict=True):
                    _resolve(done, outcome)

    async def _write_group(self, writer: sqlite3.Connection, group: Sequence[Sequence[Step]]) -> Sequence[_Outcome]:
        """What becomes of each commit. A refusal may rest on what the group wrote before it, so it waits for the disk
        too; when the disk fails, nothing is known of any."""
        if self._committing is not None:  # of a writer that was cancelled: until it is through, this is its transaction
            await asyncio.wait([self._committing])
        try:
            await _begin(writer)
            outcomes = [_attempt(writer, steps) for steps in group]
            self._committing = asyncio.get_running_loop().run_in_executor(self._committer, writer.execute, "COMMIT")
            await asyncio.shield(self._committing)  # cancelled before its turn, it would leave the transaction open
            return outcomes
        except sqlite3.Error as error:
            if writer.in_transaction:
                writer.rollback()
            return [_unreachable(error) for _ in group]

    def _fetch(self, statements: Sequence[Statement], limit: int) -> list[Document]:
        """The rows of the statements, one after the other up to a limit, from one moment."""
        reader, _ = self._open()
        rows: list[_Row] = []
        try:
            reader.execute("BEGIN")
            try:
                for sql, values in statements:
                    rows += reader.execute(sql, [*values, limit - len(rows)]).fetchall()
            finally:
                reader.execute("COMMIT")
        except sqlite3.Error as error:
            raise _unreachable(error) from error
        return [Document(path, loads(text), str(version)) for path, version, text in rows]

    def _open(self) -> tuple[sqlite3.Connection, sqlite3.Connection]:
        """The connections to read and to write with. The writer never waits inside SQLite, which would hold the
        event loop: see `_begin`."""
        if self._closed:
            raise RuntimeError("the database was closed")
        if self._connections is None:
            try:
                create(self._path)
                self._connections = connect(self._path), connect(self._path, timeout_s=0)
            except (OSError, sqlite3.Error) as error:
                raise _unreachable(error) from error
        return self._connections


async def _begin(writer: sqlite3.Connection) -> None:
    """Start writing, as soon as no other process does."""
    clock = asyncio.get_running_loop().time
    give_up = clock() + BUSY_TIMEOUT_S
    while True:
        try:
            writer.execute("BEGIN IMMEDIATE")
            return
        except sqlite3.OperationalError as error:
            if not is_busy(error) or clock() > give_up:
                raise
        await asyncio.sleep(BUSY_PAUSE_S)


def _attempt(writer: sqlite3.Connection, steps: Sequence[Step]) -> _Outcome:
    try:
        return apply(writer, steps)
    except sqlite3.Error:
        raise  # it is the whole group's
    except Exception as refusal:
        return refusal


def _resolve(done: asyncio.Future[list[str | None]], outcome: _Outcome) -> None:
    if done.done():  # whoever waited was cancelled
        return
    if isinstance(outcome, Exception):
        done.set_exception(outcome)
    else:
        done.set_result(outcome)


def _unreachable(error: Exception) -> Unreachable:
    return Unreachable(f"SQLite: {error}")
