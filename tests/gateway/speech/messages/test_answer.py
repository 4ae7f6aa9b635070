"""A message, read as the chat completion that means the same."""

from typing import Any

import pytest

from functions.farebox.gateway.speech.messages.answer import completion_of
from functions.farebox.gateway.stream.transcript import completion_media_tokens, completion_texts
from functions.farebox.tokens.usage.places import usage_in

MESSAGE: dict[str, Any] = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude",
    "content": [
        {"type": "thinking", "thinking": "Rome?", "signature": "seal"},
        {"type": "redacted_thinking", "data": "x" * 40},
        {"type": "text", "text": "Let me "},
        {"type": "text", "text": "see."},
        {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Rome"}},
        {"type": "novel", "text": "?"},
    ],
    "stop_reason": "tool_use",
    "stop_sequence": None,
    "usage": {
        "input_tokens": 3,
        "cache_read_input_tokens": 100,
        "cache_creation_input_tokens": 30,
        "cache_creation": {"ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 20},
        "output_tokens": 7,
    },
}


def test_what_was_said_thought_and_called_has_its_place() -> None:
    completion = completion_of(MESSAGE)
    assert (completion["id"], completion["object"], completion["model"]) == ("chatcmpl-1", "chat.completion", "claude")
    [choice] = completion["choices"]
    assert choice["finish_reason"] == "tool_calls"
    assert choice["message"] == {
        "role": "assistant",
        "content": "Let me see.",
        "reasoning_content": "Rome?",
        "reasoning_details": [
            {
                "type": "reasoning.text",
                "text": "Rome?",
                "signature": "seal",
                "format": "anthropic-claude-v1",
                "index": 0,
            },
            {"type": "reasoning.encrypted", "data": "x" * 40, "format": "anthropic-claude-v1", "index": 1},
        ],
        "tool_calls": [
            {"id": "toolu_1", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Rome"}'}}
        ],
        "items": [{"text": "?"}],
    }


def test_its_usage_is_read_exactly_lifetimes_apart() -> None:
    usage = usage_in(completion_of(MESSAGE))
    assert usage is not None
    assert (usage.prompt_tokens, usage.completion_tokens) == (133, 7)
    assert (usage.cached_tokens, usage.cache_write_tokens, usage.cache_write_1h_tokens) == (100, 10, 20)


def test_its_searches_are_counted() -> None:
    usage = usage_in(
        completion_of({**MESSAGE, "usage": {**MESSAGE["usage"], "server_tool_use": {"web_search_requests": 2}}})
    )
    assert usage is not None and usage.searches == 2


def test_where_it_reports_nothing_what_it_generated_is_counted_sealed_thoughts_too() -> None:
    completion = completion_of({**MESSAGE, "usage": None})
    assert set(completion_texts(completion)) >= {"Let me see.", "Rome?", '{"city":"Rome"}', "?"}
    assert completion_media_tokens(completion) > 0


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        ("end_turn", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("refusal", "content_filter"),
        ("pause_turn", "stop"),
        ("novel", "stop"),
        (None, None),
    ],
)
def test_why_it_ends_is_told_in_openais_words(reason: str | None, finish: str | None) -> None:
    [choice] = completion_of({**MESSAGE, "stop_reason": reason})["choices"]
    assert choice["finish_reason"] == finish


@pytest.mark.parametrize("content", [None, "text", [None, 3, {}], [{"type": "text"}], [{"type": "tool_use"}]])
def test_what_is_malformed_counts_as_absent(content: object) -> None:
    [choice] = completion_of({"content": content})["choices"]
    assert not choice["message"]["content"]


def test_what_a_text_quotes_is_counted_as_it_is_in_a_stream() -> None:
    quoted = {"type": "char_location", "cited_text": "as it is written", "document_index": 0}
    text = {"type": "text", "text": "Yes.", "citations": [quoted]}
    assert completion_texts(completion_of({**MESSAGE, "content": [text]})) == ["Yes.", "as it is written"]
