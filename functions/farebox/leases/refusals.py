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
        return (
            "This request needs more than is left of the monthly budget that this account shares with others. Ask "
            "whoever runs this service to raise it, or wait for the next month."
        )
    left = max(0, outcome.room.budgets[gate])
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


def _too_fast(
    gate: RateGate, ask: Ask, outcome: Outcome, terms: KeyTerms, own: WindowSlice, now: datetime
) -> RateLimited:
    wait_s = seconds_left(outcome.counted.day if gate == "requests_day" else outcome.counted.minute, now)
    refused = RateLimited(
        f"The limit of {_LIMITED[gate]} is reached. Try again in {max(1, round(wait_s))} seconds.", retry_after_s=wait_s
    )
    refused.windows = windows_of(terms.limits, outcome, own, now)
    widest = [limits.tpm for limits in (terms.limits, outcome.account_limits) if limits.tpm is not None]
    refused.would_recur = gate == "tokens_minute" and ask.tokens_minimum > min(widest)
    return refused
