"""A response, read as the chat completion that means the same."""

from typing import Any

import pytest

from functions.farebox.gateway.speech.responses.answer import completion_of
from functions.farebox.gateway.stream.transcript import completion_media_tokens, completion_texts
from functions.farebox.tokens.usage.places import usage_in

RESPONSE: dict[str, Any] = {
    "id": "resp_1",
    "object": "response",
    "model": "gpt",
    "status": "completed",
    "output": [
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Rome?"}], "encrypted_content": "x" * 40},
        {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {"type": "search", "query": "rain"}},
        {
            "type": "web_search_call",
            "id": "ws_2",
            "status": "completed",
            "action": {"type": "open_page", "url": "e.com"},
        },
        {
            "type": "message",
            "content": [{"type": "output_text", "text": "Let me see."}, {"type": "refusal", "refusal": "No."}],
        },
        {"type": "function_call", "call_id": "call_1", "name": "weather", "arguments": "{}"},
        {"type": "custom_tool_call", "call_id": "call_2", "name": "patch", "input": "*** x"},
        None,
    ],
    "usage": {
        "input_tokens": 9,
        "input_tokens_details": {"cached_tokens": 4},
        "output_tokens": 12,
        "output_tokens_details": {"reasoning_tokens": 5},
        "total_tokens": 21,
    },
}


def test_all_that_was_generated_counts() -> None:
    completion = completion_of(RESPONSE)
    assert {"Let me see.", "No.", "{}", "*** x", "weather", "rain"} <= set(completion_texts(completion))
    assert completion_media_tokens(completion) > 0


def test_its_usage_is_read_with_its_searches() -> None:
    usage = usage_in(completion_of(RESPONSE))
    assert usage is not None
    assert (usage.prompt_tokens, usage.completion_tokens) == (9, 12)
    assert (usage.cached_tokens, usage.reasoning_tokens, usage.searches) == (4, 5, 1)


@pytest.mark.parametrize(
    ("details", "reason"),
    [
        (None, "tool_calls"),
        ({"reason": "max_output_tokens"}, "length"),
        ({"reason": "content_filter"}, "content_filter"),
        ({"reason": []}, "tool_calls"),
    ],
)
def test_why_it_ends(details: object, reason: str) -> None:
    [choice] = completion_of({**RESPONSE, "incomplete_details": details})["choices"]
    assert choice["finish_reason"] == reason
    [choice] = completion_of({**RESPONSE, "output": [], "incomplete_details": details})["choices"]
    assert choice["finish_reason"] == reason.replace("tool_calls", "stop")


@pytest.mark.parametrize(
    "output", [None, "text", [3], [{}], [{"type": "message"}], [{"type": "reasoning", "summary": 3}]]
)
def test_what_is_malformed_counts_as_absent(output: object) -> None:
    [choice] = completion_of({"output": output})["choices"]
    assert choice["message"]["content"] is None
