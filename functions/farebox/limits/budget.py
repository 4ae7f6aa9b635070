"""A monthly budget that leases and holds take from: read in a transaction, counted, and written with it."""

from dataclasses import replace

from functions.farebox.wallets import Budget


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
