"""One commit inside a running SQLite transaction: first every precondition is checked, then everything is written.

A commit that is refused has therefore written nothing, and others in the same transaction go on undisturbed.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import getrandbits

import orjson
from msgspec import Struct

from functions.farebox.storage.checks import MAX_INT, MIN_INT, check_writes, split_path
from functions.farebox.storage.model import (
    AlreadyExists,
    Check,
    Contended,
    Create,
    Data,
    Delete,
    Increment,
    Missing,
    Set,
    Update,
    Write,
)
from functions.farebox.storage.sqlite.json_text import dumps
from functions.farebox.storage.sqlite.queries import INDEXED, column, extract
from functions.farebox.storage.versions import marked

UPDATES_KNOWN = 256  # statements, by the fields that they touch

_COLUMNS = sorted(INDEXED)
_INSERT = (
    f"INSERT INTO documents (collection_group, collection, id, version, data, {', '.join(map(column, _COLUMNS))})"
    f" VALUES (?1, ?2, ?3, ?4, ?5, {', '.join(extract(field, '?5') for field in _COLUMNS)})"
)


class Step(Struct, frozen=True):
    """A write and its data as text: taken when the commit was asked for, whatever becomes of the mapping since."""

    collection: str
    id: str
    write: Write
    text: str


@dataclass(slots=True)
class _Row:
    rowid: int
    version: int
    text: str


def checked(writes: Sequence[Write]) -> list[Step]:
    """Writes that can be kept, ready to be applied. Raises as `check_writes`."""
    check_writes(writes)
    return [Step(*split_path(write.path), write, _text(write)) for write in writes]


def apply(connection: sqlite3.Connection, steps: Sequence[Step]) -> list[str | None]:
    """Apply all steps or none and answer the new versions. Raises `AlreadyExists`, `Missing` or `Contended`.

    A version is a random number that one commit gives to what it changes, so that a document which is deleted and
    made again never has an old version. What does not change keeps its version, as in Firestore.
    """
    if len(steps) == 1 and (versions := _store_unread(connection, steps[0])) is not None:
        return versions
    rows = [_row(connection, step) for step in steps]
    results = [_result(step, row) for step, row in zip(steps, rows, strict=True)]
    version = getrandbits(63)
    return [_store(connection, step, row, text, version) for step, row, text in zip(steps, rows, results, strict=True)]


def _store_unread(connection: sqlite3.Connection, step: Step) -> list[str | None] | None:
    """A lone write that one statement can do, its precondition included; `None` for any other."""
    version = getrandbits(63)
    match step.write:
        case Create(path):
            try:
                _insert(connection, step, step.text, version)
            except sqlite3.IntegrityError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
                    raise
                raise AlreadyExists(path) from None
        case Update(path, fields, str(if_version), dict(seen)) if not fields.items() <= seen.items():
            sql = f"{_update(tuple(_touched(step)))} WHERE collection = ?3 AND id = ?4 AND version = ?5"
            values = (version, dumps(marked(path, seen | fields)), step.collection, step.id, int(if_version))
            if connection.execute(sql, values).rowcount == 0:
                raise Contended(path)
        case _:
            return None
    return [str(version)]


def _text(write: Write) -> str:
    match write:
        case Create(path, data) | Set(path, data):
            return dumps(marked(path, data))
        case Update() | Increment():
            return dumps(write.fields)
        case Delete() | Check():
            return ""


def _row(connection: sqlite3.Connection, step: Step) -> _Row | None:
    found = connection.execute(
        "SELECT rowid, version, data FROM documents WHERE collection = ? AND id = ?", (step.collection, step.id)
    ).fetchone()
    return None if found is None else _Row(*found)


def _result(step: Step, row: _Row | None) -> str | None:
    """The document's text as it will be, `None` for no document. Raises where a precondition fails."""
    match step.write:
        case Create(path):
            if row is not None:
                raise AlreadyExists(path)
            return step.text
        case Set(path, _, if_version):
            _require(path, row, if_version)
            return step.text
        case Update(path, _, if_version):
            _require(path, row, if_version)
            if row is None:
                raise Missing(path)
            return dumps(orjson.loads(row.text) | orjson.loads(step.text))
        case Increment(_, amounts):
            old = {} if row is None else orjson.loads(row.text)
            return dumps(old | orjson.loads(step.text) | _sums(old, amounts))
        case Delete(path, if_version):
            _require(path, row, if_version)
            return None
        case Check(path, expected):
            if expected is None and row is not None:
                raise Contended(path)
            _require(path, row, expected)
            return None if row is None else row.text


def _require(path: str, row: _Row | None, if_version: str | None) -> None:
    if if_version is not None and (row is None or str(row.version) != if_version):
        raise Contended(path)


def _sums(old: Data, amounts: Mapping[str, int]) -> Data:
    """What is no number counts as 0 and a sum stays within 64 bits: Firestore's rules for its increment."""
    sums: Data = {}
    for name, amount in amounts.items():
        value = old.get(name)
        start = value if isinstance(value, int | float) and not isinstance(value, bool) else 0
        total = start + amount
        sums[name] = total if isinstance(total, float) else max(MIN_INT, min(MAX_INT, total))
    return sums


def _store(connection: sqlite3.Connection, step: Step, row: _Row | None, text: str | None, version: int) -> str | None:
    if isinstance(step.write, Check):
        return None
    if row is not None and text == row.text:
        return str(row.version)
    if text is None:
        if row is not None:
            connection.execute("DELETE FROM documents WHERE rowid = ?", (row.rowid,))
        return None
    if row is None:
        _insert(connection, step, text, version)
    else:
        connection.execute(f"{_update(tuple(_touched(step)))} WHERE rowid = ?3", (version, text, row.rowid))
    return str(version)


def _insert(connection: sqlite3.Connection, step: Step, text: str, version: int) -> None:
    group = step.collection.rpartition("/")[2]
    connection.execute(_INSERT, (group, step.collection, step.id, version, text))


@lru_cache(UPDATES_KNOWN)
def _update(touched: tuple[str, ...]) -> str:
    values = ["version = ?1", "data = ?2", *(f"{column(name)} = {extract(name, '?2')}" for name in touched)]
    return f"UPDATE documents SET {', '.join(values)}"


def _touched(step: Step) -> list[str]:
    """The indexed fields that a write to a document which is there may change: only their columns are set, for SQLite
    rewrites an index whenever a column of its is set."""
    match step.write:
        case Update(_, fields):
            return sorted(INDEXED.intersection(fields))
        case Increment(_, amounts, fields):
            return sorted(INDEXED.intersection([*amounts, *fields]))
        case _:
            return _COLUMNS
