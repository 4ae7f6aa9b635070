"""Receipts: what a request was charged, and why, in a form that anyone can recompute."""

from typing import Any

from functions.farebox.errors import NotFound
from functions.farebox.kit.money import format_usd
from functions.farebox.pricing.bill import bill_json
from functions.farebox.storage import Filter, Query, Store
from functions.farebox.usage.record import UsageRecord


async def find_record(store: Store, uid: str, request_id: str) -> UsageRecord:
    """The usage record of a user's request, by the id that its answer bore; the newest, where a client used one twice.

    Raises `NotFound`, also for somebody else's.
    """
    mine = (Filter("user", "==", uid), Filter("request_id", "==", request_id))
    found = await store.query(Query("usage", mine, order_by="created_at", descending=True, limit=1))
    if not found:
        raise NotFound("There is no request with this id.", param="request_id")
    return UsageRecord.from_data(found[0].data)


def receipt(record: UsageRecord) -> dict[str, Any]:
    """A usage record as its owner sees it. Amounts are decimal strings of USD."""
    outcome = record.outcome
    return {
        "object": "receipt",
        "request_id": record.request_id,
        "model": record.model,
        "status": record.status,
        "created_at": record.created_at.isoformat().replace("+00:00", "Z"),
        "key_id": record.key,
        "upstream": outcome.upstream,
        "attempts": outcome.attempts or [],
        "tokens": None if outcome.tokens is None else outcome.tokens.to_data(),
        "usage_source": outcome.usage_source,
        "price_version": record.price_version,
        "bill": None if outcome.bill is None else bill_json(outcome.bill),
        "held_usd": format_usd(record.held),
        "cost_usd": format_usd(outcome.cost),
        "charged_usd": format_usd(outcome.charged),
        "shortfall_usd": format_usd(outcome.shortfall),
        "latency_ms": outcome.latency_ms,
        "first_token_ms": outcome.first_token_ms,
        "error": outcome.error,
    }
