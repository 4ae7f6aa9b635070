"""The SQLite engine: one file, durable, transactional, and shared by any number of processes of one machine.

Reads take tens of microseconds, so they run on the event loop. Commits wait for the disk in groups
(`group_commit.py`).
"""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from functions.farebox.storage.checks import can_exist, check_aggregate, check_query, split_path
from functions.farebox.storage.model import Delete, Document, Query, Write
from functions.farebox.storage.sqlite.commit import checked
from functions.farebox.storage.sqlite.file import connect, create
from functions.farebox.storage.sqlite.group_commit import GroupWriter, PreparedCommit, unreachable
from functions.farebox.storage.sqlite.json_text import loads
from functions.farebox.storage.sqlite.queries import Statement, expired, select_paths, selects, streams, totals
from functions.farebox.storage.versions import newest

_Row = tuple[str, int, str]


class SqliteEngine:
    """An `Engine` over one file, which is made where it is missing, readable by its owner only.

    Nothing is opened before the first use, and from then on the engine belongs to the event loop of that use.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        self._opened: tuple[sqlite3.Connection, GroupWriter] | None = None
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

    async def stream(self, query: Query) -> AsyncGenerator[Document]:
        """All that a query finds, from one moment, sorted once and read by its `limit`: in a thread, on a connection of
        its own. While it is read, the log of what others write grows."""
        check_query(query)
        self._open()
        with closing(connect(self._path)) as connection:
            try:
                connection.execute("BEGIN")
                for sql, values in streams(query):
                    cursor = await asyncio.to_thread(connection.execute, sql, values)
                    while rows := await asyncio.to_thread(cursor.fetchmany, query.limit):
                        for row in rows:
                            yield _document(row)
            except sqlite3.Error as error:
                raise unreachable(error) from error

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
            raise unreachable(error) from error
        return dict(zip(("count", *sums), map(int, row), strict=True))

    async def expired(self, now: datetime, limit: int) -> list[Delete]:
        """What would delete the documents that have expired as they are, at most so many. In a thread, on a connection
        of its own."""
        self._open()
        sql, values = expired(now)

        def find() -> list[tuple[str, int]]:
            with closing(connect(self._path)) as connection:
                return connection.execute(sql, [*values, limit]).fetchall()

        try:
            return [Delete(path, str(version)) for path, version in await asyncio.to_thread(find)]
        except sqlite3.Error as error:
            raise unreachable(error) from error

    async def commit(self, writes: Sequence[Write]) -> list[str | None]:
        """Queue the writes for the next group and wait until they are on disk, or refused."""
        steps = checked(writes)
        _, writer = self._open()
        return await writer.add(writes, steps)

    def queue(self, writes: Sequence[Write]) -> PreparedCommit:
        """The same, awaited later, and amended until its turn comes."""
        _, writer = self._open()
        return writer.add(writes)

    async def close(self) -> None:
        """Finish what is queued, then let go of the file. The engine cannot be used again."""
        self._closed = True
        if self._opened is not None:
            reader, writer = self._opened
            await writer.close()
            reader.close()

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
            raise unreachable(error) from error
        return list(map(_document, rows))

    def _open(self) -> tuple[sqlite3.Connection, GroupWriter]:
        if self._closed:
            raise RuntimeError("the database was closed")
        if self._opened is None:
            try:
                create(self._path)
                self._opened = connect(self._path), GroupWriter(connect(self._path, timeout_s=0))
            except (OSError, sqlite3.Error) as error:
                raise unreachable(error) from error
        return self._opened


def _document(row: _Row) -> Document:
    path, version, text = row
    return newest(Document(path, loads(text), str(version)))
