"""Calls of tools that ran at a vendor are told apart by the tool, wherever an answer tells of them."""

import tracemalloc
from time import process_time
from typing import Any

import pytest

from functions.farebox.gateway.speech.inspector import SpokenInspector
from functions.farebox.gateway.speech.messages.reader import MESSAGES
from functions.farebox.gateway.speech.responses.reader import RESPONSES
from functions.farebox.gateway.stream.inspector import StreamInspector
from functions.farebox.gateway.stream.own_events import data_event, named_event
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


def searched(*found: object) -> list[dict[str, Any]]:
    """The blocks of searches that found so much, or an error."""
    call = {"type": "server_tool_use", "id": "a", "name": "web_search", "input": {}}
    results = [{"type": "web_search_tool_result", "tool_use_id": "a", "content": each} for each in found]
    return [block for result in results for block in (call, result)]


def test_searches_of_a_message_that_found_something_are_its_calls_where_it_counts_none() -> None:
    found = [{"type": "web_search_result", "url": "https://x.test"}]
    content = searched(found, [], {"type": "web_search_tool_result_error", "error_code": "max_uses_exceeded"})
    message = {"id": "msg_1", "model": "m", "content": content, "usage": {"input_tokens": 20, "output_tokens": 5}}
    told = usage_in(MESSAGES.completion(message))
    assert told is not None
    assert told.searches == 2
    counted = {**message, "usage": {**message["usage"], "server_tool_use": {"web_search_requests": 3}}}  # type: ignore[dict-item]
    told = usage_in(MESSAGES.completion(counted))
    assert told is not None
    assert told.searches == 3


def test_the_blocks_of_a_message_are_its_calls_but_for_searches_which_it_counts() -> None:
    names = ["code_execution", "bash_code_execution", "tool_search_tool_regex", "web_search", "web_search"]
    content = [{"type": "server_tool_use", "id": "a", "name": name, "input": {}} for name in names]
    usage = {"input_tokens": 20, "output_tokens": 5, "server_tool_use": {"web_search_requests": 1}}
    told = usage_in(MESSAGES.completion({"id": "msg_1", "model": "m", "content": content, "usage": usage}))
    assert told is not None
    assert (told.searches, told.calls) == (1, (("code_execution", 2), ("tool_search", 1)))


def read(inspector: StreamInspector, *events: dict[str, Any]) -> StreamInspector:
    inspector.feed(b"".join(named_event(each) if "type" in each else data_event(each) for each in events))
    inspector.end()
    return inspector


def test_a_stream_of_a_message_tells_them_whenever_it_ends() -> None:
    blocks = [*searched([]), {"type": "server_tool_use", "id": "b", "name": "code_execution", "input": {}}]
    told = [
        event
        for index, block in enumerate(blocks)
        for event in (
            {"type": "content_block_start", "index": index, "content_block": block},
            {"type": "content_block_stop", "index": index},
            {"type": "message_delta", "delta": {}, "usage": {"output_tokens": index}},
        )
    ]
    start = {"type": "message_start", "message": {"id": "m", "model": "m", "usage": {"input_tokens": 9}}}
    end = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 5}}
    stream = SpokenInspector(MESSAGES, passes_on=False, model=None)
    usage = read(stream, start, *told, end, {"type": "message_stop"}).usage
    assert usage is not None
    assert (usage.searches, usage.calls) == (1, (("code_execution", 1),))


def test_many_that_a_message_tells_by_and_by_are_read_a_few_times_and_all_counted() -> None:
    block = {"type": "server_tool_use", "id": "b", "name": "code_execution", "input": {}}
    start = {"type": "message_start", "message": {"id": "m", "model": "m", "usage": {"input_tokens": 9}}}
    run: list[dict[str, Any]] = [
        {"type": "content_block_start", "index": 0, "content_block": block},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {}, "usage": {"output_tokens": 1}},
    ]
    reader = MESSAGES.events()
    read_bytes = sum(len(reader.read(named_event(each))) for each in [start, *run * 1_000])
    assert read_bytes < 2_000_000, "each call some times, and not a thousand times"
    stream = SpokenInspector(MESSAGES, passes_on=False, model=None)
    end = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 5}}
    usage = read(stream, start, *run * 1_000, end, {"type": "message_stop"}).usage
    assert usage is not None
    assert usage.calls == (("code_execution", 1_000),)


def test_of_what_a_response_has_done_no_more_is_kept_than_calls_are_billed_by() -> None:
    reader = RESPONSES.events()
    reader.read(named_event({"type": "response.created", "response": {"id": "r", "model": "m"}}))
    tracemalloc.start()
    for n in range(20):
        item = {"type": "image_generation_call", "id": f"i{n}", "result": "A" * 1_000_000}
        reader.read(named_event({"type": "response.output_item.done", "output_index": n, "item": item}))
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 3_000_000


