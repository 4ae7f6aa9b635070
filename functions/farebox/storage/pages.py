"""Reading a list a page at a time."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from functions.farebox.storage import Document, Query, Store

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items of a list, and the position behind the last of them (`Query.after`) if more follow."""

    items: list[T]
    after: tuple[Any, ...] | None


async def read_page(store: Store, query: Query, convert: Callable[[Document], T]) -> Page[T]:
    """At most `query.limit` items. One more document is read, to know whether more follow."""
    found = await store.query(replace(query, limit=query.limit + 1))
    shown = found[: query.limit]
    after: tuple[Any, ...] | None = None
    if len(found) > query.limit:
        last = shown[-1]
        position = last.path if query.group else last.id
        after = (position,) if query.order_by is None else (last.data[query.order_by], position)
    return Page([convert(document) for document in shown], after)
