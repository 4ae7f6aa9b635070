"""The queries for usage records: those that the sweep walks through, and one user's own."""

from datetime import datetime

from functions.farebox.storage import Filter, Query
from functions.farebox.usage.record import PENDING


def decided_records(lease_id: str, *, limit: int) -> Query:
    """Those of one lease that a sweep or a late charge has counted."""
    return Query("usage", (Filter("lease", "==", lease_id), Filter("accounted", "==", True)), limit=limit)


def undecided_records(lease_id: str, *, limit: int) -> Query:
    """Those of one lease that neither a sweep nor a late charge has counted."""
    return Query("usage", (Filter("lease", "==", lease_id), Filter("accounted", "==", False)), limit=limit)


def pending_records_before(moment: datetime, *, limit: int) -> Query:
    """Those that have been pending since before a moment, the oldest first."""
    old = (Filter("status", "==", PENDING), Filter("created_at", "<", moment))
    return Query("usage", old, order_by="created_at", limit=limit)
