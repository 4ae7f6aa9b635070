"""Lists usage records: what each request took, cost and came to."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from functions.farebox.storage import Document, Filter, Query, Store
from functions.farebox.storage.pages import EXPORT_PAGE, Page, TimeRange, all_pages, read_page
from functions.farebox.usage.record import UsageRecord, UsageStatus


@dataclass(frozen=True, slots=True)
class UsageFilter:
    """Which records; `None` is all."""

    model: str | None = None
    key: str | None = None
    status: UsageStatus | None = None
    span: TimeRange = field(default_factory=TimeRange)
    member: str | None = None
    project: str | None = None

    def filters(self) -> tuple[Filter, ...]:
        """What holds for them."""
        named = (
            ("model", self.model),
            ("key", self.key),
            ("status", self.status),
            ("member", self.member),
            ("project", self.project),
        )
        equal = (Filter(field, "==", value) for field, value in named if value is not None)
        return (*equal, *self.span.filters())

    def __str__(self) -> str:
        """The filter as cursors name the list that they belong to: a fixed text, so that a cursor outlives a deploy."""
        span = f"Span(start={self.span.start!r}, end={self.span.end!r})"
        plain = f"UsageFilter(model={self.model!r}, key={self.key!r}, status={self.status!r}, span={span})"
        return f"{plain} of {self.member!r} in {self.project!r}" if self.member or self.project else plain


async def page_usage(
    store: Store, uid: str, wanted: UsageFilter, *, limit: int, after: tuple[Any, ...] | None
) -> Page[UsageRecord]:
    """A user's usage records, newest first."""
    query = Query(
        "usage",
        (Filter("user", "==", uid), *wanted.filters()),
        order_by="created_at",
        descending=True,
        limit=limit,
        after=after,
    )
    return await read_page(store, query, _read)


def usage_pages(store: Store, uid: str, wanted: UsageFilter) -> AsyncIterator[list[UsageRecord]]:
    """All of a user's usage records, newest first, one page after the other."""
    return all_pages(lambda after: page_usage(store, uid, wanted, limit=EXPORT_PAGE, after=after))


def _read(document: Document) -> UsageRecord:
    return UsageRecord.from_data(document.data)
