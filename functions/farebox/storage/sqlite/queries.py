"""Queries in SQLite's words: documents are JSON text, fields are `json_extract` of it. Fields that an index needs are
columns beside it as well, so that a write which does not change them leaves their indexes alone; `commit.py` keeps
them equal to the text.

Firestore compares a field only with values of the filter's own type, so each comparison here names the JSON types
that it may meet: without that SQLite would find `true` equal to 1 and a nested mapping equal to its text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zlib import crc32

from functions.farebox.storage.checks import split_path
from functions.farebox.storage.expiring import EXPIRING
from functions.farebox.storage.model import Filter, Query
from functions.farebox.storage.sqlite.json_text import time_text

Statement = tuple[str, list[Any]]  # SQL and its parameters; a SELECT takes its limit as one more

_COLUMNS = "SELECT collection || '/' || id, version, data"
_SELECT = f"{_COLUMNS} FROM documents"
_ALL = -1  # as a limit
_PLACES = "SELECT rowid AS place FROM documents"

# Firestore orders paths segment by segment; as plain text, "a-b/x" would come before "a/x".
_GROUP_KEY = "replace(collection, '/', char(1))"


@dataclass(frozen=True, slots=True)
class Index:
    """Makes queries of a collection quick that compare the first fields with `==` and order by the next one.

    With `group`, it serves queries over all collections of that name instead of one.
    """

    collection: str
    fields: tuple[str, ...]
    group: bool = False

    @property
    def statement(self) -> str:
        """The index as SQL. Its name says what it is, so that a changed index is another one."""
        name = "_".join(("group_on" if self.group else "on", self.collection, *self.fields))
        ends = (_GROUP_KEY, "id") if self.group else ("id",)
        columns = [*([] if self.group else ["collection"]), *map(_value, self.fields), *ends]
        return (
            f"CREATE INDEX IF NOT EXISTS {name} ON documents ({', '.join(columns)})"
            f" WHERE collection_group = '{self.collection}'"
        )


# One line for every field query that must not scan its collection. Listing by id needs none.
INDEXES = (
    Index("api_keys", ("user", "created_at")),
    Index("audit", ("created_at",)),
    Index("audit", ("target", "created_at")),
    Index("authorizations", ("state", "expires_at")),
    Index("authorizations", ("user", "state")),
    Index("key_windows", ("last_used_at",)),
    Index("leases", ("state", "expires_at"), group=True),
    Index("leases", ("closed_by", "closed_at"), group=True),
    Index("members", ("user", "created_at"), group=True),
    Index("trail", ("created_at",)),
    Index("transactions", ("seq",)),
    Index("usage", ("lease",)),
    Index("usage", ("status", "created_at")),
    Index("usage", ("user", "created_at")),
    Index("usage", ("user", "request_id", "created_at")),
    Index("system_days", ("date",)),
    Index("usage_days", ("date",)),
    Index("usage_days", ("user", "date")),
    Index("users", ("email",)),
    Index("users", ("tenant", "email")),
)

INDEXED = frozenset(field for index in INDEXES for field in index.fields)  # fields with a column, in any collection


# What may go by itself, by when. A query uses it that says the same of the group in the same words.
_MAY_EXPIRE = f"collection_group IN ({', '.join(map(repr, EXPIRING))})"
# The time comes first: for the list of groups SQLite makes a table, in each statement that gets as far as that.
_EXPIRING = f"field_expires_at IS NOT NULL AND {_MAY_EXPIRE}"
EXPIRING_INDEX_NAME = f"expiring_{crc32(_EXPIRING.encode()):x}"
EXPIRING_INDEX = f"CREATE INDEX IF NOT EXISTS {EXPIRING_INDEX_NAME} ON documents (field_expires_at) WHERE {_EXPIRING}"


def column(field: str) -> str:
    """The name of an indexed field's column."""
    return f"field_{field}"


def extract(field: str, text: str = "data") -> str:
    """The SQL of a field's value in a document's text."""
    return f"json_extract({text}, '$.{field}')"


def select_paths(keys: Sequence[tuple[str, str]]) -> Statement:
    """The statement whose rows `(path, version, data)` are the documents of these collections and ids.

    A join, since `(collection, id) IN (...)` goes through the whole table.
    """
    marks = ", ".join(["(?, ?)"] * len(keys))
    return (
        f"WITH wanted (in_collection, with_id) AS (VALUES {marks}) {_SELECT}"
        " JOIN wanted ON collection = in_collection AND id = with_id LIMIT ?",
        [part for key in keys for part in key],
    )


