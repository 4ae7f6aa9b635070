"""The reader of Anthropic's answers."""

from collections.abc import Mapping
from typing import Any

from functions.farebox.gateway.entry.form import DialectName
from functions.farebox.gateway.speech.messages.answer import completion_of
from functions.farebox.gateway.speech.messages.events import MessageEvents


class MessagesReader:
    """See `Reader`."""

    dialect: DialectName = "messages"
    result = "content"

    def completion(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        """See `Reader`."""
        return completion_of(answer)

    def events(self) -> MessageEvents:
        """See `Reader`."""
        return MessageEvents()
