"""Reads the JSON objects that upstreams write."""

import json
from typing import Any

import orjson


def read_object(data: bytes) -> dict[str, Any] | None:
    """The JSON object in `data`, or `None` if it is anything else.

    A text may hold half of a surrogate pair (an emoji that a token limit cut in two). JSON's grammar allows that and
    orjson does not, so such an object is read the slow way, with a question mark in the place of each half.
    """
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        if b"\\u" not in data:
            return None
        try:
            value = json.loads(
                json.dumps(json.loads(data), ensure_ascii=False, allow_nan=False).encode(errors="replace")
            )
        except (ValueError, RecursionError):
            return None
    return value if isinstance(value, dict) else None
