"""Reading usage records: what each request took, cost and came to."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Literal

from functions.farebox.pages import Page, read_page
from functions.farebox.statements import Span
from functions.farebox.storage import Document, Filter, Query, Store

EXPORT_PAGE = 500

UsageStatus = Literal["ok", "error", "aborted", "pending", "lost"]


@dataclass(frozen=True, slots=True)
class UsageRecord:
    """One request. Amounts in nano-USD; what is not known yet is `None` or zero."""

    request_id: str
    key: str
    model: str
    status: UsageStatus
    created_at: datetime
    stream: bool = False
    upstream: str | None = None
    tokens: Mapping[str, int] | None = None  # prompt, cached, completion, reasoning
    cost: int = 0
    charged: int = 0
    shortfall: int = 0
    price_version: str | None = None
    usage_source: str | None = None
    latency_ms: int | None = None
    first_token_ms: int | None = None
    error: str | None = None

    @classmethod
    def from_document(cls, document: Document) -> "UsageRecord":
        """From storage; the document holds more, which is the gateway's own business."""
        data = document.data
        return cls(**{name: data[name] for name in _FIELDS if data.get(name) is not None})


_FIELDS = tuple(each.name for each in fields(UsageRecord))


@dataclass(frozen=True, slots=True)
class UsageFilter:
    """Which records; `None` is all."""

    model: str | None = None
    key: str | None = None
    status: UsageStatus | None = None
    span: Span = field(default_factory=Span)

    def filters(self) -> tuple[Filter, ...]:
        """What holds for them."""
        named = (("model", self.model), ("key", self.key), ("status", self.status))
        equal = (Filter(field, "==", value) for field, value in named if value is not None)
        return (*equal, *self.span.filters())


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
    return await read_page(store, query, UsageRecord.from_document)


async def usage_pages(store: Store, uid: str, wanted: UsageFilter) -> AsyncIterator[list[UsageRecord]]:
    """All of a user's usage records, newest first, one page after the other."""
    after: tuple[Any, ...] | None = None
    while True:
        page = await page_usage(store, uid, wanted, limit=EXPORT_PAGE, after=after)
        yield page.items
        after = page.after
        if after is None:
            return
