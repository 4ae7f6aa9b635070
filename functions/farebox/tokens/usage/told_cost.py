"""What an answer says of its own cost, where its vendor says it: OpenRouter, Perplexity, xAI.

It is what the operator pays, and for the books alone: no client is shown it.
"""

from collections.abc import Mapping
from decimal import ROUND_CEILING, Decimal
from math import isfinite
from typing import Any

from functions.farebox.tokens.usage.counts import child

NANOS_PER_USD = 10**9
MOST = 10_000 * NANOS_PER_USD  # no answer costs more: what says so is malformed
TICKS_PER_USD = 10**10  # xAI's
_TICKS = "cost_in_usd_ticks"
COSTS = frozenset({"cost", "cost_details", _TICKS, "is_byok", "estimated_cost", "market_cost"})  # in a report of usage
_HOLDERS = ("message", "response", "x_groq")  # that have a report in them


def told_cost(payload: Mapping[str, object]) -> int:
    """Nano-USD, rounded up; 0 where nothing is told, or nothing that can be meant."""
    usage = payload.get("usage")
    if not isinstance(usage, dict) or ("cost" not in usage and _TICKS not in usage):
        return 0
    usd = _amount(usage.get("cost"))
    if isinstance(usage.get("cost"), dict):  # Perplexity's
        usd = _amount(child(usage, "cost").get("total_cost"))
    if usage.get("is_byok") is True:  # OpenRouter's fee; the vendor behind it charges the operator's own account
        usd += _amount(child(usage, "cost_details").get("upstream_inference_cost"))
    usd = max(usd, _amount(usage.get(_TICKS)) / TICKS_PER_USD)
    nanos = int((usd * NANOS_PER_USD).to_integral_value(ROUND_CEILING))
    return nanos if nanos <= MOST else 0


def tells_cost(payload: Mapping[str, object]) -> bool:
    """Whether a report of an answer, or of an event of one, says anything of its cost."""
    usage = payload.get("usage")
    if type(usage) is dict and not usage.keys().isdisjoint(COSTS):
        return True
    return not payload.keys().isdisjoint(_HOLDERS) and any(tells_cost(child(payload, name)) for name in _HOLDERS)


def without_cost(payload: Mapping[str, object]) -> dict[str, object]:
    """An answer, or an event of one, that says nothing of it."""
    left = dict(payload)
    usage = left.get("usage")
    if isinstance(usage, dict):
        left["usage"] = usage_without_cost(usage)
    for name in _HOLDERS:
        holder = left.get(name)
        if isinstance(holder, dict) and tells_cost(holder):
            left[name] = without_cost(holder)
    return left


def usage_without_cost(usage: dict[str, Any]) -> dict[str, Any]:
    """A report that says nothing of it: itself where it says nothing."""
    if usage.keys().isdisjoint(COSTS):
        return usage
    return {name: value for name, value in usage.items() if name not in COSTS}


def _amount(value: object) -> Decimal:
    if type(value) is int and 0 <= value < 10**18:
        return Decimal(value)
    if type(value) is float and isfinite(value) and 0 <= value < 10**18:
        return Decimal(repr(value))
    return Decimal(0)
