"""What a dialect's check lets through passes the check of chat completions once it is translated."""

from typing import Any

import pytest

from functions.farebox.dialects.messages.request import chat_of as chat_of_message
from functions.farebox.dialects.responses.request import chat_of as chat_of_response
from functions.farebox.request.chat import check_chat
from tests.support.request_dialects import ANTHROPICS, RESPONSE

PNG = {"type": "base64", "media_type": "image/png", "data": "AAAA"}
CACHED = {"type": "ephemeral", "ttl": "5m"}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"system": [{"type": "text", "text": "Be brief.", "cache_control": CACHED}], "stop_sequences": ["\n"]},
        {"tools": [{"name": "look", "input_schema": {"type": "object"}}], "tool_choice": {"type": "any"}},
        {"thinking": {"type": "adaptive"}, "output_config": {"effort": "low"}, "metadata": {"user_id": "u"}},
        {
            "messages": [
                {"role": "user", "content": [{"type": "image", "source": PNG}]},
                {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "look", "input": {}}]},
                {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": "a"}]},
            ]
        },
    ],
)
def test_a_message(fields: dict[str, Any]) -> None:
    asked = ANTHROPICS.check({**ANTHROPICS.least, "stream": True, "temperature": 0.5, "top_k": 5, **fields})
    checked = check_chat(chat_of_message(asked.body()))
    assert (checked.model, checked.cap, checked.stream, checked.dropped) == (asked.model, asked.cap, True, ())
    assert len(checked.media) == len(asked.media)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"instructions": "Be brief.", "reasoning": {"effort": "low"}, "text": {"format": {"type": "json_object"}}},
        {"tools": [{"type": "function", "name": "look", "parameters": {}}], "tool_choice": "required"},
        {
            "input": [
                {"role": "user", "content": [{"type": "input_image", "image_url": "https://example.com/cat.png"}]},
                {"type": "function_call", "call_id": "c", "name": "look", "arguments": "{}"},
                {"type": "function_call_output", "call_id": "c", "output": "a"},
            ]
        },
    ],
)
def test_a_response(fields: dict[str, Any]) -> None:
    asked = RESPONSE.check({**RESPONSE.least, "max_output_tokens": 50, "stream": True, "store": True, **fields})
    checked = check_chat(chat_of_response(asked.body()))
    assert (checked.model, checked.cap, checked.stream, checked.dropped) == (asked.model, asked.cap, True, ())
    assert len(checked.media) == len(asked.media)


def test_nothing_but_what_is_known_of_a_message_is_translated() -> None:
    steering: dict[str, Any] = {"max_completion_tokens": -1_000_000, "n": 1.5, "extra_body": {"n": 50}, "x_wish": 1}
    assert chat_of_message({**ANTHROPICS.least, **steering}) == chat_of_message(ANTHROPICS.least)
