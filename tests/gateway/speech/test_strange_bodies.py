"""Whatever stands in a request, in every dialect and on whatever level: what does not fit is refused, and breaks no
translation of it."""

from collections.abc import Iterator
from typing import Any

import pytest

from functions.farebox.dialects.dialect import Dialect
from functions.farebox.dialects.legacy.dialect import Legacy
from functions.farebox.dialects.messages.dialect import Messages
from functions.farebox.dialects.responses.dialect import Responses
from functions.farebox.errors import InvalidRequest
from functions.farebox.gateway.entry.form import DialectName
from functions.farebox.gateway.speech.forms import Forms, Speaker
from functions.farebox.request.chat import check_chat
from functions.farebox.request.counting import bound_prompt
from tests.support.request_dialects import ANTHROPICS, CHATS, LEGACY, RESPONSE, Spoken

ODD: list[Any] = [None, True, 7, "x", [[]], [{}], {"type": []}]
MODELS = ("llama", "claude-3-5-haiku", "claude-opus-4-7")
MESSAGES: frozenset[DialectName] = frozenset({"messages"})
SPEAKERS: list[Speaker] = [
    (frozenset({"chat"}), "gpt"),
    (frozenset({"responses"}), "gpt"),
    *((MESSAGES, model) for model in MODELS),
]
TRANSLATED: dict[str, Dialect] = {"messages": Messages(), "responses": Responses(), "completions": Legacy()}
SCHEMA = {"type": "object", "properties": {}}
PNG = {"type": "base64", "media_type": "image/png", "data": "AAAA"}
FUNCTION = {"name": "f", "description": "d", "parameters": SCHEMA, "strict": True}
MARK = {"type": "ephemeral", "ttl": "5m"}
BODIES: list[tuple[Spoken, dict[str, Any]]] = [
    (
        CHATS,
        {
            "messages": [
                {"role": "system", "content": [{"type": "text", "text": "a", "cache_control": MARK}]},
                {
                    "role": "user",
                    "content": [
                        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA", "detail": "low"}},
                        {"type": "file", "file": {"filename": "a", "file_data": "data:text/plain;base64,YQ=="}},
                    ],
                },
                {
                    "role": "assistant",
                    "content": "b",
                    "reasoning_details": [
                        {"type": "reasoning.text", "text": "c", "signature": "s", "index": 0},
                        {"format": "openai-responses-v1", "data": "x", "id": "rs"},
                    ],
                    "tool_calls": [
                        {"id": "t", "type": "function", "function": {"name": "f", "arguments": "{}"}},
                    ],
                },
                {"role": "tool", "tool_call_id": "t", "content": [{"type": "text", "text": "d"}]},
                {
                    "role": "assistant",
                    "thinking_blocks": [{"thinking": "c", "signature": "s"}],
                    "provider_specific_fields": {"thinking_blocks": []},
                    "tool_calls": [{"id": "v", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
                },
                {"role": "tool", "tool_call_id": "v", "content": "d", "cache_control": MARK},
            ],
            "tools": [{"type": "function", "function": FUNCTION}],
            "tool_choice": {"type": "function", "function": {"name": "f"}},
            "response_format": {"type": "json_schema", "json_schema": {"name": "s", "schema": SCHEMA}},
            "reasoning": {"effort": "low", "max_tokens": 2000},
            "thinking": {"type": "enabled", "budget_tokens": 2000},
            "reasoning_effort": "low",
            "service_tier": "auto",
            "modalities": ["text"],
            "verbosity": "low",
            "metadata": {"a": "b"},
            "max_completion_tokens": 4000,
        },
    ),
    (
        CHATS,
        {
            "messages": [
                {"role": "user", "content": "a"},
                {
                    "role": "assistant",
                    "tool_calls": [{"id": "u", "type": "custom", "custom": {"name": "f", "input": "a"}}],
                },
                {"role": "tool", "tool_call_id": "u", "content": "b"},
            ],
            "tools": [
                {"type": "custom", "custom": {"name": "g", "format": {"type": "text"}}},
                {"type": "function", "function": FUNCTION},
            ],
            "tool_choice": {
                "type": "allowed_tools",
                "allowed_tools": {"mode": "auto", "tools": [{"type": "function", "function": {"name": "f"}}]},
            },
            "prediction": {"type": "content", "content": [{"type": "text", "text": "a"}]},
            "stream": True,
            "stream_options": {"include_usage": True},
        },
    ),
    (
        ANTHROPICS,
        {
            "max_tokens": 4000,
            "system": [{"type": "text", "text": "a", "cache_control": MARK}],
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {"type": "image", "source": PNG},
                        {"type": "document", "title": "a", "source": {"type": "text", "data": "b"}},
                    ],
                },
                {
                    "role": "assistant",
                    "content": [
                        {"type": "thinking", "thinking": "c", "signature": "farebox1.e30"},
                        {"type": "redacted_thinking", "data": "x"},
                        {"type": "text", "text": "d"},
                        {"type": "tool_use", "id": "t__farebox1__e30", "name": "f", "input": {"a": 1}},
                    ],
                },
                {
                    "role": "user",
                    "content": [
                        {
                            "type": "tool_result",
                            "tool_use_id": "t",
                            "content": [
                                {"type": "text", "text": "e"},
                                {"type": "tool_reference", "tool_name": "g"},
                            ],
                        },
                    ],
                },
                {"role": "system", "content": [{"type": "tool_addition", "tool": {"type": "tool", "name": "g"}}]},
            ],
            "tools": [
                {"name": "f", "description": "d", "input_schema": SCHEMA, "cache_control": MARK},
                {"name": "g", "input_schema": SCHEMA, "defer_loading": True},
                {"type": "bash_20250124", "name": "bash"},
            ],
            "tool_choice": {"type": "tool", "name": "f", "disable_parallel_tool_use": True},
            "thinking": {"type": "enabled", "budget_tokens": 2000, "display": "summarized"},
            "output_config": {"effort": "low", "format": {"type": "json_schema", "schema": SCHEMA}},
            "metadata": {"user_id": "u"},
            "stop_sequences": ["a"],
            "context_management": {"edits": [{"type": "clear_tool_uses_20250919"}]},
        },
    ),
    (
        RESPONSE,
        {
            "instructions": "a",
            "input": [
                {
                    "role": "user",
                    "content": [
                        {"type": "input_text", "text": "b"},
                        {"type": "input_image", "image_url": "data:image/png;base64,AAAA", "detail": "low"},
                        {"type": "input_file", "filename": "a", "file_data": "data:text/plain;base64,YQ=="},
                    ],
                },
                {
                    "type": "reasoning",
                    "id": "rs",
                    "summary": [{"type": "summary_text", "text": "c"}],
                    "content": [{"type": "reasoning_text", "text": "c"}],
                    "encrypted_content": "farebox1.e30",
                },
                {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "d"}]},
                {"type": "function_call", "call_id": "t__farebox1__e30", "name": "f", "arguments": "{}"},
                {
                    "type": "function_call_output",
                    "call_id": "t",
                    "output": [{"type": "input_text", "text": "e"}],
                },
                {"type": "custom_tool_call", "call_id": "u", "name": "g", "input": "a", "namespace": "n"},
                {"type": "custom_tool_call_output", "call_id": "u", "output": "b"},
                {"type": "tool_search_call", "call_id": "v", "execution": "client", "arguments": {"a": 1}},
                {
                    "type": "tool_search_output",
                    "call_id": "v",
                    "execution": "client",
                    "tools": [{"type": "function", "name": "h", "parameters": SCHEMA}],
                },
                {"type": "additional_tools", "role": "developer", "tools": [{"type": "web_search"}]},
            ],
            "tools": [
                {"type": "function", **FUNCTION},
                {"type": "custom", "name": "g", "format": {"type": "grammar", "syntax": "lark", "definition": "a"}},
                {"type": "namespace", "name": "n", "tools": [{"type": "function", "name": "h", "parameters": SCHEMA}]},
                {"type": "tool_search", "execution": "client", "description": "d", "parameters": SCHEMA},
                {"type": "web_search", "filters": {"allowed_domains": ["a"]}},
            ],
            "tool_choice": {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "f"}]},
            "text": {"format": {"type": "json_schema", "name": "s", "schema": SCHEMA}, "verbosity": "low"},
            "reasoning": {"effort": "low", "summary": "auto"},
            "include": ["reasoning.encrypted_content"],
            "metadata": {"a": "b"},
            "max_output_tokens": 50,
        },
    ),
    (LEGACY, {"prompt": ["a"], "max_tokens": 50, "logprobs": 1, "logit_bias": {"5": 1}}),
]


