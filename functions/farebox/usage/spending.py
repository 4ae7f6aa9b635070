"""What was charged in all, summed by the store over the daily aggregates."""

import asyncio
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from functions.farebox.storage import Filter, Store


@dataclass(frozen=True, slots=True)
class Spending:
    """What a key was charged, in nano-USD: ever, and since the current day, week (from Monday) and month began, in UTC.
    It lags behind by a settlement interval."""

    ever: int
    day: int
    week: int
    month: int


async def spent_by_user(store: Store, uid: str) -> int:
    """What a user was charged, ever, over all keys. In nano-USD."""
    return (await store.sums("usage_days", ["charged"], Filter("user", "==", uid)))["charged"]


async def spent_by_key(store: Store, key_id: str, now: datetime) -> Spending:
    """What a key was charged."""
    today = now.date()
    firsts = (today, today - timedelta(days=today.weekday()), today.replace(day=1))
    since = (_spent_since(store, key_id, first) for first in firsts)
    ever, day, week, month = await asyncio.gather(spent_ever_by_key(store, key_id), *since)
    return Spending(ever, day, week, month)


async def spent_ever_by_key(store: Store, key_id: str) -> int:
    """What a key was charged, ever, in nano-USD."""
    return (await store.sums("usage_days", ["charged"], Filter("key", "==", key_id)))["charged"]


async def _spent_since(store: Store, key_id: str, first: date) -> int:
    of_span = (Filter("key", "==", key_id), Filter("date", ">=", first.isoformat()))
    return (await store.sums("usage_days", ["charged"], *of_span))["charged"]
