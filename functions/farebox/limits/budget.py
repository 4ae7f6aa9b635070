"""A monthly budget that leases and holds take from: read in a transaction, counted, and written with it.

The wallet's own, a key's, a member's, a project's and a tenant's are all counted here; where each is kept, its own
module says.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from functions.farebox.storage import Data, Transaction


@dataclass(frozen=True, slots=True)
class Budget:
    """A spending cap for one period. `reserved` is promised in this period and not yet spent. Amounts in nano-USD."""

    period: str = ""
    limit: int | None = None
    spent: int = 0
    reserved: int = 0

    def __post_init__(self) -> None:
        limit, spent, reserved = self.limit, self.spent, self.reserved
        if not (type(spent) is type(reserved) is int) or spent < 0 or reserved < 0:
            raise ValueError(f"a budget counts whole amounts, none below zero: {self}")
        if limit is not None and (type(limit) is not int or limit < 0):
            raise ValueError(f"a cap is a whole amount, and not below zero: {self}")

    @property
    def free(self) -> int | None:
        """What may still be promised; `None` is no cap."""
        return None if self.limit is None else max(0, self.limit - self.spent - self.reserved)

    @property
    def left(self) -> int:
        """What is not spent of the cap that there is, whatever requests in flight hold of it."""
        assert self.limit is not None
        return max(0, self.limit - self.spent)

    def in_period(self, period: str) -> "Budget":
        """This budget, or a fresh one where a later period has begun."""
        return self if period <= self.period else Budget(period, self.limit)

    @classmethod
    def from_data(cls, data: Mapping[str, Any] | None) -> "Budget":
        """From storage; an empty one where there is nothing yet."""
        return cls(**data) if data else cls()

    def to_data(self) -> Data:
        """For storage."""
        return {"period": self.period, "limit": self.limit, "spent": self.spent, "reserved": self.reserved}


class BudgetCounter:
    """A budget, open in a transaction: what is taken from it and given back to it. Whoever opens it writes it.

    `reserved` is never negative, and nothing is reserved that is not free.
    """

    def __init__(self, budget: Budget) -> None:
        self.budget = budget

    def left_in(self, period: str, amount: int) -> int:
        """As much of an amount as the budget of a period still allows. What counts in a past one is not capped."""
        free = self.budget.free
        return amount if free is None or period != self.budget.period else min(amount, free)

    def reserve(self, amount: int) -> None:
        """Count an amount as reserved in the current period."""
        assert amount >= 0
        assert self.budget.free is None or amount <= self.budget.free, "no more is reserved than a budget has free"
        self.budget = replace(self.budget, reserved=self.budget.reserved + amount)

    def settle(self, period: str, *, spent: int, released: int) -> None:
        """Count what of a period's reserve was spent and given back. A past period's budget is history."""
        assert spent >= 0 and released >= 0
        if period == self.budget.period:
            reserved = self.budget.reserved - spent - released
            assert reserved >= 0, "no more is settled in a period than was reserved in it"
            self.budget = replace(self.budget, spent=self.budget.spent + spent, reserved=reserved)

    def spend(self, period: str, amount: int) -> None:
        """Count spend of a period that nothing had been reserved for."""
        assert amount >= 0
        if period == self.budget.period:
            self.budget = replace(self.budget, spent=self.budget.spent + amount)

    def write(self, tx: Transaction, now: datetime) -> None:
        """Write it, if it has changed. One that is a field of another document is written with that."""
