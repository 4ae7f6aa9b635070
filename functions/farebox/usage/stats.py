"""Statistics, from the daily aggregates alone: what they cost does not grow with the number of requests."""

from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from functions.farebox.errors import InvalidRequest
from functions.farebox.kit.money import ceil_div
from functions.farebox.storage import Data, Filter, Query, Store
from functions.farebox.usage.aggregates import (
    LATENCY_BOUNDS_MS,
    LATENCY_BUCKETS,
    counts_of,
    local_date_of,
    parse_upstream_counter,
)
from functions.farebox.usage.system_days import system_rows

Dimension = Literal["model", "key", "member", "project"]
PAGE = 500
MAX_DAYS = 366
_EARLIEST, _LATEST = date(2000, 1, 1), date(9000, 1, 1)  # of the last days that may be asked for
UTC = "UTC"


@dataclass(frozen=True, slots=True)
class Figures:
    """The sum of some aggregates. Amounts in nano-USD."""

    counts: Counter[str]

    def __getitem__(self, count: str) -> int:
        return self.counts[count]

    @property
    def margin(self) -> int:
        """What was charged less what upstreams charge for it."""
        return self["charged"] - self["list_cost"]

    @property
    def error_rate(self) -> float:
        """Of the requests, those that failed: 0 to 1."""
        return self["errors"] / self["requests"] if self["requests"] else 0.0

    def latency_ms(self, percent: int) -> int | None:
        """A percentile of the latency in milliseconds, from its histogram; `None` without any.

        Within a bucket requests are taken to be spread evenly, but not so that together they took longer than they did:
        of one request it is what that took. What lies beyond the last bound is said to be there.
        """
        in_buckets = [self.counts[name] for name in LATENCY_BUCKETS]
        rank = ceil_div(sum(in_buckets) * percent, 100)
        if not rank:
            return None
        no_faster = sum(in_buckets) - rank + 1
        left = self.counts["latency_ms_sum"]  # less the least that each faster one took
        low = 0
        for count, high in zip(in_buckets, LATENCY_BOUNDS_MS, strict=False):
            if rank <= count:
                told = low + ceil_div((high - low) * rank, count)
                most = (left - (rank - 1) * low) // no_faster
                is_summed = most > low or (low == 0 < left)  # an aggregate may be without its sum
                return min(told, most) if is_summed else told
            rank -= count
            left -= count * low
            low = high
        return low


@dataclass(slots=True)
class Stats:
    """Figures of a span of days in a time zone: in all, and by each dimension's values."""

    first: date
    last: date
    totals: Counter[str] = field(default_factory=Counter)
    groups: dict[str, dict[str, Counter[str]]] = field(default_factory=dict)
    parts: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)  # of days, by the value of one dimension

    def add(self, row: Data, dimensions: Sequence[str], split: str | None = None) -> None:
        """Count one aggregate. With a `split`, which is a dimension, also as a part of its day."""
        counts = counts_of(row)
        own = {name: value for name, value in counts.items() if parse_upstream_counter(name) is None}
        self.totals.update(own)
        for dimension in dimensions:
            if dimension in row:
                self._of(dimension, row[dimension]).update(own)
        if split in row:
            self.parts.setdefault((row["date"], row[split]), Counter()).update(own)
        for name in counts.keys() - own.keys():
            parsed = parse_upstream_counter(name)
            assert parsed is not None
            count, upstream = parsed
            self._of("upstream", upstream)["list_cost" if count == "cost" else count] += counts[name]

    def total(self) -> Figures:
        """All of it."""
        return Figures(self.totals)

    def by(self, dimension: str) -> Iterator[tuple[str, Figures]]:
        """By one dimension, in the order of its values."""
        for value, counts in sorted(self.groups.get(dimension, {}).items()):
            yield value, Figures(counts)

    def values_of(self, dimension: str) -> Collection[str]:
        """The values of one dimension."""
        return self.groups.get(dimension, {}).keys()

    def by_day(self) -> Iterator[tuple[str, Figures]]:
        """Day by day; a day without requests is there too."""
        known: Mapping[str, Counter[str]] = self.groups.get("date", {})
        for offset in range((self.last - self.first).days + 1):
            day = (self.first + timedelta(days=offset)).isoformat()
            yield day, Figures(known.get(day, Counter()))

    def by_day_and_part(self) -> Iterator[tuple[str, str, Figures]]:
        """Day by day, by the values of the dimension that days were split by. What nobody asked for is not there."""
        for (day, value), counts in sorted(self.parts.items()):
            yield day, value, Figures(counts)

    def _of(self, dimension: str, value: str) -> Counter[str]:
        return self.groups.setdefault(dimension, {}).setdefault(value, Counter())


