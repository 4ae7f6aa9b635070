"""Receipts: what a request was charged, and why, in a form that anyone can recompute."""

from collections.abc import Mapping
from typing import Any

from functions.farebox.errors import NotFound
from functions.farebox.kit.money import format_usd
from functions.farebox.pricing.bill import bill_json
from functions.farebox.storage import Data, Filter, Query, Store


async def find_record(store: Store, uid: str, request_id: str) -> Data:
    """The usage record of a user's request, by the id that its answer bore; the newest, where a client used one twice.

    Raises `NotFound`, also for somebody else's.
    """
    mine = (Filter("user", "==", uid), Filter("request_id", "==", request_id))
    found = await store.query(Query("usage", mine, order_by="created_at", descending=True, limit=1))
    if not found:
        raise NotFound("There is no request with this id.", param="request_id")
    return found[0].data


def receipt(record: Mapping[str, Any]) -> dict[str, Any]:
    """A usage record as its owner sees it. Amounts are decimal strings of USD."""
    return {
        "object": "receipt",
        "request_id": record["request_id"],
        "model": record["model"],
        "status": record["status"],
        "created_at": record["created_at"].isoformat().replace("+00:00", "Z"),
        "key_id": record["key"],
        "upstream": record.get("upstream"),
        "attempts": record.get("attempts") or [],
        "tokens": record.get("tokens"),
        "usage_source": record.get("usage_source"),
        "price_version": record["price_version"],
        "bill": bill_json(record["bill"]) if record.get("bill") else None,
        "held_usd": format_usd(record["held"]),
        "cost_usd": format_usd(record.get("cost") or 0),
        "charged_usd": format_usd(record.get("charged") or 0),
        "shortfall_usd": format_usd(record.get("shortfall") or 0),
        "latency_ms": record.get("latency_ms"),
        "first_token_ms": record.get("first_token_ms"),
        "error": record.get("error"),
    }
