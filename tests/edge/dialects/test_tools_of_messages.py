"""Tools of Anthropic's dialect for upstreams that know functions: what the client carries out by its type, what is
found in the course of a conversation, and what a program tells of itself."""

from typing import Any

import pytest

from functions.farebox.dialects.messages.request import MAX_USER_CHARS, chat_of
from functions.farebox.errors import InvalidRequest
from functions.farebox.request.chat import check_chat
from functions.farebox.request.messages import check_message
from tests.support.money.customers import Customer
from tests.support.product.in_process import Instance
from tests.support.stand_ins.upstream import StandIn, completion

HELLO: dict[str, Any] = {
    "model": "test-model",
    "max_tokens": 64,
    "messages": [{"role": "user", "content": "Hello"}],
}
SCHEMA = {"type": "object", "properties": {}}
READ = {"name": "read", "input_schema": SCHEMA}
FETCH = {"name": "fetch", "input_schema": SCHEMA, "defer_loading": True}
WRITE = {"name": "write", "input_schema": SCHEMA, "defer_loading": True}
SEARCH = {"type": "tool_search_tool_regex_20251119", "name": "tool_search_tool_regex"}
CLIENT_TOOLS: list[tuple[dict[str, Any], set[str]]] = [
    ({"type": "bash_20250124", "name": "bash"}, {"command", "restart"}),
    ({"type": "text_editor_20250728", "name": "str_replace_based_edit_tool"}, {"command", "path", "insert_text"}),
    ({"type": "text_editor_20250124", "name": "str_replace_editor"}, {"command", "path", "new_str"}),
    ({"type": "memory_20250818", "name": "memory"}, {"command", "old_path"}),
    (
        {"type": "computer_20250124", "name": "computer", "display_width_px": 800, "display_height_px": 600},
        {"action", "coordinate"},
    ),
]


def asking(*said: Any, **fields: Any) -> dict[str, Any]:
    """A request that passes the check, with these messages after the first."""
    messages = [*HELLO["messages"], *said]
    return check_message({**HELLO, "messages": messages, **fields}).body()


def found(name: str) -> list[dict[str, Any]]:
    """A search of a client's own that finds a tool."""
    call = {"type": "tool_use", "id": "t1", "name": "search", "input": {}}
    result = {"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "tool_reference", "tool_name": name}]}
    return [{"role": "assistant", "content": [call]}, {"role": "user", "content": [result]}]


def names_of(chat: dict[str, Any]) -> list[str]:
    return [tool["function"]["name"] for tool in chat.get("tools", ())]


@pytest.mark.parametrize(("tool", "properties"), CLIENT_TOOLS, ids=[tool["type"] for tool, _ in CLIENT_TOOLS])
def test_a_tool_that_the_client_carries_out_by_its_type_is_a_function_with_its_input(
    tool: dict[str, Any], properties: set[str]
) -> None:
    chat = chat_of(asking(tools=[tool]))
    [written] = chat["tools"]
    function = written["function"]
    assert function["name"] == tool["name"]
    assert function["description"]
    assert properties <= function["parameters"]["properties"].keys()
    assert set(function["parameters"]["required"]) <= function["parameters"]["properties"].keys()
    check_chat(chat)


def test_what_such_a_tool_is_told_of_the_screen_is_in_its_description() -> None:
    computer = {
        "type": "computer_20251124",
        "name": "computer",
        "display_width_px": 800,
        "display_height_px": 600,
        "enable_zoom": True,
    }
    function = chat_of(asking(tools=[computer]))["tools"][0]["function"]
    assert "800 x 600" in function["description"]
    assert "zoom" in function["parameters"]["properties"]["action"]["enum"]


def test_a_tool_of_an_unknown_type_is_refused_by_name() -> None:
    with pytest.raises(InvalidRequest) as refused:
        chat_of({**HELLO, "tools": [{"type": "bash", "name": "bash"}]})
    assert refused.value.param == "tools.0.type"


async def test_a_call_of_it_comes_back_by_its_own_name(
    instance: Instance, customer: Customer, upstream: StandIn
) -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "bash", "arguments": '{"command":"ls"}'}}
    upstream.default = completion("", message={"content": None, "tool_calls": [call]}, finish_reason="tool_calls")
    asked = {**HELLO, "tools": [{"type": "bash_20250124", "name": "bash"}]}
    answer = await instance.client.post("/v1/messages", headers=customer.bearer, json=asked)
    assert answer.json()["content"] == [{"type": "tool_use", "id": "c1", "name": "bash", "input": {"command": "ls"}}]


