"""Replies for the stand-in upstream: that call tools, think, or stop where they were told to."""

from collections.abc import Sequence
from typing import Any

import orjson

from tests.support.stand_ins.upstream import DONE, MODEL, USAGE, Reply, completion, json_reply, raw

CALLS: list[dict[str, Any]] = [
    {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Rome"}'}},
    {"id": "call_2", "type": "function", "function": {"name": "clock", "arguments": "{}"}},
]


def calling() -> Reply:
    """A whole completion that says something and calls two tools."""
    return _calling(CALLS)


def calling_these(calls: Sequence[tuple[str, str, str]]) -> Reply:
    """The same with these calls: their ids, names and arguments."""
    return _calling(_calls(calls))


def calling_these_in_a_stream(calls: Sequence[tuple[str, str, str]]) -> Reply:
    """The same as a stream, arguments in pieces."""
    return _calling_in_a_stream(_calls(calls), numbered=True)


def _calls(calls: Sequence[tuple[str, str, str]]) -> list[dict[str, Any]]:
    return [
        {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}
        for id, name, arguments in calls
    ]


def _calling(calls: list[dict[str, Any]]) -> Reply:
    return completion("Let me see.", message={"tool_calls": calls}, finish_reason="tool_calls")


def calling_in_a_stream(*, numbered: bool = True) -> Reply:
    """The same as a stream, arguments in pieces. Where they are not `numbered`, each call has the index 0."""
    return _calling_in_a_stream(CALLS, numbered=numbered)


def _calling_in_a_stream(calls: list[dict[str, Any]], *, numbered: bool) -> Reply:
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}, {"content": "Let me "}, {"content": "see."}]
    for position, call in enumerate(calls):
        index = position if numbered else 0
        function = call["function"]
        begun = {"index": index, "id": call["id"], "type": "function", "function": {**function, "arguments": ""}}
        deltas.append({"tool_calls": [begun]})
        half = len(function["arguments"]) // 2
        pieces = (function["arguments"][:half], function["arguments"][half:])
        deltas += [{"tool_calls": [{"index": index, "function": {"arguments": piece}}]} for piece in pieces]
    return _stream(deltas, "tool_calls")


def thinking(name: str) -> Reply:
    """A whole completion that tells what the model thought, under the name that the upstream has for it."""
    return completion(message={name: "Let me think."})


def thinking_in_a_stream(name: str) -> Reply:
    """The same as a stream."""
    return _stream([{name: "Let me "}, {name: "think."}, {"content": "Hello"}], "stop")


def stopping(at: str) -> Reply:
    """A whole completion that ended at a stop sequence, as vLLM tells it."""
    choice = {"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}
    body = {"id": "chatcmpl-stand-in", "object": "chat.completion", "created": 1_700_000_000, "model": MODEL}
    return json_reply({**body, "choices": [{**choice, "stop_reason": at}], "usage": USAGE})


def stopping_in_a_stream(at: str) -> Reply:
    """The same as a stream."""
    return _stream([{"content": "Hello"}], "stop", stop_reason=at)


def _stream(deltas: list[dict[str, Any]], finish_reason: str, **finish: Any) -> Reply:
    events = [_event([{"index": 0, "delta": delta, "finish_reason": None}]) for delta in deltas]
    events.append(_event([{"index": 0, "delta": {}, "finish_reason": finish_reason, **finish}]))
    events.append(_event([], usage=USAGE))
    return raw(*events, DONE, headers={"content-type": "text/event-stream"})


def _event(choices: list[dict[str, Any]], **fields: Any) -> bytes:
    chunk = {"id": "chatcmpl-stand-in", "object": "chat.completion.chunk", "created": 1_700_000_000, "model": MODEL}
    return b"data: " + orjson.dumps({**chunk, "choices": choices, **fields}) + b"\n\n"
