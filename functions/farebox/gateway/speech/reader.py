"""A reader of another dialect's answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from functions.farebox.gateway.entry.form import DialectName


class EventReader(Protocol):
    """Reads one stream. `is_ending` says of the event that was read last whether it is one of those that end the
    stream: they are withheld until the books are closed; `is_known` whether the dialect has its type. `has_counted`:
    what was reported of the completion is a count of it, if anything was."""

    is_ending: bool
    is_known: bool
    has_counted: bool

    def read(self, event: bytes) -> bytes:
        """Take one event; answers the events of a chat completion that mean the same, perhaps none."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads answers of one dialect. `result` is the list that every whole answer has. `completion` makes of a whole
    answer the chat completion that means the same, with the report of its usage as it came; `events` makes a reader of
    one stream. `as_events` has the events of the stream that a whole answer comes to, and `as_whole` the whole answer
    of such events, for servers that give one where the other was asked for. `is_unfinished` knows a whole answer that
    says of itself that it is none yet."""

    dialect: DialectName
    result: str
    completion: Callable[[Mapping[str, Any]], dict[str, Any]]
    events: Callable[[], EventReader]
    as_events: Callable[[Mapping[str, Any]], bytes]
    as_whole: Callable[[bytes], dict[str, Any]]
    is_unfinished: Callable[[Mapping[str, Any]], bool] = lambda _answer: False
