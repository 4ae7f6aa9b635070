"""Tools of the Responses API as the functions of a chat, and their calls named back.

A custom tool takes one text, perhaps in a grammar of its own: it becomes a function of which that text is the only
argument, and the grammar a part of its description. A namespace holds tools: each becomes a function that has the
namespace in its name. A search for tools that the client carries out is a function as well; one that OpenAI does is
left out, since all tools are offered at once. Tools may also come in the middle of the input, in items of their own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

import orjson

from functions.farebox.dialects.dialect import Json
from functions.farebox.dialects.reading import malformed, object_at, objects_at, text_at, unsupported
from functions.farebox.errors import InvalidRequest
from functions.farebox.request.tools.hosted import is_optional, runs_at_client

MAX_NAME_CHARS = 64  # of a function, at OpenAI
SEARCH = "tool_search"  # the tool, and the name of its function
_INPUT = "input"
_PARAMETERS: Json = {
    "type": "object",
    "properties": {_INPUT: {"type": "string"}},
    "required": [_INPUT],
    "additionalProperties": False,
}
_FUNCTION_FIELDS = ("name", "description", "parameters", "strict")
_DECLARING = ("additional_tools", "tool_search_output")  # items that hold tools
_AT_CLIENT = (
    "is carried out by the client, but only a server that speaks Responses knows what it takes. Offer it as a tool of "
    "type 'custom' or 'function'."
)


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool as its calls are to name it."""

    name: str
    namespace: str | None = None
    kind: Literal["function", "custom", "tool_search"] = "function"


Tools = Mapping[str, Tool]  # by their functions' names


def function_name(name: str, namespace: str | None) -> str:
    """The name of a tool's function. One that would be too long ends in a hash."""
    if not namespace:
        return name
    whole = f"{namespace}{name}" if namespace.endswith("__") else f"{namespace}__{name}"
    if len(whole) <= MAX_NAME_CHARS:
        return whole
    return f"{whole[: MAX_NAME_CHARS - 9]}_{sha256(whole.encode()).hexdigest()[:8]}"


def read_tools(asked: Mapping[str, Any]) -> tuple[list[Json], Tools]:
    """The functions for all tools that a request declares, and the tools by the names of those. What is declared once
    more is one. Raises `InvalidRequest` for what no function can stand for, and for two tools of one name."""
    functions: list[Json] = []
    tools: dict[str, Tool] = {}
    left: InvalidRequest | None = None
    for declared, namespace, at in _declared(asked):
        kind = declared.get("type")
        if kind == SEARCH and declared.get("execution") != "client":
            continue
        if is_optional(kind):
            left = left or _not_offered(kind, at)
            continue
        function = _function(declared, namespace, at)
        tool = Tool(function["name"] if kind == SEARCH else declared["name"], namespace, declared["type"])
        if tools.setdefault(function["name"], tool) != tool:
            raise malformed(f"{at}.name", "a name that no other tool has")
        if len(tools) > len(functions):
            functions.append({"type": "function", "function": function})
    if left is not None and not functions:
        raise left
    return functions, tools


def lost_tools(asked: Mapping[str, Any]) -> list[str]:
    """The tools that no function stands for and that are left out, by the name of their field."""
    return [f"tools.{tool['type']}" for tool, _, _ in _declared(asked) if is_optional(tool.get("type"))]


def found_tools(item: Mapping[str, Any], at: str) -> str:
    """What a search for tools came to, in words for a model that calls them by their functions' names."""
    found = [
        {"name": function_name(text_at(tool, "name", path), namespace), "description": tool.get("description")}
        for tool, namespace, path in _each(item.get("tools"), f"{at}.tools")
    ]
    return orjson.dumps({"tools": found}).decode()


def function_arguments(text: str) -> str:
    """A custom tool's text as its function's arguments."""
    return orjson.dumps({_INPUT: text}).decode()


def custom_input(arguments: str) -> str:
    """The text of a custom tool's call. A model may write no JSON, or be cut off; that is then what the caller sees."""
    try:
        text = orjson.loads(arguments)[_INPUT]
    except (orjson.JSONDecodeError, TypeError, KeyError, IndexError):
        return arguments
    return text if isinstance(text, str) else arguments