def expired(now: datetime) -> Statement:
    """The statement whose rows `(path, version)` are the documents that may go, the oldest first."""
    return (
        f"SELECT collection || '/' || id, version FROM documents WHERE {_MAY_EXPIRE}"
        " AND field_expires_at <= ? ORDER BY field_expires_at LIMIT ?",
        [time_text(now)],
    )


def selects(query: Query) -> list[Statement]:
    """The statements whose rows, one after the other up to the limit, answer a query."""
    return _statements(query, _SELECT)


def streams(query: Query) -> list[Statement]:
    """The same for all that a query finds. What has to be sorted are the places of documents, not their texts: for a
    join from left to right SQLite reads them in that order."""
    return [
        (f"{_COLUMNS} FROM ({sql}) AS places CROSS JOIN documents ON documents.rowid = place", [*values, _ALL])
        for sql, values in _statements(query, _PLACES)
    ]


def _statements(query: Query, head: str) -> list[Statement]:
    where, values = _conditions(query)
    order = [_GROUP_KEY, "id"] if query.group else ["id"]
    if query.order_by is not None:
        order.insert(0, _value(query.order_by))
        where.append(f"{_type(query.order_by)} IS NOT NULL")
    direction = " DESC" if query.descending else ""
    ordering = ", ".join(column + direction for column in order)
    return [
        (
            f"{head} WHERE {' AND '.join([*where, *condition])} ORDER BY {ordering} LIMIT ?",
            [*values, *arguments],
        )
        for condition, arguments in _continuations(query)
    ]


def totals(query: Query, sums: Sequence[str]) -> Statement:
    """The statement whose one row is the count and the sums. Only numbers add up, as in Firestore."""
    where, values = _conditions(query)
    columns = [f"coalesce(sum(CASE WHEN {_type(name)} IN {_NUMBER} THEN {_value(name)} END), 0)" for name in sums]
    return f"SELECT {', '.join(['count(*)', *columns])} FROM documents WHERE {' AND '.join(where)}", values


def _conditions(query: Query) -> tuple[list[str], list[Any]]:
    """What every document of the answer meets. The group is a literal: only so do partial indexes apply."""
    where = [f"collection_group = '{query.collection.rpartition('/')[2]}'"]
    values: list[Any] = []
    if not query.group:
        where.append("collection = ?")
        values.append(query.collection)
    for clause in query.where:
        condition, arguments = _comparison(clause)
        where.append(condition)
        values += arguments
    return where, values


_NUMBER = "('integer', 'real')"
_BOOL = "('true', 'false')"
_TEXT = "('text')"


def _comparison(clause: Filter) -> tuple[str, list[Any]]:
    kind, value = _type(clause.field), _value(clause.field)
    if clause.value is None:
        return f"{value} IS NULL AND {kind} = 'null'", []
    if isinstance(clause.value, bool):
        types = _BOOL
    elif isinstance(clause.value, int | float):
        types = _NUMBER
    else:
        types = _TEXT
    operator = "=" if clause.op == "==" else clause.op
    return f"{value} {operator} ? AND {kind} IN {types}", [_parameter(clause.value)]


def _continuations(query: Query) -> list[tuple[list[str], list[Any]]]:
    """The conditions under which documents lie behind `after`. NULL comes first and compares with nothing, so where
    the walk goes from values down to it, or up from it, that is a statement of its own."""
    if query.after is None:
        return [([], [])]
    operator = "<" if query.descending else ">"
    if query.group:
        collection, document_id = split_path(query.after[-1])
        place: list[Any] = [collection.replace("/", "\x01"), document_id]
        behind = f"({_GROUP_KEY}, id) {operator} (?, ?)"
    else:
        place = [query.after[-1]]
        behind = f"id {operator} ?"
    if query.order_by is None:
        return [([behind], place)]
    value = _value(query.order_by)
    if query.after[0] is None:
        rest: tuple[list[str], list[Any]] = ([f"{value} IS NULL", behind], place)
        return [rest] if query.descending else [rest, ([f"{value} IS NOT NULL"], [])]
    columns = f"{value}, {_GROUP_KEY}, id" if query.group else f"{value}, id"
    marks = ", ".join("?" * (len(place) + 1))
    start = _parameter(query.after[0])
    # The first condition follows from the second, but only a plain one makes an index start in the right place.
    further = (
        [f"{value} {operator}= ?", f"({columns}) {operator} ({marks})"],
        [start, start, *place],
    )
    return [further, ([f"{value} IS NULL"], [])] if query.descending else [further]


def _value(field: str) -> str:
    return column(field) if field in INDEXED else extract(field)


def _type(field: str) -> str:
    return f"json_type(data, '$.{field}')"


def _parameter(value: Any) -> Any:
    return time_text(value) if isinstance(value, datetime) else value
