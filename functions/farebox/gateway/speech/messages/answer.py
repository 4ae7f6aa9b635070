"""Reads a message as the chat completion that means the same.

What a model thought comes in two places: as a text in `reasoning_content`, which most clients show, and with its
signatures in `reasoning_details`, in OpenRouter's form, which clients send back as it is.
"""

import time
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from functions.farebox.gateway.speech.messages.words import (
    FINISH_REASONS,
    SERVER_CALL,
    cited,
    completion_id,
    detail,
    others,
    step,
    unseen,
)

Json = dict[str, Any]


def completion_of(message: Mapping[str, Any]) -> Json:
    """The completion. What is malformed counts as absent."""
    reason, sequence = message.get("stop_reason"), message.get("stop_sequence")
    choice: Json = {
        "index": 0,
        "message": _said(message.get("content")),
        "logprobs": None,
        "finish_reason": FINISH_REASONS.get(reason, "stop") if isinstance(reason, str) else None,
    }
    if isinstance(sequence, str):
        choice["stop_reason"] = sequence
    completion: Json = {
        "id": completion_id(message.get("id")),
        "object": "chat.completion",
        "created": int(time.time()),
        "model": message.get("model"),
        "choices": [choice],
    }
    if "usage" in message:
        completion["usage"] = message["usage"]
    ran = [item for block in _blocks(message.get("content")) for item in step(block)]
    return {**completion, "output": ran} if ran else completion


def _said(content: object) -> Json:
    texts: list[str] = []
    thoughts: list[str] = []
    details: list[Json] = []
    held: dict[str, list[Json]] = {"reasoning_details": details, "tool_calls": [], SERVER_CALL: [], "items": []}
    for block in _blocks(content):
        kind = block.get("type")
        if kind == "text":
            texts.append(_text(block, "text"))
            held["items"] += cited(block).get("items", ())
        elif kind == "thinking":
            thoughts.append(_text(block, "thinking"))
            details.append(detail(len(details), text=thoughts[-1], signature=_text(block, "signature")))
            held["items"] += _unseen(block)
        elif kind == "redacted_thinking":
            details.append(detail(len(details), data=_text(block, "data")))
        elif kind == "tool_use":
            held["tool_calls"].append(_call(block))
        elif kind == SERVER_CALL:
            held[SERVER_CALL].append({"name": block.get("name"), "input": block.get("input")})
        else:
            held["items"] += others([block]).get("items", ())
    said: Json = {"role": "assistant", "content": "".join(texts) if texts else None}
    if thoughts:
        said["reasoning_content"] = "".join(thoughts)
    return said | {name: found for name, found in held.items() if found}


def _unseen(block: Mapping[str, Any]) -> list[Json]:
    signature = "" if _text(block, "thinking") else _text(block, "signature")
    items: list[Json] = unseen(signature)["items"] if signature else []
    return items


def _call(block: Mapping[str, Any]) -> Json:
    arguments = orjson.dumps(block.get("input") or {}).decode()
    return {
        "id": _text(block, "id"),
        "type": "function",
        "function": {"name": _text(block, "name"), "arguments": arguments},
    }


def _blocks(content: object) -> Iterator[Mapping[str, Any]]:
    for block in content if isinstance(content, list) else ():
        if isinstance(block, dict):
            yield block


def _text(holder: Mapping[str, Any], name: str) -> str:
    value = holder.get(name)
    return value if isinstance(value, str) else ""
