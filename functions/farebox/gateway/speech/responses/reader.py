"""The reader of responses."""

from collections.abc import Mapping
from typing import Any

from functions.farebox.gateway.entry.form import DialectName
from functions.farebox.gateway.speech.responses.answer import completion_of
from functions.farebox.gateway.speech.responses.events import ResponseEvents


class ResponsesReader:
    """See `Reader`."""

    dialect: DialectName = "responses"
    result = "output"

    def completion(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        """See `Reader`."""
        return completion_of(answer)

    def events(self) -> ResponseEvents:
        """See `Reader`."""
        return ResponseEvents()
