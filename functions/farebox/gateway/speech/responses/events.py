"""Reads a stream of the Responses API as the chat completion chunks that mean the same
(https://platform.openai.com/docs/api-reference/responses-streaming)."""

from collections.abc import Iterator, Mapping
from typing import Any

from functions.farebox.gateway.faults.told import error_in
from functions.farebox.gateway.json_object import read_object
from functions.farebox.gateway.speech.responses.answer import (
    CALLS,
    called,
    completion_of,
    drawing,
    finish_reason,
    is_drawn,
    is_unfinished,
    steps_in,
)
from functions.farebox.gateway.speech.responses.conversion import ENDINGS
from functions.farebox.gateway.speech.responses.told import Told, others, texts_of
from functions.farebox.gateway.speech.responses.words import completion_id, sealed
from functions.farebox.gateway.stream.event_buffer import data_of
from functions.farebox.gateway.stream.own_events import DONE_EVENT, data_event
from functions.farebox.gateway.stream.transcript import MOST_LISTED, place_of

Json = dict[str, Any]

_PLACES = {
    "response.output_text.delta": "content",
    "response.refusal.delta": "refusal",
    "response.reasoning_summary_text.delta": "reasoning_content",
    "response.reasoning_text.delta": "reasoning_content",
}
_ARGUMENTS = {
    "response.function_call_arguments.delta": ("function", "arguments"),
    "response.custom_tool_call_input.delta": ("custom", "input"),
}
KNOWN = ("response.", "error")  # how the types of events begin
_FAILURES = frozenset({"response.failed", "response.cancelled"})
# A text that is done, and the field that it is in then.
_DONE = {
    "response.output_text.done": ("content", "text"),
    "response.refusal.done": ("refusal", "refusal"),
    "response.reasoning_summary_text.done": ("reasoning_content", "text"),
    "response.reasoning_text.done": ("reasoning_content", "text"),
}
_CALLED = {
    "response.function_call_arguments.done": ("function", "arguments"),
    "response.custom_tool_call_input.done": ("custom", "input"),
}
_HOLDERS = {name: holder for holder, name in _ARGUMENTS.values()}
_ITEMS = ("response.output_item.added", "response.output_item.done")
_BREAK = "\n\n"
# What says nothing that was generated, or nothing that does not come by itself.
_SILENT = ("response.in_progress", "response.queued", "response.output_text.annotation.added")
_REPEATING = ".done"
_DRAWING = "response.image_generation_call.partial_image"
# A part of an item, which may begin with some of its text: where that is, and what it is in a chat.
_PARTS = frozenset(
    {
        *("response.content_part.added", "response.content_part.done"),
        *("response.reasoning_summary_part.added", "response.reasoning_summary_part.done"),
    }
)
_PART_TEXTS = {"reasoning_text": "reasoning_content", "summary_text": "reasoning_content"}


