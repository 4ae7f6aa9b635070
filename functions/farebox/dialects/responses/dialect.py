"""The dialect of OpenAI's Responses (https://platform.openai.com/docs/api-reference/responses). Nothing is stored."""

from collections.abc import Mapping
from secrets import token_bytes
from typing import Any

import orjson

from functions.farebox.dialects.dialect import Json
from functions.farebox.dialects.responses.answer import response_of
from functions.farebox.dialects.responses.request import chat_of, without_notes
from functions.farebox.dialects.responses.stream import ResponsesWriter
from functions.farebox.gateway.json_object import read_object
from functions.farebox.gateway.stream.event_buffer import data_of, with_data
from functions.farebox.gateway.stream.own_events import named_event


class Responses:
    """The dialect of `POST /v1/responses`. `key` makes the ids of items; without one, each instance makes them anew."""

    id_header: bytes | None = None

    def __init__(self, key: bytes | None = None) -> None:
        self._key = key or token_bytes(32)

    def request(self, asked: Mapping[str, Any], lost: list[str] | None = None) -> Json:
        """See `Dialect`."""
        return chat_of(asked, lost)

    def own(self, asked: Mapping[str, Any]) -> Json:
        """See `Dialect`."""
        return without_notes(asked)

    def answer(self, completion: Mapping[str, Any], asked: Mapping[str, Any]) -> Json:
        """See `Dialect`."""
        return response_of(completion, asked, self._key)

    def stream(self, asked: Mapping[str, Any]) -> ResponsesWriter:
        """See `Dialect`."""
        return ResponsesWriter(asked, self._key)

    def ending(self, withheld: bytes, charge: Mapping[str, Any]) -> bytes:
        """See `Dialect`. The charge stands in the response, which the last event says whole."""
        last = read_object(data_of(withheld) or b"") or {}
        if not isinstance(last.get("response"), dict):
            return withheld
        return with_data(withheld, orjson.dumps({**last, "response": {**last["response"], "farebox": charge}}))

    def broken(self, status: int, error: Mapping[str, Any]) -> bytes:
        """See `Dialect`."""
        return named_event({**error, "type": "error"})

    def error(self, status: int, error: Mapping[str, Any]) -> Json:
        """See `Dialect`: the same as everywhere else."""
        return {"error": dict(error)}
