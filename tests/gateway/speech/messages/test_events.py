"""A stream of messages means the same as the message that it comes to, wherever in it something stands."""

from typing import Any

import orjson
import pytest

from functions.farebox.dialects.responses.dialect import Responses
from functions.farebox.gateway.speech.inspector import SpokenInspector
from functions.farebox.gateway.speech.messages.answer import completion_of
from functions.farebox.gateway.speech.messages.conversion import as_events, as_whole
from functions.farebox.gateway.speech.messages.reader import MESSAGES
from functions.farebox.gateway.stream.conversion import as_completion
from functions.farebox.gateway.stream.event_buffer import data_of, split
from functions.farebox.gateway.stream.own_events import DONE_EVENT, data_event, named_event

START = {"type": "message_start", "message": {"id": "msg_1", "model": "claude", "content": []}}
STOP = {"type": "content_block_stop", "index": 0}
END: list[dict[str, Any]] = [
    {"type": "message_delta", "delta": {"stop_reason": "tool_use"}},
    {"type": "message_stop"},
]
LONG = "said where nobody looks"


def begun(kind: str, **fields: Any) -> dict[str, Any]:
    return {"type": "content_block_start", "index": 0, "content_block": {"type": kind, **fields}}


def more(kind: str, **fields: Any) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": 0, "delta": {"type": kind, **fields}}


def inspected(*events: dict[str, Any], passes_on: bool = False) -> tuple[SpokenInspector, bytes]:
    inspector = SpokenInspector(MESSAGES, passes_on=passes_on, model=None)
    return inspector, inspector.feed(b"".join(map(named_event, events)))


def message_of(chunks: bytes) -> dict[str, Any]:
    message: dict[str, Any] = as_completion(chunks, None)["choices"][0]["message"]
    return message


@pytest.mark.parametrize("stop", [[STOP], []])
@pytest.mark.parametrize(
    ("given", "pieces", "arguments"),
    [
        ({}, [], "{}"),
        ({}, [""], "{}"),
        (None, [], "{}"),
        ({"city": "Rome"}, [], '{"city":"Rome"}'),
        ({"city": "Rome"}, [""], '{"city":"Rome"}'),
        ({}, ["", '{"city":', '"Rome"}'], '{"city":"Rome"}'),
    ],
)
def test_a_call_has_arguments_wherever_they_came(
    given: object, pieces: list[str], arguments: str, stop: list[dict[str, Any]]
) -> None:
    deltas = [more("input_json_delta", partial_json=piece) for piece in pieces]
    call = begun("tool_use", id="t", name="f", input=given)
    _, chunks = inspected(START, call, *deltas, *stop, call, *deltas, *stop, *END)
    calls = message_of(chunks)["tool_calls"]
    assert [each["function"]["arguments"] for each in calls] == [arguments, arguments]


CONTENTS: list[list[dict[str, Any]]] = [
    [{"type": "tool_use", "id": "t", "name": "f", "input": {}}],
    [{"type": "text", "text": "a"}, {"type": "tool_use", "id": "t", "name": "f", "input": {"a": [1]}}],
    [{"type": "thinking", "thinking": "b", "signature": "s"}, {"type": "text", "text": "a"}],
]


@pytest.mark.parametrize("content", CONTENTS)
def test_a_stream_means_what_its_whole_answer_means(content: list[dict[str, Any]]) -> None:
    whole = {"id": "msg_1", "model": "claude", "content": content, "stop_reason": "tool_use"}
    inspector = SpokenInspector(MESSAGES, passes_on=False, model=None)
    message, wanted = message_of(inspector.feed(as_events(whole))), completion_of(whole)["choices"][0]["message"]
    for name in ("content", "reasoning_content", "tool_calls"):
        assert (message.get(name) or None) == (wanted.get(name) or None)


