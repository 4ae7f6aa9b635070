"""A chat completion request, in Anthropic's words."""

import base64
from typing import Any

import orjson
import pytest

from functions.farebox.errors import InvalidRequest
from functions.farebox.gateway.speech.messages.models import ways_of
from functions.farebox.gateway.speech.messages.request import message_form
from functions.farebox.request.chat import check_chat
from functions.farebox.request.checked import Checked, write

OLD, NEWER, NEWEST = "claude-sonnet-4-5", "claude-opus-4-6", "claude-opus-4-7"
HI = {"role": "user", "content": "Hi"}
MARK = {"type": "ephemeral", "ttl": "1h"}
WEATHER = {"name": "weather", "description": "The weather", "parameters": {"type": "object", "properties": {}}}


def form_of(model: str = OLD, **fields: Any) -> Checked:
    return message_form(check_chat({"model": "m", "messages": [HI], **fields}), ways_of(model))


def body_of(model: str = OLD, **fields: Any) -> dict[str, Any]:
    """What is sent where nothing lowers the cap."""
    form = form_of(model, **fields)
    body: dict[str, Any] = orjson.loads(write(form, model="up", cap=form.cap or 4096, cap_field="max_tokens"))
    return body


def call(id: str, arguments: str = '{"city": "Rome"}', name: str = "weather") -> dict[str, Any]:
    return {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}


def test_a_conversation_has_its_system_apart_and_its_results_in_the_users_turns() -> None:
    body = body_of(
        messages=[
            {"role": "system", "content": "Be brief."},
            {"role": "developer", "content": [{"type": "text", "text": "Be kind.", "cache_control": MARK}]},
            HI,
            {"role": "user", "content": [{"type": "text", "text": " "}, {"type": "text", "text": "there"}]},
            {"role": "assistant", "content": "Let me see.", "tool_calls": [call("call_1"), call("functions.x:2", "")]},
            {"role": "tool", "tool_call_id": "call_1", "content": "sunny"},
            {"role": "tool", "tool_call_id": "functions.x:2", "content": [{"type": "text", "text": "rain"}]},
            {"role": "user", "content": "And?", "cache_control": {"type": "ephemeral"}},
            {"role": "system", "content": "Hurry."},
        ],
        tools=[{"type": "function", "function": WEATHER}],
    )
    assert body["system"] == [
        {"type": "text", "text": "Be brief."},
        {"type": "text", "text": "Be kind.", "cache_control": MARK},
    ]
    assert body["messages"] == [
        {"role": "user", "content": [{"type": "text", "text": "Hi"}, {"type": "text", "text": "there"}]},
        {
            "role": "assistant",
            "content": [
                {"type": "text", "text": "Let me see."},
                {"type": "tool_use", "id": "call_1", "name": "weather", "input": {"city": "Rome"}},
                {"type": "tool_use", "id": "functions_x_2", "name": "weather", "input": {}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "call_1", "content": [{"type": "text", "text": "sunny"}]},
                {"type": "tool_result", "tool_use_id": "functions_x_2", "content": [{"type": "text", "text": "rain"}]},
                {"type": "text", "text": "And?", "cache_control": {"type": "ephemeral"}},
                {"type": "text", "text": "Hurry."},
            ],
        },
    ]


def test_an_hour_in_the_cache_has_its_price_in_the_other_words_too() -> None:
    part = {"type": "text", "text": "Hi", "cache_control": MARK}
    form = form_of(messages=[{"role": "user", "content": [part]}])
    assert {feature.name for feature in form.features} == {"cache_write_1h"}


def test_tools_and_their_choice() -> None:
    tools = [
        {"type": "function", "function": {**WEATHER, "strict": True}, "cache_control": MARK},
        {"type": "function", "function": {"name": "now"}},
    ]
    form = form_of(tools=tools)
    assert form.fields["tools"] == [
        {
            "name": "weather",
            "description": "The weather",
            "input_schema": {"type": "object", "properties": {}},
            "cache_control": MARK,
        },
        {"name": "now", "input_schema": {"type": "object", "properties": {}}},
    ]
    assert form.dropped == ("tools.strict",)


