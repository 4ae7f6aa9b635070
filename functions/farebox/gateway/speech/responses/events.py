"""Reads a stream of the Responses API as the chat completion chunks that mean the same
(https://platform.openai.com/docs/api-reference/responses-streaming)."""

from collections.abc import Mapping
from typing import Any

from functions.farebox.gateway.json_object import read_object
from functions.farebox.gateway.speech.responses.answer import CALLS, called, finish_reason
from functions.farebox.gateway.speech.responses.conversion import ENDINGS
from functions.farebox.gateway.speech.responses.words import completion_id, sealed
from functions.farebox.gateway.stream.event_buffer import data_of
from functions.farebox.gateway.stream.own_events import DONE_EVENT, data_event

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
_FAILURES = frozenset({"response.failed", "response.cancelled"})
_NEW_SUMMARY = "response.reasoning_summary_part.added"


class ResponseEvents:
    """See `EventReader`."""

    def __init__(self) -> None:
        self.is_ending = False
        self.has_counted = True
        self._envelope: Json = {}
        self._calls: dict[object, int] = {}  # which call of the answer is at which place of its output
        self._thoughts = 0

    def read(self, event: bytes) -> bytes:
        """See `EventReader`."""
        data = data_of(event)
        told = read_object(data) if data else None
        kind = _text(told, "type") if told is not None else ""
        self.is_ending = kind in ENDINGS
        if told is None:
            return b""
        if kind.endswith(".delta"):
            return self._chunk(self._delta(kind, told))
        if kind == _NEW_SUMMARY and told.get("summary_index"):
            return self._chunk({"reasoning_content": "\n\n"})
        if kind == "response.created":
            return self._start(_object(told, "response"))
        if kind in ("response.output_item.added", "response.output_item.done"):
            return self._chunk(self._item(told, is_done=kind.endswith("done")))
        if self.is_ending:
            return self._finish(_object(told, "response"))
        if kind in _FAILURES:
            return self._fail(_object(told, "response"))
        return data_event(told) if kind == "error" else b""

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
        if not isinstance(delta, str) or not delta:
            return {}
        if kind in _ARGUMENTS:
            holder, name = _ARGUMENTS[kind]
            return {"tool_calls": [{"index": self._call(index), holder: {name: delta}}]}
        return {_PLACES.get(kind, "items"): delta}

    def _item(self, told: Mapping[str, Any], *, is_done: bool) -> Json:
        item = _object(told, "item")
        kind = _text(item, "type")
        if kind in CALLS and not is_done:
            return {"tool_calls": [{"index": self._call(told.get("output_index")), **called(item, "")}]}
        if kind == "reasoning" and is_done and isinstance(item.get("encrypted_content"), str):
            self._thoughts += 1
            return {"reasoning_details": [sealed(item, self._thoughts - 1)]}
        return {}

    def _call(self, output_index: object) -> int:
        return self._calls.setdefault(output_index if type(output_index) is int else None, len(self._calls))

    def _finish(self, response: Mapping[str, Any]) -> bytes:
        """A response that ends says all of it again; what counts is why it ends, and its report."""
        choice = {"index": 0, "delta": {}, "finish_reason": finish_reason(response, calls=bool(self._calls))}
        last: Json = {**self._envelope, "choices": [choice], **_bill(response)}
        items = response.get("output")
        found = [each for each in items if isinstance(each, dict)] if isinstance(items, list) else []
        searches = [{"type": each["type"]} for each in found if each.get("type") == "web_search_call"]
        if searches:
            last["output"] = searches
        return data_event(last) + DONE_EVENT

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
