"""Whole answers as streams and streams as whole answers: one says what the other does."""

import orjson
import pytest

from functions.farebox.gateway.stream.conversion import as_completion, as_events
from functions.farebox.gateway.stream.inspector import StreamInspector

USAGE = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}


def completion(**message: object) -> dict[str, object]:
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": "stop"}
    head = {"id": "c1", "object": "chat.completion", "created": 1, "model": "m", "citations": ["https://a.example"]}
    return {**head, "choices": [choice], "usage": USAGE}


CALLS = [
    {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": '{"a":1}'}},
    {"id": "call_2", "type": "function", "function": {"name": "look", "arguments": "{}"}},
]
WHOLE = {
    "text": completion(content="hello there"),
    "tools": completion(content=None, tool_calls=CALLS),
    "thoughts": completion(content="4", reasoning_content="2 and 2", annotations=[{"type": "url_citation"}]),
    "plain text": {
        "id": "c",
        "object": "text_completion",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "text": "hello", "finish_reason": "length"}],
        "usage": USAGE,
    },
}


@pytest.mark.parametrize("whole", WHOLE.values(), ids=WHOLE.keys())
def test_a_whole_answer_as_a_stream_says_the_same(whole: dict[str, object]) -> None:
    inspector = StreamInspector()
    block = inspector.feed(as_events(whole))
    assert inspector.complete
    assert inspector.usage_report == USAGE
    again = as_completion(block, inspector.usage_report)
    assert again == whole


def test_pieces_of_a_stream_come_together_by_choice_and_by_call() -> None:
    def chunk(index: int, delta: dict[str, object], finish: str | None = None) -> bytes:
        choice = {"index": index, "delta": delta, "finish_reason": finish}
        body = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
        return b"data: " + orjson.dumps(body) + b"\n\n"

    def call(index: int, arguments: str, **more: str) -> dict[str, object]:
        return {"tool_calls": [{"index": index, **more, "function": {"arguments": arguments, "name": "f"}}]}

    events = b"".join(
        [
            chunk(1, {"role": "assistant", "content": "b"}),
            chunk(0, {"role": "assistant", "content": ""}),
            chunk(0, {"content": "a"}),
            chunk(0, call(1, '{"x"', id="two")),
            chunk(0, call(0, "{}", id="one")),
            chunk(0, call(1, ":1}")),
            chunk(1, {"content": "c"}, "stop"),
            chunk(0, {}, "tool_calls"),
        ]
    )
    whole = as_completion(events, None)
    assert whole["object"] == "chat.completion"
    first, second = whole["choices"]
    assert (first["message"]["content"], first["finish_reason"]) == ("a", "tool_calls")
    assert [(each["id"], each["function"]) for each in first["message"]["tool_calls"]] == [
        ("one", {"arguments": "{}", "name": "f"}),
        ("two", {"arguments": '{"x":1}', "name": "f"}),
    ]
    assert (second["message"]["content"], second["finish_reason"]) == ("bc", "stop")
