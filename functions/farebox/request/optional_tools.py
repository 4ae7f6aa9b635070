"""Tools of a vendor's that a program offers beside its own, wherever it is: it does as well without them.

One rule for every dialect: where such a tool is not offered here, or has no price, and others remain, it is left out
and named. Where nothing else is offered, or an answer has to use it, the request is refused as it was made.
"""

from collections.abc import Callable, Collection, Mapping
from itertools import chain
from typing import Any, Final

from msgspec.structs import replace

from functions.farebox.errors import InvalidRequest
from functions.farebox.request.chat import check_chat
from functions.farebox.request.checked import Checked, Endpoint
from functions.farebox.request.fate import MAX_NAMED
from functions.farebox.request.messages import check_prompt
from functions.farebox.request.responses import check_response
from functions.farebox.request.tools.hosted import features_of, kinds_of

_CHECKS: Final[Mapping[Endpoint, Callable[[dict[str, object]], Checked]]] = {
    "/chat/completions": check_chat,
    "/messages": check_prompt,
    "/responses": check_response,
}
_DECLARING = "additional_tools"  # an item of Responses that is there for its tools
_FINDING = "tool_search_output"  # one that answers a call, with tools or none
_NAMESPACE = "namespace"
_IN_MESSAGES = "tool"  # a choice of one in Messages
_HOLDERS = ("function", "custom")  # that a chat's tool has its name in


def without_tools(checked: Checked, features: Collection[str]) -> Checked:
    """A request without the tools that ask for these features, wherever they are declared or allowed, if it has others.
    Itself where there are none, or where an answer has to use one, or one that is not declared."""
    check = _CHECKS.get(checked.endpoint)
    if check is None or not features:
        return checked
    left: list[dict[str, Any]] = []
    fields = checked.fields
    declared = _others(fields.get("tools") or [], features, left)
    body = {**checked.body(), "tools": declared or None}
    given = fields.get("input")
    if type(given) is list:
        body["input"] = [other for item in given if (other := _with_others(item, features, left)) is not None]
        added = [item["tools"] for item in body["input"] if type(item) is dict and item.get("tools")]
        declared = list(chain(declared, *added))
    choice = fields.get("tool_choice")
    if not left or not declared or _is_unmet(choice, declared, left, features):
        return checked
    if isinstance(choice, dict):
        body["tool_choice"] = _choice_of_others(choice, features)
    try:
        other = check(body)
    except InvalidRequest:
        return checked  # it chose one by its kind
    names = [f"tools.{'+'.join(kinds_of(tool))}" for tool in left]
    dropped = (*names, *checked.dropped)[:MAX_NAMED]
    return replace(checked, fields=other.fields, encoded=other.encoded, features=other.features, dropped=dropped)


def _asks(tool: Mapping[str, Any], features: Collection[str]) -> bool:
    asked = features_of(tool)
    return bool(asked) and asked.issubset(features)


def _others(tools: list[dict[str, Any]], features: Collection[str], left: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The tools that ask for something else, those in namespaces as well; all others are added to what is left out. A
    namespace of nothing else goes with them."""
    others = []
    for tool in tools:
        held = tool["tools"] if tool.get("type") == _NAMESPACE else None
        if held:
            kept = _others(held, features, left)
            if kept:
                others.append(tool if kept == held else {**tool, "tools": kept})
        elif _asks(tool, features):
            left.append(tool)
        else:
            others.append(tool)
    return others


def _with_others(item: Any, features: Collection[str], left: list[dict[str, Any]]) -> Any:
    """An item with its other tools; `None` for one that is there for none but those."""
    if type(item) is not dict or item.get("type") not in (_DECLARING, _FINDING) or not item.get("tools"):
        return item
    kept = _others(item["tools"], features, left)
    return None if not kept and item["type"] == _DECLARING else {**item, "tools": kept}


def _is_unmet(
    choice: object, declared: list[dict[str, Any]], left: list[dict[str, Any]], features: Collection[str]
) -> bool:
    """Whether an answer has to use one that is left out, or that nobody declared. A message may add tools of its own to
    Anthropic's, so that those are known by what is left out alone."""
    if not isinstance(choice, dict):
        return False
    allowed = _allowed(choice)
    if allowed is not None:
        return all(_asks(tool, features) for tool in allowed)
    name = _name_of(choice)
    if name is None or choice.get("type") == _IN_MESSAGES:
        return name is not None and any(tool.get("name") == name for tool in left)
    return name not in _names_in(declared)


def _allowed(choice: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """The tools of a choice of several, as `tools.choice` has read it."""
    if choice.get("type") != "allowed_tools":
        return None
    allowed: list[dict[str, Any]] = choice.get("allowed_tools", choice)["tools"]
    return allowed


def _choice_of_others(choice: dict[str, Any], features: Collection[str]) -> dict[str, Any]:
    allowed = _allowed(choice)
    if allowed is None:
        return choice
    kept = {"tools": [tool for tool in allowed if not _asks(tool, features)]}
    if "allowed_tools" in choice:
        return {**choice, "allowed_tools": {**choice["allowed_tools"], **kept}}
    return {**choice, **kept}


def _name_of(tool: Mapping[str, Any]) -> object:
    """The name of a tool, or of a choice of one, where each dialect has it."""
    held = next((tool[holder] for holder in _HOLDERS if isinstance(tool.get(holder), dict)), tool)
    return held.get("name")


def _names_in(tools: list[dict[str, Any]]) -> list[object]:
    """The names of tools and of those in their namespaces: a list, since a stranger's name may have no hash."""
    return [
        name
        for tool in tools
        for name in (_name_of(tool), *(_names_in(tool["tools"]) if tool.get("type") == _NAMESPACE else ()))
    ]
