"""Page cursors: the position behind an item, sealed so that only a cursor that was handed out is accepted.

A cursor belongs to one list of one reader. Its seal is an HMAC-SHA256 cut to 96 bits, which is enough for something
that opens nothing: a forger could at best start reading their own list in the middle.
"""

import base64
import binascii
import hashlib
import hmac
import json
from datetime import datetime
from typing import Any

from functions.farebox.errors import InvalidRequest

SEAL_BYTES = 12
MAX_LENGTH = 1000


class Cursors:
    """Writes and reads cursors. `key` is the server's key for this purpose."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def write(self, listing: str, after: tuple[Any, ...] | None) -> str | None:
        """The cursor of a position in a listing (its name and whose it is); `None` where nothing follows."""
        if after is None:
            return None
        text = json.dumps([_encode(value) for value in after], separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._seal(listing, text) + text).decode().rstrip("=")

    def read(self, listing: str, cursor: str | None) -> tuple[Any, ...] | None:
        """The position that a cursor names. Raises `InvalidRequest` with `invalid_cursor`."""
        if cursor is None:
            return None
        try:
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError) as error:
            raise _invalid() from error
        seal, text = raw[:SEAL_BYTES], raw[SEAL_BYTES:]
        if len(cursor) > MAX_LENGTH or not hmac.compare_digest(seal, self._seal(listing, text)):
            raise _invalid()
        return tuple(_decode(value) for value in json.loads(text))

    def _seal(self, listing: str, text: bytes) -> bytes:
        return hmac.digest(self._key, listing.encode() + b"\x00" + text, hashlib.sha256)[:SEAL_BYTES]


def _encode(value: Any) -> Any:
    return {"at": value.isoformat()} if isinstance(value, datetime) else value


def _decode(value: Any) -> Any:
    return datetime.fromisoformat(value["at"]) if isinstance(value, dict) else value


def _invalid() -> InvalidRequest:
    return InvalidRequest(
        "This cursor is not from this list. Start without one, or send next_cursor as it came.",
        code="invalid_cursor",
        param="cursor",
    )
