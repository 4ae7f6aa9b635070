"""Encodes embeddings as the client asked: as numbers or as base64.

OpenAI's clients ask for base64 and decode it; some servers do not know it and answer numbers all the same, which
OpenAI's client for Node takes for base64. So numbers are encoded here where base64 was asked for: little-endian
32-bit floats, as OpenAI does it.
"""

import base64
from array import array
from collections.abc import Mapping
from sys import byteorder
from typing import Any

import orjson


def in_asked_encoding(asked: Mapping[str, Any], payload: Mapping[str, Any], body: bytes) -> bytes:
    """The body of an embedding list, `payload` parsed: untouched, unless base64 was asked for and numbers came."""
    data = payload.get("data")
    if asked.get("encoding_format") != "base64" or not isinstance(data, list):
        return body
    encoded = [_encode(entry) for entry in data]
    return body if encoded == data else orjson.dumps({**payload, "data": encoded})


def _encode(entry: Any) -> Any:
    vector = entry.get("embedding") if isinstance(entry, Mapping) else None
    if not isinstance(vector, list):
        return entry
    try:
        numbers = array("f", vector)
    except (TypeError, OverflowError):
        return entry
    if byteorder == "big":
        numbers.byteswap()
    return {**entry, "embedding": base64.b64encode(numbers.tobytes()).decode()}