@dataclass(frozen=True, slots=True)
class StatsFilter:
    """Which of a payer's aggregates; `None` is all. `first` and `last` are days, both included."""

    model: str | None = None
    key: str | None = None
    member: str | None = None
    project: str | None = None
    first: date | None = None
    last: date | None = None

    def span(self, days: int, today: date) -> tuple[date, date]:
        """The days that are asked for: where no first is named, so many up to the last, which is today without one.
        Raises `InvalidRequest` where they end before they begin, are more than `MAX_DAYS`, or end where the calendar
        does."""
        last = self.last or today
        if not _EARLIEST <= last <= _LATEST:
            raise InvalidRequest("No usage is of such a day.", code="invalid_value", param="last")
        first = self.first or last - timedelta(days=days - 1)
        if not 0 <= (last - first).days < MAX_DAYS:
            raise InvalidRequest(
                f"Ask for days in their order, {MAX_DAYS} at most.", code="invalid_value", param="first"
            )
        return first, last

    def admits(self, row: Data) -> bool:
        """Whether an aggregate is one of them, whatever its day."""
        wanted = (("model", self.model), ("key", self.key), ("member", self.member), ("project", self.project))
        return all(value is None or row.get(name) == value for name, value in wanted)


EVERYTHING = StatsFilter()


async def user_stats(
    store: Store,
    uid: str,
    days: int,
    now: datetime,
    *,
    wanted: StatsFilter = EVERYTHING,
    time_zone: str = UTC,
    split: Dimension | None = None,
) -> Stats:
    """A payer's last days, today among them, or those that a filter names, by date, model, key, member and project;
    each day split by one of these as well, where that is asked for.

    `time_zone` is UTC, or the account's: a day counts as what it was there when its requests came, so one from before
    the account had its time zone is as it was in the one before.
    """
    stats = Stats(*wanted.span(days, now.astimezone(ZoneInfo(time_zone)).date()))
    first, last = stats.first.isoformat(), stats.last.isoformat()
    async for row in _rows(store, uid, stats.first - timedelta(days=1)):
        day: str = row["date"] if time_zone == UTC else local_date_of(row)
        if first <= day <= last and wanted.admits(row):
            stats.add({**row, "date": day}, ("date", "model", "key", "member", "project"), split)
    return stats


async def system_stats(store: Store, days: int, now: datetime, tenant: str | None = None) -> Stats:
    """Everybody's last days, or one tenant's, by date and model, and of each upstream what it was asked.

    Of everybody it reads what was rolled up, and of the last day or two the users' own: what the days before cost
    grows with models, and not with users. Of a tenant it reads those of the users that it has now.
    """
    stats = _span(days, now)
    if tenant is None:
        async for row in system_rows(store, stats.first):
            stats.add(row, ("date", "model"))
        return stats
    members = Query("users", (Filter("tenant", "==", tenant),), order_by="email", limit=PAGE)
    async for user in store.scan(members):
        async for row in _rows(store, user.id, stats.first):
            stats.add(row, ("date", "model"))
    return stats


def _span(days: int, now: datetime) -> Stats:
    return Stats(now.date() - timedelta(days=days - 1), now.date())


async def _rows(store: Store, uid: str, first: date) -> AsyncIterator[Data]:
    where = (Filter("user", "==", uid), Filter("date", ">=", first.isoformat()))
    async for document in store.scan(Query("usage_days", where, order_by="date", limit=PAGE)):
        yield document.data
