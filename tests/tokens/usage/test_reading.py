"""A report in OpenAI's words is read as it is meant, and harmless however it was meant."""

from typing import Any

import pytest
from hypothesis import given, settings

from functions.farebox.tokens.usage.reading import read_usage
from functions.farebox.tokens.usage.usage import MAX_TOKENS, Usage
from tests.pricing.strategies import hostile_reports


def test_every_class_that_openai_reports_is_read() -> None:
    report = {
        "prompt_tokens": 100,
        "completion_tokens": 50,
        "total_tokens": 150,
        "prompt_tokens_details": {"cached_tokens": 40, "cache_write_tokens": 20, "audio_tokens": 10},
        "completion_tokens_details": {"reasoning_tokens": 30, "audio_tokens": 5},
    }
    assert read_usage(report) == Usage(
        prompt_tokens=100,
        completion_tokens=50,
        cached_tokens=40,
        cache_write_tokens=20,
        audio_input_tokens=10,
        reasoning_tokens=30,
        audio_output_tokens=5,
    )


def test_zero_is_a_number_and_not_missing() -> None:
    assert read_usage({"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}) == Usage()


def test_what_a_total_has_beside_a_prompt_of_nothing_is_the_prompt() -> None:
    told = {"prompt_tokens": 0, "completion_tokens": 40}
    assert read_usage({**told, "total_tokens": 60}) == Usage(20, 40)
    assert read_usage({"input_tokens": 0, "output_tokens": 40, "total_tokens": 60}) == Usage(20, 40)
    thoughts = {"completion_tokens_details": {"reasoning_tokens": 20}}
    assert read_usage({**told, "total_tokens": 1060, **thoughts}) == Usage(1020, 40, reasoning_tokens=20)


@pytest.mark.parametrize("total", [{}, {"total_tokens": 0}, {"total_tokens": 40}])
@pytest.mark.parametrize("prompt", [{"prompt_tokens": 0}, {"input_tokens": 0, "cache_read_input_tokens": 0}])
def test_nobody_generates_from_nothing(prompt: dict[str, int], total: dict[str, int]) -> None:
    told = {**prompt, "completion_tokens": 40, **total}
    thoughts = {"completion_tokens_details": {"reasoning_tokens": 20}}
    assert read_usage(told) == Usage(0, 40, prompt_is_told=False)
    assert read_usage({**told, **thoughts}) == Usage(0, 40, reasoning_tokens=20, prompt_is_told=False)
    assert read_usage({**told, **thoughts, "total_tokens": 60}) == Usage(
        0, 60, reasoning_tokens=20, prompt_is_told=False
    )
    assert read_usage({**told, "prompt_tokens_details": {"cached_tokens": 7}}) == Usage(7, 40, 7)


def test_a_cache_write_is_counted_once_for_whichever_time_it_is_kept() -> None:
    def told(minutes: int, hour: int, whole: int | None) -> Usage | None:
        kept = {"ephemeral_5m_input_tokens": minutes, "ephemeral_1h_input_tokens": hour}
        return read_usage(
            {"input_tokens": 5, "output_tokens": 1, "cache_creation_input_tokens": whole, "cache_creation": kept}
        )

    assert told(400, 400, 400) == Usage(405, 1, cache_write_1h_tokens=400, lifetimes_told=True)
    assert told(300, 200, 400) == Usage(405, 1, cache_write_tokens=200, cache_write_1h_tokens=200, lifetimes_told=True)
    assert told(300, 0, 400) == Usage(405, 1, cache_write_tokens=400, lifetimes_told=True)
    assert told(500, 0, 400) == Usage(505, 1, cache_write_tokens=500, lifetimes_told=True)
    assert told(300, 200, None) == Usage(505, 1, cache_write_tokens=300, cache_write_1h_tokens=200, lifetimes_told=True)


@pytest.mark.parametrize("none", [0, None])
def test_anthropics_names_without_counts_leave_openais_as_they_are(none: int | None) -> None:
    told = {
        "input_tokens": 1000,
        "input_tokens_details": {"cached_tokens": 400},
        "output_tokens": 100,
        "cache_read_input_tokens": none,
        "cache_creation_input_tokens": none,
    }
    assert read_usage(told) == Usage(1000, 100, 400)


def test_embeddings_report_a_prompt_and_no_completion() -> None:
    assert read_usage({"prompt_tokens": 8, "total_tokens": 8}) == Usage(prompt_tokens=8)


@pytest.mark.parametrize(
    "report",
    [
        None,
        [],
        "usage",
        7,
        {},
        {"total_tokens": -12},
        {"total_tokens": "1e3"},
        {"prompt_tokens": float("nan"), "completion_tokens": float("inf"), "total_tokens": 1e300},
        {"prompt_tokens": None, "completion_tokens": None},
        {"prompt_tokens": -1, "completion_tokens": "five"},
        {"prompt_tokens": True, "completion_tokens": 1.5},
        {"prompt_tokens": MAX_TOKENS + 1, "completion_tokens": 10**400},
    ],
)
def test_a_report_without_one_usable_total_is_no_usage(report: object) -> None:
    assert read_usage(report) is None


def test_a_malformed_total_is_taken_from_the_others() -> None:
    assert read_usage({"prompt_tokens": 10, "completion_tokens": "x", "total_tokens": 25}) == Usage(10, 15)
    assert read_usage({"prompt_tokens": -3, "completion_tokens": 15, "total_tokens": 25}) == Usage(10, 15)


def test_a_part_larger_than_its_side_stands_beside_it() -> None:
    report = {
        "prompt_tokens": 10,
        "completion_tokens": 4,
        "prompt_tokens_details": {"cached_tokens": 8, "cache_write_tokens": 8, "audio_tokens": 8},
        "completion_tokens_details": {"reasoning_tokens": 99, "audio_tokens": 99},
    }
    assert read_usage(report) == Usage(
        prompt_tokens=26,
        completion_tokens=202,
        cached_tokens=8,
        cache_write_tokens=8,
        audio_input_tokens=8,
        reasoning_tokens=99,
        audio_output_tokens=99,
    )


def test_a_sound_that_is_cached_too_is_one_part() -> None:
    details: dict[str, Any] = {"cached_tokens": 80, "audio_tokens": 60, "cached_tokens_details": {"audio_tokens": 50}}
    report = {"prompt_tokens": 100, "completion_tokens": 0, "prompt_tokens_details": details}
    assert read_usage(report) == Usage(100, 0, cached_tokens=80, audio_input_tokens=10)
    untold = {
        "prompt_tokens": 100,
        "completion_tokens": 0,
        "prompt_tokens_details": {**details, "cached_tokens_details": 0},
    }
    assert read_usage(untold) == Usage(100, 0, cached_tokens=80, audio_input_tokens=20)


def test_malformed_details_count_as_missing() -> None:
    report = {
        "prompt_tokens": 10,
        "completion_tokens": 4,
        "prompt_tokens_details": {"cached_tokens": -5, "cache_write_tokens": True, "audio_tokens": "-3"},
        "completion_tokens_details": "none",
    }
    assert read_usage(report) == Usage(10, 4)


def test_the_name_that_proxies_give_to_cache_writes_is_read_too() -> None:
    report = {"prompt_tokens": 10, "completion_tokens": 0, "prompt_tokens_details": {"cache_creation_tokens": 6}}
    assert read_usage(report) == Usage(prompt_tokens=10, cache_write_tokens=6)


def test_reasoning_that_xai_reports_beside_the_completion_is_charged() -> None:
    report = {
        "prompt_tokens": 32,
        "completion_tokens": 9,
        "total_tokens": 135,
        "completion_tokens_details": {"reasoning_tokens": 94},
    }
    assert read_usage(report) == Usage(prompt_tokens=32, completion_tokens=103, reasoning_tokens=94)


def test_thoughts_that_gemini_reports_in_the_total_alone_are_charged() -> None:
    report = {"prompt_tokens": 20, "completion_tokens": 198, "total_tokens": 623}
    assert read_usage(report) == Usage(prompt_tokens=20, completion_tokens=603, reasoning_tokens=405)


def test_a_total_that_is_too_small_takes_nothing_away() -> None:
    assert read_usage({"prompt_tokens": 20, "completion_tokens": 8, "total_tokens": 3}) == Usage(20, 8)


@settings(deadline=None)
@given(hostile_reports)
def test_no_report_breaks_out_of_its_bounds(report: dict[str, Any]) -> None:
    usage = read_usage(report)
    if usage is not None:
        assert 0 <= usage.prompt_tokens <= MAX_TOKENS
        assert 0 <= usage.completion_tokens <= MAX_TOKENS
        assert usage.plain_input_tokens >= 0
        assert usage.plain_output_tokens >= 0
