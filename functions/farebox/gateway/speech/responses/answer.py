"""Reads a response as the chat completion that means the same."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from functions.farebox.gateway.speech.responses.words import completion_id, sealed
from functions.farebox.tokens.hosted_tools import priced_as

Json = dict[str, Any]

_UNFINISHED = ("in_progress", "queued", "cancelled", "failed")
_INCOMPLETE = {"max_output_tokens": "length", "content_filter": "content_filter"}
CALLS = {"function_call": "arguments", "custom_tool_call": "input"}


def completion_of(response: Mapping[str, Any]) -> Json:
    """The completion. What is malformed counts as absent."""
    items = list(_objects(response.get("output")))
    said = _said(items)
    completion: Json = {
        "id": completion_id(response.get("id")),
        "object": "chat.completion",
        "created": response.get("created_at"),
        "model": response.get("model"),
        "choices": [
            {"index": 0, "message": said, "finish_reason": finish_reason(response, calls="tool_calls" in said)}
        ],
    }
    for name in ("usage", "service_tier"):
        if response.get(name) is not None:
            completion[name] = response[name]
    steps = steps_in(items)
    return {**completion, "output": steps} if steps else completion


def steps_in(items: Iterable[Mapping[str, Any]]) -> list[Json]:
    """What calls of its vendor's tools are billed by: that they were, and what each did."""
    told = ("type", "action", "execution")
    return [{name: item[name] for name in told if name in item} for item in items if _is_step(item.get("type"))]


def _is_step(kind: object) -> bool:
    return isinstance(kind, str) and kind.endswith("_call") and priced_as(kind) is not None


def is_unfinished(response: Mapping[str, Any]) -> bool:
    """Whether a response that is sent as the last word says of itself that it is not done, and has nothing."""
    return response.get("status") in _UNFINISHED and not response.get("output")


def finish_reason(response: Mapping[str, Any], *, calls: bool) -> str:
    """Why it ends, in the word of chat completions; `calls`: with calls of tools."""
    details = response.get("incomplete_details")
    reason = details.get("reason") if isinstance(details, dict) else None
    ended = "tool_calls" if calls else "stop"
    return _INCOMPLETE.get(reason, ended) if isinstance(reason, str) else ended


def called(item: Mapping[str, Any], text: object) -> Json:
    """A call of a tool as chats have it, with what it is called with."""
    if item.get("type") == "custom_tool_call":
        return {"id": item.get("call_id"), "type": "custom", "custom": {"name": item.get("name"), "input": text}}
    function = {"name": item.get("name"), "arguments": text}
    return {"id": item.get("call_id"), "type": "function", "function": function}


def is_drawn(item: Mapping[str, Any]) -> bool:
    """Whether an item is an image that is there."""
    return item.get("type") == "image_generation_call" and isinstance(item.get("result"), str) and item["result"] != ""


def drawing(data: str) -> Json:
    """An image, under the name that counts as one."""
    return {"b64_json": data}


def _said(items: list[Mapping[str, Any]]) -> Json:
    """Everything that was generated, each in a place that counts."""
    said: Json = {"role": "assistant"}
    texts: list[str] = []
    refusals: list[str] = []
    thoughts: list[str] = []
    calls: list[Json] = []
    others: list[Mapping[str, Any]] = []
    for item in items:
        kind = item.get("type") if isinstance(item.get("type"), str) else ""
        if kind == "message":
            texts += _texts(item.get("content"), "text")
            refusals += _texts(item.get("content"), "refusal")
        elif kind == "reasoning":
            thoughts += ["\n\n".join(_texts(item.get("summary"), "text")), *_texts(item.get("content"), "text")]
            if isinstance(item.get("encrypted_content"), str):
                details = said.setdefault("reasoning_details", [])
                details.append(sealed(item, len(details)))
        elif kind in CALLS:
            calls.append(called(item, item.get(CALLS[kind])))
        elif is_drawn(item):
            others.append(drawing(item["result"]))
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
