"""The totals of the whole system, by day and model: summed from the payers' own, and kept once a day is over.

Nothing writes them while requests are served: one document that every payer's settlements add to would be the first
thing to give way. So a job rolls each day up when it is over (`jobs/roll_up_days.py`), and what is asked of a day
before that is read from the payers' totals (`usage_days`), as those stand.
"""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import date
from urllib.parse import quote

from functions.farebox.storage import Data, Delete, Filter, Query, Set, Store, Write
from functions.farebox.storage.model import MAX_WRITES
from functions.farebox.usage.aggregates import counts_of

MARKER = "passes/roll-up-days"
PAGE = 500


async def system_rows(store: Store, first: date) -> AsyncIterator[Data]:
    """Totals from a day on, each of one day and model; of the last days there are several."""
    until = await rolled_up_until(store) or first
    rolled_up = (Filter("date", ">=", first.isoformat()), Filter("date", "<", until.isoformat()))
    async for document in store.scan(Query("system_days", rolled_up, order_by="date", limit=PAGE)):
        yield document.data
    since = Filter("date", ">=", max(first, until).isoformat())
    async for document in store.scan(Query("usage_days", (since,), order_by="date", limit=PAGE)):
        yield document.data


async def rolled_up_until(store: Store) -> date | None:
    """The first day that is not rolled up; `None` before any is."""
    marker = await store.get(MARKER)
    return None if marker is None else date.fromisoformat(marker.data["until"])


async def first_day(store: Store) -> date | None:
    """The first day on which anybody used anything."""
    found = await store.query(Query("usage_days", order_by="date", limit=1))
    return date.fromisoformat(found[0].data["date"]) if found else None


async def roll_up(store: Store, day: date) -> int:
    """Keep the totals of a day in place of whatever was kept of it; answers of how many models. Safe to repeat and to
    cut off: until it is noted (`note_rolled_up`) nobody reads them."""
    totals: dict[str, Counter[str]] = {}
    of_day = (Filter("date", "==", day.isoformat()),)
    async for document in store.scan(Query("usage_days", of_day, limit=PAGE)):
        totals.setdefault(document.data["model"], Counter()).update(counts_of(document.data))
    kept = {
        f"system_days/{day}_{quote(model, safe='')}": {"date": day.isoformat(), "model": model, **counts}
        for model, counts in totals.items()
    }
    writes: list[Write] = [Set(path, data) for path, data in kept.items()]
    there = [document.path async for document in store.scan(Query("system_days", of_day, limit=PAGE))]
    writes += [
        Delete(path) for path in there if path not in kept
    ]  # parts of earlier versions', which had eight of them
    for at in range(0, len(writes), MAX_WRITES):
        await store.write(*writes[at : at + MAX_WRITES])
    return len(kept)


async def note_rolled_up(store: Store, until: date) -> None:
    """Have what is kept of all days before one be read from now on."""
    await store.write(Set(MARKER, {"until": until.isoformat()}))
