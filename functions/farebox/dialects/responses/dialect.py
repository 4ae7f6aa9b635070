"""The dialect of OpenAI's Responses (https://platform.openai.com/docs/api-reference/responses). Nothing is stored."""

from collections.abc import Mapping
from typing import Any

from functions.farebox.dialects.dialect import Json, event
from functions.farebox.dialects.responses.answer import response_of
from functions.farebox.dialects.responses.request import chat_of
from functions.farebox.dialects.responses.stream import ResponsesWriter


class Responses:
    """The dialect of `POST /v1/responses`."""

    id_header: bytes | None = None

    def request(self, asked: Mapping[str, Any]) -> Json:
        """See `Dialect`."""
        return chat_of(asked)

    def answer(self, completion: Mapping[str, Any], asked: Mapping[str, Any]) -> Json:
        """See `Dialect`."""
        return response_of(completion, asked)

    def stream(self, asked: Mapping[str, Any]) -> ResponsesWriter:
        """See `Dialect`."""
        return ResponsesWriter(asked)

    def ending(self, withheld: bytes, charge: Mapping[str, Any]) -> bytes:
        """See `Dialect`."""
        return withheld

    def broken(self, status: int, error: Mapping[str, Any]) -> bytes:
        """See `Dialect`."""
        return event({"type": "error", **error})

    def error(self, status: int, error: Mapping[str, Any]) -> Json:
        """See `Dialect`: the same as everywhere else."""
        return {"error": dict(error)}
