"""What holds of every report, whoever wrote it."""

from functools import reduce
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from functions.farebox.tokens.usage.places import completion_usage, read_report, usage_in, without_reports
from functions.farebox.tokens.usage.plain import read_plain
from functions.farebox.tokens.usage.reading import read_usage, usage_of
from functions.farebox.tokens.usage.report import Report, merge
from functions.farebox.tokens.usage.shapes import read_shape
from functions.farebox.tokens.usage.usage import MAX_TOKENS, Usage
from tests.pricing.strategies import hostile_reports

_counts = st.integers(0, 5_000)
_NAMES = [
    "usage", "x_groq", "choices", "delta", "message", "response", "usageMetadata", "meta", "metadata", "eval_count",
    "amazon-bedrock-invocationMetrics", "prompt_tokens", "completion_tokens", "total_tokens", "input_tokens",
    "output_tokens", "prompt_tokens_details", "completion_tokens_details", "cached_tokens", "reasoning_tokens",
    "cache_read_input_tokens", "cache_creation_input_tokens", "cache_creation", "ephemeral_1h_input_tokens",
    "promptTokenCount", "thoughtsTokenCount", "promptTokensDetails", "billed_units", "tokens", "server_tool_use",
    "web_search_requests", "inputTokens", "cacheReadInputTokens", "cacheDetails", "output", "service_tier",
    "iterations", "prompt_audio_seconds",
]  # fmt: skip
_junk = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=4), st.just("1000"), _counts),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.sampled_from(_NAMES), inner, max_size=4)),
    max_leaves=12,
)
payloads = st.dictionaries(st.sampled_from(_NAMES), _junk, max_size=6)


@st.composite
def told(draw: st.DrawFn) -> tuple[Usage, dict[str, Any]]:
    """A usage, and a report of it that adds up: each part inside its side or beside it, in OpenAI's words."""
    plain, cached, written, answer, reasoning = (draw(_counts) for _ in range(5))
    prompt, completion = plain, answer
    caches_inside, reasoning_inside = draw(st.booleans()), draw(st.booleans())
    prompt += cached + written if caches_inside else 0
    completion += reasoning if reasoning_inside else 0
    usage = Usage(plain + cached + written, answer + reasoning, cached, written, reasoning_tokens=reasoning)
    return usage, {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": usage.total_tokens,
        "prompt_tokens_details": {"cached_tokens": cached, "cache_write_tokens": written},
        "completion_tokens_details": {"reasoning_tokens": reasoning},
    }


@settings(deadline=None)
@given(told())
def test_the_parts_sum_to_the_total_that_was_told(case: tuple[Usage, dict[str, Any]]) -> None:
    _, report = case
    usage = read_usage(report)
    assert usage is not None
    assert usage.total_tokens == report["total_tokens"]
    assert usage.cached_tokens == report["prompt_tokens_details"]["cached_tokens"]
    assert usage.cache_write_tokens == report["prompt_tokens_details"]["cache_write_tokens"]
    assert usage.reasoning_tokens >= report["completion_tokens_details"]["reasoning_tokens"]


@settings(deadline=None)
@given(told(), st.randoms(use_true_random=False))
def test_a_report_comes_to_the_same_over_however_many_chunks_it_is_spread(
    case: tuple[Usage, dict[str, Any]], rng: Any
) -> None:
    _, report = case
    pieces: list[dict[str, Any]] = [{}, {}, {}]
    for name, value in report.items():
        for piece in rng.sample(pieces, rng.randint(1, 3)):  # told once, or again
            piece[name] = value
    chunks = [{"choices": [], "usage": piece} for piece in pieces]
    rng.shuffle(chunks)
    merged = reduce(merge, map(read_report, chunks), None)
    assert merged is not None
    whole = read_report({"choices": [], "usage": report})
    assert whole is not None
    assert completion_usage(merged) == completion_usage(whole)


@settings(deadline=None)
@given(told())
def test_a_report_that_comes_twice_or_with_zeros_is_charged_once(case: tuple[Usage, dict[str, Any]]) -> None:
    _, report = case
    zero = dict.fromkeys(("prompt_tokens", "completion_tokens", "total_tokens"), 0)
    shape = read_shape(report)
    for others in ((report, report), (zero, report), (report, zero), (report, zero, report)):
        merged = reduce(merge, map(read_shape, others), None)
        assert merged == shape


@settings(deadline=None)
@given(told(), st.integers(0, 5_000))
def test_counts_that_grow_end_at_their_last(case: tuple[Usage, dict[str, Any]], early: int) -> None:
    _, report = case
    first = {"prompt_tokens": report["prompt_tokens"], "completion_tokens": min(early, report["completion_tokens"])}
    merged = merge(read_shape(first), read_shape(report))
    assert merged is not None
    assert usage_of(merged) == read_usage(report)


@settings(deadline=None)
@given(told())
def test_a_part_that_is_told_in_two_places_is_one(case: tuple[Usage, dict[str, Any]]) -> None:
    _, report = case
    details = report["prompt_tokens_details"]
    twice = {
        **report,
        "cached_tokens": details["cached_tokens"],
        "cache_read_input_tokens": details["cached_tokens"],
        "cache_creation_input_tokens": details["cache_write_tokens"],
    }
    assert read_usage(twice) == read_usage(report)


@settings(deadline=None, max_examples=300)
@given(payloads)
def test_garbage_is_read_without_harm(payload: dict[str, Any]) -> None:
    for usage in (usage_in(payload), usage_in({**payload, "choices": []})):
        if usage is not None:
            assert 0 <= usage.prompt_tokens <= MAX_TOKENS
            assert 0 <= usage.completion_tokens <= MAX_TOKENS
    left = without_reports(payload)
    assert "usage" not in left


@settings(deadline=None)
@given(st.one_of(hostile_reports, told().map(lambda case: {**case[1], "prompt_tokens_details": {"audio_tokens": 3}})))
def test_the_short_way_comes_to_what_the_long_one_does(report: dict[str, Any]) -> None:
    short = read_plain(report)
    if short is not None:
        shape = read_shape(report)
        assert shape is not None
        assert usage_of(shape) == short


@settings(deadline=None)
@given(st.lists(st.builds(Report, prompt=_counts, total=_counts, cached=_counts, reasoning=_counts), max_size=4))
def test_the_order_of_reports_makes_no_difference(reports: list[Report]) -> None:
    assert reduce(merge, reports, None) == reduce(merge, reversed(reports), None)
