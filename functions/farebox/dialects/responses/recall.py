"""What was answered lately, for clients that send back its ids in place of it.

Vercel's AI SDK refers to items by their ids unless it is told that nothing is stored, whatever an answer says of that.
Nothing is: an instance remembers what it answered, for a while and as far as its memory goes, to the party that got it
and to nobody else. An id that stood for two things, as some servers give theirs twice, stands for none. A reference
that is not remembered is refused, with the words that say what to send instead.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson

from functions.farebox.gateway.json_object import read_object
from functions.farebox.gateway.speech.responses.conversion import as_whole
from functions.farebox.kit.party import Party

MOST_BYTES: Final = 32 * 1024 * 1024  # of all that is remembered
MOST_ITEM_BYTES: Final = 1024 * 1024
FOR_S: Final = 24 * 3600.0
AMBIGUOUS: Final = b""  # in the place of an item: nothing stands for it
_REFERENCE = "item_reference"


class Recall:
    """The items that an instance remembers. `clock` is in seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, most_bytes: int = MOST_BYTES) -> None:
        self._clock = clock
        self._bytes_left = most_bytes
        self._items: OrderedDict[tuple[Party, str], tuple[float, bytes]] = OrderedDict()

    def keep(self, party: Party, answer: bytes) -> None:
        """Remember the items of an answer: a whole response, or the events that end the stream of one."""
        response = read_object(answer) or as_whole(answer)
        items = response.get("output")
        for item in items if isinstance(items, list) else ():
            if isinstance(item, dict) and isinstance(item.get("id"), str):
                self._keep((party, item["id"]), orjson.dumps(item))

    def size_of(self, party: Party, body: Mapping[str, Any]) -> int:
        """How many bytes a request would grow by: a short id may stand for much, and may be there any often."""
        return sum(len(self._known(party, item)) for item in _references(body))

    def filled(self, party: Party, body: dict[str, Any]) -> dict[str, Any]:
        """A request with what is remembered in the place of its references; the others stay."""
        return {**body, "input": [self._recalled(party, item) for item in body["input"]]}

    def _keep(self, name: tuple[Party, str], item: bytes) -> None:
        if len(item) > MOST_ITEM_BYTES:
            item = AMBIGUOUS
        _, before = self._items.get(name, (0.0, item))
        if before != item:
            item = AMBIGUOUS
        self._forget(name)
        self._items[name] = self._clock(), item
        self._bytes_left -= _size(name, item)
        while self._bytes_left < 0 or next(iter(self._items.values()))[0] < self._clock() - FOR_S:
            self._forget(next(iter(self._items)))

    def _forget(self, name: tuple[Party, str]) -> None:
        if name in self._items:
            _, item = self._items.pop(name)
            self._bytes_left += _size(name, item)

    def _known(self, party: Party, reference: Mapping[str, Any]) -> bytes:
        since_s, item = self._items.get((party, str(reference.get("id"))), (0.0, b""))
        return item if since_s >= self._clock() - FOR_S else b""

    def _recalled(self, party: Party, item: Any) -> object:
        known = self._known(party, item) if _is_reference(item) else b""
        return orjson.loads(known) if known else item


def _size(name: tuple[Party, str], item: bytes) -> int:
    return len(name[1]) + len(item)


def _references(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    given = body.get("input")
    return [item for item in given if _is_reference(item)] if isinstance(given, list) else []


def _is_reference(item: object) -> bool:
    return isinstance(item, dict) and item.get("type") == _REFERENCE
