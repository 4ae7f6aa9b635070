"""What no table knows inside of a field or of a prompt is left out and named, and no spelling of a known one passes."""

from typing import Any

import pytest

from functions.farebox.errors import InvalidRequest
from tests.support.request_dialects import ANTHROPICS, CHATS, RESPONSE, TEXT, VECTORS, Spoken, said


@pytest.mark.parametrize(
    ("dialect", "tool", "path"),
    [
        (ANTHROPICS, {"name": "f", "strict": {"file_id": "a"}}, "strict"),
        (ANTHROPICS, {"name": "f", "defer_loading": {"x": 1}}, "defer_loading"),
        (ANTHROPICS, {"name": "f", "allowed_callers": [{"container": "a"}]}, "allowed_callers.0"),
        (ANTHROPICS, {"name": "f", "cache_control": [{"container": "a"}]}, "cache_control"),
        (ANTHROPICS, {"type": "memory_20250818", "name": "memory", "description": ["a"]}, "description"),
        (ANTHROPICS, {"name": "f", "cache_control": {"container": "a"}}, "cache_control.container"),
        (RESPONSE, {"type": "function", "name": "f", "strict": [1]}, "strict"),
        (
            CHATS,
            {"type": "function", "function": {"name": "f", "description": {"file_id": "a"}}},
            "function.description",
        ),
        (CHATS, {"type": "function", "function": {"name": "f", "strict": {"a": 1}}}, "function.strict"),
        (CHATS, {"type": "function", "function": {"name": "f"}, "strict": {"a": 1}}, "strict"),
        (CHATS, {"type": "custom", "custom": {"name": "f", "description": [1]}}, "custom.description"),
    ],
)
def test_a_tool_holds_nothing_but_its_schemas(dialect: Spoken, tool: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        dialect.check({**dialect.least, "tools": [tool]})
    assert refused.value.param == f"tools.0.{path}"


def test_what_the_caller_ran_goes_back_whole() -> None:
    items = [
        {"type": "local_shell_call", "id": "c", "action": {"type": "exec", "command": ["a"], "env": {"FILE": "a"}}},
        {"type": "local_shell_call_output", "id": "c", "output": "a"},
        {"type": "shell_call_output", "output": [{"stdout": "a", "outcome": {"type": "exit", "exit_code": 0}}]},
        {"type": "apply_patch_call", "operation": {"type": "update_file", "path": "a", "diff": "b"}},
        {"type": "function_call", "name": "f", "arguments": "{}"},
    ]
    checked = RESPONSE.check({**RESPONSE.least, "input": items})
    assert (checked.fields["input"], checked.dropped) == (items, ())


def test_media_in_what_a_call_came_to_are_bounded() -> None:
    shown = {"type": "input_image", "image_url": "https://a.example/a.png"}
    for kind in ("local_shell_call_output", "program_output", "apply_patch_call_output"):
        assert len(RESPONSE.check({**RESPONSE.least, "input": [{"type": kind, "output": [shown]}]}).media) == 1


NESTED: list[tuple[Spoken, str, Any, str]] = [
    (ANTHROPICS, "tools", [{"name": "f", "input_schema": {}, "x": 1}], "tools.0.x"),
    (ANTHROPICS, "tools", [{"type": "bash_20250124", "name": "bash", "x": 1}], "tools.0.x"),
    (ANTHROPICS, "tools", [{"type": "web_search_20250305", "name": "web_search", "x": 1}], "tools.0.x"),
    (ANTHROPICS, "context_management", {"edits": [], "x": 1}, "context_management.x"),
    (ANTHROPICS, "context_management", {"edits": [{"type": "clear_x", "x": 1}]}, "context_management.edits.0.x"),
    (
        ANTHROPICS,
        "context_management",
        {"edits": [{"type": "clear_x", "keep": {"type": "tool_uses", "value": 1, "x": 1}}]},
        "context_management.edits.0.keep.x",
    ),
    (ANTHROPICS, "output_config", {"format": {"type": "json_schema", "x": 1}}, "output_config.format.x"),
    (ANTHROPICS, "output_config", {"task_budget": {"type": "tokens", "x": 1}}, "output_config.task_budget.x"),
    (RESPONSE, "tools", [{"type": "function", "name": "f", "x": 1}], "tools.0.x"),
    (RESPONSE, "tools", [{"type": "custom", "name": "f", "format": {"type": "text", "x": 1}}], "tools.0.format.x"),
    (
        RESPONSE,
        "tools",
        [{"type": "namespace", "name": "n", "tools": [{"type": "function", "name": "f", "x": 1}]}],
        "tools.0.tools.0.x",
    ),
    (RESPONSE, "tools", [{"type": "shell", "environment": {"type": "local", "x": 1}}], "tools.0.environment.x"),
    *(
        (RESPONSE, "tools", [{"type": kind, "name": "f", name: value}], f"tools.0.{name}")
        for kind in ("function", "custom", "local_shell", "apply_patch")
        for name, value in (
            ("tools", [{"type": "web_search"}]),
            ("environment", {"type": "container_auto", "file_ids": ["file-1"]}),
            ("execution", "server"),
        )
    ),
    (RESPONSE, "tools", [{"type": "shell", "environment": {"type": "local"}, "tools": [{}]}], "tools.0.tools"),
    (
        ANTHROPICS,
        "tools",
        [{"name": "f", "cache_control": {"type": "ephemeral", "x": 1}}],
        "tools.0.cache_control.x",
    ),
    (CHATS, "tool_choice", {"type": "function", "function": {"name": "f", "x": 1}}, "tool_choice.function.x"),
    (
        CHATS,
        "tools",
        [{"type": "custom", "custom": {"name": "f", "format": {"type": "grammar", "grammar": {"x": 1}}}}],
        "tools.0.custom.format.grammar.x",
    ),
    (RESPONSE, "tools", [{"type": "web_search", "max_uses": 1}], "tools.0.max_uses"),
    (RESPONSE, "tools", [{"type": "web_search", "user_location": {"x": 1}}], "tools.0.user_location.x"),
    (CHATS, "tools", [{"type": "web_search", "filters": {"x": 1}}], "tools.0.filters.x"),
    (RESPONSE, "tools", [{"type": "image_generation", "model": "dear"}], "tools.0.model"),
    (
        RESPONSE,
        "tools",
        [{"type": "code_interpreter", "container": {"type": "auto", "memory_limit": "64g"}}],
        "tools.0.container.memory_limit",
    ),
    (RESPONSE, "text", {"format": {"type": "text", "x": 1}}, "text.format.x"),
    (RESPONSE, "context_management", [{"type": "compaction", "x": 1}], "context_management.0.x"),
    (RESPONSE, "moderation", {"policy": {"input": {"mode": "score", "x": 1}}}, "moderation.policy.input.x"),
    (CHATS, "moderation", {"model": "m", "x": 1}, "moderation.x"),
    (CHATS, "tools", [{"type": "custom", "custom": {"name": "f", "x": 1}}], "tools.0.custom.x"),
    (CHATS, "functions", [{"name": "f", "x": 1}], "functions.0.x"),
    (CHATS, "function_call", {"name": "f", "x": 1}, "function_call.x"),
    (CHATS, "response_format", {"type": "json_object", "x": 1}, "response_format.x"),
    (CHATS, "response_format", {"json_schema": {"name": "n", "x": 1}}, "response_format.json_schema.x"),
    (CHATS, "web_search_options", {"user_location": {"x": 1}}, "web_search_options.user_location.x"),
    (CHATS, "structured_outputs", {"x": 1}, "structured_outputs.x"),
    (CHATS, "audio", {"voice": "alloy", "x": 1}, "audio.x"),
]


@pytest.mark.parametrize(("dialect", "name", "value", "path"), NESTED)
def test_what_no_table_knows_inside_of_a_field_is_left_out_and_named(
    dialect: Spoken, name: str, value: Any, path: str
) -> None:
    checked = dialect.check({**dialect.least, name: value})
    assert checked.dropped == (path,)
    assert b'"x"' not in checked.encoded


UNKNOWN = {"x_note": {"deep": [1]}, "cacheControl": {"ttl": "1h"}, "maxTokens": 9, "nothing": None}
PICTURE = {"type": "image_url", "image_url": {"url": "https://x/y.png"}}
CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}