def strange(value: Any) -> Iterator[Any]:
    """The value with, in each place of it in turn, something else or nothing."""
    if isinstance(value, dict):
        for name, held in value.items():
            yield {other: each for other, each in value.items() if other != name}
            yield from ({**value, name: odd} for odd in (*ODD, *strange(held)))
    elif isinstance(value, list):
        for n, held in enumerate(value):
            yield from ([*value[:n], odd, *value[n + 1 :]] for odd in (*ODD, *strange(held)))


def serve(dialect: Spoken, body: dict[str, Any]) -> None:
    """All that is made of a request before it is sent, but for whom."""
    own, spoken = dialect.check(body), TRANSLATED.get(dialect.name)
    asked = own.body()
    if spoken is not None:
        dialect.check(spoken.own(asked))
    forms = Forms(own, None if spoken is None else lambda: check_chat(spoken.request(asked, [])))
    for made in (forms, forms.priced(lambda feature: False)):
        for speaker in SPEAKERS:
            form = made.sent_to(speaker)
            if form is not None:
                bound_prompt(form)
    if spoken is not None:
        spoken.stream(asked)
        spoken.answer({"choices": [{"message": {"role": "assistant", "content": "a"}}]}, asked)


@pytest.mark.parametrize(("dialect", "fields"), BODIES, ids=lambda value: str(value)[:12])
def test_what_is_strange_is_refused_or_sent_and_never_breaks(dialect: Spoken, fields: dict[str, Any]) -> None:
    for body in strange({**dialect.least, **fields}):
        try:
            serve(dialect, body)
        except InvalidRequest:
            continue
