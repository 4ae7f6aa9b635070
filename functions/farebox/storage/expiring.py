"""Documents that go by themselves once their `expires_at` has passed. Nothing relies on their being gone.

Firestore deletes them by a policy for each collection (`infra/firestore_indexes.tf`; a test holds the two lists to each
other). Of an engine that finds them, with its `expired`, this does.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final

from functions.farebox.storage.model import Contended, Delete
from functions.farebox.storage.store import Store

# Wherever they lie: `parts` are in documents of `idempotency`, and organisations have `invitations` of their own.
EXPIRING: Final = (
    "admin_calls", "alerts", "answer_cache", "attempts", "events", "idempotency", "invitations", "mail", "parts",
    "payments", "sessions", "sign_ins", "unmatched", "upstream_changes", "welcome_days",
)  # fmt: skip
PAGE = 200

Expired = Callable[[datetime, int], Awaitable[Sequence[Delete]]]  # up to a moment, and so many at most


async def delete_expired(store: Store, now: datetime, *, is_over: Callable[[], bool] = lambda: False) -> int:
    """Delete what has expired until nothing is left or `is_over`, which is asked after each page; answers how many
    went. What is written anew meanwhile stays. Safe to repeat, and to run twice at once."""
    find: Expired | None = getattr(store.engine, "expired", None)
    deleted = 0
    while find is not None:
        found = await find(now, PAGE)
        gone = sum(await asyncio.gather(*(_delete(store, each) for each in found)))
        deleted += gone
        if len(found) < PAGE or not gone or is_over():
            break
    return deleted


async def _delete(store: Store, document: Delete) -> bool:
    try:
        await store.write(document)
    except Contended:
        return False
    return True
