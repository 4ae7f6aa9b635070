"""How often a vendor may call its tools for one answer: what bounds that, and how it is lowered in what is sent.

| dialect | bound |
| --- | --- |
| Responses | `max_tool_calls`, over all tools |
| Messages | `max_uses` of a tool: of a search in any case, of others where the client wrote it |
| chats | `max_uses` of a tool, where the client wrote it: many servers refuse what they do not know |

What nothing bounds there stays as it is: `web_search_options`, compactions, two tools that are priced as one.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from functions.farebox.request.fate import Feature
from functions.farebox.request.tools.fields import MAX_USES
from functions.farebox.request.tools.hosted import MOST_USES, features_of, kinds_of
from functions.farebox.tokens.hosted_tools import HOSTED_KINDS

MAX_TOOL_CALLS: Final = "max_tool_calls"
_TOOLS = frozenset(HOSTED_KINDS.values())
_SEARCH = "search"
_RESPONSES, _MESSAGES = "/responses", "/messages"


def bounded(endpoint: str, features: Iterable[Feature], max_tool_calls: int | None) -> frozenset[Feature]:
    """The features of a request, those of tools with the most calls of all that are priced as one."""
    of_tools: dict[str, list[Feature]] = {}
    found = set()
    for feature in features:
        if feature.name in _TOOLS:
            of_tools.setdefault(feature.name, []).append(feature)
        else:
            found.add(feature)
    for alike in of_tools.values():
        found.update(_bounded(endpoint, alike, max_tool_calls))
    return frozenset(found)


def _bounded(endpoint: str, alike: list[Feature], max_tool_calls: int | None) -> Collection[Feature]:
    first = alike[0]
    if endpoint == _RESPONSES:
        return [replace(first, most=max_tool_calls, bound_is_sent=True)]
    if len(alike) == 1:
        is_sent = first.most is not None or (endpoint == _MESSAGES and first.name == _SEARCH)
        return [replace(first, bound_is_sent=is_sent)]
    unbounded = [feature for feature in alike if feature.most is None]
    most = sum(feature.most for feature in alike if feature.most is not None)
    return [*unbounded[:1], *([replace(first, most=min(most, MOST_USES))] if most else ())]


def with_fewer_calls(
    endpoint: str, fields: Mapping[str, Any], features: Iterable[Feature], most: int
) -> Mapping[str, Any]:
    """Those of a request's fields that bound such calls, with at most so many of each tool; none where none do, or not
    as many are asked for."""
    if not any(feature.bound_is_sent and (feature.most is None or feature.most > most) for feature in features):
        return {}
    if endpoint == _RESPONSES:
        return {MAX_TOOL_CALLS: most}
    tools = fields.get("tools") or ()
    return {"tools": [{**tool, MAX_USES: most} if _is_called_more(endpoint, tool, most) else tool for tool in tools]}


def lowered_bounds(endpoint: str, fields: Mapping[str, Any], features: Iterable[Feature], most: int) -> tuple[str, ...]:
    """The names of the bounds that are lowered so."""
    fewer = with_fewer_calls(endpoint, fields, features, most)
    if "tools" not in fewer:
        return tuple(fewer)
    changed = [tool for tool in fields["tools"] if _is_called_more(endpoint, tool, most)]
    return tuple(f"tools.{'+'.join(kinds_of(tool))}.{MAX_USES}" for tool in changed)


def _is_called_more(endpoint: str, tool: Mapping[str, Any], most: int) -> bool:
    """Whether a tool's bound is sent, and more than that."""
    asked = tool.get(MAX_USES)
    if asked is None:
        return endpoint == _MESSAGES and features_of(tool) == {_SEARCH}
    return asked > most and bool(features_of(tool) & _TOOLS)
