"""The job that keeps the whole system's totals of each day once it is over (`usage/system_days.py`).

A day is over when nothing can be added to it any more: some hours after its midnight in UTC, and once the sweep has
closed what leases were left from it. It may run never, late, or twice at once, and may be cut off anywhere.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from functions.farebox.storage import Data, Filter, Query, Store
from functions.farebox.usage.system_days import first_day, note_rolled_up, roll_up, rolled_up_until

SETTLED_AFTER: Final = timedelta(hours=6)  # longer than a request and its lease together, and what a sweep looks back
DAY: Final = timedelta(days=1)


async def roll_up_days(store: Store, now: datetime, *, is_over: Callable[[], bool] = lambda: False) -> Data:
    """Roll up the days that are over, the oldest first, until all are or `is_over`, which is asked after each. Answers
    how many were, and the first that is not."""
    day, days = await rolled_up_until(store) or await first_day(store), 0
    if day is None or await _is_behind(store, now):
        return {"days": 0, "until": None if day is None else day.isoformat()}
    settled = (now - SETTLED_AFTER).date()  # the first day that may still change
    while day < settled:
        await roll_up(store, day)
        day, days = day + DAY, days + 1
        await note_rolled_up(store, day)
        if is_over():
            break
    return {"days": days, "until": day.isoformat()}


async def _is_behind(store: Store, now: datetime) -> bool:
    """Whether leases wait for a sweep that should have been: it adds to the days that they were spent in."""
    waiting = (Filter("state", "==", "open"), Filter("expires_at", "<=", now - SETTLED_AFTER))
    return bool(await store.query(Query("leases", waiting, order_by="expires_at", limit=1, group=True)))
