"""Reads a response as the chat completion that means the same."""

from collections.abc import Iterator, Mapping
from typing import Any

Json = dict[str, Any]

_INCOMPLETE = {"max_output_tokens": "length", "content_filter": "content_filter"}
CALLS = {"function_call": "arguments", "custom_tool_call": "input"}
_SEARCH = "web_search_call"


def completion_of(response: Mapping[str, Any]) -> Json:
    """The completion. What is malformed counts as absent."""
    items = list(_objects(response.get("output")))
    completion: Json = {
        "id": response.get("id"),
        "object": "chat.completion",
        "created": response.get("created_at"),
        "model": response.get("model"),
        "choices": [{"index": 0, "message": _said(items), "finish_reason": finish_reason(response)}],
    }
    for name in ("usage", "service_tier"):
        if response.get(name) is not None:
            completion[name] = response[name]
    searches = [{"type": _SEARCH} for item in items if item.get("type") == _SEARCH]
    return {**completion, "output": searches} if searches else completion


def finish_reason(response: Mapping[str, Any]) -> str:
    """Why it ends, in the word of chat completions."""
    details = response.get("incomplete_details")
    reason = details.get("reason") if isinstance(details, dict) else None
    return _INCOMPLETE.get(reason, "stop") if isinstance(reason, str) else "stop"


def sealed(item: Mapping[str, Any]) -> Json:
    """A thought that only its vendor can read."""
    return {"type": "reasoning.encrypted", "data": item["encrypted_content"]}


def _said(items: list[Mapping[str, Any]]) -> Json:
    """Everything that was generated, each in a place that counts."""
    said: Json = {"role": "assistant"}
    texts: list[str] = []
    refusals: list[str] = []
    thoughts: list[str] = []
    calls: list[Json] = []
    others: list[Mapping[str, Any]] = []
    for item in items:
        kind = item.get("type")
        if kind == "message":
            texts += _texts(item.get("content"), "text")
            refusals += _texts(item.get("content"), "refusal")
        elif kind == "reasoning":
            thoughts += [*_texts(item.get("summary"), "text"), *_texts(item.get("content"), "text")]
            if isinstance(item.get("encrypted_content"), str):
                said.setdefault("reasoning_details", []).append(sealed(item))
        elif kind in CALLS:
            function = {"name": item.get("name"), "arguments": item.get(CALLS[kind])}
            calls.append({"id": item.get("call_id"), "type": "function", "function": function})
        else:
            others.append(item)
    said["content"] = "".join(texts) if texts else None
    found = {"refusal": "".join(refusals), "reasoning_content": "".join(thoughts), "tool_calls": calls, "items": others}
    return said | {name: value for name, value in found.items() if value}


def _texts(parts: object, name: str) -> Iterator[str]:
    for part in _objects(parts):
        if isinstance(part.get(name), str):
            yield part[name]


def _objects(values: object) -> Iterator[Mapping[str, Any]]:
    for value in values if isinstance(values, list) else ():
        if isinstance(value, dict):
            yield value
