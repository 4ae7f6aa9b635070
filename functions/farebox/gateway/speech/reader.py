"""The interface of a reader of another dialect's answers."""

from collections.abc import Mapping
from typing import Any, Protocol

from functions.farebox.gateway.entry.form import DialectName


class EventReader(Protocol):
    """Reads one stream. `is_ending` says of the event that was read last whether it is one of those that end the
    stream: they are withheld until the books are closed."""

    is_ending: bool

    def read(self, event: bytes) -> bytes:
        """Take one event; answers the events of a chat completion that mean the same, perhaps none."""


class Reader(Protocol):
    """Reads answers of one dialect. `result` is the list that every whole answer has."""

    dialect: DialectName
    result: str

    def completion(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        """The chat completion that means the same as a whole answer, with the report of its usage as it came."""

    def events(self) -> EventReader:
        """A reader of one stream."""
