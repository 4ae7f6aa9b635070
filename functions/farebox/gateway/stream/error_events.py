"""The errors among the events of a stream: by the name of an event, by what is in it, or flat as a stream's last."""

import re
from collections.abc import Mapping
from typing import Any

from functions.farebox.gateway.faults.told import error_in
from functions.farebox.gateway.json_object import read_json
from functions.farebox.gateway.stream.event_buffer import data_of, split

CHOICES = b'"choices"'
_ERROR_EVENT = re.compile(rb"(?:^|[\r\n])event:\s*error\b", re.IGNORECASE)


# The fields of an event (WHATWG HTML, section 9.2.6), comments, and the lines between events.
_LINE = rb"(?:data|event|id|retry)?:[^\r\n]*+[\r\n]*+|(?:data|event|id|retry)?[\r\n]++"
_LINES = re.compile(rb"(?:\xef\xbb\xbf)?(?:" + _LINE + rb")*+")
_PLAIN_LINES = re.compile(rb"(?:data:.*+\n++|(?:event|id|retry)?:.*+\n++)*+")  # the same where no line ends with CR
_A_LINE = re.compile(rb"(?:\xef\xbb\xbf)?(?:" + _LINE + rb")")


def events_alone(block: bytes) -> tuple[bytes, Mapping[str, Any] | None]:
    """A block without the lines that are no event's: they are nothing to a client, and may tell it what is the
    operator's. An error among them is answered beside what came before it."""
    if (_LINES if b"\r" in block else _PLAIN_LINES).fullmatch(block) is not None:
        return block, None
    events: list[bytes] = []
    for event in split(block):
        lines = event.splitlines(keepends=True)
        strange = b"".join(line for line in lines if not _A_LINE.fullmatch(line))
        error = read_json(strange) if strange else None
        if error_in(error) is not None:
            return b"".join(events), _framed(error)
        known = b"".join(line for line in lines if _A_LINE.fullmatch(line))
        if known.strip(b"\r\n"):
            events.append(known)
    return b"".join(events), None


def error_in_event(event: bytes, data: bytes, value: object) -> Mapping[str, Any] | None:
    """The error that an event is, by its name or by what is in it."""
    if b"vent" in event and _ERROR_EVENT.search(event):
        return _framed(value) or {"message": data.decode(errors="replace")}
    return _framed(value) if error_in(value) is not None else None


def _framed(error: object) -> Mapping[str, Any] | None:
    """An error as an object: Google's is in a list."""
    return {"errors": error} if isinstance(error, list) else error if isinstance(error, dict) else None


def last_error(block: bytes) -> Mapping[str, Any] | None:
    """The error that the last event of a block is, if it is one: some say it flat, end the stream with `[DONE]`, and
    nothing marks it."""
    border = max(block.rfind(b"\n\n", 0, -2), block.rfind(b"\r\n\r\n", 0, -4))
    event = block[border + 2 :] if border >= 0 else block
    data = None if CHOICES in event else data_of(event)
    return error_in_event(b"", data, read_json(data)) if data else None
