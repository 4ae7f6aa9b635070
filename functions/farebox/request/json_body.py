"""A request's body as a JSON object, bounded before it is parsed.

A parsed element takes some 60 bytes and 50 ns where it took two bytes of the body: 28 MB of empty lists would be 1.6 GB
and hold the event loop for seconds. So the elements of a large body are counted in its bytes first: a slice at a time,
with the loop free in between, and no further than the slice that exceeds the bound. What is inside strings is no
element: an image is one, and so is a long text full of commas. A body under a megabyte cannot have too many.

Nesting is bounded by what `encode` writes, which costs nothing: 254 levels. The parser takes 1,024.

Where a name is there twice in an object, the last one counts: it is what is priced and what is sent. A whole number of
more than 64 bits is read as the nearest float, which no field for whole numbers takes.
"""

import asyncio
from typing import Any

import orjson

from functions.farebox.errors import InvalidRequest

MAX_FIELDS = 1000  # at the top: each is looked up, and what nobody knows is named
MAX_ELEMENTS = 500_000  # values in all, on every level
SLICE_BYTES = 256 * 1024  # a millisecond of counting

_BEFORE_ELEMENTS = b",[{"
_BYTES_PER_ELEMENT = 2  # at least: itself, and a comma or its own end
_NOT_BEFORE_ELEMENTS = bytes(set(range(256)) - set(_BEFORE_ELEMENTS))
_NOT_STRUCTURE = bytes(set(range(256)) - set(_BEFORE_ELEMENTS + b'"'))


async def parse_body(raw: bytes) -> dict[str, Any]:
    """The JSON object that a body is. Raises `InvalidRequest` that says what is wrong with it."""
    if len(raw) > _BYTES_PER_ELEMENT * MAX_ELEMENTS and await _seem_too_many(raw):
        await _refuse_too_many(raw)
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise InvalidRequest(f"The body is no JSON: {error.msg}. Send a JSON object.", code="malformed_json") from None
    if type(body) is not dict:
        raise InvalidRequest("Send a JSON object in the body.", code="invalid_body")
    if len(body) > MAX_FIELDS:
        raise InvalidRequest(f"The body has more than {MAX_FIELDS} fields. Send fewer.", code="invalid_body")
    return body


def encode(value: object) -> bytes:
    """A value of a parsed body as JSON. Raises `InvalidRequest` where it is nested too deeply."""
    try:
        return orjson.dumps(value)
    except TypeError:  # all else that a body was parsed into can be written
        raise InvalidRequest(
            "The body is nested more than 250 levels deep. Send a flatter one.", code="invalid_body"
        ) from None


async def _seem_too_many(raw: bytes) -> bool:
    """Whether there are too many elements if all that looks like the beginning of one is: also inside strings."""
    elements = 1
    for start in range(0, len(raw), SLICE_BYTES):
        elements += len(raw[start : start + SLICE_BYTES].translate(None, _NOT_BEFORE_ELEMENTS))
        if elements > MAX_ELEMENTS:
            return True
        await asyncio.sleep(0)
    return False


async def _refuse_too_many(raw: bytes) -> None:
    """Raises `InvalidRequest` where there are too many elements outside of strings. Of what is no JSON something is
    counted, and the parser refuses it."""
    elements, start, in_string = 1, 0, False
    while start < len(raw):
        end = _slice_end(raw, start)
        texts = _structure(raw[start:end]).split(b'"')
        elements += sum(map(len, texts[1::2] if in_string else texts[::2]))
        if elements > MAX_ELEMENTS:
            raise InvalidRequest(
                f"The body has more than {MAX_ELEMENTS:,} elements. Send fewer in one request.", code="invalid_body"
            )
        in_string ^= len(texts) % 2 == 0
        start = end
        await asyncio.sleep(0)


def _slice_end(raw: bytes, start: int) -> int:
    """The end of a slice, which is never between a backslash and what it escapes."""
    piece = raw[start : start + SLICE_BYTES]
    backslashes = len(piece) - len(piece.rstrip(b"\\"))
    return start + len(piece) + backslashes % 2


def _structure(piece: bytes) -> bytes:
    """What is left without escapes, and all that neither begins an element nor delimits a string."""
    if b"\\" in piece:
        piece = piece.replace(b"\\\\", b"").replace(b'\\"', b"")
    return piece.translate(None, _NOT_STRUCTURE)
