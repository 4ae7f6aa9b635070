"""The events of a stream that are ours, and not the upstream's: mostly what follows those that were relayed."""

from collections.abc import Mapping
from typing import Any

import orjson

DONE_EVENT = b"data: [DONE]\n\n"


def data_event(payload: Mapping[str, Any]) -> bytes:
    """An event that holds a JSON object."""
    return b"data: " + orjson.dumps(payload) + b"\n\n"


def named_event(body: Mapping[str, Any]) -> bytes:
    """An event that is named by its own `type`, as all are in Messages and Responses."""
    return b"event: " + str(body["type"]).encode() + b"\ndata: " + orjson.dumps(body) + b"\n\n"


def usage_event(envelope: Mapping[str, Any], report: Mapping[str, Any] | None, **extra: object) -> bytes:
    """The last chunk before `[DONE]`, as OpenAI writes it: no choices, the usage, and `extra` fields. `envelope` is
    what all chunks of the stream have in common."""
    return data_event({**envelope, "choices": [], "usage": report, **extra})