class ResponseEvents:
    """See `EventReader`."""

    def __init__(self) -> None:
        self.is_ending = False
        self.is_known = False
        self.has_counted = True
        self._envelope: Json = {}
        self._calls: dict[object, int] = {}  # which call of the answer is at which place of its output
        self._written: dict[int, int] = {}  # characters of what each call is called with
        self._named: set[int] = set()  # the calls whose name has been told
        self._summaries: set[tuple[str, object]] = set()  # of which something has been told
        self._drawings: set[object] = set()  # the places of images that have been told
        self._thoughts = 0
        self._done: dict[object, Json] = {}  # what calls of its vendor's tools are billed by, by their place
        self._told = Told()
        self._said_something = False

    def read(self, event: bytes) -> bytes:
        """See `EventReader`."""
        data = data_of(event)
        told = read_object(data) if data else None
        kind = _text(told, "type") if told is not None else ""
        self.is_ending = kind in ENDINGS
        self.is_known = kind.startswith(KNOWN)
        if told is None:
            return b""
        if kind == "response.created":
            return self._start(_object(told, "response"))
        if self.is_ending:
            return self._finish(_object(told, "response"))
        if kind in _FAILURES:
            return self._fail(_object(told, "response"))
        # Every event of this dialect has a type: an error without one is a proxy's, or MiniMax's verdict.
        if kind == "error" or (not kind and error_in(told) is not None):
            return data_event(told)
        chunks = b"".join(map(self._chunk, self._said(kind, told)))
        self._said_something = self._said_something or bool(chunks)
        return chunks

    def _said(self, kind: str, told: Mapping[str, Any]) -> Iterator[Json]:
        if kind.endswith(".delta"):
            yield self._delta(kind, told)
        elif kind in _ITEMS:
            yield from self._item(told, is_done=kind.endswith("done"))
        elif kind in _DONE:
            name, field = _DONE[kind]
            yield self._rest(name, told, told.get(field))
        elif kind in _CALLED:
            holder, field = _CALLED[kind]
            rest = self._told.rest(field, told, told.get(field))
            if rest:
                yield self._wrote(self._call(told.get("output_index")), holder, field, rest)
        elif kind in _PARTS:
            yield from self._part(told, _object(told, "part"))
        elif kind == _DRAWING:
            yield self._drawn(told.get("output_index"))
        elif kind not in _SILENT and not kind.endswith(_REPEATING):
            yield others(told)

    def _part(self, told: Mapping[str, Any], part: Mapping[str, Any]) -> Iterator[Json]:
        """A part as it begins, and when it is done: what of it had not come."""
        yield self._rest(_PART_TEXTS.get(_text(part, "type"), "content"), told, part.get("text"))
        yield self._rest("refusal", told, part.get("refusal"))

    def _rest(self, name: str, told: Mapping[str, Any], whole: object) -> Json:
        return self._spoken(name, told, self._told.rest(name, told, whole))

    def _spoken(self, name: str, told: Mapping[str, Any], text: str) -> Json:
        """A text in its field; before all summaries of a thought but the first is an empty line."""
        if not text:
            return {}
        summary = told.get("summary_index")
        place = (str(told.get("output_index")), summary)
        if type(summary) is int and place not in self._summaries:
            self._summaries.add(place)
            if summary > 0:
                self._told.add(name, {**told, "summary_index": None, "content_index": -1}, _BREAK)
                text = _BREAK + text
        return {name: text}

    def _start(self, response: Mapping[str, Any]) -> bytes:
        self._envelope = {
            "id": completion_id(response.get("id")),
            "object": "chat.completion.chunk",
            "created": response.get("created_at"),
            "model": response.get("model"),
        }
        return self._chunk({"role": "assistant", "content": ""})

    def _delta(self, kind: str, told: Mapping[str, Any]) -> Json:
        delta, index = told.get("delta"), told.get("output_index")
        if not isinstance(delta, str):
            return others(told)
        if not delta:
            return {}
        if kind in _ARGUMENTS:
            holder, name = _ARGUMENTS[kind]
            self._told.add(name, told, delta)
            return self._wrote(self._call(index), holder, name, delta)
        name = _PLACES.get(kind, "items")
        self._told.add(name, told, delta)
        return self._spoken(name, told, delta)

    def _item(self, told: Mapping[str, Any], *, is_done: bool) -> Iterator[Json]:
        """An item as it begins, and when it is done: what of it had not come."""
        item = _object(told, "item")
        kind = _text(item, "type")
        if is_done:
            self._note_done(item, told)
        if kind in CALLS:
            yield self._called(item, told)
        elif kind == "message":
            for n, part in enumerate(_objects(item, "content")):
                at = {"output_index": told.get("output_index"), "content_index": n}
                yield self._rest("content", at, part.get("text"))
                yield self._rest("refusal", at, part.get("refusal"))
        elif kind == "reasoning":
            for name, at_name in (("summary", "summary_index"), ("content", "content_index")):
                for n, part in enumerate(_objects(item, name)):
                    at = {"output_index": told.get("output_index"), at_name: n}
                    yield self._rest("reasoning_content", at, part.get("text"))
            if is_done and isinstance(item.get("encrypted_content"), str):
                self._thoughts += 1
                yield {"reasoning_details": [sealed(item, self._thoughts - 1)]}
        else:
            yield self._rest("items", {"output_index": told.get("output_index")}, texts_of([item]))
            if is_drawn(item):
                yield self._drawn(told.get("output_index"))

    def _note_done(self, item: Mapping[str, Any], told: Mapping[str, Any]) -> None:
        """Note what an item is billed by."""
        if len(self._done) < MOST_LISTED:
            for step in steps_in([item]):
                self._done[place_of(item, told.get("output_index"), len(self._done))] = step

    def _drawn(self, place: object) -> Json:
        """An image, once, whether it comes in parts, with its item or with the response: that there is one, and not its
        data."""
        if place in self._drawings:
            return {}
        self._drawings.add(place)
        return {"items": [drawing("drawn")]}

    def _called(self, item: Mapping[str, Any], told: Mapping[str, Any]) -> Json:
        index, name = self._call(told.get("output_index")), CALLS[item["type"]]
        rest = self._told.rest(name, told, item.get(name))
        if index not in self._named:
            self._named.add(index)
            self._written[index] = self._written.get(index, 0) + len(rest)
            return {"tool_calls": [{"index": index, **called(item, rest)}]}
        return self._wrote(index, _HOLDERS[name], name, rest) if rest else {}

    def _wrote(self, index: int, holder: str, name: str, text: str) -> Json:
        self._written[index] = self._written.get(index, 0) + len(text)
        return {"tool_calls": [{"index": index, holder: {name: text}}]}

    def _call(self, output_index: object) -> int:
        return self._calls.setdefault(output_index if type(output_index) is int else None, len(self._calls))

    def _left(self, response: Mapping[str, Any]) -> Iterator[Json]:
        """What a response says when it ends that had not come before."""
        message = completion_of(response)["choices"][0]["message"]
        for name in ("reasoning_content", "content", "refusal"):
            rest = self._told.rest_of_all(name, message.get(name))
            if rest:
                yield {name: rest}
        calls, known = message.get("tool_calls", ()), set(self._calls.values())
        for index, call in enumerate(calls):
            if index not in known:
                self._calls["at its end", index] = index
                yield {"tool_calls": [{"index": index, **call}]}
                continue
            for name, holder in _HOLDERS.items():
                whole = _object(call, holder).get(name)
                rest = whole[self._written.get(index, 0) :] if isinstance(whole, str) else ""
                if rest:
                    yield self._wrote(index, holder, name, rest)
        sealed_thoughts = message.get("reasoning_details", ())[self._thoughts :]
        if sealed_thoughts:
            yield {"reasoning_details": sealed_thoughts}
        rest = self._told.rest_of_all("items", texts_of(message.get("items")))
        if rest:
            yield {"items": rest}
        yield from (self._drawn(n) for n, item in enumerate(_objects(response, "output")) if is_drawn(item))

    def _finish(self, response: Mapping[str, Any]) -> bytes:
        """A response that ends says all of it again; what counts is why it ends, its report, and what had not come."""
        if is_unfinished(response) and not self._said_something:
            return self._fail(response)
        left = b"".join(map(self._chunk, self._left(response)))
        choice = {"index": 0, "delta": {}, "finish_reason": finish_reason(response, calls=bool(self._calls))}
        last: Json = {**self._envelope, "choices": [choice], **_bill(response)}
        # Some servers end with a response that lists nothing of what they have told.
        steps = max(steps_in(_objects(response, "output")), list(self._done.values()), key=len)
        if steps:
            last["output"] = steps
        return left + data_event(last) + DONE_EVENT

    def _fail(self, response: Mapping[str, Any]) -> bytes:
        """One that came to nothing may be billed nevertheless, and tells by how much."""
        return data_event({"error": response.get("error") or {"code": "server_error"}, **_bill(response)})

    def _chunk(self, delta: Json) -> bytes:
        if not delta:
            return b""
        return data_event({**self._envelope, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]})


def _bill(response: Mapping[str, Any]) -> Json:
    """What a response is billed by."""
    return {name: response[name] for name in ("usage", "service_tier") if response.get(name) is not None}


def _text(holder: Mapping[str, Any], name: str) -> str:
    value = holder.get(name)
    return value if isinstance(value, str) else ""


def _object(holder: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = holder.get(name)
    return value if isinstance(value, dict) else {}


def _objects(holder: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    values = holder.get(name)
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []
