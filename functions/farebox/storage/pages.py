"""Pages: reading a list a page at a time."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, TypeVar

from functions.farebox.storage import Document, Filter, Query, Store

T = TypeVar("T")

EXPORT_PAGE = 500  # items that an export holds in memory at once


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items of a list, and the position behind the last of them (`Query.after`) if more follow."""

    items: list[T]
    after: tuple[Any, ...] | None


async def read_page(store: Store, query: Query, convert: Callable[[Document], T]) -> Page[T]:
    """At most `query.limit` items. One more document is read, to know whether more follow."""
    found = await store.query(replace(query, limit=query.limit + 1))
    shown = found[: query.limit]
    after = query.position_of(shown[-1]) if len(found) > query.limit else None
    return Page([convert(document) for document in shown], after)


async def all_pages(read: Callable[[tuple[Any, ...] | None], Awaitable[Page[T]]]) -> AsyncIterator[list[T]]:
    """All of a list, one page after the other. `read` answers the page behind a position; `None`: the first."""
    after: tuple[Any, ...] | None = None
    while True:
        page = await read(after)
        yield page.items
        after = page.after
        if after is None:
            return


@dataclass(frozen=True, slots=True)
class TimeRange:
    """A span of time, each end open if `None`: from `start` on, before `end`."""

    start: datetime | None = None
    end: datetime | None = None

    def filters(self, field: str = "created_at") -> tuple[Filter, ...]:
        """What holds for documents within it."""
        since = () if self.start is None else (Filter(field, ">=", self.start),)
        until = () if self.end is None else (Filter(field, "<", self.end),)
        return (*since, *until)
