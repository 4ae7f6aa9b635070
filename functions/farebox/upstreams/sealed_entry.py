"""The stored form of an upstream's entry: its key, and the values of its headers and its query, are sealed.

What does not open (it was sealed with another root key, or is damaged) keeps nobody but its own upstream from being
used: the entry is read without it, and can be changed, be given a new value, and be deleted. As long as nobody gives
it another value it stays stored as it is, and opens again with the key that sealed it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from functions.farebox.gateway.entry.form import SECRET_FIELDS
from functions.farebox.gateway.upstream import parse_upstream
from functions.farebox.secrets.seal import Seal, Unopened
from functions.farebox.storage import Data

KEY, VALUES = "sealed_key", "sealed_values"  # the fields of the document that hold what is sealed
_STAND_IN = "stays-as-it-is"  # where an entry is checked whose key nobody can read


@dataclass(frozen=True, slots=True)
class OpenedEntry:
    """An entry with its secrets, but for those of the fields in `unopened`."""

    entry: dict[str, Any]
    unopened: tuple[str, ...] = ()


class EntrySeal:
    """Closes and opens them. `key` is the server's key for the upstreams' secrets."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def close(self, entry: Mapping[str, Any]) -> Data:
        """What is stored of an entry, switched on. It is text, since names of models may hold what no field's name may.

        Raises `ValueError` as `parse_upstream` does.
        """
        parse_upstream(dict(entry))
        entry = {name: value for name, value in entry.items() if value is not None}
        key = entry.pop("api_key") if isinstance(entry.get("api_key"), str) else None
        values = {name: entry.pop(name) for name in SECRET_FIELDS if name in entry}
        return {
            "entry": json.dumps(entry),
            KEY: None if key is None else self._seal().close(key),
            VALUES: self._seal().close(json.dumps(values)) if values else None,
            "enabled": True,
        }

    def open(self, data: Data) -> OpenedEntry:
        """The entry that was stored."""
        entry: dict[str, Any] = json.loads(data["entry"])
        unopened: tuple[str, ...] = ()
        if data[KEY] is not None:
            key = self._opened(data[KEY])
            if key is None:
                unopened += ("api_key",)
            else:
                entry["api_key"] = key
        if data[VALUES] is not None:
            values = self._opened(data[VALUES])
            if values is None:
                unopened += SECRET_FIELDS
            else:
                entry.update(json.loads(values))
        return OpenedEntry(entry, unopened)

    def change(self, data: Data, changes: Mapping[str, Any]) -> Data:
        """The same with other fields; `None` takes one away. Where values are never told, `None` for one keeps it.

        Raises `ValueError` that names the field, also where a value is to stay that does not open.
        """
        former = self.open(data)
        stay = [field for field in former.unopened if field not in changes]
        if 0 < len([field for field in stay if field in SECRET_FIELDS]) < len(SECRET_FIELDS):
            raise ValueError(
                f"{stay[-1]}: it is sealed together with what you change, and does not open; send both, null for an "
                "empty one"
            )
        entry = {**former.entry, **changes, **_kept(former, changes)}
        if "api_key" in stay:
            entry["api_key"] = _STAND_IN
        closed = self.close({name: value for name, value in entry.items() if value is not None})
        if "api_key" in stay:
            closed[KEY] = data[KEY]
        if SECRET_FIELDS[0] in stay:
            closed[VALUES] = data[VALUES]
        return closed

    def _opened(self, sealed: str) -> str | None:
        try:
            return self._seal().open(sealed)
        except Unopened:
            return None

    def _seal(self) -> Seal:
        return Seal(self._key)  # made where there is a key to seal, since cryptography takes its time to import


def _kept(former: OpenedEntry, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Of what is changed the objects whose values are never told, those that are to stay put in."""
    kept = {}
    for field in SECRET_FIELDS:
        change = changes.get(field)
        if isinstance(change, dict):
            if field in former.unopened and None in change.values():
                raise ValueError(f"{field}: its values do not open, so none can be kept; send each, or leave it out")
            known = former.entry.get(field, {})
            kept[field] = {name: known.get(name) if value is None else value for name, value in change.items()}
    return kept
