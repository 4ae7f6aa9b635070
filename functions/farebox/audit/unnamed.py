"""What names no user: the books are read by their users, and whatever has none would be in nobody's."""

from contextlib import aclosing, suppress

from functions.farebox.audit.fault import Fault
from functions.farebox.audit.reading import PAGE
from functions.farebox.storage import Filter, Query, Store, Unreachable


async def unnamed(store: Store) -> list[Fault]:
    """A fault for each document that counts in a wallet and says in whose by a field that it lacks."""
    holds, days = await _unnamed(store, "authorizations"), await _unnamed(store, "usage_days")
    return holds + days + await _unnamed(store, "usage")


async def _unnamed(store: Store, kind: str) -> list[Fault]:
    """A database finds nothing by a field that is not there. So those that have one are counted, and only where they
    are fewer than all are all of them read; or where there are so many that no count of them is done in time. All are
    counted first: one more in between is no reason to read them."""
    with suppress(Unreachable):
        whole = await store.count(kind)
        if whole <= await store.count(kind, Filter("user", ">=", "")):
            return []
    async with aclosing(store.walk(Query(kind, limit=PAGE))) as documents:
        return [
            Fault(document.path, "it cannot be read: it has no user")
            async for document in documents
            if "user" not in document.data
        ]
