"""Counters of a key: its budget's spend and what is out of its rate windows. Read and written with every lease step."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from functions.farebox.limits.budget import Budget, BudgetCounter
from functions.farebox.limits.rate_windows import Limits, Windows
from functions.farebox.storage import Document, Transaction


def key_window_path(key_id: str) -> str:
    """Where a key's budget and rate windows are kept."""
    return f"key_windows/{key_id}"


class KeyWindow(BudgetCounter):
    """One key's budget and rate windows, open in a transaction."""

    def __init__(self, budget: Budget, windows: Windows) -> None:
        super().__init__(budget)
        self.windows = windows
        self._before = (budget, windows)

    @classmethod
    def read(cls, document: Document | None, period: str) -> "KeyWindow":
        """From storage; the budget is moved to the current period. It bears the limit that was last known."""
        data: dict[str, Any] = {} if document is None else document.data
        window = cls(Budget.from_data(data.get("budget")), Windows.from_data(data.get("windows")))
        window.budget = window.budget.in_period(period)
        return window

    def write(self, tx: Transaction, path: str, now: datetime) -> None:
        """Write it, if it has changed."""
        if (self.budget, self.windows) != self._before:
            data = {"budget": self.budget.to_data(), "windows": self.windows.to_data(), "last_used_at": now}
            tx.set(path, data)


@dataclass(frozen=True, slots=True)
class KeyTerms:
    """What the key's record says of its spending; `budget` in nano-USD a month."""

    id: str
    budget: int | None = None
    limits: Limits = field(default_factory=Limits)
