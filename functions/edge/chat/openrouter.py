"""What agents and chat programs that know OpenRouter read of costs, prices and balances, in its own form: JSON numbers
of USD, and prices a token (https://openrouter.ai/docs/api/reference/overview, of 2026-11).

Beside it, in the same answers, everything is said in our own form: decimal strings.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson

from functions.farebox.keys.standing import Credits, KeyStanding, Window
from functions.farebox.kit.money import format_usd, to_decimal_usd
from functions.farebox.pricing.bill import ONE_BP
from functions.farebox.pricing.price import PRICED_TOKENS, Price

# Prices a token, by their names there and the classes that they are of here.
_PER_TOKEN = {
    "prompt": "input",
    "completion": "output",
    "input_cache_read": "cached_input",
    "input_cache_write": "cache_write",
    "internal_reasoning": "reasoning",
}
_SEARCH = "search"
# How often a limit begins anew; a total never does.
_RESETS: Mapping[Window, str | None] = {"day": "daily", "week": "weekly", "month": "monthly", "total": None}
_UNLIMITED = -1  # what it says of a rate without a limit


def usd_number(nanos: int) -> orjson.Fragment:
    """An amount as a JSON number, digit for digit."""
    return orjson.Fragment(format_usd(nanos).encode())


def cost_fields(charged: int) -> dict[str, Any]:
    """What a report of usage says of its cost: what was charged. What an upstream was paid is the operator's matter."""
    return {"cost": usd_number(charged), "is_byok": False, "cost_details": {"upstream_inference_cost": None}}


def model_fields(price: Price) -> dict[str, Any]:
    """What is said of a served model beside its price."""
    told = price.capabilities
    read, written = list(told.input_modalities or ["text"]), list(told.output_modalities or ["text"])
    parameters = {} if told.supported_parameters is None else {"supported_parameters": list(told.supported_parameters)}
    return {
        "name": price.model,
        "canonical_slug": price.model,
        "context_length": price.context_tokens,
        "architecture": {
            "modality": f"{'+'.join(read)}->{'+'.join(written)}",
            "input_modalities": read,
            "output_modalities": written,
            "tokenizer": "Other",
            "instruct_type": None,
        },
        "top_provider": {
            "context_length": price.context_tokens,
            "max_completion_tokens": price.max_output_tokens,
            "is_moderated": False,
        },
        "per_request_limits": None,
        **parameters,
    }


def pricing_fields(price: Price, multiplier_bp: int = ONE_BP) -> dict[str, str]:
    """What one token, or one request, costs this caller: decimal strings of USD. Those of longer prompts and of service
    tiers have no place there."""
    factor = Decimal(multiplier_bp) / ONE_BP

    def usd(nanos: int, per: int = 1) -> str:
        return f"{(to_decimal_usd(nanos) * factor / per).normalize():f}"

    tokens = {name: usd(price.rate(each), PRICED_TOKENS) for name, each in _PER_TOKEN.items()}
    return {
        **tokens,
        "request": usd(price.request),
        "image": "0",  # which counts by its tokens here
        "web_search": usd(price.calls.get(_SEARCH, 0)),
    }


def credits_form(standing: Credits) -> bytes:
    """`GET /v1/credits`: what came in, less what was spent, is the balance; null where no balance is told."""
    came_in = None if standing.balance is None else usd_number(standing.balance + standing.spent)
    return orjson.dumps({"data": {"total_credits": came_in, "total_usage": usd_number(standing.spent)}})


def key_form(standing: KeyStanding) -> bytes:
    """`GET /v1/key`: a key, what it has spent, and what is left of the budget that has the least left."""
    key, spending, tightest = standing.key, standing.spending, standing.tightest
    limit, left, reset = None, None, None
    if tightest is not None and tightest[1].limit is not None:
        window, budget = tightest
        limit, left, reset = usd_number(tightest[1].limit), usd_number(budget.left), _RESETS[window]
    data = {
        "label": f"{key.prefix}...",
        "name": key.name,
        "creator_user_id": key.user,
        "limit": limit,
        "limit_remaining": left,
        "limit_reset": reset,
        "usage": usd_number(spending.ever),
        "usage_daily": usd_number(spending.day),
        "usage_weekly": usd_number(spending.week),
        "usage_monthly": usd_number(spending.month),
        **dict.fromkeys(("byok_usage", "byok_usage_daily", "byok_usage_weekly", "byok_usage_monthly"), 0),
        **dict.fromkeys(("include_byok_in_limit", "is_free_tier", "is_management_key", "is_provisioning_key"), False),
        "expires_at": None if key.expires_at is None else key.expires_at.isoformat().replace("+00:00", "Z"),
        "rate_limit": {
            "requests": _UNLIMITED if key.rpm is None else key.rpm,
            "interval": "1m",
            "note": "What is left is in the x-ratelimit headers of each answer.",
        },
    }
    return orjson.dumps({"data": data})
