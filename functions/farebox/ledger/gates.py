"""The gates that money waits at: the wallet and each budget beside it, and what a refusal at each is called."""

from collections.abc import Mapping
from typing import Final, Literal

from functions.farebox.limits.group_budget import GroupKind
from functions.farebox.limits.span_budgets import Days, Party, Span, begins_anew, period_in

SpanGate = Literal[
    "user_day_budget",
    "user_week_budget",
    "user_total_budget",
    "key_day_budget",
    "key_week_budget",
    "key_total_budget",
]
BudgetGate = Literal["user_budget", "tenant_budget", "member_budget", "project_budget", "key_budget"] | SpanGate
MoneyGate = Literal["wallet"] | BudgetGate

GROUP_GATES: Final[Mapping[GroupKind, BudgetGate]] = {"member": "member_budget", "project": "project_budget"}
SPAN_GATES: Final[Mapping[tuple[Party, Span], SpanGate]] = {
    ("user", "day"): "user_day_budget",
    ("user", "week"): "user_week_budget",
    ("user", "total"): "user_total_budget",
    ("key", "day"): "key_day_budget",
    ("key", "week"): "key_week_budget",
    ("key", "total"): "key_total_budget",
}
SPANS_BY_GATE: Final[Mapping[MoneyGate, tuple[Party, Span]]] = {gate: of for of, gate in SPAN_GATES.items()}
# The budgets that are a key's own.
OF_KEYS: Final[frozenset[MoneyGate]] = frozenset(
    {"key_budget", *(gate for (party, _), gate in SPAN_GATES.items() if party == "key")}
)

# What a refusal is called, by the gate that was too narrow.
REFUSAL_CODES: Final[Mapping[MoneyGate, str]] = {
    "wallet": "credit_balance_exhausted",
    "user_budget": "user_budget_exceeded",
    "tenant_budget": "tenant_budget_exceeded",
    "member_budget": "member_budget_exceeded",
    "project_budget": "project_budget_exceeded",
    "key_budget": "key_budget_exceeded",
    **{gate: f"{party}_budget_exceeded" for gate, (party, _) in SPANS_BY_GATE.items()},
}


def describe_span_budget(gate: MoneyGate, days: Days, time_zone: str) -> str:
    """Which budget of a day, a week or in total a gate is, when it begins anew, and what to do: the end of a sentence
    that says what is left of it, and one more."""
    party, span = SPANS_BY_GATE[gate]
    whose = "account" if party == "user" else "API key"
    period = period_in(span, days.of(party))
    anew = begins_anew(span, period, time_zone)
    if anew is None:
        return f"this {whose}'s total budget, which never begins anew. Raise the budget."
    return (
        f"this {whose}'s budget for the {span} {period}. It begins anew at {anew:%Y-%m-%dT%H:%M:%SZ}: raise the "
        "budget, or wait until then."
    )