def choose(choice: object, functions: list[Json]) -> Json:
    """The choice of a tool as a chat has it, and the functions that are offered with it: of several that may be called,
    a chat knows only to offer no others."""
    if isinstance(choice, str):
        return {"tools": functions, "tool_choice": choice}
    choice = object_at(choice, "tool_choice")
    if choice.get("type") == "allowed_tools":
        allowed = {
            _chosen(tool, f"tool_choice.tools.{n}")
            for n, tool in enumerate(choice["tools"])
            if not is_optional(tool.get("type"))  # it is left out, as it is of 'tools'
        }
        kept = [function for function in functions if function["function"]["name"] in allowed]
        if not kept:
            raise malformed("tool_choice.tools", "tools that are in 'tools'")
        return {"tools": kept, "tool_choice": choice.get("mode") or "auto"}
    name = _chosen(choice, "tool_choice")
    if all(function["function"]["name"] != name for function in functions):
        raise malformed("tool_choice", "a tool that is in 'tools'")
    return {"tools": functions, "tool_choice": {"type": "function", "function": {"name": name}}}


def _chosen(choice: Mapping[str, Any], at: str) -> str:
    """The name of the function of a tool that is chosen."""
    kind = choice.get("type")
    if kind == SEARCH:
        return SEARCH
    if kind not in ("function", "custom"):
        raise unsupported(at, "Choose auto, none, required or a function: no other tools are offered.")
    return function_name(text_at(choice, "name", at), _namespace(choice, at))


def called_name(item: Mapping[str, Any], at: str) -> str:
    """The name of the function that a call in the input is of."""
    if item.get("type") == f"{SEARCH}_call":
        return SEARCH
    return function_name(text_at(item, "name", at), _namespace(item, at))


def _namespace(holder: Mapping[str, Any], at: str) -> str | None:
    return None if holder.get("namespace") is None else text_at(holder, "namespace", at)


def _declared(asked: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str | None, str]]:
    """Each tool, its namespace and its path."""
    yield from _each(asked.get("tools"), "tools")
    given = asked.get("input")
    for n, item in enumerate(given if isinstance(given, list) else ()):
        if isinstance(item, Mapping) and item.get("type") in _DECLARING:
            yield from _each(item.get("tools"), f"input.{n}.tools")


def _each(tools: object, path: str) -> Iterator[tuple[Mapping[str, Any], str | None, str]]:
    for n, tool in enumerate(objects_at(tools or [], path)):
        at = f"{path}.{n}"
        if tool.get("type") != "namespace":
            yield tool, None, at
            continue
        namespace = text_at(tool, "name", at)
        for m, each in enumerate(objects_at(tool.get("tools"), f"{at}.tools")):
            yield each, namespace, f"{at}.tools.{m}"


def _function(tool: Mapping[str, Any], namespace: str | None, at: str) -> Json:
    kind = tool.get("type")
    if kind not in ("function", "custom", SEARCH):
        raise _not_offered(kind, at)
    name = SEARCH if kind == SEARCH else function_name(text_at(tool, "name", at), namespace)
    if kind != "custom":
        return {**{field: tool[field] for field in _FUNCTION_FIELDS if tool.get(field) is not None}, "name": name}
    return {"name": name, "description": _custom_description(tool, at), "parameters": _PARAMETERS}


def _not_offered(kind: object, at: str) -> InvalidRequest:
    where = _AT_CLIENT if runs_at_client(kind) else "runs on OpenAI's servers and is not offered here."
    return unsupported(f"{at}.type", f"The tool {kind!r} {where}")


def _custom_description(tool: Mapping[str, Any], at: str) -> str:
    described = text_at(tool, "description", at) if tool.get("description") is not None else ""
    form = object_at(tool.get("format") or {}, f"{at}.format")
    if form.get("type", "text") == "text":
        return described
    grammar = text_at(form, "definition", f"{at}.format")
    return f"{described}\n\nWrite '{_INPUT}' by this grammar ({form.get('syntax')}):\n{grammar}".strip()
