"""What a proxy keeps for itself is taken out of answers and events, and nothing else of them changes."""

from typing import Any

import orjson
import pytest

from functions.farebox.gateway.stream.private_fields import events_without_private_fields, without_private_fields

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
    b'not JSON, "_hidden_params": {',
    b'[{"_hidden_params": 1}]',
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
