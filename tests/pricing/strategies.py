"""Prices, usages and reports for property tests: any that may come, and any that may be sent by a stranger."""

from typing import Any

from hypothesis import strategies as st

from functions.farebox.pricing.bill import MAX_MULTIPLIER_BP
from functions.farebox.pricing.price import MAX_REQUEST_PRICE, Price
from functions.farebox.pricing.rates import CLASSES
from functions.farebox.pricing.tiers import MAX_UNIT_PRICE
from functions.farebox.tokens.usage.reading import read_usage
from functions.farebox.tokens.usage.usage import MAX_TOKENS, Usage

_FIELDS = ("prompt_tokens", "completion_tokens", "total_tokens")
_DETAILS = ("cached_tokens", "cache_write_tokens", "audio_tokens", "reasoning_tokens")

_anything: st.SearchStrategy[Any] = st.one_of(
    st.integers(),
    st.integers(0, 50),
    st.booleans(),
    st.floats(),
    st.text(max_size=5),
    st.none(),
    st.lists(st.integers(), max_size=2),
    st.just(10**400),
)
_details = st.one_of(_anything, st.dictionaries(st.sampled_from(_DETAILS), _anything))
hostile_reports = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(_FIELDS, _anything)
    | {f"{side}_tokens_details": _details for side in ("prompt", "completion")},
)


_unit_prices = st.one_of(st.integers(0, 10**11), st.integers(0, MAX_UNIT_PRICE))
multipliers = st.integers(1, MAX_MULTIPLIER_BP)
prices = st.builds(
    Price,
    model=st.just("m"),
    request=st.one_of(st.just(0), st.integers(0, MAX_REQUEST_PRICE)),
    context_tokens=st.none(),
    max_output_tokens=st.none(),
    source=st.none(),
    dated=st.none(),
    version=st.just("1"),
    effective_at=st.none(),
    **dict.fromkeys(CLASSES, _unit_prices),
)


@st.composite
def usages(draw: st.DrawFn, most_tokens: int = MAX_TOKENS) -> Usage:
    """Usages with every class, up to `most_tokens` a side."""
    count = st.integers(0, most_tokens)
    usage = read_usage(
        {
            "prompt_tokens": draw(count),
            "completion_tokens": draw(count),
            "prompt_tokens_details": {
                name: draw(count) for name in ("cached_tokens", "cache_write_tokens", "audio_tokens")
            },
            "completion_tokens_details": {name: draw(count) for name in ("reasoning_tokens", "audio_tokens")},
        }
    )
    assert usage is not None
    return usage
