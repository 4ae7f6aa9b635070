"""Translates Anthropic's `thinking` to OpenAI's `reasoning_effort`: how hard to try, in a word.

A budget of tokens has no equal there, so it becomes the word that stands for about as much. What the model thought
comes back in blocks of its own where the upstream tells it, unsigned, since nobody vouches for it.
"""

from collections.abc import Mapping
from typing import Any

from functions.farebox.dialects.dialect import Json
from functions.farebox.dialects.reading import malformed, object_at

_KINDS = ("enabled", "adaptive", "between_tools", "disabled")
_BUDGETS = ((4_096, "low"), (16_384, "medium"))  # up to so many tokens; more is high
_EFFORTS = {"low": "low", "medium": "medium", "high": "high", "xhigh": "xhigh", "max": "xhigh"}


def reasoning(thinking: object, effort: object) -> Json:
    """`reasoning_effort`, if the request says anything about it. An effort that is named outweighs a budget."""
    thinking = object_at(thinking or {}, "thinking")
    kind = thinking.get("type", "disabled")
    if kind not in _KINDS:
        raise malformed("thinking.type", "enabled, adaptive, between_tools or disabled")
    if effort is not None:
        if effort not in _EFFORTS:
            raise malformed("output_config.effort", "low, medium, high, xhigh or max")
        return {"reasoning_effort": _EFFORTS[str(effort)]}
    return {"reasoning_effort": _effort_of(thinking.get("budget_tokens"))} if kind == "enabled" else {}


def wants_thoughts(asked: Mapping[str, Any]) -> bool:
    """Whether a request wants to see what the model thought."""
    thinking = asked.get("thinking") or {}
    return thinking.get("type", "disabled") != "disabled" and thinking.get("display") != "omitted"


def _effort_of(budget: object) -> str:
    if type(budget) is not int or budget < 1:
        raise malformed("thinking.budget_tokens", "a number of tokens")
    return next((word for most, word in _BUDGETS if budget <= most), "high")
