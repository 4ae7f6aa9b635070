"""What a stream of the Responses API has told so far: each text comes in pieces, and whole again when its part, its
item and the response are done. Some servers send it whole alone."""

from collections.abc import Mapping
from typing import Any

from functions.farebox.gateway.stream.said import said_in
from functions.farebox.tokens.media import Generated

# Marks of the protocol, and what a response or an event repeats of others.
_MARKS = frozenset(
    {"type", "item_id", "output_index", "content_index", "summary_index", "sequence_number", "obfuscation", "response"}
)


class Told:
    """How many characters have been told, by the field of a chat's message that they are in and by their place."""

    def __init__(self) -> None:
        self._at: dict[tuple[object, ...], int] = {}
        self._in: dict[str, int] = {}
        self._has_places = True

    def add(self, name: str, event: Mapping[str, Any], piece: str) -> None:
        """A piece came."""
        place = _place(name, event)
        self._has_places = self._has_places and place[1] is not None
        self._at[place] = self._at.get(place, 0) + len(piece)
        self._in[name] = self._in.get(name, 0) + len(piece)

    def rest(self, name: str, event: Mapping[str, Any], whole: object) -> str:
        """What of a text that came whole had not come before; it has now. Of pieces that say not what they belong to,
        only the end of the response can tell."""
        place = _place(name, event)
        if not isinstance(whole, str) or not self._has_places or place[1] is None:
            return ""
        rest = whole[self._at.get(place, 0) :]
        if rest:
            self.add(name, event, rest)
        return rest

    def rest_of_all(self, name: str, whole: object) -> str:
        """The same of all that a response says in such a field."""
        return whole[self._in.get(name, 0) :] if isinstance(whole, str) else ""


def others(event: Mapping[str, Any]) -> dict[str, Any]:
    """What an event says that has no name in chats."""
    said = {name: value for name, value in event.items() if name not in _MARKS and value}
    return {"items": [said]} if said else {}


def texts_of(items: object) -> str:
    """The texts of items that have no name in chats. What was drawn is none."""
    held = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    kept = [{name: value for name, value in item.items() if name != "result"} for item in held]
    return "".join(piece.text for piece in said_in({"items": kept}, Generated()))


def _place(name: str, event: Mapping[str, Any]) -> tuple[object, ...]:
    item, part = event.get("output_index"), event.get("content_index")
    summary = event.get("summary_index")
    return (
        name,
        item if type(item) is int else None,
        part if type(part) is int else 0,
        summary if type(summary) is int else None,
    )
