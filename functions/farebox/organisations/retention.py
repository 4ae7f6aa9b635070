"""Retention: from where somebody acted, and to which addresses, is told by a trail for `KEPT_FOR`, and no longer.

What was done stays. Entries of earlier versions do not say of which address they tell, so that an erasure does not find
all of theirs: these go with this, at the latest.
"""

from datetime import datetime, timedelta

from functions.farebox.accounts.account import user_path
from functions.farebox.organisations.forgetting import without
from functions.farebox.storage import Data, Filter, Query, Store, Update

KEPT_FOR = timedelta(days=400)
PAGE = 200


async def truncate_trail(store: Store, org: str, now: datetime) -> int:
    """Empty what an organisation's entries that are old enough tell of people; answers how many did. Safe to repeat;
    to be done once a month: what is twice as old was done before."""
    old = (Filter("created_at", ">=", now - 2 * KEPT_FOR), Filter("created_at", "<", now - KEPT_FOR))
    emptied = 0
    async for entry in store.scan(Query(f"{user_path(org)}/trail", old, order_by="created_at", limit=PAGE)):
        told: Data = {"address": None} if entry.data["address"] is not None else {}
        told |= without(entry, "email")
        if told:
            await store.write(Update(entry.path, told))
            emptied += 1
    return emptied
