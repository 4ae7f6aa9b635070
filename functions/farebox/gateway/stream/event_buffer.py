"""Server-sent events in a byte stream: whole events out of chunks that end anywhere.

An event ends with an empty line; a line ends with LF, CRLF or CR (WHATWG HTML, section 9.2.6). Bytes are never
changed here: the blocks and events that come out, put together, are the bytes that went in.
"""

import re

MAX_EVENT_BYTES = 32 * 1024 * 1024  # an image that was drawn comes in one event

_BORDER = re.compile(rb"\n(?:\n|\r\n?)|\r\r\n?")  # a line end and an empty line
_LONGEST_BORDER = 3
_PLAIN_BORDERS = (b"\n\n", b"\r\n\r\n")
_BEGINS_EVENTS = re.compile(rb"(?:\xef\xbb\xbf)?[\r\n]*(?:data|event|id|retry)?:")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class EventTooLarge(Exception):
    """An event has more bytes than are taken."""


class EventBuffer:
    """Takes chunks, gives blocks of whole events, keeps the beginning of an event until the rest of it comes."""

    def __init__(self, max_event_bytes: int = MAX_EVENT_BYTES) -> None:
        self.max_event_bytes = max_event_bytes
        self._parts: list[bytes] = []
        self._size = 0
        self._edge = b""  # the last bytes kept, where a border may have begun

    def feed(self, chunk: bytes) -> bytes:
        """All events that are whole now, perhaps none. Raises `EventTooLarge`."""
        if not self._parts and chunk.endswith(_PLAIN_BORDERS):
            return chunk
        seen = self._edge + chunk
        end = _last_border(seen)
        if not end:
            self._keep(chunk, seen[-_LONGEST_BORDER:])
            return b""
        end -= len(self._edge)
        block = b"".join([*self._parts, chunk[:end]])
        rest = chunk[end:]
        self._parts.clear()
        self._size = 0
        self._edge = b""
        if rest:
            self._keep(rest, rest[-_LONGEST_BORDER:])
        return block

    @property
    def pending_bytes(self) -> int:
        """How much of an event is kept that is not whole yet."""
        return self._size

    def flush(self) -> bytes:
        """What is left at the end of the stream: an event without its empty line, or a part of one."""
        rest = b"".join(self._parts)
        self._parts.clear()
        self._size = 0
        self._edge = b""
        return rest

    def _keep(self, part: bytes, edge: bytes) -> None:
        self._size += len(part)
        if self._size > self.max_event_bytes:
            raise EventTooLarge
        self._parts.append(part)
        self._edge = edge


def looks_like_events(text: bytes) -> bool:
    """Whether a body begins as a stream of events does, whatever its type is said to be."""
    return _BEGINS_EVENTS.match(text) is not None


def split(block: bytes) -> list[bytes]:
    """The events of a block, each with the empty line that ends it; a rest without one comes last."""
    events = []
    start = 0
    for border in _BORDER.finditer(block):
        events.append(block[start : border.end()])
        start = border.end()
    if start < len(block):
        events.append(block[start:])
    return events


def event_at(block: bytes, position: int, start: int = 0) -> tuple[int, int]:
    """Where the event that `position` is in begins and ends. `start` is where some event begins, not behind it."""
    if b"\r" not in block:
        before, behind = block.rfind(b"\n\n", start, position), block.find(b"\n\n", position)
        return before + 2 if before >= 0 else start, behind + 2 if behind >= 0 else len(block)
    for border in _BORDER.finditer(block, start):
        if border.end() > position:
            return start, border.end()
        start = border.end()
    return start, len(block)


def data_of(event: bytes) -> bytes | None:
    """An event's data, its lines joined by LF; `None` for a comment or an event without any."""
    lines = [line for line in event.removeprefix(_BYTE_ORDER_MARK).splitlines() if _is_data(line)]
    return b"\n".join(line[5:].removeprefix(b" ") for line in lines) if lines else None


def with_data(event: bytes, data: bytes) -> bytes:
    """The event with other data; its other fields stay."""
    others = [line for line in event.removeprefix(_BYTE_ORDER_MARK).splitlines() if line and not _is_data(line)]
    return b"\n".join([*others, b"data: " + data, b"", b""])


def _is_data(line: bytes) -> bool:
    return line.startswith(b"data:") or line == b"data"


def _last_border(seen: bytes) -> int:
    """Where the last whole event ends, 0 if none does. A CR at the very end may be half of a CRLF: it waits."""
    if b"\r" not in seen:
        return seen.rfind(b"\n\n") + 2 if b"\n\n" in seen else 0
    end = 0
    for border in _BORDER.finditer(seen):
        if border.end() < len(seen) or not seen.endswith(b"\r"):
            end = border.end()
    return end