def test_calls_that_are_told_again_at_the_end_take_no_time_for_those_before() -> None:
    def seconds(calls: int) -> float:
        reader = RESPONSES.events()
        reader.read(named_event({"type": "response.created", "response": {"id": "r", "model": "m"}}))
        items = [{"type": "function_call", "call_id": "c", "name": "n", "arguments": "{}"} for _ in range(calls)]
        for n, item in enumerate(items):
            reader.read(named_event({"type": "response.output_item.done", "output_index": n, "item": item}))
        end = named_event({"type": "response.completed", "response": {"id": "r", "output": items}})
        began = process_time()
        reader.read(end)
        return process_time() - began

    assert seconds(16_000) < 20 * seconds(2_000) + 0.1


@pytest.mark.parametrize("is_listed", [False, True])
def test_a_stream_of_a_response_tells_them_though_its_end_lists_nothing(*, is_listed: bool) -> None:
    items = [{"type": "web_search_call", "id": "a"}, {"type": "code_interpreter_call", "id": "b"}]
    done = [{"type": "response.output_item.done", "output_index": n, "item": item} for n, item in enumerate(items)]
    usage = {"input_tokens": 20, "output_tokens": 5, "total_tokens": 25}
    response = {"id": "r", "model": "m", "output": items if is_listed else [], "usage": usage, "status": "completed"}
    text = {"type": "response.output_text.delta", "output_index": 2, "delta": "Hello"}
    stream = SpokenInspector(RESPONSES, passes_on=False, model=None)
    begun = {"type": "response.created", "response": {"id": "r", "model": "m"}}
    told = read(stream, begun, *done, text, {"type": "response.completed", "response": response}).usage
    assert told is not None
    assert (told.searches, told.calls) == (1, (("code_interpreter", 1),))


@pytest.mark.parametrize(
    ("known_by", "calls"),
    [
        ([{"output_index": 0}, {"output_index": 0}, {"output_index": 1}], 2),
        ([{"id": "a"}, {"id": "a"}, {"id": "b"}], 2),
        ([{"output_index": 0, "id": "a"}, {"output_index": 0, "id": "a"}, {"output_index": 1, "id": "a"}], 2),
        ([{}, {}, {}], 3),
    ],
)
def test_a_call_that_a_stream_of_a_response_tells_again_is_known_by_its_place_or_else_by_its_id(
    known_by: list[dict[str, Any]], calls: int
) -> None:
    usage = {"input_tokens": 20, "output_tokens": 5, "total_tokens": 25}
    done = []
    for each in known_by:
        item = {"type": "code_interpreter_call", **{n: v for n, v in each.items() if n == "id"}}
        place = {n: v for n, v in each.items() if n == "output_index"}
        done.append({"type": "response.output_item.done", "item": item, **place})
    response = {"id": "r", "model": "m", "output": [], "usage": usage, "status": "completed"}
    begun = {"type": "response.created", "response": {"id": "r", "model": "m"}}
    text = {"type": "response.output_text.delta", "output_index": 9, "delta": "Hello"}
    stream = SpokenInspector(RESPONSES, passes_on=False, model=None)
    told = read(stream, begun, *done, text, {"type": "response.completed", "response": response}).usage
    assert told is not None
    assert told.calls == (("code_interpreter", calls),)


def test_a_stream_of_a_chat_lists_each_call_once_however_often_it_is_told() -> None:
    def chunk(delta: dict[str, Any], **more: Any) -> dict[str, Any]:
        return {"model": "m", "choices": [{"index": 0, "delta": delta, "finish_reason": None}], **more}

    ran = [chunk({"executed_tools": [{"index": n, "type": "search"}]}) for n in (0, 0, 1, 1)]
    code = chunk({"executed_tools": [{"index": 2, "type": "python", "output": "x"}]})
    asked = [{"type": "search", "arguments": {"query": n}} for n in range(3)]
    listed_again = [chunk({"executed_tools": asked[:n]}) for n in (1, 2, 3)]
    grounded = [chunk({"content": "x", "grounding_metadata": QUERIES}, model="gemini-3-pro")] * 2
    end = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    for events, listed in (
        ([chunk({"role": "assistant", "content": "Hi"}), *ran, code, end], (2, (("code_interpreter", 1),))),
        ([chunk({"role": "assistant", "content": "Hi"}, model="gemini-3-pro"), *grounded, end], (2, ())),
        ([chunk({"role": "assistant", "content": "Hi"}), *listed_again, end], (3, ())),
        ([chunk({"content": "executed_tools"}), end], (0, ())),
    ):
        inspector = read(StreamInspector(), *events)
        assert inspector.listed_calls == listed
        assert inspector.complete


@pytest.mark.parametrize(("model", "searches"), [("gemini-2.5-flash", 1), ("gemini-3-pro", 2)])
@pytest.mark.parametrize("public", ["quick", "gemini-2-of-ours", "gemini-3-of-ours"])
def test_what_a_search_costs_is_decided_by_the_vendors_name_of_the_model(
    public: str, model: str, searches: int
) -> None:
    said = {"index": 0, "delta": {"role": "assistant", "content": "x", "grounding_metadata": QUERIES}}
    end = {"index": 0, "delta": {}, "finish_reason": "stop"}
    stream = [{"model": model, "choices": [each]} for each in (said, end)]
    inspector = read(StreamInspector(model=public), *stream)
    assert inspector.listed_calls == (searches, ())
