"""The sweep: settles what dead instances left behind, so that after it nothing stays reserved without a reason.

An expired lease is closed in three stages, each safe to repeat and to cut off. First every record under it is
decided: a pending one becomes `lost` (its instance is gone; nothing is charged), a completed one is marked
`accounted`, each conditional on its version, until nothing undecided is left. Then the accounted charges are summed,
and the lease is closed with the sum, if nobody has touched it since. A record that appears under a lease after that was
written by an instance that had paused: `look_again` charges it late.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from functions.farebox.leases.late_charges import charge_late
from functions.farebox.leases.lease import Lease, count_decided, lease_path
from functions.farebox.leases.protocol import close_expired
from functions.farebox.observability.metrics import LOST_REQUESTS
from functions.farebox.observability.telemetry import count
from functions.farebox.storage import Contended, Document, Filter, Query, Store, Transaction, Update
from functions.farebox.usage.aggregates import UsageAggregates
from functions.farebox.usage.queries import decided_records, pending_records_before, undecided_records
from functions.farebox.usage.record import LOST, PENDING, UsageRecord, status_of

PAGE = 200
MOST_PASSES = 1000  # over the records of one lease
STRAY_AFTER = timedelta(minutes=5)  # older pending records are looked at, whatever their lease
LOOK_BACK = timedelta(hours=1)  # how long after its closing a lease is looked at again


@dataclass(slots=True)
class Swept:
    """What a sweep did. `lost` requests were charged nothing: the operator bears their upstream cost."""

    leases: int = 0
    requests: int = 0
    lost: int = 0
    late: int = 0


async def sweep(store: Store, now: datetime) -> Swept:
    """Close every expired lease and charge what was written under a closed one. Safe to run twice at once."""
    done = Swept()
    expired = (Filter("state", "==", "open"), Filter("expires_at", "<=", now))
    async for lease in store.scan(Query("leases", expired, order_by="expires_at", limit=PAGE, group=True)):
        await _close(store, lease.path, now, done)
    await _look_again(store, now, done)
    await _clear_strays(store, now, done)
    count(LOST_REQUESTS, done.lost)
    return done


async def _close(store: Store, lease_at: str, now: datetime, done: Swept) -> None:
    lease = await _decide(store, lease_at, done)
    if lease is None:
        return
    spent, requests, totals = 0, 0, UsageAggregates()
    async for found in store.scan(decided_records(lease.id, limit=PAGE)):
        record = UsageRecord.from_data(found.data)
        totals.add(record.counted_as, record.counts_when_swept())
        if record.is_complete and not record.late:
            spent += record.outcome.charged
            requests += 1

    async def close(tx: Transaction) -> bool:
        return await close_expired(tx, lease, spent, totals, now)

    if await store.transact(close):
        done.leases += 1
        done.requests += requests


async def _decide(store: Store, lease_at: str, done: Swept) -> Document | None:
    """Decide every record under a lease, until a pass finds none undecided; answers the lease as it was before that
    pass. `None` if its holder or another sweep is at work on it: a later sweep will see.

    Each batch also touches the lease. So whoever decides a record after this changes the lease's version, and a
    closing that did not count that record cannot go through.
    """
    for _ in range(MOST_PASSES):
        lease = await store.get(lease_at)
        if lease is None or not Lease.from_document(lease).is_open:
            return None
        undecided = await store.query(undecided_records(lease.id, limit=PAGE))
        if not undecided:
            return lease
        records = [UsageRecord.from_data(found.data) for found in undecided]
        decisions = [_decision(*each) for each in zip(undecided, records, strict=True)]
        try:
            await store.write(*decisions, count_decided(lease, len(records)))
        except Contended:  # an instance that lives was faster: the next pass sees what became of it
            continue
        done.lost += sum(record.status == LOST for record in records)
    return None


def _decision(found: Document, record: UsageRecord) -> Update:
    """What a sweep makes of a record, unless its instance lives and is faster."""
    return Update(found.path, record.decide(), found.version)


async def _lose(store: Store, found: Document) -> bool:
    """Give up a pending record whose lease is closed already, and count it where closing the lease did not."""
    record, lost = UsageRecord.from_data(found.data), UsageAggregates()
    decision = _decision(found, record)
    lost.add(record.counted_as, record.counts())
    try:
        await store.write(decision, *lost.increments(record.user, record.key, record.belongs.to_data()))
        return True
    except Contended:
        return False


async def _look_again(store: Store, now: datetime, done: Swept) -> None:
    """Charge what was written under a lease after its sweep had closed it."""
    recent = (Filter("closed_by", "==", "sweep"), Filter("closed_at", ">", now - LOOK_BACK))
    async for lease in store.scan(Query("leases", recent, order_by="closed_at", limit=PAGE, group=True)):
        async for missed in store.scan(undecided_records(lease.id, limit=PAGE)):
            if status_of(missed.data) == PENDING:
                done.lost += await _lose(store, missed)
            else:
                done.late += await charge_late(store, missed.id, now) is not None


async def _clear_strays(store: Store, now: datetime, done: Swept) -> None:
    """Give up records that arrived although their instance had been told that they did not, and had moved on."""
    async for stray in store.scan(pending_records_before(now - STRAY_AFTER, limit=PAGE)):
        record = UsageRecord.from_data(stray.data)
        assert record.lease is not None, "only a request that hangs on a lease is ever pending"
        lease = await store.get(lease_path(record.user, record.lease))
        if lease is None or not Lease.from_document(lease).is_open:
            done.lost += await _lose(store, stray)
