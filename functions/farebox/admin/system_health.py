"""Health of the whole system, in counts that are cheap to have."""

from dataclasses import dataclass
from datetime import datetime

from functions.farebox.storage import Filter, Query, Store

MOST_COUNTED = 1000


@dataclass(frozen=True, slots=True)
class SystemHealth:
    """`overdue_leases` have expired and wait for a sweep; there are at least so many, at most `MOST_COUNTED`."""

    users: int
    upstreams: int
    overdue_leases: int


async def read_health(store: Store, now: datetime) -> SystemHealth:
    """Count users, upstreams that are switched on, and leases that a sweep should have closed."""
    overdue = (Filter("state", "==", "open"), Filter("expires_at", "<=", now))
    query = Query("leases", overdue, order_by="expires_at", limit=MOST_COUNTED, group=True)
    return SystemHealth(
        users=await store.count("users"),
        upstreams=await store.count("upstreams", Filter("enabled", "==", True)),
        overdue_leases=len(await store.query(query)),
    )
