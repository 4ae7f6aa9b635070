"""What a proxy keeps for itself: fields whose names begin with an underscore, by Python's custom, and what it has put
into the ids of responses.

LiteLLM's `_hidden_params` and `_response_headers` name the operator's deployments, addresses, keys and costs, and some
of its answers have them. They are looked for as servers write them; inside a text their quotes would be escaped. What a
model wrote, such as the input of a tool, may have names like that, and is left alone. What such a name is in and is no
JSON goes as a whole: no client could read it.

The id of a response is, from LiteLLM, the vendor's own in base64, with the deployment that answered before it: what a
client would send back to go on with what is stored there, and nothing is. Ids of items, which do come back, stay.
"""

import binascii
import re
from typing import Any

import orjson

from functions.farebox.gateway.json_object import read_object
from functions.farebox.gateway.stream.event_buffer import data_of, split, with_data

# In most answers nowhere: what it begins with is found in half of `find`'s time.
_NAME = re.compile(rb'"_(?:[^"\\]|\\.){0,200}+"\s*:')
_ESCAPE = b"\\"
_ESCAPED = b'"\\u005'  # how JSON may write the underscore that a name begins with
# Where servers have such fields beside the top: an event of Anthropic's holds a message, one of OpenAI's a response.
_HOLDERS = ("choices", "delta", "message", "response", "usage")
_DEEPEST = 3
_WRAPPED = b"bGl0ZWxsbTp"  # how "litellm:" begins in base64, before a letter
_WRAPPED_ID = re.compile(rb'"(?:[a-z]+[_-])?(bGl0ZWxsbTp[A-Za-z0-9+/]*={0,2})"')
_RESPONSE_ID = re.compile(rb";response_id:([A-Za-z0-9_.-]+)$")


def without_private_fields(body: bytes) -> bytes:
    """A whole answer without them."""
    body = with_own_ids(body)
    if not _may_have_fields(body):
        return body
    told = read_object(body)
    left = None if told is None else _public(told, _DEEPEST)
    return body if left is None else orjson.dumps(left)


def events_without_private_fields(block: bytes) -> bytes:
    """A block of whole events without them."""
    if _NAME.search(block) is None and (_ESCAPE not in block or _ESCAPED not in block):
        return block
    return b"".join(map(_event_without, split(block)))


def with_own_ids(text: bytes) -> bytes:
    """A response, or events of one, with the vendor's ids in the place of what a proxy has made of them."""
    return _WRAPPED_ID.sub(_own_id, text) if _WRAPPED in text else text


def _may_have_fields(text: bytes) -> bool:
    return _NAME.search(text) is not None or _ESCAPED in text


def _event_without(event: bytes) -> bytes:
    if not _may_have_fields(event):
        return event
    told = read_object(data_of(event) or b"")
    if told is None:
        return b"" if _NAME.search(event) else event
    left = _public(told, _DEEPEST)
    return event if left is None else with_data(event, orjson.dumps(left))


def _own_id(match: re.Match[bytes]) -> bytes:
    try:
        own = _RESPONSE_ID.search(binascii.a2b_base64(match[1]))
    except binascii.Error:
        return match[0]
    return match[0] if own is None else b'"' + own[1] + b'"'


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
