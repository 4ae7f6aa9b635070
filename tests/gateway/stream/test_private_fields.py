"""What a proxy keeps for itself is taken out of answers and events, and nothing else of them changes."""

from base64 import b64encode
from time import process_time
from typing import Any

import orjson
import pytest

from functions.farebox.gateway.stream.own_events import named_event
from functions.farebox.gateway.stream.private_fields import (
    events_without_private_fields,
    with_own_ids,
    without_private_fields,
)

PRIVATE: dict[str, Any] = {
    "_hidden_params": {"api_base": "https://secret.test", "response_cost": 0.1},
    "_response_headers": {"x-litellm-key": "secret"},
    "_response_ms": 12.5,
}
SAID = {"content": 'He said "_hidden_params": and {"_id": 1}', "role": "assistant"}
CALL = {"type": "tool_use", "name": "look", "input": {"_id": 7, "_in": {"_deep": 1}}}
ANSWERS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"id": "1", **PRIVATE, "choices": []}, {"id": "1", "choices": []}),
    ({"choices": [{"message": SAID, **PRIVATE}, 7]}, {"choices": [{"message": SAID}, 7]}),
    ({"choices": [{"delta": {**SAID, **PRIVATE}}]}, {"choices": [{"delta": SAID}]}),
    ({"type": "message", "content": [CALL], **PRIVATE}, {"type": "message", "content": [CALL]}),
    ({"message": {"content": [CALL], **PRIVATE}}, {"message": {"content": [CALL]}}),
    ({"response": {"id": "r", **PRIVATE, "usage": {"_x": 1, "a": 2}}}, {"response": {"id": "r", "usage": {"a": 2}}}),
]
UNTOUCHED: list[bytes] = [
    orjson.dumps({"choices": [{"delta": SAID}]}),
    orjson.dumps({"type": "content_block_start", "content_block": CALL}),
    b'{"choices": [ {"delta": {"content": "_italic_"}}]}',
    b'{"choices": [{"delta": {"content": "\\u005f\\u005f"}}]}',
    b'{"choices": [{"delta": {"content": "\\u005F: {"}}]}',
    b"[DONE]",
]


@pytest.mark.parametrize(("answer", "left"), ANSWERS)
def test_it_is_taken_out(answer: dict[str, Any], left: dict[str, Any]) -> None:
    for option in (None, orjson.OPT_INDENT_2):
        assert orjson.loads(without_private_fields(orjson.dumps(answer, option=option))) == left
    plain = b'data: {"id":"0"}\n\n'
    event = b"event: x\ndata: " + orjson.dumps(answer) + b"\n\n"
    in_lines = b"".join(
        b"data: " + line + b"\n" for line in orjson.dumps(answer, option=orjson.OPT_INDENT_2).split(b"\n")
    )
    changed = b"event: x\ndata: " + orjson.dumps(left) + b"\n\n"
    assert events_without_private_fields(plain + event + plain) == plain + changed + plain
    assert events_without_private_fields(in_lines + b"\n") == b"data: " + orjson.dumps(left) + b"\n\n"


@pytest.mark.parametrize("data", UNTOUCHED)
def test_no_byte_changes_where_there_is_none(data: bytes) -> None:
    assert without_private_fields(data) is data
    assert events_without_private_fields(b"data: " + data + b"\n\n: _\n\n") == b"data: " + data + b"\n\n: _\n\n"


@pytest.mark.parametrize(
    "name", [rb"\u005fhidden_params", rb"\u005Fx", rb"_h\u0069dden", rb"_a\"b", rb"\u005f\u0068\u0069"]
)
def test_it_is_taken_out_however_its_name_is_written(name: bytes) -> None:
    written = b'{"id":"1","' + name + b'":{"api_base":"secret"},"usage":{"' + name + b'": 1}}'
    left = b'{"id":"1","usage":{}}'
    assert without_private_fields(written) == left
    assert events_without_private_fields(b"data: " + written + b"\n\n") == b"data: " + left + b"\n\n"


@pytest.mark.parametrize(
    "event",
    [
        b'data: {"_hidden_params": {"api_base": "secret"}, "x',
        b'data: [{"_hidden_params": 1}]',
        b'data: not JSON, "_hidden_params": {',
        b': "_hidden_params": {',
        b'event: x\ndata: "_hidden_params": 1',
    ],
)
def test_an_event_that_is_no_object_and_names_it_goes_as_a_whole(event: bytes) -> None:
    plain = b'data: {"id":"0"}\n\n'
    assert events_without_private_fields(plain + event + b"\n\n" + plain) == plain + plain


def test_many_names_in_a_text_hold_up_nobody() -> None:
    def seconds(names: int) -> float:
        text = orjson.dumps({"choices": [{"delta": {"content": '"_' * names}}]})
        began = process_time()
        assert without_private_fields(text) is text
        return process_time() - began

    assert seconds(100_000) < 20 * seconds(20_000) + 0.1


def wrapped(told: str) -> str:
    return "resp_" + b64encode(told.encode()).decode()


def test_the_id_of_a_response_names_no_deployment() -> None:
    told = wrapped("litellm:custom_llm_provider:openai;model_id:secret-eu;response_id:resp_1")
    event = named_event({"type": "response.created", "response": {"id": told, "model": "m"}})
    assert with_own_ids(event) == event.replace(told.encode(), b"resp_1")
    body = orjson.dumps({"id": told, "output": []})
    assert without_private_fields(body) == body.replace(told.encode(), b"resp_1")


@pytest.mark.parametrize(
    "other", [wrapped("litellm:model_id:d;item_id:rs_1"), "resp_bGl0ZWxsbTp", "bGl0ZWxsbTp!", wrapped("litellm:x")]
)
def test_an_id_that_comes_back_or_is_none_of_those_stays(other: str) -> None:
    body = orjson.dumps({"id": "resp_1", "output": [{"id": other}]})
    assert without_private_fields(body) == body
