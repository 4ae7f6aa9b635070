"""Usage aggregates: by day and model, for people, and what a lease has spent so far.

A lease carries its totals cumulatively; a settlement adds only the difference to `usage_days`, in the same commit that
moves the money, so an aggregate counts each request exactly once.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from urllib.parse import quote

from functions.farebox.storage import Data, Increment

# Upper bounds of the latency histogram's buckets, in milliseconds; the last bucket is open.
LATENCY_BOUNDS_MS = (100, 250, 500, 1000, 2000, 4000, 8000, 16000, 32000, 64000)
LATENCY_BUCKETS = (*(f"latency_ms_{bound}" for bound in LATENCY_BOUNDS_MS), "latency_ms_more")

NOTHING: Data = {}
Class = tuple[str, str, str]  # (UTC date, date in the account's time zone, model)


class UsageAggregates:
    """Counters by day and model. Whole numbers only; `cost` and `charged` in nano-USD."""

    def __init__(self, classes: Mapping[Class, Counter[str]] | None = None) -> None:
        self._classes: dict[Class, Counter[str]] = dict(classes or {})

    def add(self, counted_as: Class, counts: Mapping[str, int]) -> None:
        """Count one request."""
        totals = self._classes.get(counted_as)
        if totals is None:
            totals = self._classes[counted_as] = Counter()
        for name, amount in counts.items():
            if amount:  # most are none
                totals[name] += amount

    def minus(self, earlier: "UsageAggregates") -> "UsageAggregates":
        """What has come since `earlier`."""
        difference: dict[Class, Counter[str]] = {}
        for name, counts in self._classes.items():
            since = Counter(counts)
            since.subtract(earlier._classes.get(name, Counter()))
            if any(since.values()):
                difference[name] = since
        return UsageAggregates(difference)

    def sum(self, count: str) -> int:
        """One counter over all classes."""
        return sum(counts[count] for counts in self._classes.values())

    def copy(self) -> "UsageAggregates":
        """A copy that does not follow this one's changes."""
        return UsageAggregates({name: Counter(counts) for name, counts in self._classes.items()})

    def increments(self, uid: str, key_id: str, belongs: Data = NOTHING) -> list[Increment]:
        """The writes that add these totals to the user's daily aggregates. `belongs` are the stored fields of what the
        key belongs to.

        Where midnight in the account's time zone parts a UTC day, they are in two documents, and the one whose day
        there is another bears its `local_date`.
        """
        writes: list[Increment] = []
        for (date, local, model), counts in sorted(self._classes.items()):
            path = f"usage_days/{uid}_{date}_{quote(model, safe='')}_{key_id}"
            of_user = {"user": uid, "date": date, "model": model, "key": key_id, **belongs, **_labels(date, local)}
            writes.append(Increment(path if local == date else f"{path}_{local}", _amounts(counts), of_user))
        return writes

    @classmethod
    def from_data(cls, rows: Iterable[Data]) -> "UsageAggregates":
        """From a lease's stored list."""
        return cls({(row["date"], local_date_of(row), row["model"]): Counter(row["counts"]) for row in rows})

    def to_data(self) -> list[Data]:
        """For storage: a list of `{date, local_date?, model, counts}`."""
        return [
            {
                "date": date,
                **({} if local == date else {"local_date": local}),
                "model": model,
                "counts": _amounts(counts),
            }
            for (date, local, model), counts in sorted(self._classes.items())
        ]


def local_date_of(row: Data) -> str:
    """The day of a stored aggregate in the account's time zone."""
    day: str = row.get("local_date") or row["date"]
    return day


_LABELS = frozenset({"user", "date", "local_date", "model", "key", "member", "project"})


def counts_of(row: Data) -> dict[str, int]:
    """The counters of a stored aggregate, without what it is of."""
    return {name: value for name, value in row.items() if name not in _LABELS}


def _labels(date: str, local: str) -> Data:
    return {} if local == date else {"local_date": local}


def _amounts(counts: Counter[str]) -> dict[str, int]:
    return {name: amount for name, amount in counts.items() if amount}


def latency_bucket(latency_ms: int) -> str:
    """The name of the histogram counter that a latency falls into, such as `latency_ms_500`."""
    return LATENCY_BUCKETS[bisect_left(LATENCY_BOUNDS_MS, latency_ms)]


UPSTREAM_COUNTS = ("requests", "errors", "cost", "shortfall")  # counted for each upstream by itself as well
_ESCAPED = re.compile(r"_([0-9a-f]{2})")


@lru_cache(1024)  # a request asks for three, of the same few upstreams
def upstream_counter(count: str, upstream: str) -> str:
    """The name of an upstream's own counter. A field's name holds letters, digits and underscores alone, so whatever
    else an id holds is written `_2d` for a dash."""
    return f"upstream_{count}_" + re.sub(r"[^A-Za-z0-9]", lambda match: f"_{ord(match[0]):02x}", upstream)


def parse_upstream_counter(name: str) -> tuple[str, str] | None:
    """`(count, upstream)` of an upstream's own counter; `None` for any other."""
    for count in UPSTREAM_COUNTS:
        prefix = f"upstream_{count}_"
        if name.startswith(prefix):
            return count, _ESCAPED.sub(lambda match: chr(int(match[1], 16)), name.removeprefix(prefix))
    return None
