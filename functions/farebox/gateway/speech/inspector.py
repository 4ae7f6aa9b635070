"""The inspector of a stream in another dialect: what comes is read as a chat completion's chunks, which the books are
kept by. A client that asked in that dialect is passed on the events as they came, byte by byte but for the model's
name; any other is given the chunks."""

import re

import orjson

from functions.farebox.gateway.json_object import read_json, read_object
from functions.farebox.gateway.speech.reader import Reader
from functions.farebox.gateway.stream.error_events import error_in_event, events_alone
from functions.farebox.gateway.stream.event_buffer import data_of, split, with_data
from functions.farebox.gateway.stream.inspector import StreamInspector
from functions.farebox.gateway.stream.private_fields import events_without_private_fields, with_own_ids
from functions.farebox.gateway.stream.public_name import PublicName
from functions.farebox.tokens.usage.told_cost import COSTS, tells_cost, without_cost

_DONE = b"[DONE]"
_USAGE = b'"usage"'
_COST = re.compile(b'"(?:%s)"' % "|".join(sorted(COSTS)).encode())  # what the operator pays


class SpokenInspector(StreamInspector):
    """See `StreamInspector`. `passes_on`: the client is to have the events as they come. Those that end the stream are
    `withheld` then, so that the books can be closed before it ends."""

    def __init__(self, reader: Reader, *, passes_on: bool, model: str | None) -> None:
        super().__init__(model=None if passes_on else model)
        self._reader = reader.events()
        self._passed_name = PublicName(model)
        self._passes_on = passes_on
        if passes_on:
            self.withheld = b""

    @property
    def usage_is_final(self) -> bool:
        """Whether what was reported says all."""
        return self._reader.has_counted and super().usage_is_final

    def _take(self, block: bytes) -> bytes:
        block = with_own_ids(events_without_private_fields(block))
        if not self._passes_on:
            return super()._take(b"".join(map(self._reader.read, split(block))))
        passed = []
        block, error = events_alone(block)
        for event in split(block):
            if self.over:
                break  # as if it had come by itself
            if _DONE in event and data_of(event) == _DONE:
                continue  # an end of chats: some proxies write it here, also where they break off
            super()._take(self._reader.read(event))
            if not self._reader.is_known:
                event = self._stranger(event)
            if self.failure is not None:
                break
            if (told_at := event.find(_USAGE)) >= 0 and _COST.search(event, told_at) is not None:
                event = _without_cost(event)
            self._passed_name.see(self.answered_model, event)
            if self._reader.is_ending:
                assert self.withheld is not None, "who passes on withholds"
                self.withheld += self._passed_name.applied_to(event)
            else:
                passed.append(event)
        if error is not None and not self.over:
            self._fail(error)
        return self._passed_name.applied_to(b"".join(passed))

    def _stranger(self, event: bytes) -> bytes:
        """What a client is to have of an event that is none that the dialect is known to have: a comment, or one of a
        type that is new. An error without a type is a proxy's, and ends the stream; in whatever shape."""
        data = data_of(event)
        if not data:
            return event
        told = read_json(data)
        error = error_in_event(event, data, told)
        if error is not None and not self.over:
            self._fail(error)
        return event if isinstance(told, dict) and isinstance(told.get("type"), str) else b""


def _without_cost(event: bytes) -> bytes:
    """The event, but for what its report says of its cost."""
    told = read_object(data_of(event) or b"")
    return event if told is None or not tells_cost(told) else with_data(event, orjson.dumps(without_cost(told)))
