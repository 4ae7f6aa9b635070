"""How models do here: how long their answers take and how many of their requests fail, of everybody's together.

It is told to every user, so it names no upstream and counts nobody's requests, and of few requests it says nothing:
of one, it would be somebody's.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from functions.farebox.storage import Store
from functions.farebox.usage.stats import Figures, Stats
from functions.farebox.usage.system_days import system_rows

DAYS = 7
FEWEST = 20  # requests, of a span or a day, that something is said of
KEPT_FOR = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Measure:
    """Latencies in milliseconds, of whole answers, and the share of requests that did not fail, 0 to 1, in all and by
    day; how many did not fail, for an order alone. `None`: of too few requests."""

    latency_p50_ms: int | None
    latency_p95_ms: int | None
    answered_share: float | None
    by_day: Mapping[date, float | None]
    answered: int | None


@dataclass(frozen=True, slots=True)
class Measures:
    """Of the models that were asked, by name, in a span of days in UTC, today among them."""

    first: date
    last: date
    models: Mapping[str, Measure]


class KeptMeasures:
    """Measures that are read at most once in `KEPT_FOR`: what that costs grows with days and models."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._kept: tuple[datetime, Measures] | None = None

    async def read(self, store: Store, now: datetime) -> Measures:
        """Those of the last days."""
        async with self._lock:
            if self._kept is None or not self._kept[0] <= now < self._kept[0] + KEPT_FOR:
                self._kept = now, await read_measures(store, now)
            return self._kept[1]


async def read_measures(store: Store, now: datetime) -> Measures:
    """Those of the last days, from daily aggregates alone."""
    first, last = now.date() - timedelta(days=DAYS - 1), now.date()
    models: dict[str, Stats] = {}
    async for row in system_rows(store, first):
        models.setdefault(row["model"], Stats(first, last)).add(row, ("date",))
    return Measures(first, last, {name: _measure(stats) for name, stats in models.items()})


def _measure(stats: Stats) -> Measure:
    figures = stats.total()
    is_enough = figures["requests"] >= FEWEST
    return Measure(
        figures.latency_ms(50) if is_enough else None,
        figures.latency_ms(95) if is_enough else None,
        _answered(figures),
        {date.fromisoformat(day): _answered(of_day) for day, of_day in stats.by_day()},
        figures["requests"] - figures["errors"] if is_enough else None,
    )


def _answered(figures: Figures) -> float | None:
    return round(1 - figures.error_rate, 4) if figures["requests"] >= FEWEST else None
