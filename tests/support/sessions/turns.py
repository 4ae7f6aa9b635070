"""What a model says in one turn of a session, written in each dialect.

turn = Turn("It rains.", thought="Hm.", calls=(Call("call_1", "weather", {"city": "Rome"}),))
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from tests.support.stand_ins.upstream import DONE, Reply, completion, raw

Json = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """A call of a client's tool. A text in place of arguments is for a tool that takes one text."""

    id: str
    name: str
    arguments: Json | str
    namespace: str | None = None

    @property
    def text(self) -> str:
        """What it is called with, as one text."""
        return self.arguments if isinstance(self.arguments, str) else orjson.dumps(self.arguments).decode()


@dataclass(frozen=True)
class Turn:
    """One answer: what it thinks, says and calls, in this order."""

    text: str = ""
    thought: str = ""
    calls: tuple[Call, ...] = ()

    @property
    def reason(self) -> str:
        """Why it ends, in the word of chat completions."""
        return "tool_calls" if self.calls else "stop"


def chat_reply(turn: Turn, id: str, *, stream: bool, usage: Json) -> Reply:
    """It as a chat completion of that id. Some programs take what has one id for one message."""
    return _chat_stream(turn, id, usage) if stream else _chat_completion(turn, id, usage)


def _chat_completion(turn: Turn, id: str, usage: Json) -> Reply:
    message: Json = {"content": turn.text or None}
    if turn.thought:
        message["reasoning_content"] = turn.thought
    if turn.calls:
        message["tool_calls"] = [_chat_call(call) for call in turn.calls]
    return completion(message=message, finish_reason=turn.reason, usage=usage, id=id)


def _chat_call(call: Call) -> Json:
    if isinstance(call.arguments, str):
        return {"id": call.id, "type": "custom", "custom": {"name": call.name, "input": call.arguments}}
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.text}}


def _chat_stream(turn: Turn, id: str, usage: Json) -> Reply:
    head = {"id": id, "object": "chat.completion.chunk", "created": 1_700_000_000, "model": "up-model"}

    def chunk(choices: list[Json], **fields: Any) -> bytes:
        return b"data: " + orjson.dumps({**head, "choices": choices, **fields}) + b"\n\n"

    deltas = [{"role": "assistant", "content": ""}, *_deltas(turn)]
    events = [chunk([{"index": 0, "delta": delta, "finish_reason": None}]) for delta in deltas]
    events.append(chunk([{"index": 0, "delta": {}, "finish_reason": turn.reason}]))
    events.append(chunk([], usage=usage))
    return raw(*events, DONE, headers={"content-type": "text/event-stream"})


def _deltas(turn: Turn) -> Iterator[Json]:
    yield from ({"reasoning_content": piece} for piece in pieces_of(turn.thought))
    yield from ({"content": piece} for piece in pieces_of(turn.text))
    for index, call in enumerate(turn.calls):
        begun = _chat_call(call)
        begun["function"]["arguments"] = ""
        yield {"tool_calls": [{"index": index, **begun}]}
        for piece in pieces_of(call.text):
            yield {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}


def message_content(turn: Turn) -> list[Json]:
    """It as the blocks of a message, but for its thought."""
    blocks: list[Json] = [{"type": "text", "text": turn.text}] if turn.text else []
    return blocks + [
        {"type": "tool_use", "id": f"toolu_{call.id}", "name": call.name, "input": call.arguments}
        for call in turn.calls
    ]


def response_output(turn: Turn) -> list[Json]:
    """It as the items of a response, but for its thought."""
    items: list[Json] = []
    if turn.text:
        part = {"type": "output_text", "text": turn.text, "annotations": [], "logprobs": []}
        items.append({"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": [part]})
    for call in turn.calls:
        is_custom = isinstance(call.arguments, str)
        kind, name, prefix = ("custom_tool_call", "input", "ctc") if is_custom else ("function_call", "arguments", "fc")
        item = {"id": f"{prefix}_{call.id}", "type": kind, "status": "completed", "call_id": call.id, "name": call.name}
        if call.namespace is not None:
            item["namespace"] = call.namespace
        items.append({**item, name: call.text})
    return items


def pieces_of(text: str) -> list[str]:
    """A text as a stream brings it."""
    return [text[at : at + 6] for at in range(0, len(text), 6)]
