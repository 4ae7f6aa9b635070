"""A report is found wherever vendors put it, and taken out of there for who did not ask."""

from functools import reduce
from typing import Any

import pytest

from functions.farebox.tokens.usage.client_form import is_readable
from functions.farebox.tokens.usage.places import (
    answered_model,
    completion_usage,
    read_report,
    served_tier,
    usage_in,
    without_reports,
)
from functions.farebox.tokens.usage.report import merge
from functions.farebox.tokens.usage.usage import MAX_TOKENS, Usage, with_prompt

OPENAI: dict[str, Any] = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}
ANTHROPIC: dict[str, Any] = {"input_tokens": 1000, "output_tokens": 100}

# A chunk with a report of 1,000 tokens read and 100 written, and what is left of it without.
PLACES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "at the top": ({"id": "c", "usage": OPENAI}, {"id": "c"}),
    "Groq's": ({"x_groq": {"id": "r", "usage": OPENAI}}, {"x_groq": {"id": "r"}}),
    "in a choice": (
        {"choices": [{"index": 0, "usage": OPENAI}, 7]},
        {"choices": [{"index": 0}, 7]},
    ),
    "in a delta": (
        {"choices": [{"index": 0, "delta": {"content": "x", "usage": OPENAI}}]},
        {"choices": [{"index": 0, "delta": {"content": "x"}}]},
    ),
    "in a message": (
        {"type": "message_start", "message": {"id": "m", "usage": ANTHROPIC}},
        {"type": "message_start", "message": {"id": "m"}},
    ),
    "in a response": (
        {"type": "response.completed", "response": {"id": "r", "usage": ANTHROPIC}},
        {"type": "response.completed", "response": {"id": "r"}},
    ),
    "in Google's place": (
        {"candidates": [], "usageMetadata": {"promptTokenCount": 1000, "candidatesTokenCount": 100}},
        {"candidates": []},
    ),
    "in Bedrock's metrics": (
        {
            "type": "message_stop",
            "amazon-bedrock-invocationMetrics": {"inputTokenCount": 1000, "outputTokenCount": 100},
        },
        {"type": "message_stop"},
    ),
    "in Bedrock's metadata": ({"metadata": {"usage": {"inputTokens": 1000, "outputTokens": 100}}}, {"metadata": {}}),
    "in Ollama's place": ({"done": True, "prompt_eval_count": 1000, "eval_count": 100}, {"done": True}),
    "in two places": ({"usage": OPENAI, "x_groq": {"usage": OPENAI}}, {"x_groq": {}}),
    "zero in one of two": (
        {"usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}, "x_groq": {"usage": OPENAI}},
        {"x_groq": {}},
    ),
}


@pytest.mark.parametrize(("chunk", "left"), PLACES.values(), ids=PLACES)
def test_a_report_is_found_and_taken_out(chunk: dict[str, Any], left: dict[str, Any]) -> None:
    report = read_report(chunk)
    assert report is not None
    assert completion_usage(report) == Usage(1000, 100)
    assert without_reports(chunk) == left


def test_a_prompt_of_ollamas_holds_what_its_cache_had() -> None:
    told = {"choices": [], "prompt_eval_count": 40, "prompt_eval_cached_count": 35, "eval_count": 10}
    assert usage_in(told) == Usage(40, 10, 35)
    assert without_reports(told) == {"choices": []}


def test_what_reports_nothing_stays_as_it_is() -> None:
    chunk = {"choices": [{"delta": {"content": "usage"}}], "x_groq": {"id": "r"}}
    assert read_report(chunk) is None
    assert without_reports(chunk) == chunk


@pytest.mark.parametrize("usage", [{}, None, 7, {"total_tokens": 0}, {"prompt_tokens": 12}, {"cost": 1}])
def test_a_completion_of_which_nobody_says_what_was_written_is_counted(usage: object) -> None:
    assert usage_in({"choices": [], "usage": usage}) is None


@pytest.mark.parametrize("told", [{"completion_tokens": 7}, {"total_tokens": 7, "completion_tokens": 7}])
def test_a_prompt_that_is_not_told_is_known_to_be_missing(told: dict[str, Any]) -> None:
    usage = usage_in({"choices": [], "usage": {**told, "prompt_tokens_details": {"cached_tokens": 0}}})
    assert usage == Usage(completion_tokens=7, prompt_is_told=False)
    assert usage_in({"data": [], "usage": told | {"total_tokens": None}}) is None
    of_cache = usage_in({"choices": [], "usage": {"output_tokens": 7, "cache_read_input_tokens": 90}})
    assert of_cache == Usage(90, 7, 90, prompt_is_told=False)
    assert with_prompt(of_cache, 100) == Usage(100, 7, 90)
    assert with_prompt(of_cache, 50) == Usage(90, 7, 90)


