"""The dialect of OpenAI's legacy completions (https://platform.openai.com/docs/api-reference/completions)."""

from collections.abc import Mapping
from typing import Any

from functions.farebox.dialects.dialect import Json
from functions.farebox.dialects.legacy.answer import completion_of
from functions.farebox.dialects.legacy.request import chat_of
from functions.farebox.dialects.legacy.stream import LegacyWriter
from functions.farebox.gateway.stream.own_events import data_event


class Legacy:
    """The dialect of `POST /v1/completions`. A stream of it that is passed on is read, and ended, as one of chats."""

    id_header: bytes | None = None

    def request(self, asked: Mapping[str, Any], lost: list[str] | None = None) -> Json:
        """See `Dialect`."""
        return chat_of(asked)

    def own(self, asked: Mapping[str, Any]) -> Json:
        """See `Dialect`. Nothing is noted in a text."""
        return dict(asked)

    def answer(self, completion: Mapping[str, Any], asked: Mapping[str, Any]) -> Json:
        """See `Dialect`."""
        return completion_of(completion, asked)

    def stream(self, asked: Mapping[str, Any]) -> LegacyWriter:
        """See `Dialect`."""
        return LegacyWriter(asked)

    def ending(self, withheld: bytes, charge: Mapping[str, Any]) -> bytes:
        """See `Dialect`: nothing of it is withheld."""
        return withheld

    def broken(self, status: int, error: Mapping[str, Any]) -> bytes:
        """See `Dialect`."""
        return data_event(self.error(status, error))

    def error(self, status: int, error: Mapping[str, Any]) -> Json:
        """See `Dialect`: the same as everywhere else."""
        return {"error": dict(error)}
