"""The interface of a storage engine: documents, writes with preconditions, queries.

A document is a mapping at a path such as `wallets/u1` or `wallets/u1/transactions/t1`: collection and id in turn.
Values are `None`, `bool`, 64-bit `int`, `float`, `str`, lists and mappings of these, and aware UTC `datetime`s.
**A field holds a datetime exactly when its name ends in `_at`** (or it is `None`), at any depth: that is how an
engine without a time type knows one again. Field names are `[A-Za-z0-9_]`, but the keys of a nested mapping may be
any text without a dot or a backtick. A datetime is kept to the microsecond. A list holds no list. An id is any text
that Firestore takes (`checks.can_exist`): elsewhere there is nothing to read, and writing is refused.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from msgspec import Struct

Data = dict[str, Any]
Operator = Literal["==", "<", "<=", ">", ">="]

MAX_PAGE = 1000  # documents that one query may answer
MAX_WRITES = 400  # writes that one commit may hold


class AlreadyExists(Exception):
    """A `Create` met a document that is there."""


class Missing(Exception):
    """An `Update` met no document."""


class Contended(Exception):
    """A precondition did not hold any more: somebody else wrote in between. Nothing was written."""


class Unreachable(Exception):
    """The database did not answer, or not clearly: a commit may have been applied or not."""


class Refused(Exception):
    """The database turns this process away, whatever it asks: a right, the database or an index is missing, which is
    the operator's to mend. The message has the database's own words."""


class Document(Struct, frozen=True):
    """A document as it was read, in the newest form of its kind. `version` is opaque and changes with every write that
    changes the document. `is_older` says that what is stored has an earlier form (`versions.py`)."""

    path: str
    data: Data
    version: str
    is_older: bool = False

    @property
    def id(self) -> str:
        """The last segment of the path."""
        return self.path.rpartition("/")[2]


class Create(Struct, frozen=True):
    """Write a document that must not be there yet, else `AlreadyExists`."""

    path: str
    data: Data


@dataclass(slots=True)
class Set:
    """Write a whole document, there or not; with `if_version`, only over that version, else `Contended`."""

    path: str
    data: Data
    if_version: str | None = None


@dataclass(slots=True)
class Update:
    """Replace some top-level fields of a document that must be there, else `Missing`; with `if_version`, only
    over that version, else `Contended`. `seen` is the whole document at that version, where the caller has it: an
    engine that would have to read it may then do without."""

    path: str
    fields: Data
    if_version: str | None = None
    seen: Data | None = None


@dataclass(slots=True)
class Increment:
    """Add whole numbers to top-level fields, each 0 where absent, and set `fields`; makes the document if needed."""

    path: str
    amounts: Mapping[str, int]
    fields: Data = field(default_factory=dict)


@dataclass(slots=True)
class Delete:
    """Remove a document, there or not; with `if_version`, only that version, else `Contended`."""

    path: str
    if_version: str | None = None


@dataclass(slots=True)
class Check:
    """Change nothing, but fail the commit with `Contended` unless the document has this version (`None`: absent)."""

    path: str
    version: str | None


Write = Create | Set | Update | Increment | Delete | Check


@dataclass(frozen=True, slots=True)
class Filter:
    """A top-level field compared with a scalar of its own type; `None` is only ever equal.

    A document matches never without the field, nor with a value of another type (numbers are one type).
    """

    field: str
    op: Operator
    value: Any


@dataclass(frozen=True, slots=True)
class Query:
    """Documents of one collection.

    All `where` hold. Results are ordered by `order_by` (documents without that field are left out), then by id in
    the same direction; by id alone, upward, without it. The field that orders holds numbers, text or times, or `None`,
    which comes first. `after` continues behind a document: `(value of order_by, id)`, or `(id,)` without `order_by`.
    At most `limit` documents (1 to `MAX_PAGE`) come back.

    A range (`<`, `<=`, `>`, `>=`) needs an `order_by`: the same field, or one in which no two documents are alike.

    With `group`, `collection` is the last name of a subcollection (`leases`) and all of them are searched, ordered by
    `order_by` and then by full path; `after` then names the path in the id's place.
    """

    collection: str
    where: Sequence[Filter] = ()
    order_by: str | None = None
    descending: bool = False
    limit: int = 100
    after: tuple[Any, ...] | None = None
    group: bool = False

    def position_of(self, document: Document) -> tuple[Any, ...]:
        """What `after` is to be, to go on behind a document that was found."""
        key = document.path if self.group else document.id
        return (key,) if self.order_by is None else (document.data[self.order_by], key)


class Queued(Protocol):
    """A commit that was asked for and is awaited later, once. What it writes may not change meanwhile."""

    def amend(self, writes: Sequence[Write]) -> bool:
        """Have it write this instead, if it is not on its way yet; answers whether."""

    def __await__(self) -> Generator[Any, None, list[str | None]]:
        """As `Engine.commit`."""


class Engine(Protocol):
    """What a database must offer. All of it is atomic and strongly consistent."""

    async def read(self, paths: Sequence[str]) -> list[Document | None]:
        """The documents at these paths, in their order, from one consistent moment; `None` where there is none."""

    async def commit(self, writes: Sequence[Write]) -> list[str | None]:
        """Apply all the writes or none, at most one a path.

        Answers each written document's new version, where the engine knows it without another read.
        Raises `AlreadyExists`, `Missing` or `Contended` when a precondition fails and `Unreachable` when it is
        not known whether the commit was applied.
        """

    async def query(self, query: Query) -> list[Document]:
        """The documents that a query finds."""

    async def aggregate(self, query: Query, sums: Sequence[str] = ()) -> dict[str, int]:
        """`{"count": n}` and the sum of each named whole-number field, over all that `where` finds; `order_by`,
        `limit` and `after` are ignored."""

    async def close(self) -> None:
        """Let go of connections and threads. Nothing is lost: what was committed is durable."""