@pytest.mark.parametrize(
    ("dialect", "plain", "noted", "at"),
    [
        (CHATS, said(TEXT), said(TEXT, **UNKNOWN), "messages.0"),
        (CHATS, said(TEXT), said({**TEXT, **UNKNOWN}), "messages.0.content.0"),
        (CHATS, said(PICTURE), said({**PICTURE, **UNKNOWN}), "messages.0.content.0"),
        (
            CHATS,
            said(PICTURE),
            said({**PICTURE, "image_url": {"url": "https://x/y.png", **UNKNOWN}}),
            "messages.0.content.0.image_url",
        ),
        (
            CHATS,
            [{"role": "assistant", "tool_calls": [CALL]}],
            [{"role": "assistant", "tool_calls": [{**CALL, **UNKNOWN}]}],
            "messages.0.tool_calls.0",
        ),
        (
            CHATS,
            [{"role": "assistant", "content": "a", "provider_specific_fields": {"thought_signature": "s"}}],
            [{"role": "assistant", "content": "a", "provider_specific_fields": {"thought_signature": "s", **UNKNOWN}}],
            "messages.0.provider_specific_fields",
        ),
        (
            ANTHROPICS,
            said({"type": "tool_result", "tool_use_id": "t", "content": [TEXT]}),
            said({"type": "tool_result", "tool_use_id": "t", "content": [{**TEXT, **UNKNOWN}]}),
            "messages.0.content.0.content.0",
        ),
        (
            ANTHROPICS,
            said({"type": "document", "source": {"type": "content", "content": [TEXT]}}),
            said({"type": "document", "source": {"type": "content", "content": [{**TEXT, **UNKNOWN}]}}),
            "messages.0.content.0.source.content.0",
        ),
        (RESPONSE, said(TEXT), said(TEXT, **UNKNOWN), "input.0"),
        (
            RESPONSE,
            [{"type": "function_call_output", "call_id": "c", "output": [TEXT]}],
            [{"type": "function_call_output", "call_id": "c", "output": [{**TEXT, **UNKNOWN}]}],
            "input.0.output.0",
        ),
    ],
)
def test_what_no_table_knows_inside_of_a_prompt_is_left_out_and_named(
    dialect: Spoken, plain: list[Any], noted: list[Any], at: str
) -> None:
    where = "input" if dialect is RESPONSE else "messages"
    before = str(noted)
    checked = dialect.check({**dialect.least, where: noted})
    assert checked.fields[where] == plain
    assert checked.dropped == tuple(f"{at}.{name}"[:64] for name in ("x_note", "cacheControl", "maxTokens"))
    assert str(noted) == before
    assert not checked.features


@pytest.mark.parametrize("name", ["maxTokens", "max-tokens", "minTokens", "numPredict", "bestOf", "cachedContent"])
def test_no_spelling_of_what_is_counted_is_ever_let_through(name: str) -> None:
    for dialect in (CHATS, VECTORS, ANTHROPICS, RESPONSE):
        assert name not in dialect.check({**dialect.least, name: 0}).unknown
