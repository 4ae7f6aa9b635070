"""A stream in another dialect is passed on byte by byte, and the books are kept by what it means."""

from typing import Any

import orjson
import pytest

from functions.farebox.gateway.speech.inspector import SpokenInspector
from functions.farebox.gateway.speech.messages.reader import MESSAGES
from functions.farebox.gateway.speech.reader import Reader
from functions.farebox.gateway.speech.responses.reader import RESPONSES
from tests.gateway.stream.test_inspector import ERRORS, FRAMES

USAGE = {
    "input_tokens": 3,
    "cache_read_input_tokens": 100,
    "cache_creation_input_tokens": 30,
    "cache_creation": {"ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 20},
    "output_tokens": 1,
}


def event(kind: str, **fields: Any) -> bytes:
    return b"event: " + kind.encode() + b"\ndata: " + orjson.dumps({"type": kind, **fields}) + b"\n\n"


def delta(kind: str, **fields: Any) -> bytes:
    return event("content_block_delta", index=0, delta={"type": kind, **fields})


def block(kind: str, **fields: Any) -> bytes:
    return event("content_block_start", index=0, content_block={"type": kind, **fields})


START = event("message_start", message={"id": "msg_1", "model": "claude", "usage": USAGE})
TEXT = [block("text", text=""), delta("text_delta", text="Hi"), delta("text_delta", text=' "error" {}')]
THOUGHT = [
    block("thinking", thinking="", signature=""),
    delta("thinking_delta", thinking="Hm"),
    delta("signature_delta", signature="seal"),
]
CALL = [
    block("tool_use", id="toolu_1", name="weather", input={}),
    delta("input_json_delta", partial_json=""),
    delta("input_json_delta", partial_json='{"city":'),
    delta("input_json_delta", partial_json='"Rome"}'),
]
STOP = [
    event("content_block_stop", index=0),
    event("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 9}),
    event("message_stop"),
]


def passing(model: str | None = "public") -> SpokenInspector:
    return SpokenInspector(MESSAGES, passes_on=True, model=model)


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_all_but_what_ends_it_is_forwarded_as_it_came_but_for_the_models_name(size: int) -> None:
    events = [START, event("ping"), *THOUGHT, *TEXT, *CALL, *STOP]
    text = b"".join(events)
    inspector = passing()
    got = b"".join(inspector.feed(text[at : at + size]) for at in range(0, len(text), size))
    assert got == b"".join(events[:-2]).replace(b'"claude"', b'"public"')
    assert inspector.withheld == b"".join(events[-2:])
    assert inspector.complete and inspector.outcome == "complete"
    usage = inspector.usage
    assert usage is not None and inspector.usage_is_final
    assert (usage.prompt_tokens, usage.completion_tokens) == (133, 9)
    assert (usage.cached_tokens, usage.cache_write_tokens, usage.cache_write_1h_tokens) == (100, 10, 20)
    assert inspector.thought_something
    assert {"Hm", 'Hi "error" {}', '{"city":"Rome"}'} <= set(inspector.texts())


def test_the_last_counts_are_those_of_its_end() -> None:
    inspector = passing()
    found = {"input_tokens": 903, "output_tokens": 9, "server_tool_use": {"web_search_requests": 1}}
    change = event("message_delta", delta={"stop_reason": "end_turn"}, usage={**USAGE, **found})
    inspector.feed(b"".join([START, *TEXT, change, STOP[-1]]))
    usage = inspector.usage
    assert usage is not None
    assert (usage.prompt_tokens, usage.completion_tokens, usage.searches) == (1033, 9, 1)


def test_a_client_of_another_dialect_is_given_chunks() -> None:
    inspector = SpokenInspector(MESSAGES, passes_on=False, model="public")
    got = inspector.feed(b"".join([START, *THOUGHT, *TEXT, *CALL, *STOP]))
    chunks = [orjson.loads(line[6:]) for line in got.decode().splitlines() if line]
    assert {chunk["model"] for chunk in chunks} == {"public"}
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks]
    assert deltas[0] == {"role": "assistant", "content": ""}
    assert "".join(each.get("content") or "" for each in deltas) == 'Hi "error" {}'
    assert "".join(each.get("reasoning_content") or "" for each in deltas) == "Hm"
    details = [detail for each in deltas for detail in each.get("reasoning_details", ())]
    assert [(detail["index"], detail.get("text"), detail.get("signature")) for detail in details] == [
        (0, "Hm", None),
        (0, None, "seal"),
    ]
    calls = [call for each in deltas for call in each.get("tool_calls", ())]
    assert (calls[0]["id"], calls[0]["function"]["name"]) == ("toolu_1", "weather")
    assert "".join(call["function"]["arguments"] for call in calls) == '{"city":"Rome"}'
    assert chunks[-1]["choices"][0]["finish_reason"] == "stop"
    assert all("usage" not in chunk for chunk in chunks)
    assert inspector.withheld is None
    assert inspector.complete


def test_an_error_ends_it_as_broken_before_the_first_word_and_after() -> None:
    error = event("error", error={"type": "overloaded_error", "message": "Overloaded"})
    early, late = passing(), passing()
    early.feed(START + event("ping"))
    assert early.only_introduced
    early.feed(error)
    assert early.failure is not None and not early.said_something
    late.feed(START + TEXT[0] + TEXT[1])
    assert not late.only_introduced
    assert late.feed(error) == b""
    assert late.outcome == "broken" and late.said_something
    assert late.reported_error is not None


BEGINNINGS = {MESSAGES: START, RESPONSES: event("response.created", response={"id": "resp_1", "model": "gpt"})}
UNTYPED: list[dict[str, Any]] = [
    {"error": {"message": "Insufficient balance", "code": "insufficient_quota"}},
    {"detail": "Insufficient balance"},
    {"base_resp": {"status_code": 1008, "status_msg": "Insufficient balance"}},
]


@pytest.mark.parametrize("passes_on", [False, True])
@pytest.mark.parametrize("error", UNTYPED)
@pytest.mark.parametrize("reader", BEGINNINGS, ids=lambda reader: reader.dialect)
def test_an_error_that_is_no_event_of_the_dialect_is_one_and_told_to_nobody(
    reader: Reader, error: dict[str, Any], passes_on: bool
) -> None:
    for beginning in (b"", BEGINNINGS[reader]):
        inspector = SpokenInspector(reader, passes_on=passes_on, model="public")
        told = inspector.feed(beginning) + inspector.feed(b"data: " + orjson.dumps(error) + b"\n\n")
        assert inspector.reported_error == error
        assert inspector.outcome == "broken" and not inspector.said_something
        assert b"balance" not in told


@pytest.mark.parametrize("reader", BEGINNINGS, ids=lambda reader: reader.dialect)
def test_an_end_of_chats_is_none_and_told_to_nobody(reader: Reader) -> None:
    inspector = SpokenInspector(reader, passes_on=True, model=None)
    said = BEGINNINGS[reader] + b'data: {"type":"ping","text":"[DONE]"}\n\n'
    assert inspector.feed(said + b"data: [DONE]\n\n") == said
    inspector.end()
    assert inspector.outcome == "broken"


@pytest.mark.parametrize("passes_on", [False, True])
def test_what_comes_after_its_end_is_told_to_nobody_however_it_is_cut(passes_on: bool) -> None:
    told = []
    for parts in ([[START, *TEXT, *STOP], TEXT], [[START, *TEXT, *STOP, *TEXT]]):
        inspector = SpokenInspector(MESSAGES, passes_on=passes_on, model="public")
        got = b"".join(inspector.feed(b"".join(part)) for part in parts)
        assert inspector.complete and inspector.usage_is_final
        told.append((got, inspector.withheld, inspector.texts()))
    assert told[0] == told[1]


def test_one_that_ends_without_its_last_event_is_whole_if_it_said_why_it_ends() -> None:
    whole, cut = passing(), passing()
    whole.feed(b"".join([START, *TEXT, *STOP[:-1]]))
    whole.end()
    assert whole.complete
    cut.feed(b"".join([START, *TEXT]))
    cut.end()
    assert cut.outcome == "broken"
    usage = cut.usage
    assert usage is not None and usage.prompt_tokens == 133 and not cut.usage_is_final


def test_what_is_no_stream_of_that_dialect_says_nothing() -> None:
    inspector = passing()
    inspector.feed(b'data: {"choices":[{"delta":{"content":"Hi"}}]}\n\n')
    inspector.end()
    assert not inspector.started and inspector.failure is not None


@pytest.mark.parametrize("reader", BEGINNINGS, ids=lambda reader: reader.dialect)
@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("shape", ERRORS)
def test_no_word_of_an_error_is_passed_on_in_whatever_shape_and_frame(reader: Reader, shape: str, frame: str) -> None:
    inspector = SpokenInspector(reader, passes_on=True, model="public")
    begun = inspector.feed(BEGINNINGS[reader])
    assert begun
    assert inspector.feed(FRAMES[frame] % orjson.dumps(ERRORS[shape])) + inspector.end() == b""
    assert inspector.failure == "an error in place of an answer"
    assert inspector.reported_error is not None


@pytest.mark.parametrize("reader", BEGINNINGS, ids=lambda reader: reader.dialect)
def test_what_is_no_event_of_an_answer_is_not_passed_on_and_a_new_one_is(reader: Reader) -> None:
    inspector = SpokenInspector(reader, passes_on=True, model="public")
    inspector.feed(BEGINNINGS[reader])
    for strange in (b"in lab-7\n\n", b"data: in lab-7\n\n", b"data: [7]\n\n", b'data: {"lab": 7}\n\n'):
        assert inspector.feed(strange) == b""
    for known in (b": a comment\n\n", event("novel", says=7)):
        assert inspector.feed(known) == known
    assert inspector.failure is None
