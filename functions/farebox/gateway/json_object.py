"""Reads the JSON that upstreams write."""

import json
from codecs import BOM_UTF8
from typing import Any

import orjson

# What is raised where a value that was read is worked through or written again, and is nested deeper than that allows
# or has a number that orjson only reads. JSON allows both.
UNWRITABLE = (orjson.JSONEncodeError, RecursionError)


def read_object(data: bytes) -> dict[str, Any] | None:
    """The JSON object in `data`, or `None` if it is anything else. As `read_json`."""
    value = read_json(data)
    return value if isinstance(value, dict) else None


def read_json(data: bytes) -> object:
    """The JSON value in `data`, or `None` if it is none. A byte order mark before it is passed over.

    A text may hold half of a surrogate pair (an emoji that a token limit cut in two). JSON's grammar allows that and
    orjson does not, so such a value is read the slow way, with a question mark in the place of each half.
    """
    try:
        value: object = orjson.loads(data)
    except orjson.JSONDecodeError:
        if data.startswith(BOM_UTF8):
            return read_json(data.lstrip(BOM_UTF8))  # which no JSON begins with
        if b"\\u" not in data:
            return None
        try:
            value = json.loads(
                json.dumps(json.loads(data), ensure_ascii=False, allow_nan=False).encode(errors="replace")
            )
        except (ValueError, RecursionError):
            return None
    return value
