"""Translates streams to those of legacy completions: pieces of text, the reports, and `[DONE]`."""

from collections.abc import Mapping
from typing import Any

from functions.farebox.dialects.completion import origin_of
from functions.farebox.dialects.dialect import Json
from functions.farebox.dialects.legacy.answer import choice_of, echo_of, head_of
from functions.farebox.gateway.json_object import read_object
from functions.farebox.gateway.stream.event_buffer import data_of, split
from functions.farebox.gateway.stream.own_events import DONE_EVENT, data_event
from functions.farebox.gateway.stream.transcript import choices_of


class LegacyWriter:
    """One stream, which answers what was `asked`."""

    def __init__(self, asked: Mapping[str, Any]) -> None:
        self._asked = asked
        self._echoed = echo_of(asked)
        self._head: Json | None = None
        self._offsets: dict[int, int] = {}  # characters of each choice that were sent

    def write(self, block: bytes) -> bytes:
        """See `StreamWriter`."""
        return b"".join(map(self._event, split(block)))

    def fail(self) -> bytes:
        """See `StreamWriter`."""
        message = "The model's answer could not be read any further."
        return data_event({"error": {"message": message, "type": "upstream_error", "param": None, "code": None}})

    def _event(self, event: bytes) -> bytes:
        data = data_of(event)
        if data == b"[DONE]":
            return DONE_EVENT
        chunk = read_object(data) if data else None
        if chunk is None:
            return b""
        if isinstance(chunk.get("error"), Mapping):
            return data_event({"error": chunk["error"]})
        if self._head is None:
            self._head = head_of(origin_of(chunk).known, self._asked)
        choices = [piece for index, choice in choices_of(chunk) if (piece := self._piece(index, choice)) is not None]
        kept = {name: chunk[name] for name in ("usage", "farebox") if chunk.get(name) is not None}
        return data_event({**self._head, "choices": choices, **kept}) if choices or kept else b""

    def _piece(self, index: int, choice: Mapping[str, Any]) -> Json | None:
        """A piece of a choice; `None` of what says nothing."""
        offset = self._offsets.get(index)
        piece = choice_of(index, choice, "delta", self._echoed if offset is None else "", offset or 0)
        self._offsets[index] = (offset or 0) + len(piece["text"])
        says_something = piece["text"] or piece["logprobs"] is not None or piece["finish_reason"] is not None
        return piece if says_something else None
