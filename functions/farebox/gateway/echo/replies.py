"""Replies of the echo upstream: it repeats, calls the tool it is asked for, or fills in the schema it is given."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from functions.farebox.gateway.echo.counting import clip, count
from functions.farebox.gateway.echo.samples import sample

LONGEST_QUOTE_CHARS = 500


@dataclass(frozen=True, slots=True)
class Reply:
    """What one choice says: a text, or with `tool` the arguments of a call of that tool."""

    text: str
    tool: str | None
    finish_reason: str
    tokens: int


def reply(request: Mapping[str, Any], cap: int | None) -> Reply:
    """The reply to a chat request, of at most `cap` tokens."""
    tool = _tool_to_call(request)
    if tool is not None:
        text = orjson.dumps(sample(tool.get("parameters") or {"type": "object"})).decode()
    else:
        text = _structured(request) or _repetition(request["messages"])
    clipped = text if cap is None else clip(text, cap)
    finish_reason = "length" if clipped != text else "stop" if tool is None else "tool_calls"
    return Reply(clipped, None if tool is None else tool["name"], finish_reason, count(clipped))


def _tool_to_call(request: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The tool that `tool_choice` demands, or that the user speaks of by name, unless it has answered already."""
    functions: list[dict[str, Any]] = [
        tool["function"] for tool in request.get("tools") or () if tool.get("type") == "function"
    ]
    choice = request.get("tool_choice")
    if not functions or choice == "none":
        return None
    if isinstance(choice, dict):
        wanted = choice.get("function", {}).get("name")
        return next((function for function in functions if function["name"] == wanted), None)
    if choice == "required":
        return functions[0]
    last = request["messages"][-1]
    asked = _typed(last) if last.get("role") == "user" else ""
    return next((function for function in functions if _mentions(asked, function["name"])), None)


def _mentions(text: str, name: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text) is not None


def _structured(request: Mapping[str, Any]) -> str | None:
    """The JSON that `response_format` asks for."""
    form = request.get("response_format") or {}
    if form.get("type") == "json_schema":
        return orjson.dumps(sample(form["json_schema"]["schema"])).decode()
    if form.get("type") == "json_object":
        return orjson.dumps({"echo": _quote(_said(request["messages"]))}).decode()
    return None


def _repetition(messages: Sequence[Mapping[str, Any]]) -> str:
    if messages[-1].get("role") == "tool":
        return f"The tool answered: {_quote(' '.join(_texts_of(messages[-1])))}"
    said = _quote(_said(messages))
    about = "This is Farebox's built-in echo, not a model: name real upstreams to get real answers."
    return f"You said: {said}\n\n{about}" if said else about


def _said(messages: Sequence[Mapping[str, Any]]) -> str:
    """What the user typed last."""
    return next((_typed(message) for message in reversed(messages) if message.get("role") == "user"), "")


def _typed(message: Mapping[str, Any]) -> str:
    """What a person typed: the last of a message's texts. Coding agents put pages of their own before it."""
    return next(reversed(_texts_of(message)), "")


def _quote(words: str) -> str:
    return words if len(words) <= LONGEST_QUOTE_CHARS else words[:LONGEST_QUOTE_CHARS] + "…"


def _texts_of(message: Mapping[str, Any]) -> list[str]:
    content = message.get("content")
    if isinstance(content, str):
        return [content]
    parts = content if isinstance(content, list) else ()
    return [part["text"] for part in parts if isinstance(part, dict) and isinstance(part.get("text"), str)]
