"""The models of the fuzzed world, and what a vendor's bill for their work says: computed by itself, in fractions."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any

NANOS_A_TOKEN = 1000  # of a price of one USD a million tokens
DEAREST_SEARCH = "0.05"  # of a model that sells none: nobody may ever get one
CODE_USD = "0.03"  # wherever it is sold


@dataclass(slots=True)
class Worked:
    """What an upstream did for one answer. Cached, written and heard tokens are of the prompt's, those of reasoning and
    sound of the completion's."""

    prompt: int = 0
    completion: int = 0
    cached: int = 0
    written: int = 0
    written_1h: int = 0
    reasoning: int = 0
    spoken: int = 0
    searches: int = 0
    code: int = 0  # times that it ran some


def _model(input: str, output: str, **others: Any) -> dict[str, Any]:
    return {"input_usd_per_1m": input, "output_usd_per_1m": output, **others}


PRICING: Mapping[str, Mapping[str, Any]] = {
    "plain": _model("1", "10", cached_input_usd_per_1m="0.1", context_tokens=100_000, max_output_tokens=4096),
    "thinker-reasoning": _model(
        "2", "8", reasoning_usd_per_1m="12", request_usd="0.0001", context_tokens=200_000, max_output_tokens=16_000
    ),
    "rich": _model(
        "3",
        "15",
        cached_input_usd_per_1m="0.3",
        cache_write_usd_per_1m="3.75",
        cache_write_1h_usd_per_1m="6",
        audio_input_usd_per_1m="20",
        audio_output_usd_per_1m="60",
        search_usd="0.01",
        tools_usd={"code_interpreter": CODE_USD, "code_execution": CODE_USD},
        tiers=[{"above_prompt_tokens": 1000, "input_usd_per_1m": "6", "output_usd_per_1m": "22.5"}],
        service_tiers={
            "flex": {"input_usd_per_1m": "1.5", "cached_input_usd_per_1m": "0.3", "output_usd_per_1m": "7.5"},
            "priority": {"input_usd_per_1m": "6", "cached_input_usd_per_1m": "0.6", "output_usd_per_1m": "30"},
        },
        context_tokens=150_000,
        max_output_tokens=8000,
    ),
    "gpt-4o": _model("2.5", "10", cached_input_usd_per_1m="1.25", context_tokens=128_000, max_output_tokens=16_384),
    "gpt-5": _model(
        "1.25",
        "10",
        cached_input_usd_per_1m="0.125",
        search_usd="0.01",
        service_tiers={
            "flex": {"input_usd_per_1m": "0.6", "cached_input_usd_per_1m": "0.06", "output_usd_per_1m": "5"}
        },
        context_tokens=400_000,
        max_output_tokens=128_000,
    ),
    "claude-sonnet-4-5": _model(
        "3",
        "15",
        cached_input_usd_per_1m="0.3",
        cache_write_usd_per_1m="3.75",
        cache_write_1h_usd_per_1m="6",
        search_usd="0.01",
        context_tokens=200_000,
        max_output_tokens=64_000,
    ),
    "boundless": _model("0.5", "1.5"),
    "cheap": _model("0.01", "0.02", context_tokens=32_000),
    "dear": _model("15", "75", context_tokens=200_000, max_output_tokens=32_000),
    "embed": _model("0.02", "0", context_tokens=8192),
}


def bill(model: str, worked: Worked, tier: str | None = None) -> int:
    """What a vendor charges for it at list prices, in nano-USD. It sells everything: what has no price here is dear."""
    price = PRICING[model]
    rates = dict(price)
    named = price.get("service_tiers", {}).get(tier)
    factor = 1
    if named is not None:
        rates = {**named, "search_usd": price.get("search_usd")}
    elif tier is not None:
        factor = 3
    else:
        for step in price.get("tiers", ()):
            if worked.prompt > step["above_prompt_tokens"]:
                rates |= step
    own = Fraction(rates["input_usd_per_1m"])
    out = Fraction(rates["output_usd_per_1m"])

    def rate(name: str, otherwise: Fraction) -> Fraction:
        told = rates.get(f"{name}_usd_per_1m")
        return otherwise if told is None else Fraction(told)

    plain_in = worked.prompt - worked.cached - worked.written - worked.written_1h
    plain_out = worked.completion - worked.reasoning - worked.spoken
    assert plain_in >= 0 and plain_out >= 0
    usd_per_1m = (
        plain_in * own
        + worked.cached * min(rate("cached_input", own), own)
        + worked.written * rate("cache_write", own)
        + worked.written_1h * rate("cache_write_1h", 2 * own)
        + plain_out * out
        + worked.reasoning * rate("reasoning", out)
        + worked.spoken * rate("audio_output", 6 * out)
    )
    calls = Fraction(rates.get("search_usd") or DEAREST_SEARCH) * worked.searches
    calls += Fraction(CODE_USD) * worked.code
    return ceil((usd_per_1m * NANOS_A_TOKEN + (calls + Fraction(price.get("request_usd", 0))) * 10**9) * factor)
