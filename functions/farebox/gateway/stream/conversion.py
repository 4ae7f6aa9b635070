"""Streams for whole answers and whole answers for streams: some servers give one where the other was asked for."""

from collections.abc import Iterator, Mapping
from typing import Any

from functions.farebox.gateway.json_object import read_object
from functions.farebox.gateway.stream.event_buffer import data_of, split
from functions.farebox.gateway.stream.own_events import DONE_EVENT, data_event

_CHUNK_OF = {"chat.completion": "chat.completion.chunk"}  # a completion of plain text has one name for both
_WHOLE_OF = {chunk: whole for whole, chunk in _CHUNK_OF.items()}
_SAID_ONCE = frozenset({"id", "index", "name", "role", "type"})  # or again in each delta, but never in pieces


def as_events(completion: Mapping[str, Any]) -> bytes:
    """The events of the stream that comes to this completion: what each choice says, its end, the usage, `[DONE]`."""
    head = {name: value for name, value in completion.items() if name not in ("choices", "usage")}
    head["object"] = _CHUNK_OF.get(str(head.get("object")), head.get("object"))
    choices = [choice for choice in completion.get("choices", ()) if isinstance(choice, dict)]
    events = [_event(head, [_said(choice, position)]) for position, choice in enumerate(choices)]
    events += [_event(head, [_finish(choice, position)]) for position, choice in enumerate(choices)]
    if completion.get("usage") is not None:
        events.append(data_event({**head, "choices": [], "usage": completion["usage"]}))
    return b"".join([*events, DONE_EVENT])


def _event(head: Mapping[str, Any], choices: list[dict[str, Any]]) -> bytes:
    return data_event({**head, "choices": choices})


def _said(choice: Mapping[str, Any], position: int) -> dict[str, Any]:
    said = {name: value for name, value in choice.items() if name not in ("message", "finish_reason")}
    message = choice.get("message")
    if isinstance(message, dict):
        said["delta"] = {name: _indexed(value) if name == "tool_calls" else value for name, value in message.items()}
    return {**said, "index": choice.get("index", position), "finish_reason": None}


def _indexed(calls: object) -> object:
    if not isinstance(calls, list):
        return calls
    return [{"index": place, **call} if isinstance(call, dict) else call for place, call in enumerate(calls)]


def _finish(choice: Mapping[str, Any], position: int) -> dict[str, Any]:
    index, reason = choice.get("index", position), choice.get("finish_reason") or "stop"
    end: dict[str, Any] = {"index": index, "finish_reason": reason}
    return {**end, "delta": {}} if "message" in choice else {**end, "text": ""}


def as_completion(events: bytes, usage: Mapping[str, Any] | None) -> dict[str, Any]:
    """The completion that the events of a stream come to, whose reports of usage have been taken out."""
    whole: dict[str, Any] = {}
    choices: dict[int, dict[str, Any]] = {}
    for chunk in _chunks(events):
        for name, value in chunk.items():
            if name != "choices" and value is not None:
                whole[name] = value if name not in whole or value else whole[name]
        told = chunk.get("choices")
        for position, choice in enumerate(told if isinstance(told, list) else ()):
            if isinstance(choice, dict):
                index = _index(choice)
                _add_choice(choices, position if index is None else index, choice)
    whole["object"] = _WHOLE_OF.get(str(whole.get("object")), whole.get("object"))
    whole["choices"] = [_with_calls_in_order(choices[index]) for index in sorted(choices)]
    if usage is not None:
        whole["usage"] = usage
    return whole


def _with_calls_in_order(choice: dict[str, Any]) -> dict[str, Any]:
    message = choice.get("message")
    calls = message.get("tool_calls") if isinstance(message, dict) else None
    if isinstance(calls, list):
        calls.sort(key=lambda call: _index(call) or 0)
        for call in calls:
            if _index(call) is not None:
                del call["index"]
    return choice


def _chunks(events: bytes) -> Iterator[dict[str, Any]]:
    for event in split(events):
        data = data_of(event)
        chunk = read_object(data) if data else None
        if chunk is not None:
            yield chunk


def _add_choice(choices: dict[int, dict[str, Any]], index: int, choice: Mapping[str, Any]) -> None:
    known = choices.setdefault(index, {"index": index, "finish_reason": None})
    for name, value in choice.items():
        if name == "delta":
            if isinstance(value, dict):
                _merge(known.setdefault("message", {"role": "assistant", "content": None}), value)
        elif name != "index":
            _merge(known, {name: value})


def _merge(known: dict[str, Any], delta: Mapping[str, Any]) -> None:
    """Add what a delta says: text goes on, what has an index goes to its own, lists grow."""
    for name, value in delta.items():
        before = known.get(name)
        if value is None or (name in _SAID_ONCE and before):
            continue
        if isinstance(value, str) and isinstance(before, str) and name != "finish_reason":
            known[name] = before + value
        elif name == "content" and before and isinstance(value, str | list) and isinstance(before, str | list):
            known[name] = _merged_rows(_parts(before), _parts(value))
        elif isinstance(value, dict) and isinstance(before, dict):
            _merge(before, value)
        elif isinstance(value, list):
            known[name] = _merged_rows(before if isinstance(before, list) else [], value)
        else:
            known[name] = _merged({}, value) if isinstance(value, dict) else value


def _parts(content: str | list[Any]) -> list[Any]:
    """Content as the list of parts that some deltas of it are, though others are text."""
    if isinstance(content, list):
        return content
    return [{"type": "text", "text": content}] if content else []


def _merged(known: dict[str, Any], delta: Mapping[str, Any]) -> dict[str, Any]:
    _merge(known, delta)
    return known


def _merged_rows(known: list[Any], rows: list[Any]) -> list[Any]:
    places = {index: row for row in known if (index := _index(row)) is not None}
    for row in rows:
        index = _index(row)
        if index is not None and index in places:
            _merge(places[index], row)
        else:
            known.append(_merged({}, row) if isinstance(row, dict) else row)
            if index is not None:
                places[index] = known[-1]
    return known


def _index(row: object) -> int | None:
    index = row.get("index") if isinstance(row, dict) else None
    return index if type(index) is int else None
