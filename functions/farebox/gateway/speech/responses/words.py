"""Words of OpenAI's Responses, and what they are called in chat completions."""

from collections.abc import Mapping
from typing import Any

THOUGHT_FORMAT = "openai-responses-v1"  # OpenRouter's name for it, in `reasoning_details`


def completion_id(response_id: object) -> object:
    """A completion's id: the response's, in the form of chats."""
    return f"chatcmpl-{response_id.removeprefix('resp_')}" if isinstance(response_id, str) else response_id


def sealed(item: Mapping[str, Any], index: int) -> dict[str, Any]:
    """A thought that only its vendor can read, as OpenRouter writes it."""
    detail = {
        "type": "reasoning.encrypted",
        "data": item["encrypted_content"],
        "format": THOUGHT_FORMAT,
        "index": index,
    }
    return detail | ({"id": item["id"]} if isinstance(item.get("id"), str) else {})
