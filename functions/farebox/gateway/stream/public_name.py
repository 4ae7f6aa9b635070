"""The name that a model has for the client, in place of the upstream's, in whatever an upstream answers.

What an upstream calls its model may be a deployment's name, and is the operator's business. The bytes are looked for as
servers write them; inside a text their quotes would be escaped, so nothing that a model said is changed.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import orjson

MOST_NAMES = 8  # that one stream may give its model in turn


class PublicName:
    """Puts a public name in the place of every name that it is shown. `None` leaves them all."""

    def __init__(self, name: str | None) -> None:
        self._name = name
        self._seen: set[str] = set()
        self._changes: list[tuple[bytes, bytes]] = []

    def see(self, told: str | None, text: bytes) -> None:
        """An answer names its model so in a text, which shows how its server writes JSON."""
        if self._name is None or told is None or told == self._name or told in self._seen:
            return
        if len(self._seen) < MOST_NAMES:
            self._seen.add(told)
            self._changes += [change for change in _changes(told, self._name) if change[0] in text]

    def applied_to(self, text: bytes) -> bytes:
        """Whole events, or a body, with the public name."""
        return _changed(text, self._changes)

    def applied_in(self, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """An object of an answer with the public name."""
        return {**payload, "model": self._name} if self._name is not None and "model" in payload else payload


def renamed(text: bytes, told: str, public: str) -> bytes:
    """A body whose model is told by that name, with the public one."""
    return _changed(text, _changes(told, public))


def _changed(text: bytes, changes: Iterable[tuple[bytes, bytes]]) -> bytes:
    for before, after in changes:
        text = after.join(text.split(before))  # in a third less than `replace` takes, which first counts
    return text


@lru_cache(maxsize=1024)
def _changes(told: str, public: str) -> tuple[tuple[bytes, bytes], ...]:
    before, after = orjson.dumps(told), orjson.dumps(public)
    return tuple((colon + before, colon + after) for colon in (b'"model":', b'"model": '))
