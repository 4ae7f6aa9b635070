"""Streams for whole responses and whole responses for streams: some servers give one where the other was asked for."""

from collections.abc import Iterator, Mapping
from typing import Any

from functions.farebox.gateway.json_object import read_object
from functions.farebox.gateway.stream.event_buffer import data_of, split
from functions.farebox.gateway.stream.own_events import named_event

Json = dict[str, Any]

ENDINGS = frozenset({"response.completed", "response.incomplete"})
# What an item is called with, and the events that bring it.
_CALLS = {
    "function_call": ("arguments", "response.function_call_arguments"),
    "custom_tool_call": ("input", "response.custom_tool_call_input"),
}
# Parts that hold a text: where it is, and the events that bring it.
_TEXTS = {
    "output_text": ("text", "response.output_text"),
    "refusal": ("refusal", "response.refusal"),
    "reasoning_text": ("text", "response.reasoning_text"),
}
_EMPTY: Json = {"arguments": "", "input": "", "content": [], "summary": []}


def as_events(response: Mapping[str, Any]) -> bytes:
    """The events of the stream that comes to this response."""
    events = enumerate(_events(response))
    return b"".join(named_event({"sequence_number": number, **event}) for number, event in events)


def _events(response: Mapping[str, Any]) -> Iterator[Json]:
    begun = {**response, "status": "in_progress", "output": [], "usage": None, "incomplete_details": None}
    yield {"type": "response.created", "response": begun}
    yield {"type": "response.in_progress", "response": begun}
    for index, item in enumerate(response["output"]):
        if isinstance(item, dict):
            at: Json = {"output_index": index}
            empty = {name: _EMPTY.get(name, value) for name, value in item.items()}
            yield {"type": "response.output_item.added", **at, "item": {**empty, "status": "in_progress"}}
            yield from _item_events(item, {"item_id": item.get("id"), **at})
            yield {"type": "response.output_item.done", **at, "item": item}
    kind = "response.incomplete" if response.get("status") == "incomplete" else "response.completed"
    yield {"type": kind, "response": response}


def _item_events(item: Mapping[str, Any], at: Json) -> Iterator[Json]:
    called = _CALLS.get(str(item.get("type")))
    if called is not None:
        name, kind = called
        yield {"type": f"{kind}.delta", **at, "delta": item.get(name)}
        yield {"type": f"{kind}.done", **at, name: item.get(name)}
        return
    for n, part in _parts(item, "summary"):
        here = {**at, "summary_index": n}
        yield {"type": "response.reasoning_summary_part.added", **here, "part": {**part, "text": ""}}
        yield {"type": "response.reasoning_summary_text.delta", **here, "delta": part["text"]}
        yield {"type": "response.reasoning_summary_text.done", **here, "text": part["text"]}
        yield {"type": "response.reasoning_summary_part.done", **here, "part": part}
    for n, part in _parts(item, "content"):
        if part["type"] in _TEXTS:
            name, kind = _TEXTS[part["type"]]
            here = {**at, "content_index": n}
            more: Json = {"logprobs": []} if part["type"] == "output_text" else {}
            yield {"type": "response.content_part.added", **here, "part": {**part, name: ""}}
            yield {"type": f"{kind}.delta", **here, "delta": part[name], **more}
            yield {"type": f"{kind}.done", **here, name: part[name], **more}
            yield {"type": "response.content_part.done", **here, "part": part}


def _parts(item: Mapping[str, Any], name: str) -> Iterator[tuple[int, Json]]:
    """The parts of an item that hold a text. What is malformed comes with the whole item alone."""
    parts = item.get(name)
    for n, part in enumerate(parts if isinstance(parts, list) else ()):
        if isinstance(part, dict) and isinstance(part.get("type"), str):
            text = _TEXTS.get(part["type"], ("text", ""))[0]
            if isinstance(part.get(text), str):
                yield n, part


def as_whole(events: bytes) -> Json:
    """The response that the events of a stream come to: the last of them says all of it."""
    for event in reversed(split(events)):
        told = read_object(data_of(event) or b"")
        if told is not None and str(told.get("type")) in ENDINGS and isinstance(told.get("response"), dict):
            whole: Json = told["response"]
            return whole
    return {}
