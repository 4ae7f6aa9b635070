"""The echo upstream's token counts: simple and the same every time.

A text has one token for each four UTF-8 bytes begun. A prompt has the tokens of each message's texts plus
`MESSAGE_TOKENS`, those of the JSON of its tools and of the form of its answer, and `REPLY_TOKENS`; that is never more
than the bytes of its JSON.
"""

from collections.abc import Mapping
from typing import Any

import orjson

BYTES_PER_TOKEN = 4
MESSAGE_TOKENS = 4
REPLY_TOKENS = 3


def count(text: str) -> int:
    """The tokens of a text."""
    return -(-len(text.encode()) // BYTES_PER_TOKEN)


def clip(text: str, cap: int) -> str:
    """The beginning of a text that has at most `cap` tokens, without half a character at its end."""
    return text.encode()[: cap * BYTES_PER_TOKEN].decode(errors="ignore")


def count_prompt(request: Mapping[str, Any]) -> int:
    """The tokens of a chat request."""
    total = REPLY_TOKENS + sum(_count_json(request[name]) for name in ("tools", "response_format") if request.get(name))
    for message in request["messages"]:
        total += MESSAGE_TOKENS + _count_content(message.get("content"))
        if message.get("tool_calls"):
            total += _count_json(message["tool_calls"])
    return total


def _count_content(content: object) -> int:
    if isinstance(content, str):
        return count(content)
    return _count_json(content) if content else 0


def _count_json(value: object) -> int:
    return -(-len(orjson.dumps(value)) // BYTES_PER_TOKEN)
