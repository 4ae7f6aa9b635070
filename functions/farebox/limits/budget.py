"""A monthly budget that leases and holds take from: read in a transaction, counted, and written with it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from functions.farebox.storage import Data


@dataclass(frozen=True, slots=True)
class Budget:
    """A spending cap for one period. `reserved` is leased in this period and not yet spent. Amounts in nano-USD."""

    period: str = ""
    limit: int | None = None
    spent: int = 0
    reserved: int = 0

    @property
    def free(self) -> int | None:
        """What may still be leased; `None` is no cap."""
        return None if self.limit is None else max(0, self.limit - self.spent - self.reserved)

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
    """A budget, open in a transaction. Whoever opens it writes it."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget

    def settle(self, period: str, *, spent: int, released: int) -> None:
        """Count what a lease of a period has spent and given back. A past period's budget is history."""
        if period == self.budget.period:
            self.budget = replace(
                self.budget,
                spent=self.budget.spent + spent,
                reserved=self.budget.reserved - spent - released,
            )

    def left_in(self, period: str, amount: int) -> int:
        """As much of an amount as the budget of a period still allows."""
        if period != self.budget.period or self.budget.free is None:
            return amount
        return min(amount, self.budget.free)

    def spend(self, period: str, amount: int) -> None:
        """Count spend of a period that no lease had reserved."""
        if period == self.budget.period:
            self.budget = replace(self.budget, spent=self.budget.spent + amount)

    def reserve(self, amount: int) -> None:
        """Count an amount as leased in the current period."""
        self.budget = replace(self.budget, reserved=self.budget.reserved + amount)
