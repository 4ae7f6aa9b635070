"""Tools: functions that the caller runs are free, what the vendor runs has a price of its own or is refused."""

import re
from typing import Any

from functions.farebox.request.fate import Feature, Reading, unsupported
from functions.farebox.request.places import (
    CACHED,
    CUSTOM,
    ENVIRONMENT,
    FUNCTION,
    GRAMMAR,
    HELD_BY_HOSTED,
    HELD_BY_TOOL,
    HOSTED,
    MAX_USES,
    MESSAGES_TOOL,
    RESPONSES_TOOL,
    RESPONSES_TOOL_OF,
    SKILL,
    keep,
    keep_held,
    refuse_held,
    refuse_references,
)
from functions.farebox.request.values import (
    CACHE_CONTROL,
    list_of,
    object_at,
    objects_at,
    text_at,
    whole_at,
    wrong_type,
    wrong_value,
)

MAX_TOOLS = 1024
MOST_USES = 10_000

_DATE = re.compile(r"(_preview|_\d{4}_?\d{2}_?\d{2}|_20\d{6})+$")
_ELSEWHERE = "it runs on the vendor's servers and has no price here. Call it yourself, and offer it as a function."
_CLIENT_ELSEWHERE = (
    "you carry it out yourself, but only its vendor's own API knows what it takes. Describe it as a function."
)
# Hosted tools by their bare names, each with the feature that it is priced as.
_HOSTED = {
    "web_search": "search",
    "$web_search": "search",
    "google_search": "search",
    "googlesearch": "search",
    "google_search_retrieval": "search",
    "googlesearchretrieval": "search",
    "enterprisewebsearch": "search",
    "enterprise_web_search": "search",
    "x_search": "x_search",
    "google_maps": "google_maps",
    "googlemaps": "google_maps",
    "file_search": "file_search",
    "collections_search": "file_search",
    "code_interpreter": "code_interpreter",
    "code_execution": "code_execution",
    "codeexecution": "code_execution",
    "image_generation": "image_generation",
    "computer": "computer_use",
    "computer_use": "computer_use",
    "computeruse": "computer_use",
    "programmatic_tool_calling": "programmatic_tool_calling",
    "tool_search_tool_regex": "tool_search",
    "tool_search_tool_bm25": "tool_search",
}
OPTIONAL = frozenset({"search"})  # features that are left out where they have no price, if other tools remain
_HOSTED_FIELDS = HOSTED | {MAX_USES}
_PLAIN_FUNCTION = FUNCTION - {CACHE_CONTROL}
_CHAT_FIELDS = frozenset({"type", "function", "custom", "strict", CACHE_CONTROL})
_HELD_BY_CHAT_TOOL = frozenset({"function", "custom", CACHE_CONTROL})
_CHAT_KINDS = ("function", "custom")  # a tuple: what is compared may have no hash
# Run by the caller, though the vendor has trained for them.
_MESSAGES_CLIENT = frozenset({"custom", "bash", "text_editor", "memory", "computer"})
_AT_CLIENT = _MESSAGES_CLIENT | {
    "computer_use",
    "local_shell",
    "shell",
    "apply_patch",
    "str_replace_based_edit_tool",
}
_RESPONSES_CLIENT = ("function", "custom", "local_shell", "apply_patch")
_CLIENT_KINDS = (*_RESPONSES_CLIENT, "shell", "namespace")
_CALLERS = "allowed_callers"
_read_callers = list_of(str, "a list of texts", most=64)
_HELD = HELD_BY_TOOL | {_CALLERS, CACHE_CONTROL}
# An answer is to call a tool that was declared: a vendor may run its own that only the choice names.
_CHOICE_WORDS = ("auto", "none", "required", "any")
_CHOICE_FORMS = "auto, none, required, or a tool that is in 'tools'"
_CHOICE_KINDS = frozenset({*_CHOICE_WORDS, *_CLIENT_KINDS, "tool"})
_CHOSEN = frozenset({"name"})
_CHOICE = frozenset(
    {"type", "function", "custom", "name", "namespace", "mode", "tools", "allowed_tools", "disable_parallel_tool_use"}
)


def _chat_tool(tool: dict[str, Any], at: str, reading: Reading) -> dict[str, Any]:
    kind = tool.get("type")
    if kind in _CHAT_KINDS or (kind is None and "function" in tool):
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
            _ask_hosted(name, tool, f"{at}.{name[:64]}", reading)
        if not tool:
            raise wrong_value(at, "a tool: its type, and its function")
        return tool
    return _hosted(tool, at, reading)


def _without_hosted(tool: dict[str, Any], at: str, reading: Reading) -> dict[str, Any]:
    """A function without fields that are not a function's. One that is a hosted tool's name asks for that tool."""
    for name in tool.keys() - _CHAT_FIELDS:
        if name.lower() in _HOSTED:
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
    if kind is None or (type(kind) is str and _bare(kind) in _MESSAGES_CLIENT):
        return described(tool, MESSAGES_TOOL, at, reading)
    return _hosted(tool, at, reading)


