"""Tools of a vendor's that a program offers beside its own, wherever it is: it does as well without them.

One rule for every dialect: where such a tool is not offered here, or has no price, and others remain, it is left out
and named. Where nothing else is offered, or an answer has to use it, the request is refused as it was made.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any, Final

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
_DECLARING = "additional_tools"  # an item of Responses that holds tools


def without_tools(checked: Checked, features: Collection[str]) -> Checked:
    """A request without the tools that ask for these features, if it has others. Itself where there are none, or where
    an answer has to use one."""
    check = _CHECKS.get(checked.endpoint)
    if check is None or not features:
        return checked
    left: list[dict[str, Any]] = []
    fields = checked.fields
    body = {**checked.body(), "tools": _others(fields.get("tools") or [], features, left) or None}
    given = fields.get("input")
    if type(given) is list:
        body["input"] = [_with_others(item, features, left) for item in given]
    items = body["input"] if type(given) is list else ()
    remain = body["tools"] or any(item.get("tools") for item in items if type(item) is dict)
    if not left or not remain or _is_chosen(fields.get("tool_choice"), left):
        return checked
    try:
        other = check(body)
    except InvalidRequest:
        return checked  # it chose one by its kind
    names = [f"tools.{'+'.join(kinds_of(tool))}" for tool in left]
    dropped = (*names, *checked.dropped)[:MAX_NAMED]
    return replace(checked, fields=other.fields, encoded=other.encoded, features=other.features, dropped=dropped)


def _others(tools: list[dict[str, Any]], features: Collection[str], left: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The tools that ask for something else; all others are added to what is left out."""
    asked = [(tool, features_of(tool)) for tool in tools]
    left += [tool for tool, each in asked if each and each.issubset(features)]
    return [tool for tool, each in asked if not each or not each.issubset(features)]


def _with_others(item: Any, features: Collection[str], left: list[dict[str, Any]]) -> Any:
    if type(item) is not dict or item.get("type") != _DECLARING:
        return item
    kept = _others(item["tools"], features, left)
    return {**item, "tools": kept} if len(kept) < len(item["tools"]) else item


def _is_chosen(choice: object, left: list[dict[str, Any]]) -> bool:
    """Whether an answer has to use one of these by its name, as Messages say it."""
    name = choice.get("name") if isinstance(choice, dict) else None
    return name is not None and any(tool.get("name") == name for tool in left)
