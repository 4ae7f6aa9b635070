"""Writes how hard a model is to think in Anthropic's words: as a budget of tokens or as an effort, as its generation
has it. It is left out where Anthropic would refuse it: beside a tool that must be called, and with a budget in the
middle of a loop of tools whose thoughts the client has not kept."""

from collections.abc import Mapping
from typing import Any

from functions.farebox.gateway.speech.messages.models import Ways
from functions.farebox.request.checked import LEAST_THINKING

Json = dict[str, Any]

_BUDGETS = {"minimal": 1_024, "low": 4_096, "medium": 16_384, "high": 32_768, "xhigh": 32_768, "max": 32_768}
_EFFORTS = {"minimal": "low", "low": "low", "medium": "medium", "high": "high", "xhigh": "high", "max": "high"}
_NONE: tuple[Json, Json] = ({}, {})
_OPEN = ("thinking", "redacted_thinking")


def write_thinking(chat: Mapping[str, Any], cap: int | None, ways: Ways, turns: list[Json]) -> tuple[Json, Json]:
    """`thinking`, and what `output_config` says of the effort; both empty where there is to be none. `cap` is what the
    client named, in tokens."""
    asked, reasoning = chat.get("thinking") or {}, chat.get("reasoning") or {}
    effort = chat.get("reasoning_effort") or reasoning.get("effort") or ""
    budget = asked.get("budget_tokens") or reasoning.get("max_tokens") or _BUDGETS.get(effort)
    if asked.get("type") == "disabled" or reasoning.get("enabled") is False or effort == "none":
        return _NONE
    if budget is None and not asked and not reasoning.get("enabled"):
        return _NONE
    if ways.thinking == "none" or _is_forced(chat.get("tool_choice")):
        return _NONE
    if ways.thinking == "adaptive":
        return {"thinking": {"type": "adaptive"}}, {"effort": _EFFORTS[effort]} if effort in _EFFORTS else {}
    if _forgot_thoughts(turns):
        return _NONE
    budget = max(budget or _BUDGETS["medium"], LEAST_THINKING)
    if cap is not None:
        if cap <= LEAST_THINKING:
            return _NONE
        budget = min(budget, max(LEAST_THINKING, cap // 2))  # there is to be an answer as well
    return {"thinking": {"type": "enabled", "budget_tokens": budget}}, {}


def _is_forced(choice: object) -> bool:
    return choice in ("required", "any") or (isinstance(choice, dict) and choice.get("type") not in ("auto", "none"))


def _forgot_thoughts(turns: list[Json]) -> bool:
    """Whether the last turn gives results of tools to one that does not begin with a thought."""
    if len(turns) < 2 or not any(block["type"] == "tool_result" for block in turns[-1]["content"]):
        return False
    return turns[-2]["content"][0]["type"] not in _OPEN
