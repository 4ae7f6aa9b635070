"""A model as `GET /v1/models` shows it."""

from collections.abc import Mapping, Set
from datetime import UTC, datetime
from typing import Any

from functions.edge.chat.openrouter import model_fields, pricing_fields
from functions.farebox.pricing.bill import ONE_BP, format_multiplier
from functions.farebox.pricing.price import Price
from functions.farebox.pricing.rates import DEAR_CLASSES
from functions.farebox.pricing.tiers import RATE_FIELDS, usd_name

_PRICING = (*RATE_FIELDS, "request_usd", "search_usd", "tools_usd", "tiers", "service_tiers")


def model_entry(price: Price, multiplier_bp: int = ONE_BP) -> dict[str, Any]:
    """A model as OpenAI's list shows it, and Anthropic's, with what it costs as an extra: list prices, and beside them,
    in OpenRouter's form, what a caller pays who has this factor on them, which is the `multiplier`."""
    entry = price.to_config()
    since = price.effective_at or datetime.fromtimestamp(0, UTC)
    unsold = {usd_name(name) for name in DEAR_CLASSES if not price.has_own(name)}
    pricing = _without(unsold, {name: entry[name] for name in _PRICING if name in entry})
    return {
        "id": price.model,
        "object": "model",
        "created": int(since.timestamp()),
        "type": "model",
        "display_name": price.model,
        "created_at": since.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "owned_by": "farebox",
        "pricing": {
            **pricing,
            **pricing_fields(price, multiplier_bp),
            "multiplier": format_multiplier(multiplier_bp),
            "version": price.version,
        },
        "context_tokens": price.context_tokens,
        "max_output_tokens": price.max_output_tokens,
        **model_fields(price),
    }


def _without(unsold: Set[str], rates: Mapping[str, Any]) -> dict[str, Any]:
    """Rates without these, in tiers as well: what a model has no price for is refused in every tier, and what it would
    cost there is nobody's price but what follows from others."""
    kept = {name: value for name, value in rates.items() if name not in unsold}
    if "tiers" in kept:
        kept["tiers"] = [_without(unsold, tier) for tier in kept["tiers"]]
    if "service_tiers" in kept:
        kept["service_tiers"] = {name: _without(unsold, tier) for name, tier in kept["service_tiers"].items()}
    return kept
