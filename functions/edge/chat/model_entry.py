"""A model as `GET /v1/models` shows it."""

from typing import Any

from functions.farebox.pricing.price import Price
from functions.farebox.pricing.rates import CLASSES


def model_entry(price: Price) -> dict[str, Any]:
    """A model as OpenAI's list shows it, with what it costs as an extra."""
    entry = price.to_config()
    pricing = {f"{name}_usd_per_1m": entry[f"{name}_usd_per_1m"] for name in CLASSES}
    return {
        "id": price.model,
        "object": "model",
        "created": int(price.effective_at.timestamp()) if price.effective_at else 0,
        "owned_by": "farebox",
        "pricing": {**pricing, "request_usd": entry["request_usd"], "version": price.version},
        "context_tokens": price.context_tokens,
        "max_output_tokens": price.max_output_tokens,
    }
