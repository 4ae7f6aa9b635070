"""Streams for whole messages and whole messages for streams: some servers give one where the other was asked for."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from functions.farebox.gateway.json_object import read_object
from functions.farebox.gateway.speech.messages.words import ENDINGS, told_usage
from functions.farebox.gateway.stream.event_buffer import data_of, split
from functions.farebox.gateway.stream.own_events import named_event
from functions.farebox.tokens.usage.counts import count

Json = dict[str, Any]

_ENDING = ("stop_reason", "stop_sequence")
# Of each kind of a delta, the field of its block that it goes on with.
_FIELDS = {"text_delta": "text", "thinking_delta": "thinking", "signature_delta": "signature"}
_ARGUMENTS = "partial_json"


def as_events(message: Mapping[str, Any]) -> bytes:
    """The events of the stream that comes to this message."""
    return b"".join(map(named_event, _events(message)))


def _events(message: Mapping[str, Any]) -> Iterator[Json]:
    yield {"type": "message_start", "message": {**message, "content": [], **dict.fromkeys(_ENDING)}}
    for index, block in enumerate(message["content"]):
        if isinstance(block, dict):
            yield from _block_events(block, {"index": index})
    change = {name: message.get(name) for name in _ENDING}
    yield {"type": "message_delta", "delta": change, "usage": message.get("usage") or {}}
    yield {"type": "message_stop"}


def _block_events(block: Mapping[str, Any], at: Json) -> Iterator[Json]:
    deltas = [{"type": kind, name: block[name]} for kind, name in _FIELDS.items() if isinstance(block.get(name), str)]
    empty = {**block, **{name: "" for name in _FIELDS.values() if isinstance(block.get(name), str)}}
    if "input" in block:
        empty["input"] = {}
        deltas.append({"type": "input_json_delta", _ARGUMENTS: orjson.dumps(block["input"]).decode()})
    yield {"type": "content_block_start", **at, "content_block": empty}
    for delta in deltas:
        yield {"type": "content_block_delta", **at, "delta": delta}
    yield {"type": "content_block_stop", **at}


def as_whole(events: bytes) -> Json:
    """The message that the events of a stream come to. What is malformed counts as absent."""
    message: Json = {}
    blocks: dict[int | None, Json] = {}
    for event in split(events):
        told = read_object(data_of(event) or b"") or {}
        kind, delta, index = told.get("type"), told.get("delta"), told.get("index")
        place = index if type(index) is int else None
        if kind == "message_start" and isinstance(told.get("message"), dict):
            message = dict(told["message"])
        elif kind == "content_block_start" and isinstance(told.get("content_block"), dict):
            blocks[place] = dict(told["content_block"])
        elif kind == "content_block_delta" and isinstance(delta, dict):
            _add(blocks.setdefault(place, {}), delta)
        elif kind in ENDINGS:
            usage = _merged(message.get("usage"), told_usage(told))
            message |= delta if isinstance(delta, dict) else {}
            message["usage"] = usage if isinstance(usage, dict) else {}
    return {**message, "content": [_closed(block) for block in blocks.values()]}


def _merged(earlier: object, later: object, depth: int = 2) -> object:
    """Two reports of one answer as one, as the books take them: the larger of each count, whichever came first."""
    if isinstance(earlier, dict):
        if not isinstance(later, dict) or not depth:
            return earlier
        return {name: _merged(earlier.get(name), later.get(name), depth - 1) for name in earlier | later}
    before, after = count(earlier), count(later)
    if later is None or (before is not None and (after is None or after < before)):
        return earlier
    return later


def _add(block: Json, delta: Mapping[str, Any]) -> None:
    name = _FIELDS.get(str(delta.get("type")))
    if name is not None:
        block[name] = _text(block, name) + _text(delta, name)
    elif _ARGUMENTS in delta:
        block[_ARGUMENTS] = _text(block, _ARGUMENTS) + _text(delta, _ARGUMENTS)
    elif "citation" in delta:
        before = block.get("citations")
        block["citations"] = [*(before if isinstance(before, list) else ()), delta["citation"]]


def _closed(block: Json) -> Json:
    """A block of which all has come."""
    text = _text(block, _ARGUMENTS)
    block.pop(_ARGUMENTS, None)
    return {**block, "input": read_object(text.encode()) or {}} if text else block


def _text(holder: Mapping[str, Any], name: str) -> str:
    value = holder.get(name)
    return value if isinstance(value, str) else ""