def _responses_tool(tool: dict[str, Any], at: str, reading: Reading) -> dict[str, Any]:
    kind = tool.get("type")
    if type(kind) is str and kind not in _CLIENT_KINDS and kind != "tool_search":
        if tool.get(MAX_USES) is not None:  # nobody reads it there: it bounds nothing
            reading.drop(f"{at}.{MAX_USES}")
            tool = {name: value for name, value in tool.items() if name != MAX_USES}
        return _hosted(tool, at, reading)
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
        return _hosted(tool, at, reading)
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


def _hosted(tool: dict[str, Any], at: str, reading: Reading) -> dict[str, Any]:
    kind = tool.get("type")
    if type(kind) is not str:
        raise wrong_type(f"{at}.type", "what kind of tool this is, such as function")
    if kind == "builtin_function":  # Moonshot's
        kind = text_at(object_at(tool.get("function"), f"{at}.function").get("name"), f"{at}.function.name")
    _ask_hosted(kind, tool, f"{at}.type", reading)
    for name, known in HELD_BY_HOSTED.items():
        tool = keep_held(tool, name, known, at, reading)
    return keep(tool, _HOSTED_FIELDS, at, reading)


def _ask_hosted(kind: str, tool: dict[str, Any], at: str, reading: Reading) -> None:
    feature = feature_of(kind)
    refuse_references(tool, at.removesuffix(".type"))
    if feature is None:
        where = _CLIENT_ELSEWHERE if runs_at_client(kind) else _ELSEWHERE
        raise unsupported(at, f"the tool {kind[:64]!r} is not offered: {where}")
    uses = tool.get(MAX_USES)
    most = None if uses is None else whole_at(uses, f"{at.removesuffix('.type')}.{MAX_USES}", 1, MOST_USES)
    reading.ask(Feature(feature, at, most))


def feature_of(kind: str) -> str | None:
    """What a tool that the vendor runs is priced as; `None` for a kind that is not known."""
    return _HOSTED.get(_bare(kind))


def is_optional(kind: object) -> bool:
    """Whether a program that offers this tool of its vendor's does as well without it: agents offer a search beside
    their own tools, wherever they are."""
    return type(kind) is str and feature_of(kind) in OPTIONAL


def runs_at_client(kind: object) -> bool:
    """Whether a vendor knows this tool by its type, and yet the caller carries it out."""
    return type(kind) is str and _bare(kind) in _AT_CLIENT


def _bare(kind: str) -> str:
    """A tool's name without a vendor's prefix, `preview` and dates."""
    return _DATE.sub("", kind.rpartition(":")[2].lower())


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


def read_tool_choice(value: object, at: str, reading: Reading) -> object:
    """Reads a word or an object, in the words of any dialect."""
    if type(value) is str:
        if value not in _CHOICE_WORDS:
            _choose(value, at, at, reading)
        return value
    if type(value) is not dict:
        raise wrong_type(at, _CHOICE_FORMS)
    return _read_choice(value, at, reading)


def _read_choice(choice: dict[str, Any], at: str, reading: Reading) -> dict[str, Any]:
    kind = choice.get("type")
    if kind == "allowed_tools":
        return _read_allowed(choice, at, reading)
    if type(kind) is str and kind not in _CHOICE_KINDS:
        _choose(kind, at, f"{at}.type", reading)
    elif type(kind) is not str and not (kind is None and ("function" in choice or "name" in choice)):
        raise wrong_type(f"{at}.type", _CHOICE_FORMS)
    for name in _CHAT_KINDS:
        choice = keep_held(choice, name, _CHOSEN, at, reading)
    return keep(choice, _CHOICE, at, reading)


def _read_allowed(choice: dict[str, Any], at: str, reading: Reading) -> dict[str, Any]:
    """A choice of several: in an object of its own in chats, beside the type in responses."""
    choice = keep(choice, _CHOICE, at, reading)
    if "allowed_tools" in choice:
        at = f"{at}.allowed_tools"
        allowed = keep(object_at(choice["allowed_tools"], at), _CHOICE, at, reading)
        return {**choice, "allowed_tools": _with_tools(allowed, at, reading)}
    return _with_tools(choice, at, reading)


def _with_tools(holder: dict[str, Any], at: str, reading: Reading) -> dict[str, Any]:
    tools = []
    for n, tool in enumerate(objects_at(holder.get("tools"), f"{at}.tools")):
        if tool.get("type") == "allowed_tools":
            raise wrong_value(f"{at}.tools.{n}.type", "a tool")
        tools.append(_read_choice(tool, f"{at}.tools.{n}", reading))
    return {**holder, "tools": tools}


def _choose(kind: str, at: str, kind_at: str, reading: Reading) -> None:
    """Note a vendor's tool; whether it was declared is known when all fields have been read."""
    feature = feature_of(kind)
    if feature is None:
        raise wrong_value(kind_at, _CHOICE_FORMS)
    reading.choose(feature, at)


def check_choices(reading: Reading) -> None:
    """Raises `InvalidRequest` where a vendor's tool was chosen that was not declared, and has no place in the hold."""
    asked = {feature.name for feature in reading.features or ()}
    for feature, at in reading.chosen or ():
        if feature not in asked:
            raise unsupported(at, "this tool runs on the vendor's servers and is not in 'tools'. Choose one that is.")