@pytest.mark.parametrize(
    "told",
    [
        {"total_tokens": 60},
        {"total_tokens": "60", "prompt_tokens": None},
        {"total_tokens": 60, "prompt_tokens": 0, "completion_tokens": 0},
        {"totalTokens": 60},
        {"prompt_tokens_details": {"cached_tokens": 0}, "total_tokens": 60},
    ],
)
def test_a_total_alone_is_both_sides_and_parted_by_a_count_of_the_prompt(told: dict[str, Any]) -> None:
    usage = usage_in({"choices": [], "usage": told})
    assert usage == Usage(60, prompt_is_told=False, is_total=True)
    assert [with_prompt(usage, prompt) for prompt in (0, 20, 61)] == [Usage(0, 60), Usage(20, 40), Usage(60, 0)]
    assert usage_in({"data": [], "usage": told}) == Usage(60)
    cached = usage_in({"choices": [], "usage": {"total_tokens": 60, "cached_tokens": 30}})
    assert cached is not None
    assert with_prompt(cached, 20) == Usage(30, 30, 30)


def test_what_is_billed_goes_before_what_was_counted_whichever_chunk_tells_it() -> None:
    reports = [
        {"usage": {part: {"input_tokens": n, "output_tokens": 7}}} for part, n in (("tokens", 15), ("billed_units", 10))
    ]
    for chunks in (reports, reports[::-1]):
        told = reduce(merge, map(read_report, chunks))
        assert told is not None
        assert completion_usage(told) == Usage(10, 7)


@pytest.mark.parametrize("wrong", [-1, MAX_TOKENS + 1, None, 1.0])
@pytest.mark.parametrize("name", ["prompt_tokens", "completion_tokens", "total_tokens", "cached_tokens"])
def test_no_client_is_shown_a_count_that_cannot_be(name: str, wrong: object) -> None:
    report: dict[str, Any] = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}
    assert is_readable({**report, "prompt_tokens_details": {"cached_tokens": None}})
    if name == "cached_tokens":
        assert is_readable({**report, "prompt_tokens_details": {name: wrong}}) == (wrong is None)
    else:
        assert not is_readable({**report, name: wrong})


FOUND = [{"message": {"executed_tools": [{"type": "search"}] * 2}}]
SEARCHED: list[dict[str, Any]] = [
    {"output": [{"type": "web_search_call"}, {"type": "message"}, {"type": "web_search_call"}], "usage": ANTHROPIC},
    {"response": {"output": [{"type": "web_search_call"}] * 2, "usage": ANTHROPIC}},
    {
        "output": [
            {"type": "web_search_call", "action": {"type": kind}}
            for kind in ("search", "open_page", "search", "find_in_page")
        ],
        "usage": ANTHROPIC,
    },
    {"choices": FOUND, "usage": {**OPENAI, "queue_time": 1}},
    {"choices": FOUND, "usage": OPENAI},
]


@pytest.mark.parametrize("payload", SEARCHED)
def test_searches_that_are_listed_are_counted(payload: dict[str, Any]) -> None:
    usage = usage_in(payload)
    assert usage is not None
    assert usage.searches == 2


@pytest.mark.parametrize(
    ("payload", "tier"),
    [
        ({"service_tier": "flex"}, "flex"),
        ({"usage": {"service_tier": "priority"}}, "priority"),
        ({"message": {"usage": {"service_tier": "batch"}}}, "batch"),
        ({"response": {"service_tier": "default"}}, "default"),
        ({"serviceTier": {"type": "reserved"}}, "reserved"),
        ({"service_tier": None, "usage": {"service_tier": 7}}, None),
        ({}, None),
    ],
)
def test_an_answer_names_the_tier_that_served_it(payload: dict[str, Any], tier: str | None) -> None:
    assert served_tier(payload) == tier


@pytest.mark.parametrize(
    ("payload", "model"),
    [
        ({"model": "m"}, "m"),
        ({"response": {"model": "m"}}, "m"),
        ({"message": {"model": "m"}}, "m"),
        ({"modelVersion": "m"}, "m"),
        ({"model": 7}, None),
    ],
)
def test_an_answer_names_the_model_that_answered(payload: dict[str, Any], model: str | None) -> None:
    assert answered_model(payload) == model
