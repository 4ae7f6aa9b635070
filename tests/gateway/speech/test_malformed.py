"""Whatever an upstream writes in the place of anything is an answer or a refusal of one, never a crash."""

import copy
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from functions.farebox.dialects.legacy.stream import LegacyWriter
from functions.farebox.dialects.messages.answer import message_of
from functions.farebox.dialects.messages.stream import MessagesWriter
from functions.farebox.dialects.responses.answer import response_of
from functions.farebox.dialects.responses.stream import ResponsesWriter
from functions.farebox.gateway.speech.inspector import SpokenInspector
from functions.farebox.gateway.speech.reader import Reader
from functions.farebox.gateway.speech.readers import READERS
from functions.farebox.gateway.stream.conversion import as_completion, as_events
from functions.farebox.gateway.stream.event_buffer import data_of, split
from functions.farebox.gateway.stream.inspector import StreamInspector
from functions.farebox.gateway.stream.own_events import data_event
from functions.farebox.gateway.stream.transcript import completion_media_tokens, completion_texts
from functions.farebox.request.checked import Endpoint
from functions.farebox.tokens.usage.places import answered_model, served_tier, usage_in
from functions.farebox.tokens.usage.told_cost import told_cost

MESSAGES: dict[str, Any] = {
    "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn",
    "stop_sequence": None,
    "content": [
        {"type": "thinking", "thinking": "Hm", "signature": "seal"},
        {"type": "redacted_thinking", "data": "sealed"},
        {"type": "text", "text": "Hi", "citations": [{"type": "char_location"}]},
        {"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}},
        {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"query": "q"}},
    ],
    "usage": {"input_tokens": 9, "output_tokens": 7, "cache_creation": {"ephemeral_5m_input_tokens": 1}},
}  # fmt: skip
KEY = b"x" * 32  # that ids of items are made with
RESPONSES: dict[str, Any] = {
    "id": "resp_1", "object": "response", "created_at": 1, "model": "m", "status": "incomplete", "error": None,
    "incomplete_details": {"reason": "max_output_tokens"}, "service_tier": "default",
    "output": [
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm"}], "encrypted_content": "x"},
        {"type": "message", "id": "msg_1", "role": "assistant", "content": [
            {"type": "output_text", "text": "Hi", "annotations": []}, {"type": "refusal", "refusal": "No."},
        ]},
        {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
        {"type": "custom_tool_call", "call_id": "c", "name": "f", "input": "x"},
        {"type": "web_search_call", "status": "completed"},
    ],
    "usage": {"input_tokens": 9, "output_tokens": 7, "output_tokens_details": {"reasoning_tokens": 2}},
}  # fmt: skip
CITED = {"type": "content_block_delta", "index": 2, "delta": {"type": "citations_delta", "citation": {"type": "a"}}}
RECORDED: dict[Endpoint, dict[str, Any]] = {"/messages": MESSAGES, "/responses": RESPONSES}
STRANGE = (None, 3, "x", [3], ["message"], {"a": {"b": 1}})
ASKED: dict[str, Any] = {"model": "m", "messages": [], "input": "Hi", "thinking": {"type": "enabled"}}


def places(value: object) -> Iterator[tuple[object, ...]]:
    """The way to every value in another."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in inner:
        yield (name,)
        yield from ((name, *way) for way in places(each))


def variants(value: Any) -> Iterator[Any]:
    """The same with each value in it of another type."""
    for way in places(value):
        for strange in STRANGE:
            changed = holder = copy.deepcopy(value)
            for name in way[:-1]:
                holder = holder[name]
            holder[way[-1]] = strange
            yield changed


def events_of(reader: Reader, whole: dict[str, Any]) -> list[dict[str, Any]]:
    events = [orjson.loads(data_of(event) or b"") for event in split(reader.as_events(whole))]
    return [*events[:-2], CITED, *events[-2:]] if reader.dialect == "messages" else events


def kept_books(inspector: StreamInspector) -> None:
    """All that is asked of a stream when it has ended."""
    assert inspector.over
    told = inspector.usage, inspector.usage_report, inspector.texts(), inspector.media_tokens()
    assert told and inspector.said_something in (True, False) and inspector.thought_something in (True, False)


@pytest.mark.parametrize("endpoint", RECORDED)
def test_a_whole_answer_with_any_value_of_another_type_is_read(endpoint: Endpoint) -> None:
    reader = READERS[endpoint]
    for whole in variants(RECORDED[endpoint]):
        if not isinstance(whole[reader.result], list):
            continue  # it is refused before it is read
        completion = reader.completion(whole)
        assert isinstance(completion_texts(completion), list) and completion_media_tokens(completion) >= 0
        assert [usage_in(completion), served_tier(completion), answered_model(completion), told_cost(completion)]
        assert orjson.dumps([message_of(completion, ASKED), response_of(completion, ASKED, KEY)])
        for inspector, events in (
            (SpokenInspector(reader, passes_on=True, model="public"), reader.as_events(whole)),
            (StreamInspector(model="public"), as_events(completion)),
        ):
            inspector.feed(events)
            inspector.end()
            kept_books(inspector)


@pytest.mark.parametrize("endpoint", RECORDED)
def test_a_stream_with_any_value_of_another_type_is_read(endpoint: Endpoint) -> None:
    reader = READERS[endpoint]
    events = events_of(reader, RECORDED[endpoint])
    written = [*map(data_event, events)]
    for n, event in enumerate(events):
        for changed in variants(event):
            text = b"".join([*written[:n], data_event(changed), *written[n + 1 :]])
            for passes_on in (True, False):
                inspector = SpokenInspector(reader, passes_on=passes_on, model="public")
                got = inspector.feed(text) + inspector.end()
                kept_books(inspector)
                if not passes_on:
                    assert orjson.dumps(as_completion(got, inspector.told_report))
                    for writer in (
                        MessagesWriter("m", thoughts=True),
                        ResponsesWriter(ASKED, KEY),
                        LegacyWriter({"prompt": "", **ASKED}),
                    ):
                        assert writer.write(got)
            whole = reader.as_whole(text)
            if isinstance(whole.get(reader.result), list):
                assert orjson.dumps(reader.completion(whole))


@pytest.mark.parametrize("endpoint", RECORDED)
def test_what_is_nested_deeper_than_can_be_written_ends_a_stream_as_broken(endpoint: Endpoint) -> None:
    reader = READERS[endpoint]
    error = b'data: {"type":"error","error":' + b"[" * 600 + b"]" * 600 + b"}\n\n"
    for passes_on in (True, False):
        inspector = SpokenInspector(reader, passes_on=passes_on, model="public")
        inspector.feed(error)
        assert inspector.failure == "an event is nested too deeply"
