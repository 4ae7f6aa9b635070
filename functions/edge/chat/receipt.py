"""A receipt as its owner sees it: what a request was charged, and why."""

from collections.abc import Mapping
from typing import Any

from functions.farebox.kit.money import format_usd
from functions.farebox.pricing.bill import bill_json
from functions.farebox.usage.receipts import Receipted


def receipt(found: Receipted) -> dict[str, Any]:
    """The receipt of a usage record. Amounts are decimal strings of USD; the bill in it is enough to recompute them."""
    record = found.record
    outcome = record.outcome
    return {
        "object": "receipt",
        "id": found.id,
        "request_id": record.request_id,
        "same_request_id": list(found.others),
        "model": record.model,
        "status": record.status,
        "created_at": record.created_at.isoformat().replace("+00:00", "Z"),
        "key_id": record.key,
        "upstream": outcome.upstream,
        "answered_model": outcome.answered_model,
        "service_tier": outcome.service_tier,
        "attempts": [_attempt(made) for made in outcome.attempts or ()],
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


def _attempt(made: Mapping[str, Any]) -> dict[str, Any]:
    """An attempt without what it may have cost the operator, which is nobody else's matter."""
    return {name: value for name, value in made.items() if name != "lost"}
