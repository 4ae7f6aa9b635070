"""Refusals by money and pace: why a request was not let through, said so that its sender knows what to do."""

from datetime import datetime

from functions.farebox.errors import FareboxError, OutOfMoney, RateLimited
from functions.farebox.kit.money import format_usd
from functions.farebox.leases.allocation import Ask, Gate, RateGate
from functions.farebox.leases.lease import WindowSlice
from functions.farebox.leases.protocol import Outcome
from functions.farebox.leases.rate_status import windows_of
from functions.farebox.ledger.gates import OF_KEYS, REFUSAL_CODES, SPANS_BY_GATE, BudgetGate, describe_span_budget
from functions.farebox.limits.key_counters import KeyTerms
from functions.farebox.limits.rate_windows import seconds_left

_LIMITED: dict[RateGate, str] = {
    "requests_minute": "requests a minute",
    "tokens_minute": "tokens a minute",
    "requests_day": "requests a day",
}

_WHOSE: dict[BudgetGate, str] = {
    "user_budget": "account",
    "member_budget": "member",
    "project_budget": "project",
    "key_budget": "API key",
}


# For the key that a key made, at a gate that is not its own: how much there is, whoever gave it out alone is to know.
ASK_THE_GIVER = "Ask whoever gave you this API key."


def refusal(gate: Gate, ask: Ask, outcome: Outcome, terms: KeyTerms, own: WindowSlice, now: datetime) -> FareboxError:
    """The error for a request that a gate has stopped, from a key with these terms, of whose windows `own` is what is
    held here and free."""
    match gate:
        case "requests_minute" | "tokens_minute" | "requests_day":
            return _too_fast(gate, ask, outcome, terms, own, now)
        case _ if terms.is_minted and gate not in OF_KEYS:
            needed = f"This request needs {format_usd(ask.minimum)} USD, which cannot be paid for at present."
            return OutOfMoney(f"{needed} {ASK_THE_GIVER}", code=REFUSAL_CODES[gate])
        case "wallet":
            return OutOfMoney(
                f"This request needs {format_usd(ask.minimum)} USD, but only {format_usd(max(0, outcome.room.wallet))} "
                "USD of your balance is free. Top up your wallet, or ask for fewer tokens.",
                code=REFUSAL_CODES[gate],
            )
        case _:
            return OutOfMoney(_over_budget(gate, ask, outcome), code=REFUSAL_CODES[gate])


def could_come_back(gate: Gate, ask: Ask, outcome: Outcome) -> bool:
    """Whether what leases hold in reserve could cover a request, if it came back unspent."""
    match gate:
        case "requests_minute" | "tokens_minute" | "requests_day":
            return False
        case "wallet":
            reserved = outcome.reserved[gate]
            return reserved > 0 and outcome.room.wallet + reserved >= ask.minimum
        case _:
            return outcome.reserved[gate] > 0


def _over_budget(gate: BudgetGate, ask: Ask, outcome: Outcome) -> str:
    if gate == "tenant_budget":  # what others have spent of it is theirs to know
        what_else = "ask for fewer tokens" if ask.minimum > outcome.caps[gate] else "wait for the next month"
        return (
            "This request needs more than is left of the monthly budget that this account shares with others. Ask "
            f"whoever runs this service to raise it, or {what_else}."
        )
    left = max(0, outcome.room.budgets[gate])
    if ask.minimum > outcome.caps[gate]:
        return (
            f"This request needs {format_usd(ask.minimum)} USD, which is more than the whole budget of "
            f"{format_usd(outcome.caps[gate])} USD that this {_whose(gate)} has for {_span_of(gate)}. Waiting does not "
            "help: raise the budget, or ask for fewer tokens."
        )
    if gate in SPANS_BY_GATE:
        return (
            f"This request needs {format_usd(ask.minimum)} USD, but only {format_usd(left)} USD is left of "
            f"{describe_span_budget(gate, outcome.days, outcome.time_zone)}"
        )
    whose = _WHOSE[gate]
    return (
        f"This request needs {format_usd(ask.minimum)} USD, but only {format_usd(left)} USD is left of this {whose}'s "
        f"budget for {outcome.scope.period}. Raise the budget, or wait for the next month."
    )


def _whose(gate: BudgetGate) -> str:
    if gate in SPANS_BY_GATE:
        return "account" if SPANS_BY_GATE[gate][0] == "user" else "API key"
    return _WHOSE[gate]


def _span_of(gate: BudgetGate) -> str:
    """The time that a budget is for, as it ends a phrase."""
    span = SPANS_BY_GATE[gate][1] if gate in SPANS_BY_GATE else "month"
    return "all time" if span == "total" else f"a {span}"


def _too_fast(
    gate: RateGate, ask: Ask, outcome: Outcome, terms: KeyTerms, own: WindowSlice, now: datetime
) -> RateLimited:
    never = _too_large(ask, outcome, terms)
    wait_s = seconds_left(outcome.counted.day if gate == "requests_day" else outcome.counted.minute, now)
    full = f"The limit of {_LIMITED[gate]} is reached. Try again in {max(1, round(wait_s))} seconds."
    refused = RateLimited(never or full, retry_after_s=wait_s)
    refused.would_recur = never is not None
    refused.windows = windows_of(terms.limits, outcome, own, now)
    return refused


def _too_large(ask: Ask, outcome: Outcome, terms: KeyTerms) -> str | None:
    """Why no window of this key or its account, however empty, lets a request through; `None` where each does."""
    both = (terms.limits, outcome.account_limits)
    tokens = min((each.tpm for each in both if each.tpm is not None), default=ask.tokens_minimum)
    if tokens < ask.tokens_minimum:
        return (
            f"This request is too large: it takes at least {ask.tokens_minimum} tokens, and the limit is {tokens} "
            "tokens a minute. Waiting does not help: send less, ask for fewer tokens, or have the limit raised."
        )
    if any(0 in (each.rpm, each.rpd) for each in both):
        return "The limit is no request at all. Waiting does not help: have the limit raised."
    return None
