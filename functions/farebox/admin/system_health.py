"""Health of the whole system, in counts that are cheap to have."""

from dataclasses import dataclass
from datetime import datetime

from functions.farebox.gateway.upstream import MAX_UPSTREAMS
from functions.farebox.storage import Filter, Query, Store
from functions.farebox.upstreams.health_paths import MOST_TOLD

MOST_COUNTED = 1000


@dataclass(frozen=True, slots=True)
class SystemHealth:
    """`overdue_leases` have expired and wait for a sweep; there are at least so many, at most `MOST_COUNTED`. By their
    ids, `upstream_errors` say what the last check found to be wrong with upstreams: a key that is refused, a secret or
    a token that can't be had, a server that does not answer."""

    users: int
    upstreams: int
    overdue_leases: int
    upstream_errors: dict[str, str]


async def read_health(store: Store, now: datetime) -> SystemHealth:
    """Count users, upstreams that are switched on, and leases that a sweep should have closed; and see how the last
    check found those upstreams."""
    overdue = (Filter("state", "==", "open"), Filter("expires_at", "<=", now))
    query = Query("leases", overdue, order_by="expires_at", limit=MOST_COUNTED, group=True)
    switched_on = await store.query(Query("upstreams", (Filter("enabled", "==", True),), limit=MAX_UPSTREAMS))
    ids = {document.id for document in switched_on}
    checked = await store.query(Query("upstream_health", limit=MOST_TOLD))
    errors = {document.id: document.data.get("error") for document in checked if document.id in ids}
    return SystemHealth(
        users=await store.count("users"),
        upstreams=len(ids),
        overdue_leases=len(await store.query(query)),
        upstream_errors={id: error for id, error in errors.items() if error is not None},
    )
