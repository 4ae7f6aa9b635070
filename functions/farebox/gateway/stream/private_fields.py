"""Fields that a proxy keeps for itself, by Python's custom: their names begin with an underscore.

LiteLLM's `_hidden_params` and `_response_headers` name the operator's deployments, addresses, keys and costs, and some
of its answers have them. They are looked for as servers write them; inside a text their quotes would be escaped. What a
model wrote, such as the input of a tool, may have names like that, and is left alone.
"""

import re
from typing import Any

import orjson

from functions.farebox.gateway.json_object import read_object
from functions.farebox.gateway.stream.event_buffer import data_of, split, with_data

_NAME = re.compile(rb'"_[^"\\]*"\s*:')  # in most answers nowhere: what it begins with is found in half of `find`'s time
# Where servers have such fields beside the top: an event of Anthropic's holds a message, one of OpenAI's a response.
_HOLDERS = ("choices", "delta", "message", "response", "usage")
_DEEPEST = 3


def without_private_fields(body: bytes) -> bytes:
    """A whole answer without them."""
    if _NAME.search(body) is None:
        return body
    told = read_object(body)
    left = None if told is None else _public(told, _DEEPEST)
    return body if left is None else orjson.dumps(left)


def events_without_private_fields(block: bytes) -> bytes:
    """A block of whole events without them."""
    if _NAME.search(block) is None:
        return block
    return b"".join(map(_event_without, split(block)))


def _event_without(event: bytes) -> bytes:
    data = data_of(event)
    told = read_object(data) if data and _NAME.search(data) else None
    left = None if told is None else _public(told, _DEEPEST)
    return event if left is None else with_data(event, orjson.dumps(left))


def _public(told: dict[str, Any], depth: int) -> dict[str, Any] | None:
    """What is left of an object; `None` where that is all of it."""
    left = {name: value for name, value in told.items() if not name.startswith("_")}
    is_less = len(left) < len(told)
    for name in _HOLDERS if depth else ():
        value = left.get(name)
        held = value if isinstance(value, list) else [value]
        kept = [_public(each, depth - 1) if isinstance(each, dict) else None for each in held]
        if any(each is not None for each in kept):
            is_less = True
            rest = [each if other is None else other for each, other in zip(held, kept, strict=True)]
            left[name] = rest if isinstance(value, list) else rest[0]
    return left if is_less else None
