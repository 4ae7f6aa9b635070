"""Tools that a vendor runs: each has a price of its own, or is refused."""

from collections.abc import Mapping
from typing import Any

from functions.farebox.request.fate import Feature, Reading, unsupported
from functions.farebox.request.places import keep, keep_held, refuse_references
from functions.farebox.request.tools.fields import HELD_BY_HOSTED, HOSTED, MAX_USES
from functions.farebox.request.values import object_at, text_at, whole_at, wrong_type
from functions.farebox.tokens.hosted_tools import HOSTED_KINDS, bare_kind

MOST_USES = 10_000
_ELSEWHERE = "it runs on the vendor's servers and has no price here. Call it yourself, and offer it as a function."
_CLIENT_ELSEWHERE = (
    "you carry it out yourself, but only its vendor's own API knows what it takes. Describe it as a function."
)
# Features that are left out where they have no price, if other tools remain.
OPTIONAL = frozenset({"search", "image_generation"})
_BUILTIN = "builtin_function"  # Moonshot's, by the name of its function
_HOSTED_FIELDS = HOSTED | {MAX_USES}
# Run by the caller, though the vendor has trained for them.
MESSAGES_CLIENT = frozenset({"custom", "bash", "text_editor", "memory", "computer"})
_AT_CLIENT = MESSAGES_CLIENT | {
    "computer_use",
    "local_shell",
    "shell",
    "apply_patch",
    "str_replace_based_edit_tool",
}


def read_hosted(tool: dict[str, Any], at: str, reading: Reading) -> dict[str, Any]:
    """Reads a tool that the vendor runs. Raises `InvalidRequest` for one that nobody here knows."""
    kind = tool.get("type")
    if type(kind) is not str:
        raise wrong_type(f"{at}.type", "what kind of tool this is, such as function")
    if kind == _BUILTIN:
        kind = text_at(object_at(tool.get("function"), f"{at}.function").get("name"), f"{at}.function.name")
    ask_hosted(kind, tool, f"{at}.type", reading)
    for name, known in HELD_BY_HOSTED.items():
        tool = keep_held(tool, name, known, at, reading)
    return keep(tool, _HOSTED_FIELDS, at, reading)


def ask_hosted(kind: str, tool: dict[str, Any], at: str, reading: Reading) -> None:
    """Note what such a tool is priced as, and how often it may be called."""
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
    return HOSTED_KINDS.get(bare_kind(kind))


def kinds_of(tool: Mapping[str, Any]) -> tuple[str, ...]:
    """What kinds of tool one is that was read before. In Gemini's way they are its fields: {"googleSearch": {}}."""
    kind = tool.get("type")
    if kind == _BUILTIN:
        return (str(tool["function"]["name"]),)
    return (str(kind),) if kind is not None else tuple(tool)


def features_of(tool: Mapping[str, Any]) -> frozenset[str | None]:
    """What a tool that was read before is priced as; `None` for what has no price of its own, such as a function."""
    return frozenset(map(feature_of, kinds_of(tool)))


def is_optional(kind: object) -> bool:
    """Whether a program that offers this tool of its vendor's does as well without it: agents offer a search, and one
    that draws, beside their own tools, wherever they are."""
    return type(kind) is str and feature_of(kind) in OPTIONAL


def runs_at_client(kind: object) -> bool:
    """Whether a vendor knows this tool by its type, and yet the caller carries it out."""
    return type(kind) is str and bare_kind(kind) in _AT_CLIENT
