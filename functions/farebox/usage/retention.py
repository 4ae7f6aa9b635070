"""Retention: since when usage records are kept. What is older was deleted, or is being so (`jobs/forget_usage.py`)."""

from datetime import datetime

from functions.farebox.storage import Store

PASS = "passes/forget-usage"


async def kept_since(store: Store) -> datetime | None:
    """Since when; `None`: all of them are kept."""
    document = await store.get(PASS)
    if document is None:
        return None
    since: datetime = document.data["before_at"]
    return since
