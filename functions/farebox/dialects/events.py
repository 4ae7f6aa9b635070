"""Server-sent events with a name, as both dialects write them."""

from typing import Any

import orjson


def event(body: dict[str, Any]) -> bytes:
    """An event that is named by its own `type`."""
    return b"event: " + str(body["type"]).encode() + b"\ndata: " + orjson.dumps(body) + b"\n\n"
