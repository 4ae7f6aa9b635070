"""Charging a request whose lease was swept before the request was counted.

It happens when an instance was taken for dead and was not. The charge is one ledger entry under the record's own id,
taken from what is available in the wallet and its budgets, down to zero; what that does not cover is the operator's
`shortfall`. Holder and sweep may both come here about one record: the record's `accounted` mark and the entry's id
make it count once.
"""

from datetime import datetime

from functions.farebox.leases.lease import Lease, lease_path
from functions.farebox.ledger.funds import Funds, Scope
from functions.farebox.ledger.wallet import Posting
from functions.farebox.storage import Store, Transaction
from functions.farebox.usage.aggregates import UsageAggregates
from functions.farebox.usage.record import Outcome, UsageRecord, record_path


async def charge_late(store: Store, record_id: str, now: datetime, outcome: Outcome | None = None) -> int | None:
    """Charge a record that its lease's closing did not count; `outcome` is what the request came to, if its own
    completion was refused. Answers what the record is charged now, in nano-USD; `None` if
    there is nothing to charge yet.

    A record that a sweep has counted, or that was charged late before, is left as it is.
    """

    async def work(tx: Transaction) -> int | None:
        document = await tx.get(record_path(record_id))
        if document is None:
            return None
        record = UsageRecord.from_data(document.data)
        if record.is_counted:
            return record.outcome.charged
        came_to = record.outcome if record.is_complete else outcome
        if came_to is None:
            return None
        assert record.lease is not None, "only the requests of a lease are counted with it"
        lease_at = lease_path(record.user, record.lease)
        spans = record.days.parties
        together = Funds.paths(record.user, record_id, key=record.key, belongs=record.belongs, spans=spans)
        lease, *_ = await tx.get_many(lease_at, *together)
        of_record = Scope(record.period, belongs=record.belongs, days=record.days)
        scope = of_record if lease is None else Lease.from_document(lease).scope
        funds = await Funds.open(tx, record.user, now, record_id, key=record.key, scope=scope)
        metadata = {"requests": 1, "period": scope.period, **scope.as_metadata()}
        due = came_to.charged  # and not all that it cost, of which a part may be our loss
        posting = Posting(record_id, "usage", -due, "1 request, charged late", record.key, metadata=metadata)
        charged = funds.spend_what_is_left(posting)
        tx.update(document.path, record.charge_late(came_to, charged))
        totals = UsageAggregates()
        totals.add(record.counted_as, record.counts_when_late())
        tx.add(*totals.increments(record.user, record.key, record.belongs.to_data()))
        funds.save(tx)
        return charged

    return await store.transact(work)
