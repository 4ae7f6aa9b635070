"""The database file: made once, by whichever process comes first, and opened by each of its connections."""

import os
import sqlite3
import time
from pathlib import Path

from functions.farebox.storage.sqlite.queries import (
    EXPIRING_INDEX,
    EXPIRING_INDEX_NAME,
    INDEXED,
    INDEXES,
    column,
    extract,
)

BUSY_TIMEOUT_S = 10.0  # how long another process may keep us waiting
# Of the log, before its pages are copied into the file, 16 MiB: what commits write again and again is copied once.
CHECKPOINT_PAGES = 4000

_TABLE = """
CREATE TABLE IF NOT EXISTS documents (
  collection_group TEXT NOT NULL,
  collection TEXT NOT NULL,
  id TEXT NOT NULL,
  version INTEGER NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (collection, id)
) STRICT
"""


def connect(path: Path, *, timeout_s: float = BUSY_TIMEOUT_S) -> sqlite3.Connection:
    """A connection that any thread may use, one at a time, and that begins no transaction by itself."""
    connection = sqlite3.connect(
        path, timeout=timeout_s, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
    return connection


def create(path: Path) -> None:
    """Make the file, its directory, its table and its indexes where they are missing, for the owner's eyes only.

    SQLite gives the files that it keeps beside this one (`-wal`, `-shm`) the same permissions.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    connection = connect(path)
    try:
        _use_write_ahead_log(connection)
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(_TABLE)
        _fill_columns(connection)
        for index in INDEXES:
            connection.execute(index.statement)
        earlier = "SELECT name FROM sqlite_master WHERE type = 'index' AND name LIKE 'expiring_%' AND name != ?"
        for (name,) in connection.execute(earlier, (EXPIRING_INDEX_NAME,)).fetchall():
            connection.execute(f"DROP INDEX {name}")
        connection.execute(EXPIRING_INDEX)
        connection.execute("COMMIT")
    finally:
        connection.close()


def _fill_columns(connection: sqlite3.Connection) -> None:
    """Give the indexed fields their columns where they have none, as in a file of an earlier version.

    Those versions have indexes on expressions and make them at each start: where there are any, one of them may have
    written documents since, whose columns are empty, and all are filled again.
    """
    known = {name for (name,) in connection.execute("SELECT name FROM pragma_table_info('documents')")}
    missing = sorted(field for field in INDEXED if column(field) not in known)
    indexes = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '%json_extract%'"
    of_earlier_versions = [name for (name,) in connection.execute(indexes)]
    for field in missing:
        connection.execute(f"ALTER TABLE documents ADD COLUMN {column(field)} ANY")
    for name in of_earlier_versions:
        connection.execute(f"DROP INDEX {name}")
    if missing or of_earlier_versions:
        values = ", ".join(f"{column(field)} = {extract(field)}" for field in sorted(INDEXED))
        connection.execute(f"UPDATE documents SET {values}")


def is_busy(error: sqlite3.Error) -> bool:
    """Whether somebody else holds the file: nothing is wrong, and nothing was done."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF == sqlite3.SQLITE_BUSY


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """The one statement that does not wait for a busy file by itself, when several processes come first together."""
    give_up = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if not is_busy(error) or time.monotonic() > give_up:
                raise
        time.sleep(0.005)
