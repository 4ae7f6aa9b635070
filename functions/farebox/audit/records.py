"""The audit of a usage record by itself: what it says of its charge and of its losses."""

from functions.farebox.pricing.bill import bill_json, recompute
from functions.farebox.usage.record import PENDING, UsageRecord


def record_fault(record: UsageRecord) -> str | None:
    """What of a record does not add up."""
    outcome = record.outcome
    if record.status == PENDING:
        return None
    if outcome.charged + outcome.shortfall != outcome.cost or min(outcome.charged, outcome.shortfall) < 0:
        return "its charge and its shortfall do not make up its cost"
    if outcome.bill and (cost := recompute(bill_json(outcome.bill))) != outcome.cost:
        return f"its bill comes to {cost} nano-USD, not to {outcome.cost}"
    if outcome.extended is not None and outcome.charged > record.held + outcome.extended:  # older ones do not tell it
        return "it was charged more than was held for it"
    told = sum(attempt.get("lost", 0) for attempt in outcome.attempts or ())
    if not 0 <= told <= outcome.lost:
        return "its attempts lost more than it did"
    return None