@pytest.mark.parametrize(
    "events",
    [
        [begun("novel", text=LONG)],
        [begun("mcp_tool_result", content=[{"type": "text", "text": LONG}])],
        [begun("compaction", content=None), more("compaction_delta", content=LONG)],
        [begun("text", text=""), more("novel_delta", words=LONG)],
        [begun("text", text=""), more("citations_delta", citation={"type": "page", "cited_text": LONG})],
        [begun("text", text="a", citations=[{"type": "page", "cited_text": LONG}])],
        [begun("tool_use", id="t", name="f", input={"a": LONG}), STOP],
        [begun("server_tool_use", id="t", name="f", input={"a": LONG}), STOP],
        [{"type": "novel", "said": {"text": LONG}}],
        [{"type": "message_start", "message": {"content": [{"type": "text", "text": LONG}]}}],
    ],
)
def test_what_was_passed_on_is_counted_wherever_it_stands(events: list[dict[str, Any]]) -> None:
    inspector, passed = inspected(START, *events, passes_on=True)
    assert passed == b"".join(map(named_event, [START, *events]))
    assert LONG in "".join(inspector.texts())
    assert orjson.dumps(LONG) in passed


@pytest.mark.parametrize("words", ["", "b"])
def test_a_thought_of_which_only_the_signature_is_told_is_counted_by_that(words: str) -> None:
    thought = [begun("thinking", thinking=""), more("thinking_delta", thinking=words)]
    inspector, _ = inspected(START, *thought, more("signature_delta", signature="s" * 400), passes_on=True)
    assert (inspector.media_tokens() > 0) == (words == "")
    assert inspector.thought_something


def test_a_client_of_responses_is_told_arguments_that_are_json_also_of_a_call_without_any() -> None:
    call = {"id": "t", "type": "function", "function": {"name": "f", "arguments": ""}}
    asked = {"model": "m", "input": "Hi", "tools": [{"type": "function", "name": "f"}]}
    choice = {"index": 0, "delta": {"tool_calls": [{"index": 0, **call}]}, "finish_reason": "tool_calls"}
    events = Responses().stream(asked).write(data_event({"id": "c", "choices": [choice]}) + DONE_EVENT)
    told = [orjson.loads(data_of(event) or b"{}") for event in split(events)]
    streamed = next(each for each in told if each["type"] == "response.function_call_arguments.done")
    assert [each["delta"] for each in told if "delta" in each] == [streamed["arguments"]] == ["{}"]
    whole = Responses().answer({"choices": [{"message": {"tool_calls": [call]}}]}, asked)
    assert [whole["output"][0]["arguments"], told[-1]["response"]["output"][0]["arguments"]] == ["{}", "{}"]


@pytest.mark.parametrize("passes_on", [False, True])
@pytest.mark.parametrize(
    "told",
    [
        {"usage": {"input_tokens": 1_000, "output_tokens": 777}},
        {"amazon-bedrock-invocationMetrics": {"inputTokenCount": 1_000, "outputTokenCount": 777}},
    ],
)
def test_a_report_that_comes_with_the_last_event_alone_is_read(told: dict[str, Any], passes_on: bool) -> None:
    inspector, _ = inspected(
        START,
        begun("text", text=""),
        more("text_delta", text="a"),
        STOP,
        END[0],
        {**END[1], **told},
        passes_on=passes_on,
    )
    usage = inspector.usage
    assert usage is not None
    assert (usage.prompt_tokens, usage.completion_tokens) == (1_000, 777)


@pytest.mark.parametrize(
    "told",
    [
        {"usage": {"input_tokens": 1_000, "output_tokens": 777, "cache_read_input_tokens": 5}},
        {
            "amazon-bedrock-invocationMetrics": {
                "inputTokenCount": 1_000,
                "outputTokenCount": 777,
                "cacheReadInputTokenCount": 5,
                "invocationLatency": 1_234,
            }
        },
    ],
)
def test_a_whole_message_has_what_its_stream_reports_with_its_last_event(told: dict[str, Any]) -> None:
    begins = {"id": "msg_1", "content": [], "usage": {"input_tokens": 1_000, "output_tokens": 1}}
    start = {"type": "message_start", "message": begins}
    events = b"".join(map(named_event, [start, END[0], {**END[1], **told}]))
    assert as_whole(events)["usage"] == {"input_tokens": 1_000, "output_tokens": 777, "cache_read_input_tokens": 5}
