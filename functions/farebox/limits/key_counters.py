"""Counters of a key: its budget's spend and what is out of its rate windows. Read and written with every lease step."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from functions.farebox.limits.belongs import NOBODYS, Belongs
from functions.farebox.limits.budget import Budget, BudgetCounter
from functions.farebox.limits.rate_windows import Limits, Windows
from functions.farebox.limits.span_budgets import Party, SpanCaps
from functions.farebox.storage import Document, Transaction


def key_window_path(key_id: str) -> str:
    """Where a key's budget and rate windows are kept."""
    return f"key_windows/{key_id}"


class KeyWindow(BudgetCounter):
    """One key's budget and rate windows, open in a transaction."""

    def __init__(self, key_id: str, budget: Budget, windows: Windows) -> None:
        super().__init__(budget)
        self.windows = windows
        self._key_id = key_id
        self._before = (budget, windows)

    @classmethod
    async def open(cls, tx: Transaction, key_id: str, period: str) -> "KeyWindow":
        """Read it, before anything is written."""
        return cls.read(key_id, await tx.get(key_window_path(key_id)), period)

    @classmethod
    def read(cls, key_id: str, document: Document | None, period: str) -> "KeyWindow":
        """From storage; the budget is moved to the current period. It bears the limit that was last known."""
        data: dict[str, Any] = {} if document is None else document.data
        window = cls(key_id, Budget.from_data(data.get("budget")), Windows.from_data(data.get("windows")))
        window.budget = window.budget.in_period(period)
        return window

    def set_limit(self, limit: int | None) -> None:
        """Cap the budget as the key's record says now: nano-USD a month, `None` for no cap."""
        self.budget = replace(self.budget, limit=limit)

    def write(self, tx: Transaction, now: datetime) -> None:
        """Write it, if it has changed."""
        if (self.budget, self.windows) != self._before:
            data = {"budget": self.budget.to_data(), "windows": self.windows.to_data(), "last_used_at": now}
            tx.set(key_window_path(self._key_id), data)


@dataclass(frozen=True, slots=True)
class KeyTerms:
    """What the key's record says of its spending; `budget` in nano-USD a month. `belongs` never changes."""

    id: str
    budget: int | None = None
    limits: Limits = field(default_factory=Limits)
    belongs: Belongs = NOBODYS
    member_budget: int | None = None  # nano-USD a month, of all keys of the member
    project_budget: int | None = None  # likewise, of all in the project
    caps: Mapping[Party, SpanCaps] = field(default_factory=dict)  # of other spans than a month: the key's, its user's
    is_minted: bool = False  # a key has made it, for somebody who is none of the payer's

    @property
    def spans(self) -> list[Party]:
        """Who of user and key has such a cap."""
        return [party for party, caps in self.caps.items() if caps]
