"""Refusals by money and pace: why a request was not let through, said so that its sender knows what to do."""

from datetime import datetime

from functions.farebox.errors import FareboxError, OutOfMoney, RateLimited
from functions.farebox.kit.money import format_usd
from functions.farebox.leases.allocation import Ask, Gate
from functions.farebox.leases.protocol import Outcome
from functions.farebox.limits.rate_windows import seconds_left

RATE_GATES: frozenset[Gate] = frozenset({"requests_minute", "tokens_minute", "requests_day"})

_CODES: dict[Gate, str] = {
    "wallet": "credit_balance_exhausted",
    "user_budget": "user_budget_exceeded",
    "tenant_budget": "tenant_budget_exceeded",
    "key_budget": "key_budget_exceeded",
}


def refusal(gate: Gate, ask: Ask, outcome: Outcome, now: datetime) -> FareboxError:
    """The error for a request that a gate has stopped."""
    if gate == "wallet":
        return OutOfMoney(
            f"This request needs {format_usd(ask.minimum)} USD, but only {format_usd(max(0, outcome.room.wallet))} USD "
            "of your balance is free. Top up your wallet, or ask for fewer tokens.",
            code=_CODES[gate],
        )
    budgets: dict[Gate, tuple[str, int, str]] = {
        "user_budget": ("account", outcome.room.user_budget, outcome.period),
        "key_budget": ("API key", outcome.room.key_budget, outcome.period),
    }
    if gate == "tenant_budget":  # what others have spent of it is theirs to know
        return OutOfMoney(
            "This request needs more than is left of the monthly budget that this account shares with others. Ask "
            "whoever runs this service to raise it, or wait for the next month.",
            code=_CODES[gate],
        )
    if gate in budgets:
        whose, left, period = budgets[gate]
        return OutOfMoney(
            f"This request needs {format_usd(ask.minimum)} USD, but only {format_usd(max(0, left))} USD is left of "
            f"this {whose}'s budget for {period}. Raise the budget, or wait for the next month.",
            code=_CODES[gate],
        )
    window = outcome.counted.day if gate == "requests_day" else outcome.counted.minute
    what = {
        "requests_minute": "requests a minute",
        "tokens_minute": "tokens a minute",
        "requests_day": "requests a day",
    }
    wait_s = seconds_left(window, now)
    return RateLimited(
        f"The limit of {what[gate]} is reached. Try again in {max(1, round(wait_s))} seconds.", retry_after_s=wait_s
    )


def could_come_back(gate: Gate, ask: Ask, outcome: Outcome) -> bool:
    """Whether what leases hold in reserve could cover a request, if it came back unspent."""
    if gate == "wallet":
        return outcome.reserved > 0 and outcome.room.wallet + outcome.reserved >= ask.minimum
    reserved: dict[Gate, int] = {
        "user_budget": outcome.budget_reserved,
        "tenant_budget": outcome.tenant_budget_reserved,
        "key_budget": outcome.key_budget_reserved,
    }
    return reserved.get(gate, 0) > 0
