"""Tools that a request offers: functions that the caller runs are free, what the vendor runs is `hosted`."""

from typing import Any

from functions.farebox.request.fate import Feature, Reading, unsupported
from functions.farebox.request.places import keep, keep_held, refuse_held
from functions.farebox.request.tools.fields import (
    CACHED,
    CUSTOM,
    ENVIRONMENT,
    FUNCTION,
    GRAMMAR,
    HELD_BY_TOOL,
    MAX_USES,
    MESSAGES_TOOL,
    RESPONSES_TOOL,
    RESPONSES_TOOL_OF,
    SKILL,
)
from functions.farebox.request.tools.hosted import MESSAGES_CLIENT, ask_hosted, read_hosted
from functions.farebox.request.values import CACHE_CONTROL, list_of, object_at, objects_at, text_at, wrong_value
from functions.farebox.tokens.hosted_tools import HOSTED_KINDS, bare_kind

MAX_TOOLS = 1024
_PLAIN_FUNCTION = FUNCTION - {CACHE_CONTROL}
_CHAT_FIELDS = frozenset({"type", "function", "custom", "strict", CACHE_CONTROL})
_HELD_BY_CHAT_TOOL = frozenset({"function", "custom", CACHE_CONTROL})
CHAT_KINDS = ("function", "custom")  # a tuple: what is compared may have no hash
_RESPONSES_CLIENT = ("function", "custom", "local_shell", "apply_patch")
CLIENT_KINDS = (*_RESPONSES_CLIENT, "shell", "namespace")
_CALLERS = "allowed_callers"
_read_callers = list_of(str, "a list of texts", most=64)
_HELD = HELD_BY_TOOL | {_CALLERS, CACHE_CONTROL}


def _chat_tool(tool: dict[str, Any], at: str, reading: Reading) -> dict[str, Any]:
    kind = tool.get("type")
    if kind in CHAT_KINDS or (kind is None and "function" in tool):
        if kind != "custom":
            text_at(object_at(tool.get("function"), f"{at}.function").get("name"), f"{at}.function.name")
            tool = {**tool, "function": described(tool["function"], FUNCTION, f"{at}.function", reading)}
        else:
            custom = object_at(tool.get("custom") or {}, f"{at}.custom")
            tool = {**tool, "custom": described(custom, CUSTOM, f"{at}.custom", reading)}
        if not tool.keys() <= _CHAT_FIELDS:
            tool = _without_hosted(tool, at, reading)
        refuse_held(tool, _HELD_BY_CHAT_TOOL, at)
        return keep_held(tool, CACHE_CONTROL, CACHED, at, reading)
    if kind is None:  # Gemini's way: {"google_search": {}}
        for name in tool:
            ask_hosted(name, tool, f"{at}.{name[:64]}", reading)
        if not tool:
            raise wrong_value(at, "a tool: its type, and its function")
        return tool
    return read_hosted(tool, at, reading)


def _without_hosted(tool: dict[str, Any], at: str, reading: Reading) -> dict[str, Any]:
    """A function without fields that are not a function's. One that is a hosted tool's name asks for that tool."""
    for name in tool.keys() - _CHAT_FIELDS:
        if name.lower() in HOSTED_KINDS:
            raise unsupported(f"{at}.{name}", "offer this as a tool of its own, and not beside a function.")
        reading.drop(f"{at}.{name}")
    return {name: value for name, value in tool.items() if name in _CHAT_FIELDS}


def read_added_tool(tool: dict[str, Any], at: str, reading: Reading) -> dict[str, Any]:
    """Reads a tool that is described in the course of a conversation: one of the caller's own, which has no type."""
    if tool.get("type") not in (None, "custom"):
        raise unsupported(f"{at}.type", "declare this in 'tools', and add it here by its name.")
    return _messages_tool(tool, at, reading)


def _messages_tool(tool: dict[str, Any], at: str, reading: Reading) -> dict[str, Any]:
    kind = tool.get("type")
    text_at(tool.get("name"), f"{at}.name")
    if kind is None or (type(kind) is str and bare_kind(kind) in MESSAGES_CLIENT):
        return described(tool, MESSAGES_TOOL, at, reading)
    return read_hosted(tool, at, reading)