@pytest.mark.parametrize(
    ("fields", "choice"),
    [
        ({}, None),
        ({"tool_choice": "auto"}, {"type": "auto"}),
        ({"tool_choice": "none", "parallel_tool_calls": False}, {"type": "none"}),
        ({"tool_choice": "required"}, {"type": "any"}),
        ({"parallel_tool_calls": False}, {"type": "auto", "disable_parallel_tool_use": True}),
        (
            {"tool_choice": {"type": "function", "function": {"name": "weather"}}},
            {"type": "tool", "name": "weather"},
        ),
    ],
)
def test_a_choice(fields: dict[str, Any], choice: dict[str, Any] | None) -> None:
    assert body_of(tools=[{"type": "function", "function": WEATHER}], **fields).get("tool_choice") == choice


def test_images_and_files() -> None:
    text = base64.b64encode("grüß".encode()).decode()
    content = [
        {"type": "image_url", "image_url": {"url": "data:image/PNG;base64,aGk="}},
        {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
        {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,aGk="}},
        {"type": "file", "file": {"file_data": f"data:text/plain;base64,{text}"}},
    ]
    [turn] = body_of(messages=[{"role": "user", "content": content}])["messages"]
    assert turn["content"] == [
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aGk="}},
        {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}},
        {
            "type": "document",
            "source": {"type": "base64", "media_type": "application/pdf", "data": "aGk="},
            "title": "a.pdf",
        },
        {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "grüß"}},
    ]


@pytest.mark.parametrize(
    "kept",
    [
        {
            "reasoning_details": [
                {"type": "reasoning.text", "text": "Ro", "index": 0},
                {"type": "reasoning.text", "text": "me?", "index": 0},
                {"type": "reasoning.text", "signature": "seal", "index": 0},
                {"type": "reasoning.encrypted", "data": "xyz", "index": 1},
            ]
        },
        {
            "thinking_blocks": [
                {"type": "thinking", "thinking": "Rome?", "signature": "seal"},
                {"type": "redacted_thinking", "data": "xyz"},
            ]
        },
        {
            "provider_specific_fields": {
                "thinking_blocks": [
                    {"type": "thinking", "thinking": "Rome?", "signature": "seal"},
                    {"type": "redacted_thinking", "data": "xyz"},
                ]
            }
        },
    ],
    ids=["openrouter", "litellm", "litellm, aside"],
)
def test_sealed_thoughts_come_first(kept: dict[str, Any]) -> None:
    said = {"role": "assistant", "content": "Let me see.", "reasoning_content": "Rome?", **kept}
    body = body_of(messages=[HI, said, HI])
    assert body["messages"][1]["content"] == [
        {"type": "thinking", "thinking": "Rome?", "signature": "seal"},
        {"type": "redacted_thinking", "data": "xyz"},
        {"type": "text", "text": "Let me see."},
    ]


def test_thoughts_without_a_seal_cannot_go_back() -> None:
    details = [{"type": "reasoning.text", "text": "Rome?", "index": 0}]
    said = {"role": "assistant", "content": "Yes.", "reasoning_content": "Rome?", "reasoning_details": details}
    assert body_of(messages=[HI, said, HI])["messages"][1]["content"] == [{"type": "text", "text": "Yes."}]


@pytest.mark.parametrize(
    ("model", "fields", "thinking", "config"),
    [
        (OLD, {}, None, None),
        (OLD, {"reasoning_effort": "low"}, {"type": "enabled", "budget_tokens": 4_096}, None),
        (OLD, {"reasoning_effort": "high", "max_tokens": 9_000}, {"type": "enabled", "budget_tokens": 4_500}, None),
        (OLD, {"reasoning_effort": "high", "max_tokens": 1_000}, None, None),
        (OLD, {"reasoning_effort": "none"}, None, None),
        (OLD, {"reasoning": {"max_tokens": 2_000}}, {"type": "enabled", "budget_tokens": 2_000}, None),
        (OLD, {"reasoning": {"enabled": True}}, {"type": "enabled", "budget_tokens": 16_384}, None),
        (
            OLD,
            {"thinking": {"type": "enabled", "budget_tokens": 100}},
            {"type": "enabled", "budget_tokens": 1_024},
            None,
        ),
        (OLD, {"thinking": {"type": "disabled"}, "reasoning_effort": "high"}, None, None),
        (NEWER, {"reasoning_effort": "xhigh"}, {"type": "adaptive"}, {"effort": "high"}),
        (NEWEST, {"thinking": {"type": "enabled", "budget_tokens": 2_000}}, {"type": "adaptive"}, None),
        ("claude-3-5-haiku-latest", {"reasoning_effort": "low"}, None, None),
        (OLD, {"reasoning_effort": "low", "tool_choice": "required"}, None, None),
    ],
)
def test_how_hard_to_think(
    model: str, fields: dict[str, Any], thinking: dict[str, Any] | None, config: dict[str, Any] | None
) -> None:
    tools = [{"type": "function", "function": WEATHER}]
    form = form_of(model, tools=tools, **fields)
    assert (form.fields.get("thinking"), form.fields.get("output_config")) == (thinking, config)


