"""What another gateway reports of a request, and its usage record."""

from dataclasses import dataclass, field
from datetime import datetime

from functions.farebox.storage import Transaction
from functions.farebox.usage.aggregates import UsageAggregates
from functions.farebox.usage.record import Outcome, TokenCounts, UsageRecord, record_path

KEY = "metering"  # stands in the place of an API key in usage records and aggregates


@dataclass(frozen=True, slots=True)
class Report:
    """What a request came to, as its gateway tells it. `cost` in nano-USD."""

    cost: int
    tokens: TokenCounts = field(default_factory=TokenCounts)  # prompt and completion alone
    latency_ms: int | None = None
    list_cost: int | None = None  # without the seller's margin, where that is known

    def came_to(self, charged: int, error: str | None = None) -> Outcome:
        """The request's outcome: what was charged for it, in nano-USD, and of its cost what nobody paid."""
        return Outcome(
            status="ok",
            tokens=self.tokens,
            cost=self.cost,
            list_cost=self.list_cost,
            charged=charged,
            shortfall=self.cost - charged,
            usage_source="reported",
            latency_ms=self.latency_ms,
            error=error,
        )


def create_record(
    tx: Transaction,
    record_id: str,
    outcome: Outcome,
    *,
    uid: str,
    model: str,
    request_id: str,
    time_zone: str,
    now: datetime,
    period: str = "",
    held: int = 0,
) -> None:
    """Write the usage record of a metered request and its part of the aggregates. The record hangs on no lease, so no
    sweep looks at it."""
    record = UsageRecord(
        user=uid,
        key=KEY,
        model=model,
        created_at=now,
        request_id=request_id,
        period=period,
        held=held,
        outcome=outcome,
        accounted=True,
    )
    record.set_time_zone(time_zone)
    totals = UsageAggregates()
    totals.add(record.counted_as, record.counts())
    tx.add(*totals.increments(uid, KEY))
    tx.create(record_path(record_id), record.to_data())
