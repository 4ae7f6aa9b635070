"""Calls of tools that ran at a vendor are told apart by the tool, wherever an answer tells of them."""

from typing import Any

import pytest

from functions.farebox.gateway.speech.messages.reader import MESSAGES
from functions.farebox.gateway.speech.responses.reader import RESPONSES
from functions.farebox.tokens.usage.places import usage_in

SOME = {"prompt_tokens": 20, "completion_tokens": 5, "total_tokens": 25}


def chat(message: dict[str, Any] | None = None, model: str = "m", **usage: Any) -> dict[str, Any]:
    said = {"role": "assistant", "content": "done", **(message or {})}
    return {"model": model, "choices": [{"index": 0, "message": said}], "usage": {**SOME, **usage}}


QUERIES = {"webSearchQueries": ["a", "b"]}
CASES: list[tuple[dict[str, Any], int, tuple[tuple[str, int], ...]]] = [
    (
        chat(server_tool_use={"code_interpreter_requests": 3, "google_maps_requests": 2, "web_search_requests": 1}),
        1,
        (("code_interpreter", 3), ("google_maps", 2)),
    ),
    (
        chat(server_side_tool_usage_details={"web_search_calls": 0, "x_search_calls": 4, "file_search_calls": 2}),
        0,
        (("file_search", 2), ("x_search", 4)),
    ),
    (
        chat(server_side_tool_usage={"SERVER_SIDE_TOOL_WEB_SEARCH": 2, "SERVER_SIDE_TOOL_X_SEARCH": 1}),
        2,
        (("x_search", 1),),
    ),
    (
        chat({"executed_tools": [{"type": "search"}, {"type": "python"}, {"type": "python"}]}),
        1,
        (("code_interpreter", 2),),
    ),
    (chat({"grounding_metadata": QUERIES}, "gemini-3-pro"), 2, ()),
    (chat({"grounding_metadata": QUERIES}, "google/gemini-2.5-pro"), 1, ()),
    (chat({"groundingMetadata": {"groundingChunks": [{"maps": {}}, {"maps": {}}]}}), 0, (("google_maps", 1),)),
    (chat({"tool_calls": [{"type": "function", "function": {"name": "web_search"}}]}), 0, ()),
]


@pytest.mark.parametrize(("answer", "searches", "calls"), CASES)
def test_a_completion_tells_its_calls_by_the_tool(
    answer: dict[str, Any], searches: int, calls: tuple[tuple[str, int], ...]
) -> None:
    usage = usage_in(answer)
    assert usage is not None
    assert (usage.searches, usage.calls) == (searches, calls)


def test_the_items_of_a_response_are_its_calls() -> None:
    kinds = (
        ["code_interpreter_call"] * 5 + ["file_search_call"] * 4 + ["web_search_call", "function_call", "shell_call"]
    )
    client = {"type": "tool_search_call", "execution": "client"}
    usage = {"input_tokens": 20, "output_tokens": 5, "total_tokens": 25}
    response = {"id": "resp_1", "model": "m", "output": [*({"type": kind} for kind in kinds), client], "usage": usage}
    told = usage_in(RESPONSES.completion(response))
    assert told is not None
    assert (told.searches, told.calls) == (1, (("code_interpreter", 5), ("file_search", 4)))


def test_the_blocks_of_a_message_are_its_calls_but_for_searches_which_it_counts() -> None:
    names = ["code_execution", "bash_code_execution", "tool_search_tool_regex", "web_search", "web_search"]
    content = [{"type": "server_tool_use", "id": "a", "name": name, "input": {}} for name in names]
    usage = {"input_tokens": 20, "output_tokens": 5, "server_tool_use": {"web_search_requests": 1}}
    told = usage_in(MESSAGES.completion({"id": "msg_1", "model": "m", "content": content, "usage": usage}))
    assert told is not None
    assert (told.searches, told.calls) == (1, (("code_execution", 2), ("tool_search", 1)))
