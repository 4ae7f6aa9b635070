"""What a model of another vendor's wrote for itself, and wants back with the results of its tools: its thoughts by the
field that they came in, OpenRouter's `reasoning_details`, Gemini's signatures of calls.

Clients of Anthropic's and OpenAI's newer dialects keep nothing of that, but they send back what their own vendors have
them keep: the signature of a thought, sealed reasoning, ids of calls. The notes travel in those, readable to whoever
looks: they are the client's own, and are checked as a part of its request when they come back.
"""

import base64
import binascii
from collections.abc import Iterable, Mapping
from typing import Any, Final

from functions.farebox.dialects.dialect import Json
from functions.farebox.gateway.json_object import read_object
from functions.farebox.request.json_body import encode

MARK: Final = b"farebox1"  # is in every request that has any
SEAL: Final = "farebox1."
_IN_IDS = "__farebox1__"  # of the characters that ids may have
_TEXTS = ("reasoning_content", "reasoning")
_DETAILS = "reasoning_details"
NOTES = (*_TEXTS, _DETAILS)
_JOINED = ("text", "summary", "data")  # of a detail, what comes in pieces
# What may stand beside a call: https://ai.google.dev/gemini-api/docs/thought-signatures
CALL_NOTES = ("extra_content", "thought_signature", "provider_specific_fields")


class Notes:
    """The notes of one answer, as they come."""

    def __init__(self) -> None:
        self._texts: dict[str, list[str]] = {}
        self._details: list[Json] = []

    def __bool__(self) -> bool:
        return bool(self._texts or self._details)

    def take(self, said: Mapping[str, Any]) -> None:
        """Take what a message or a delta holds of them."""
        for name in _TEXTS:
            if isinstance(said.get(name), str) and said[name]:
                self._texts.setdefault(name, []).append(said[name])
        details = said.get(_DETAILS)
        for detail in details if isinstance(details, list) else ():
            if isinstance(detail, dict):
                self._take_detail(detail)

    def sealed(self, shown: str) -> str:
        """All notes so far as one word, and none are left. What was `shown` beside them is not told again."""
        texts = {name: "".join(pieces) for name, pieces in self._texts.items()}
        notes: Json = {name: None if text == shown else text for name, text in texts.items()}
        if self._details:
            notes[_DETAILS] = self._details
        self._texts, self._details = {}, []
        return SEAL + _packed(notes)

    def _take_detail(self, detail: Json) -> None:
        """A detail, or more of the one before it."""
        last = self._details[-1] if self._details else None
        if last is None or any(last.get(name) != detail.get(name, last.get(name)) for name in ("type", "index", "id")):
            self._details.append(dict(detail))
            return
        for name, value in detail.items():
            held = last.get(name)
            if name in _JOINED and isinstance(value, str) and isinstance(held, str):
                last[name] = held + value
            elif value is not None:
                last[name] = value


def is_sealed(seal: object) -> bool:
    """Whether a text is ours, and nothing to who does not know it."""
    return isinstance(seal, str) and seal.startswith(SEAL)


def restored(seals: Iterable[tuple[str, str]]) -> Json:
    """The fields of a message that hold the notes of some seals, each with what was shown beside it."""
    fields: Json = {}
    for seal, shown in seals:
        notes = _unpacked(seal.removeprefix(SEAL))
        for name in _TEXTS:
            if name in notes:
                text = shown if notes[name] is None else notes[name]
                fields[name] = fields.get(name, "") + (text if isinstance(text, str) else "")
        if isinstance(notes.get(_DETAILS), list):
            fields[_DETAILS] = [*fields.get(_DETAILS, ()), *notes[_DETAILS]]
    return fields


def noted_id(id: str, notes: Mapping[str, Any]) -> str:
    """The id of a call, with its notes."""
    return f"{id}{_IN_IDS}{_packed(notes)}" if notes else id


def read_id(id: str) -> tuple[str, Json]:
    """An id without notes, and those that it had, by the fields of a call that they belong in."""
    id, _, packed = id.partition(_IN_IDS)
    notes = _unpacked(packed) if packed else {}
    return id, {name: notes[name] for name in CALL_NOTES if name in notes}


def _packed(notes: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(encode(notes)).decode().rstrip("=")


def _unpacked(packed: str) -> Json:
    try:
        text = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
    except (binascii.Error, ValueError):
        return {}
    return read_object(text) or {}
