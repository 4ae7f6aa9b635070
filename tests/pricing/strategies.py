"""Prices, usages and reports for property tests: any that may come, and any that may be sent by a stranger."""

from typing import Any

from hypothesis import strategies as st

from functions.farebox.pricing.bill import MAX_MULTIPLIER_BP
from functions.farebox.pricing.price import MAX_REQUEST_PRICE, Price
from functions.farebox.pricing.rates import ALL_CLASSES, CLASSES
from functions.farebox.pricing.tiers import MAX_UNIT_PRICE, usd_name
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
def varied_prices(draw: st.DrawFn, model: str = "m") -> Price:
    """Prices with tiers by prompt length, service tiers, and prices of calls. Longer prompts are never cheaper."""

    names = ["input", "output", *draw(st.lists(st.sampled_from(ALL_CLASSES), max_size=3, unique=True))]

    def rates(low: int, high: int) -> dict[str, Any]:
        return {usd_name(name): draw(st.integers(low, high)) for name in names}

    lengths = sorted(draw(st.sets(st.sampled_from((1, 100, 1_000, 5_000)), max_size=2)))

    def within(low: int, lengths: list[int]) -> dict[str, Any]:
        above = [
            {"above_prompt_tokens": length, **rates(low + 40 * n, low + 40 * n + 40)}
            for n, length in enumerate(lengths, 1)
        ]
        return {**rates(low, low + 40), "tiers": above}

    service_tiers = draw(st.sampled_from(((), ("flex",), ("flex", "priority"))))
    return Price.from_config(
        model,
        {
            **within(40, lengths),
            "service_tiers": {
                name: within(draw(st.sampled_from((0, 40, 80))), draw(st.sampled_from(([], lengths))))
                for name in service_tiers
            },
            "tools_usd": draw(
                st.dictionaries(st.sampled_from(("file_search", "maps", "speed.fast")), st.integers(0, 9))
            ),
            "search_usd": draw(st.one_of(st.none(), st.integers(0, 9))),
            "request_usd": draw(st.integers(0, 3)),
        },
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


@st.composite
def split_usages(draw: st.DrawFn, most_tokens: int = 10_000) -> Usage:
    """Usages with every class there is, and searches."""

    def split(parts: int) -> list[int]:
        cuts = sorted(draw(st.integers(0, most_tokens)) for _ in range(parts))
        return [after - before for before, after in zip([0, *cuts], cuts, strict=False)]

    read, written, hour, sound, image, plain = split(6)
    thought, said, drawn, text = split(4)
    return Usage(
        prompt_tokens=read + written + hour + sound + image + plain,
        completion_tokens=thought + said + drawn + text,
        cached_tokens=read,
        cache_write_tokens=written,
        cache_write_1h_tokens=hour,
        audio_input_tokens=sound,
        image_input_tokens=image,
        reasoning_tokens=thought,
        audio_output_tokens=said,
        image_output_tokens=drawn,
        searches=draw(st.integers(0, 50)),
    )
