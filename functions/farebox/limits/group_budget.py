"""The monthly budgets of groups of keys: of those of a member, and of those in a project, of one organisation.

`wallets/{org}/member_budgets/{uid}` and `wallets/{org}/project_budgets/{id}` count what each has spent, capped or not,
from its first lease on. The cap is kept with the member or the project, and comes with the key: what is stored here is
the cap that was last known. A month is one of the wallet's time zone, as the key's is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from functions.farebox.limits.belongs import Belongs
from functions.farebox.limits.budget import Budget, BudgetCounter
from functions.farebox.storage import Document, Store, Transaction

GroupKind = Literal["member", "project"]


def group_budget_path(org: str, kind: GroupKind, name: str) -> str:
    """Where the budget of a member or a project is counted."""
    if kind == "member":
        return f"wallets/{org}/member_budgets/{name}"
    return f"wallets/{org}/project_budgets/{name}"


def group_budget_paths(org: str, belongs: Belongs) -> dict[GroupKind, str]:
    """Where the budgets are that what belongs so counts in."""
    named: Mapping[GroupKind, str | None] = {"member": belongs.member, "project": belongs.project}
    return {kind: group_budget_path(org, kind, name) for kind, name in named.items() if name is not None}


def read_group_budget(document: Document | None) -> Budget:
    """A budget as it was last counted; a blank one where nothing was yet."""
    data: Mapping[str, Any] = {} if document is None else document.data
    return Budget.from_data(data.get("budget"))


async def read_group_budgets(store: Store, org: str, kind: GroupKind, names: Sequence[str]) -> list[Budget]:
    """What members, or projects, have spent, in their order. It lags behind by a settlement interval."""
    return [
        read_group_budget(each)
        for each in await store.get_many(*(group_budget_path(org, kind, name) for name in names))
    ]


class GroupBudget(BudgetCounter):
    """The budget of a member or a project, open in a transaction."""

    def __init__(self, path: str, document: Document | None, period: str) -> None:
        stored = read_group_budget(document)
        super().__init__(stored.in_period(period))
        self._path = path
        self._stored = stored

    def set_limit(self, limit: int | None) -> None:
        """Cap it as the member or the project says now: nano-USD a month, `None` for no cap."""
        self.budget = replace(self.budget, limit=limit)

    def write(self, tx: Transaction, now: datetime) -> None:
        """Write it, if it has changed."""
        if self.budget != self._stored:
            tx.set(self._path, {"budget": self.budget.to_data()})
