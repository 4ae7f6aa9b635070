"""Retention: deletes the usage records of a wallet that are old enough, and the leases that they hang on.

Statistics stay: the totals of each day, model, key, member and project are kept by themselves (`usage/aggregates.py`),
added up in the commit that moved the money, and the ledger's entries are kept for good. So the books add up at every
moment: a lease goes with the first of its records, or before them, so that none is ever looked at without all it was
spent on. Nothing goes under a lease that is open, or was closed lately.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime

from functions.farebox.leases.lease import Lease, lease_path
from functions.farebox.storage import Document, Filter, Query, Store, Transaction
from functions.farebox.usage.record import PENDING, UsageRecord

PAGE = 190  # records: each may have a lease of its own, and one commit takes all of them


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many documents were deleted."""

    records: int = 0
    leases: int = 0

    def __add__(self, other: "Forgotten") -> "Forgotten":
        return Forgotten(self.records + other.records, self.leases + other.leases)


async def forget_usage(store: Store, uid: str, before: datetime) -> AsyncIterator[Forgotten]:
    """Delete a wallet's records from before a moment, but for those that are not decided; yields what each commit
    deleted. Safe to cut off, to repeat, and to run twice at once."""
    old = (Filter("user", "==", uid), Filter("created_at", "<", before))
    query = Query("usage", old, order_by="created_at", descending=True, limit=PAGE)
    while page := await store.query(query):
        yield await _forget(store, page, before)
        query = replace(query, after=(page[-1].data["created_at"], page[-1].id))


async def _forget(store: Store, page: list[Document], before: datetime) -> Forgotten:
    paths = [document.path for document in page]

    async def work(tx: Transaction) -> Forgotten:
        found = await tx.get_many(*paths)
        records = {each.path: UsageRecord.from_data(each.data) for each in found if each is not None}
        of_leases = {lease_path(each.user, each.lease) for each in records.values() if each.lease is not None}
        leases = {each.path: each for each in await tx.get_many(*sorted(of_leases)) if each is not None}
        kept = {path for path, lease in leases.items() if not _is_over(Lease.from_document(lease), before)}
        gone = [path for path, record in records.items() if record.status != PENDING and _lease_of(record) not in kept]
        over = {_lease_of(records[path]) for path in gone} & leases.keys()
        for path in (*gone, *sorted(over)):
            tx.delete(path)
        return Forgotten(len(gone), len(over))

    return await store.transact(work)


def _is_over(lease: Lease, before: datetime) -> bool:
    return lease.closed_at is not None and lease.closed_at < before


def _lease_of(record: UsageRecord) -> str:
    return "" if record.lease is None else lease_path(record.user, record.lease)
