"""Base85, a piece at a time: at once, `base64` takes forty times the memory of what it is given."""

import base64

CHARS_OF_4_BYTES = 5
_PIECE_BYTES = 64 * 1024  # any number of fours: what comes out is the same


def encode(data: bytes) -> str:
    """Bytes as text."""
    return "".join(base64.b85encode(data[at : at + _PIECE_BYTES]).decode() for at in range(0, len(data), _PIECE_BYTES))


def decode(text: str) -> bytes:
    """What `encode` was given. Raises `ValueError` for what is none of its texts."""
    step = _PIECE_BYTES // 4 * CHARS_OF_4_BYTES
    return b"".join(base64.b85decode(text[at : at + step]) for at in range(0, len(text), step))