def _responses_tool(tool: dict[str, Any], at: str, reading: Reading) -> dict[str, Any]:
    kind = tool.get("type")
    if type(kind) is str and kind not in CLIENT_KINDS and kind != "tool_search":
        if tool.get(MAX_USES) is not None:  # nobody reads it there: it bounds nothing
            reading.drop(f"{at}.{MAX_USES}")
            tool = {name: value for name, value in tool.items() if name != MAX_USES}
        return read_hosted(tool, at, reading)
    if kind in ("function", "custom"):
        text_at(tool.get("name"), f"{at}.name")
    elif kind == "namespace":
        held = objects_at(tool.get("tools"), f"{at}.tools")
        tool = {**tool, "tools": [_responses_tool(each, f"{at}.tools.{n}", reading) for n, each in enumerate(held)]}
    elif kind == "tool_search":
        if tool.get("execution") != "client":
            reading.ask(Feature("tool_search", at, None))
    elif kind == "shell":
        tool = _shell(tool, at, reading)
    elif type(kind) is not str:
        return read_hosted(tool, at, reading)
    return described(tool, RESPONSES_TOOL_OF.get(kind, RESPONSES_TOOL), at, reading)


def described(tool: dict[str, Any], known: frozenset[str], at: str, reading: Reading) -> dict[str, Any]:
    """A tool that the caller runs, with what is known of it and of what it holds, but for its schemas: they are text.
    Raises `InvalidRequest` for what else is no word, number or flag."""
    tool = keep_held(keep(tool, known, at, reading), CACHE_CONTROL, CACHED, at, reading)
    tool = keep_held(tool, "format", GRAMMAR, at, reading)
    form = tool.get("format")
    if type(form) is dict and type(form.get("grammar")) is dict:
        tool = {**tool, "format": keep_held(form, "grammar", GRAMMAR, f"{at}.format", reading)}
    if tool.get(CACHE_CONTROL) is not None:
        object_at(tool[CACHE_CONTROL], f"{at}.{CACHE_CONTROL}")
    if tool.get(_CALLERS) is not None:
        _read_callers(tool[_CALLERS], f"{at}.{_CALLERS}", reading)
    refuse_held(tool, _HELD, at)
    return tool


def _shell(tool: dict[str, Any], at: str, reading: Reading) -> dict[str, Any]:
    environment = object_at(tool.get("environment") or {}, f"{at}.environment")
    if environment.get("type") != "local":
        raise unsupported(at, "containers run on the vendor's servers and are not offered here.")
    environment = keep(environment, ENVIRONMENT, f"{at}.environment", reading)
    skills = environment.get("skills")
    if skills is not None:
        at_skills = f"{at}.environment.skills"
        held = enumerate(objects_at(skills, at_skills))
        environment = {
            **environment,
            "skills": [keep(skill, SKILL, f"{at_skills}.{n}", reading) for n, skill in held],
        }
    return {**tool, "environment": environment}


def _is_function(tool: dict[str, Any]) -> bool:
    """Whether a tool is an ordinary function of a chat's: most are, and their paths need not be spelled."""
    if len(tool) != 2 or tool.get("type") != "function":
        return False
    function = tool.get("function")
    return (
        type(function) is dict
        and type(function.get("name")) is str
        and type(function.get("description", "")) is str
        and type(function.get("strict", False)) is bool
        and function.keys() <= _PLAIN_FUNCTION
    )


def _tools_at(value: object, at: str) -> list[dict[str, Any]]:
    tools = objects_at(value, at)
    if len(tools) > MAX_TOOLS:
        raise wrong_value(at, f"a list of at most {MAX_TOOLS} tools")
    return tools


def read_chat_tools(value: object, at: str, reading: Reading) -> object:
    """Reads the tools of a chat completion request."""
    tools = enumerate(_tools_at(value, at))
    return [tool if _is_function(tool) else _chat_tool(tool, f"{at}.{n}", reading) for n, tool in tools]


def read_messages_tools(value: object, at: str, reading: Reading) -> object:
    """Reads the tools of a request for a message."""
    return [_messages_tool(tool, f"{at}.{n}", reading) for n, tool in enumerate(_tools_at(value, at))]


def read_responses_tools(value: object, at: str, reading: Reading) -> object:
    """Reads the tools of a request for a response."""
    return [_responses_tool(tool, f"{at}.{n}", reading) for n, tool in enumerate(_tools_at(value, at))]