def test_a_loop_whose_thoughts_were_not_kept_goes_on_without() -> None:
    messages: list[dict[str, Any]] = [
        HI,
        {"role": "assistant", "content": None, "tool_calls": [call("call_1")]},
        {"role": "tool", "tool_call_id": "call_1", "content": "sunny"},
    ]
    form = form_of(messages=messages, reasoning_effort="low")
    assert "thinking" not in form.fields
    assert form.dropped == ("reasoning_effort",)
    messages[1]["reasoning_details"] = [{"type": "reasoning.text", "text": "?", "signature": "seal", "index": 0}]
    assert "thinking" in form_of(messages=messages, reasoning_effort="low").fields


@pytest.mark.parametrize(
    ("model", "fields", "sent", "lost"),
    [
        (
            "claude-3-haiku",
            {"temperature": 1.5, "top_p": 0.5, "top_k": 3},
            {"temperature": 1, "top_p": 0.5, "top_k": 3},
            (),
        ),
        (OLD, {"temperature": 0.5, "top_p": 0.5}, {"temperature": 0.5}, ("top_p",)),
        (OLD, {"top_p": 0.5}, {"top_p": 0.5}, ()),
        (NEWEST, {"temperature": 0.5}, {}, ("temperature",)),
        (OLD, {"temperature": 0.5, "reasoning_effort": "low"}, {}, ("temperature",)),
    ],
)
def test_how_it_is_sampled(model: str, fields: dict[str, Any], sent: dict[str, Any], lost: tuple[str, ...]) -> None:
    form = form_of(model, **fields)
    assert {name: form.fields[name] for name in ("temperature", "top_p", "top_k") if name in form.fields} == sent
    assert form.dropped == lost


def test_other_fields_have_their_words_or_are_named() -> None:
    schema = {"type": "object", "properties": {}, "additionalProperties": False}
    form = form_of(
        max_completion_tokens=50,
        stream=True,
        stop=["END", "\n"],
        user="u",
        seed=1,
        logit_bias={"5": 1},
        store=True,
        min_tokens=4,
        response_format={"type": "json_schema", "json_schema": {"name": "a", "schema": schema}},
    )
    assert (form.cap, form.stream) == (50, True)
    assert form.fields["stop_sequences"] == ["END"]
    assert form.fields["metadata"] == {"user_id": "u"}
    assert form.fields["output_config"] == {"format": {"type": "json_schema", "schema": schema}}
    assert form.dropped == ("seed", "logit_bias", "min_tokens")
    assert form_of(response_format={"type": "json_object"}).dropped == ("response_format",)


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"n": 2}, "n"),
        ({"modalities": ["text", "audio"]}, "modalities"),
        ({"functions": [WEATHER]}, "functions"),
        ({"web_search_options": {}}, "web_search_options"),
        ({"web_search_options": {"search_context_size": "low"}}, "web_search_options"),
        ({"service_tier": "priority"}, "service_tier"),
        ({"tools": [{"type": "custom", "custom": {"name": "x"}}]}, "tools.0.type"),
        (
            {
                "tools": [{"type": "function", "function": WEATHER}],
                "tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": []}},
            },
            "tool_choice",
        ),
        ({"messages": [{"role": "system", "content": "Be brief."}]}, "messages"),
        (
            {
                "messages": [
                    {"role": "user", "content": [{"type": "input_audio", "input_audio": {"data": "", "format": "wav"}}]}
                ]
            },
            "messages.0.content.0.type",
        ),
        (
            {
                "messages": [
                    {
                        "role": "user",
                        "content": [{"type": "file", "file": {"file_data": "data:application/zip;base64,aGk="}}],
                    }
                ]
            },
            "messages.0.content.0.file.file_data",
        ),
    ],
)
def test_what_has_no_equivalent_is_refused_by_name(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        form_of(**fields)
    assert refused.value.param == param
