"""A vendor's search, or what draws, is left out and named beside a program's own tools where it is not offered, in any
dialect."""

from typing import Any

import pytest

from functions.farebox.request.chat import check_chat
from functions.farebox.request.checked import Checked
from functions.farebox.request.completions import check_completion
from functions.farebox.request.messages import check_message
from functions.farebox.request.optional_tools import without_tools
from functions.farebox.request.responses import check_response
from functions.farebox.request.tools.hosted import OPTIONAL

SAID = [{"role": "user", "content": "Hello"}]
CHAT_TOOL = {"type": "function", "function": {"name": "look"}}
MESSAGES_TOOL = {"name": "look", "input_schema": {"type": "object"}}
RESPONSES_TOOL = {"type": "function", "name": "look"}
WEB = {"type": "web_search_20250305", "name": "web_search", "max_uses": 3}


def chat(**fields: Any) -> Checked:
    return check_chat({"model": "m", "messages": SAID, **fields})


def message(**fields: Any) -> Checked:
    return check_message({"model": "m", "messages": SAID, "max_tokens": 9, **fields})


def response(**fields: Any) -> Checked:
    return check_response({"model": "m", "input": "Hello", **fields})


def function(name: str) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name}}


def allowing(*tools: dict[str, Any]) -> dict[str, Any]:
    return {"type": "allowed_tools", "mode": "auto", "tools": [*tools]}


def allowing_in_chat(*tools: dict[str, Any]) -> dict[str, Any]:
    return {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [*tools]}}


@pytest.mark.parametrize(
    ("made", "own", "search", "named"),
    [
        (chat, CHAT_TOOL, {"type": "web_search"}, "tools.web_search"),
        (chat, CHAT_TOOL, {"googleSearch": {}}, "tools.googleSearch"),
        (chat, CHAT_TOOL, {"type": "builtin_function", "function": {"name": "$web_search"}}, "tools.$web_search"),
        (message, MESSAGES_TOOL, WEB, "tools.web_search_20250305"),
        (response, RESPONSES_TOOL, {"type": "web_search_preview"}, "tools.web_search_preview"),
        (response, RESPONSES_TOOL, {"type": "image_generation"}, "tools.image_generation"),
    ],
)
def test_it_is_left_out_and_named_where_others_remain(made: Any, own: Any, search: Any, named: str) -> None:
    more = {"stream": True, "temperature": 0.5, "tool_choice": {"type": "auto"} if made is message else "auto"}
    asked = made(tools=[search, own], unheard=1, **more)
    left = without_tools(asked, OPTIONAL)
    assert left.dropped == (named, *asked.dropped)
    plain = made(tools=[own], **more)
    assert (left.encoded, left.features, left.fields) == (plain.encoded, plain.features, plain.fields)
    assert (left.stream, left.cap, left.unknown) == (True, asked.cap, {"unheard": 1})
    assert without_tools(asked, set()) is asked
    assert without_tools(asked, {"code_interpreter"}) is asked
    alone = made(tools=[search])
    assert without_tools(alone, OPTIONAL) is alone


@pytest.mark.parametrize(
    "chosen",
    [
        chat(tools=[CHAT_TOOL, {"type": "web_search"}], tool_choice={"type": "web_search"}),
        message(tools=[MESSAGES_TOOL, WEB], tool_choice={"type": "tool", "name": "web_search"}),
        response(tools=[RESPONSES_TOOL, {"type": "web_search"}], tool_choice={"type": "web_search"}),
        response(tools=[RESPONSES_TOOL, {"type": "web_search"}], tool_choice=allowing({"type": "web_search"})),
        chat(tools=[CHAT_TOOL, {"type": "web_search"}], tool_choice=allowing_in_chat({"type": "web_search"})),
        chat(tools=[CHAT_TOOL, {"type": "web_search"}], tool_choice=function("web_search")),
        chat(tools=[CHAT_TOOL, {"type": "web_search"}], tool_choice={"type": "custom", "custom": {"name": "look2"}}),
        response(tools=[RESPONSES_TOOL, {"type": "web_search"}], tool_choice={"type": "function", "name": "other"}),
    ],
)
def test_one_that_an_answer_has_to_use_is_never_left_out(chosen: Checked) -> None:
    assert without_tools(chosen, {"search"}) is chosen


def test_a_search_that_is_asked_for_by_itself_is_no_tool_beside_others() -> None:
    asked = chat(tools=[CHAT_TOOL, {"type": "web_search"}], web_search_options={})
    assert {feature.name for feature in without_tools(asked, {"search"}).features} == {"search"}
    legacy = check_completion({"model": "m", "prompt": "Hello"})
    assert without_tools(legacy, {"search"}) is legacy


SEARCH = {"type": "web_search"}


def within(*tools: dict[str, Any]) -> dict[str, Any]:
    return {"type": "namespace", "name": "n", "description": "d", "tools": [*tools]}


def adding(*tools: dict[str, Any]) -> dict[str, Any]:
    return {"type": "additional_tools", "tools": [*tools]}


def found(*tools: dict[str, Any]) -> dict[str, Any]:
    return {"type": "tool_search_output", "call_id": "c", "execution": "client", "tools": [*tools]}


@pytest.mark.parametrize(
    ("made", "asked", "left"),
    [
        (
            response,
            {"tools": [RESPONSES_TOOL, SEARCH], "tool_choice": allowing(SEARCH, RESPONSES_TOOL)},
            {"tools": [RESPONSES_TOOL], "tool_choice": allowing(RESPONSES_TOOL)},
        ),
        (
            chat,
            {"tools": [CHAT_TOOL, SEARCH], "tool_choice": allowing_in_chat(SEARCH, function("look"))},
            {"tools": [CHAT_TOOL], "tool_choice": allowing_in_chat(function("look"))},
        ),
        (
            chat,
            {"tools": [CHAT_TOOL, SEARCH], "tool_choice": function("look")},
            {"tools": [CHAT_TOOL], "tool_choice": function("look")},
        ),
        (response, {"tools": [within(SEARCH, RESPONSES_TOOL)]}, {"tools": [within(RESPONSES_TOOL)]}),
        (response, {"tools": [within(SEARCH), RESPONSES_TOOL]}, {"tools": [RESPONSES_TOOL]}),
        (
            response,
            {"tools": [within(RESPONSES_TOOL), SEARCH], "tool_choice": {**RESPONSES_TOOL, "namespace": "n"}},
            {"tools": [within(RESPONSES_TOOL)], "tool_choice": {**RESPONSES_TOOL, "namespace": "n"}},
        ),
        (
            response,
            {"tools": [RESPONSES_TOOL], "input": [adding(SEARCH), *SAID]},
            {"tools": [RESPONSES_TOOL], "input": SAID},
        ),
        (response, {"input": [adding(SEARCH, RESPONSES_TOOL), *SAID]}, {"input": [adding(RESPONSES_TOOL), *SAID]}),
        (
            response,
            {"tools": [RESPONSES_TOOL], "input": [found(within(SEARCH)), *SAID]},
            {"tools": [RESPONSES_TOOL], "input": [found(), *SAID]},
        ),
    ],
)
def test_it_is_left_out_wherever_it_is_declared_or_allowed(made: Any, asked: Any, left: Any) -> None:
    sent, meant = without_tools(made(**asked), {"search"}), made(**left)
    assert (sent.encoded, sent.features, sent.dropped) == (meant.encoded, meant.features, ("tools.web_search",))
