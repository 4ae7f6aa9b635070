"""What failed: the newest failed requests of everybody, narrowed and summed up.

Aggregates know how many failed and not why, so this walks the records themselves, the newest first, and no more of them
than `MOST_WALKED`: it says since when its figures are whole.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from functions.farebox.storage import Filter, Query, Store
from functions.farebox.storage.pages import TimeRange
from functions.farebox.usage.record import UsageRecord

MOST_WALKED = 5_000
MOST_SHOWN = 100  # requests that are told one by one
MOST_NAMED = 50  # values of a dimension, the most frequent ones
_STEP = 500
NOBODY: Final = ""  # no upstream was asked


@dataclass(frozen=True, slots=True)
class FailureFilter:
    """Which failures; `None` is all. An `upstream` is one that failed, whether or not it was the last that was asked;
    `NOBODY`, that none was."""

    span: TimeRange
    upstream: str | None = None
    model: str | None = None
    user: str | None = None
    reason: str | None = None

    def admits(self, record: UsageRecord) -> bool:
        """Whether a failed request is one of them."""
        return (
            self.model in (None, record.model)
            and self.user in (None, record.user)
            and self.reason in (None, reason_of(record))
            and (self.upstream is None or self.upstream in upstreams_of(record))
        )


@dataclass(slots=True)
class Failures:
    """Failed requests, summed up. `since` is from when on they are all there: `None`, from the span's beginning."""

    count: int = 0
    since: datetime | None = None
    by_hour: Counter[str] = field(default_factory=Counter)  # `2026-11-29T07`, in UTC
    by: Mapping[str, Counter[str]] = field(
        default_factory=lambda: {name: Counter() for name in ("upstream", "model", "user", "reason")}
    )
    newest: list[UsageRecord] = field(default_factory=list)

    def add(self, record: UsageRecord) -> None:
        """Count one."""
        self.count += 1
        self.by_hour[record.created_at.strftime("%Y-%m-%dT%H")] += 1
        for upstream in upstreams_of(record):
            self.by["upstream"][upstream] += 1
        self.by["model"][record.model] += 1
        self.by["user"][record.user] += 1
        self.by["reason"][reason_of(record)] += 1
        if len(self.newest) < MOST_SHOWN:
            self.newest.append(record)


def reason_of(record: UsageRecord) -> str:
    """Why a request failed, in few words that many share."""
    return record.outcome.error or "unknown"


def upstreams_of(record: UsageRecord) -> list[str]:
    """The upstreams that failed a request, each once; `NOBODY` where none was asked."""
    failed = [upstream for upstream, has_failed in record.outcome.calls() if has_failed]
    return list(dict.fromkeys(failed)) or [record.outcome.upstream or NOBODY]


async def find_failures(store: Store, wanted: FailureFilter) -> Failures:
    """Sum up what failed within a span."""
    found, walked = Failures(), 0
    where = (Filter("status", "==", "error"), *wanted.span.filters())
    query = Query("usage", where, order_by="created_at", descending=True, limit=_STEP)
    async for document in store.scan(query):
        record = UsageRecord.from_data(document.data)
        if walked == MOST_WALKED:
            found.since = record.created_at
            break
        walked += 1
        if wanted.admits(record):
            found.add(record)
    return found