def test_a_deferred_tool_is_offered_from_where_a_result_refers_to_it() -> None:
    tools = [FETCH, READ, WRITE]
    assert names_of(chat_of(asking(tools=tools))) == ["read"]
    chat = chat_of(asking(*found("fetch"), tools=tools))
    assert names_of(chat) == ["read", "fetch"]
    assert "fetch" in chat["messages"][-1]["content"]
    assert "tools" not in chat_of(asking(tools=[FETCH], tool_choice={"type": "auto"}))


async def test_where_nobody_searches_all_tools_are_shown(
    instance: Instance, customer: Customer, upstream: StandIn
) -> None:
    asked = {**HELLO, "tools": [SEARCH, READ, FETCH]}
    answer = await instance.client.post("/v1/messages", headers=customer.bearer, json=asked)
    assert answer.status_code == 200, answer.text
    assert names_of(upstream.last.json) == ["read", "fetch"]


def test_tools_come_and_go_in_the_course_of_a_conversation() -> None:
    new = {"name": "new", "input_schema": SCHEMA, "description": "New"}
    added = {"type": "tool_addition", "tool": {"type": "tool_definition", "definition": new}}
    shown = {"type": "tool_addition", "tool": {"type": "tool_reference", "name": "fetch"}}
    gone = {"type": "tool_removal", "tool": {"type": "tool_reference", "name": "read"}}
    changes = {"role": "system", "content": [added, shown, gone, {"type": "text", "text": "Tools have changed."}]}
    chat = chat_of(asking(changes, tools=[READ, FETCH]))
    assert names_of(chat) == ["fetch", "new"]
    assert chat["messages"][-1] == {"role": "system", "content": "Tools have changed."}
    back = {"role": "system", "content": [{**gone, "type": "tool_addition"}]}
    chat = chat_of(asking(changes, back, tools=[READ, FETCH]))
    assert names_of(chat) == ["read", "fetch", "new"]
    assert chat["messages"][-1] == {"role": "system", "content": "Tools have changed."}


@pytest.mark.parametrize("kind", ["web_search_20250305", "bash_20250124"])
def test_a_tool_that_comes_later_is_one_of_the_callers_own(kind: str) -> None:
    tool = {"type": "tool_definition", "definition": {"type": kind, "name": "x"}}
    with pytest.raises(InvalidRequest) as refused:
        asking({"role": "system", "content": [{"type": "tool_addition", "tool": tool}]})
    assert refused.value.param == "messages.1.content.0.tool.definition.type"


def test_in_a_chat_no_tool_comes_in_a_message() -> None:
    tool = {"type": "tool_definition", "definition": {"type": "web_search_20250305", "name": "x"}}
    part = {"type": "tool_addition", "tool": tool}
    with pytest.raises(InvalidRequest) as refused:
        check_chat({"model": "m", "messages": [{"role": "system", "content": [part]}]})
    assert refused.value.param == "messages.0.content.0.type"


@pytest.mark.parametrize(
    "system",
    [
        "x-anthropic-billing-header: cc_version=2; cch=1;\nBe brief.",
        [{"type": "text", "text": "x-anthropic-billing-header: cc_version=2;"}, {"type": "text", "text": "Be brief."}],
    ],
)
def test_a_program_s_line_for_anthropics_books_is_not_in_the_prompt(system: Any) -> None:
    assert chat_of(asking(system=system))["messages"][0] == {"role": "system", "content": "Be brief."}


def test_a_users_name_is_as_short_as_upstreams_take_it_and_always_the_same() -> None:
    def named(name: str) -> str:
        return str(chat_of(asking(metadata={"user_id": name}))["user"])

    long = '{"device_id":"' + "a" * 64 + '","session_id":"b"}'
    assert named("ada") == "ada"
    assert named(long) == named(long) != named(long + " ")
    assert len(named(long)) == MAX_USER_CHARS


async def test_the_effort_of_single_turns_is_taken(instance: Instance, customer: Customer) -> None:
    told = {"role": "system", "content": "Mind the gap.", "output_config": {"effort": "low", "more": 1}}
    asked = {**HELLO, "messages": [*HELLO["messages"], told]}
    answer = await instance.client.post("/v1/messages", headers=customer.bearer, json=asked)
    assert answer.status_code == 200
    assert answer.headers["x-farebox-dropped"] == "messages.1.output_config.more"
