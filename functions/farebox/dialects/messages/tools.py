"""Translates the tools of a request for a message to functions of a chat.

Anthropic's models may find tools in the course of a conversation: a tool that is deferred is shown to the model from
where a result refers to it, a block of the system adds or removes one. A chat has one list of tools, so it has those
that the model may call by the end: deferred ones stand last, that those before them stay the prefix that caches know.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from functions.farebox.dialects.dialect import Json
from functions.farebox.dialects.messages.client_tools import function_of
from functions.farebox.dialects.reading import malformed, object_at, objects_at, text_at, unsupported
from functions.farebox.request.tools.hosted import is_optional

TOOL_CHANGES = ("tool_addition", "tool_removal")
_CHOICES = {"auto": "auto", "any": "required", "none": "none"}
_SEARCH = "tool_search_tool"


def write_tools(tools: object, messages: list[Mapping[str, Any]], lost: list[str], chosen: object = None) -> Json:
    """`tools`, if there are any to be called. What a program does as well without is left out where others remain
    and it is not the one that is `chosen`, and is named in `lost`."""
    declared = objects_at(tools or [], "tools")
    named = [(text_at(tool, "name", f"tools.{n}"), tool, f"tools.{n}") for n, tool in enumerate(declared)]
    left = [each for each in named if is_optional(each[1].get("type")) and each[0] != chosen]
    if len(left) < len(named):
        named = [each for each in named if each not in left]
        lost += [f"tools.{tool['type']}" for _, tool, _ in left]
    searches = [tool for _, tool, _ in named if str(tool.get("type")).startswith(_SEARCH)]
    changes = dict(_changes(messages))
    offered: list[Json] = []
    found: list[Json] = []
    for name, tool, at in named:
        if tool in searches:  # nobody searches there: all are shown
            continue
        is_shown = changes.pop(name, not tool.get("defer_loading") or bool(searches))
        if is_shown is not False:
            (found if tool.get("defer_loading") else offered).append(_tool(tool, at))
    found += [_tool(tool, "messages") for tool in changes.values() if isinstance(tool, Mapping)]
    return {"tools": offered + found} if offered or found else {}


def write_choice(choice: Mapping[str, Any]) -> Json:
    """`tool_choice`, and whether there may be several calls at once."""
    kind = choice.get("type")
    chat: Json = {}
    if kind == "tool":
        name = text_at(choice, "name", "tool_choice")
        chat["tool_choice"] = {"type": "function", "function": {"name": name}}
    elif isinstance(kind, str) and kind in _CHOICES:
        chat["tool_choice"] = _CHOICES[kind]
    else:
        raise malformed("tool_choice.type", "auto, any, tool or none")
    if choice.get("disable_parallel_tool_use"):
        chat["parallel_tool_calls"] = False
    return chat


def _changes(messages: list[Mapping[str, Any]]) -> Iterator[tuple[str, bool | Mapping[str, Any]]]:
    """What a conversation says of tools, by their names and in its order: that one may be called or not, or what a new
    one is."""
    for message in messages:
        for block in _blocks(message.get("content")):
            kind = block.get("type")
            if kind == "tool_result":
                for part in _blocks(block.get("content")):
                    if part.get("type") == "tool_reference":
                        yield str(part.get("tool_name")), True
            elif kind in TOOL_CHANGES:
                yield _change(block, is_added=kind == "tool_addition")


def _change(block: Mapping[str, Any], *, is_added: bool) -> tuple[str, bool | Mapping[str, Any]]:
    tool = object_at(block.get("tool"), "messages.tool")
    definition = tool.get("definition")
    if is_added and isinstance(definition, Mapping):
        return text_at(definition, "name", "messages.tool.definition"), definition
    return str(tool.get("name")), is_added


def _blocks(content: object) -> Iterator[Mapping[str, Any]]:
    for block in content if isinstance(content, list) else ():
        if isinstance(block, Mapping):
            yield block


def _tool(tool: Mapping[str, Any], at: str) -> Json:
    function: Json = {"name": text_at(tool, "name", at)}
    if tool.get("type") in (None, "custom"):
        function["parameters"] = object_at(tool.get("input_schema"), at)
        if tool.get("description") is not None:
            function["description"] = tool["description"]
        return {"type": "function", "function": function}
    known = function_of(tool)
    if known is None:
        where = "runs on Anthropic's servers and is not offered here."
        raise unsupported(f"{at}.type", f"The tool {tool['type']!r} {where}")
    return {"type": "function", "function": {**function, **known}}
