"""Which tool an answer is to call: one that was declared. A vendor may run its own that only the choice names."""

from typing import Any

from functions.farebox.request.fate import Reading, unsupported
from functions.farebox.request.places import keep, keep_held
from functions.farebox.request.tools.hosted import feature_of
from functions.farebox.request.tools.offered import CHAT_KINDS, CLIENT_KINDS
from functions.farebox.request.values import object_at, objects_at, wrong_type, wrong_value

# An answer is to call a tool that was declared: a vendor may run its own that only the choice names.
_CHOICE_WORDS = ("auto", "none", "required", "any")
_CHOICE_FORMS = "auto, none, required, or a tool that is in 'tools'"
_CHOICE_KINDS = frozenset({*_CHOICE_WORDS, *CLIENT_KINDS, "tool"})
_CHOSEN = frozenset({"name"})
_CHOICE = frozenset(
    {"type", "function", "custom", "name", "namespace", "mode", "tools", "allowed_tools", "disable_parallel_tool_use"}
)


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
    for name in CHAT_KINDS:
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
