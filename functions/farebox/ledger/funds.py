"""Funds: a wallet and every budget that counts beside it, open together in one transaction.

A lease, a hold of another gateway or a late charge takes from all of them or from none, and gives back to all of them.
Each budget is one gate, an element of a list: the user's, their tenant's, and where there is a key its member's, its
project's and its own. An amount counts in each in one period, which its `Scope` tells; a budget whose period is over is
history, and is left alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from functions.farebox.ledger.book import Book
from functions.farebox.ledger.wallet import Posting
from functions.farebox.limits.belongs import NOBODYS, Belongs
from functions.farebox.limits.budget import BudgetCounter
from functions.farebox.limits.group_budget import GroupBudget, GroupKind, group_budget_paths
from functions.farebox.limits.key_counters import KeyTerms, KeyWindow, key_window_path
from functions.farebox.limits.tenant_budget import Membership, TenantBudget
from functions.farebox.storage import Data, Transaction

BudgetGate = Literal["user_budget", "tenant_budget", "member_budget", "project_budget", "key_budget"]
MoneyGate = Literal["wallet"] | BudgetGate

GATES: Mapping[GroupKind, BudgetGate] = {"member": "member_budget", "project": "project_budget"}

# What a refusal is called, by the gate that was too narrow.
REFUSAL_CODES: Mapping[MoneyGate, str] = {
    "wallet": "credit_balance_exhausted",
    "user_budget": "user_budget_exceeded",
    "tenant_budget": "tenant_budget_exceeded",
    "member_budget": "member_budget_exceeded",
    "project_budget": "project_budget_exceeded",
    "key_budget": "key_budget_exceeded",
}


@dataclass(frozen=True, slots=True)
class Scope:
    """The budgets that an amount counts in: of the user and the key in `period`, of a tenant in a period of its own;
    and what it belongs to."""

    period: str
    membership: Membership = field(default_factory=Membership)
    belongs: Belongs = NOBODYS

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Scope":
        """From the stored fields of what was granted under it."""
        return cls(data["period"], Membership.from_data(data), Belongs.from_data(data))

    def to_data(self) -> Data:
        """For storage, among the fields of what was granted under it."""
        return {"period": self.period, **self.membership.to_data(), **self.belongs.to_data()}

    def as_metadata(self) -> Data:
        """For a ledger entry of what is spent under it: all that the budgets are to be held against later."""
        belongs = self.belongs.to_data()
        return {**self.membership.as_metadata(), **belongs, **({"period": self.period} if belongs else {})}


@dataclass(frozen=True, slots=True)
class _Gate:
    """One budget among the funds, and the period in which these funds are taken from it."""

    name: BudgetGate
    counter: BudgetCounter
    period: str


class Funds:
    """All that one lease, hold or charge takes from. Open it, take and give back, `save` it once."""

    def __init__(
        self,
        book: Book,
        scope: Scope,
        current: Scope,
        gates: list[_Gate],
        key_window: KeyWindow | None,
        groups: Mapping[GroupKind, GroupBudget],
    ) -> None:
        self.book = book
        self.scope = scope
        self._current = current  # what would be granted now
        self._gates = gates
        self._key_window = key_window
        self._groups = groups

    @staticmethod
    def paths(uid: str, *entry_ids: str, key: str | None = None, belongs: Belongs = NOBODYS) -> list[str]:
        """What `open` reads but for the tenant, for a caller that reads it together with more, as of one moment."""
        of_key = [] if key is None else [key_window_path(key)]
        return [*Book.paths(uid, *entry_ids), *of_key, *group_budget_paths(uid, belongs).values()]

    @classmethod
    async def open(
        cls,
        tx: Transaction,
        uid: str,
        now: datetime,
        *entry_ids: str,
        key: str | None = None,
        scope: Scope | None = None,
        belongs: Belongs = NOBODYS,
    ) -> "Funds":
        """Read a wallet with its budgets, and the entries that the coming postings would make.

        `key` is that of an API key, whose budget counts as well. `scope` is what was granted before and is gone on
        with; without it something new begins, under the terms of today, for what it `belongs` to. Raises `NotFound`
        where there is no wallet.
        """
        belongs = belongs if scope is None else scope.belongs
        await tx.get_many(*cls.paths(uid, *entry_ids, key=key, belongs=belongs))
        book = await Book.open(tx, uid, now, *entry_ids)
        period = book.wallet.budget.period
        key_window = None if key is None else await KeyWindow.open(tx, key, period)
        name = book.wallet.tenant if scope is None else scope.membership.tenant
        tenant = await TenantBudget.open(tx, name, now)
        current = Scope(period, Membership(name, "" if tenant is None else tenant.budget.period), belongs)
        scope = scope or current
        gates = [_Gate("user_budget", book.budget, scope.period)]
        if tenant is not None:
            gates.append(_Gate("tenant_budget", tenant, scope.membership.period))
        groups = {
            kind: GroupBudget(path, await tx.get(path), period)
            for kind, path in group_budget_paths(uid, belongs).items()
        }
        gates += [_Gate(GATES[kind], group, scope.period) for kind, group in groups.items()]
        if key_window is not None:
            gates.append(_Gate("key_budget", key_window, scope.period))
        return cls(book, scope, current, gates, key_window, groups)

    @property
    def key_window(self) -> KeyWindow:
        """The key's budget and rate windows, of funds that were opened with a key."""
        assert self._key_window is not None
        return self._key_window

    def set_caps(self, terms: KeyTerms) -> None:
        """Cap the budgets of the key, and of what it belongs to, as their records say now."""
        self.key_window.set_limit(terms.budget)
        caps: Mapping[GroupKind, int | None] = {"member": terms.member_budget, "project": terms.project_budget}
        for kind, group in self._groups.items():
            group.set_limit(caps[kind])

    @property
    def is_stale(self) -> bool:
        """Whether a new period has begun since the scope was granted, or the user belongs to another tenant: what was
        granted may be settled and given back, and nothing is added to it."""
        return self.scope != self._current or self.scope.membership.tenant != self.book.wallet.tenant

    @property
    def budgets_free(self) -> dict[BudgetGate, int]:
        """What each budget that has a cap still lets through, in nano-USD."""
        return {gate.name: free for gate in self._gates if (free := gate.counter.budget.free) is not None}

    @property
    def reserved(self) -> dict[MoneyGate, int]:
        """What each gate has promised to requests in flight, in nano-USD."""
        budgets: dict[MoneyGate, int] = {gate.name: gate.counter.budget.reserved for gate in self._gates}
        return {"wallet": self.book.wallet.reserved, **budgets}

    def too_narrow_for(self, amount: int) -> MoneyGate | None:
        """The first gate that does not let an amount through, the wallet last; `None` where all of them do."""
        for name, free in self.budgets_free.items():
            if free < amount:
                return name
        return "wallet" if self.book.wallet.spendable < amount else None

    def affordable(self, wanted: int) -> int:
        """As much of an amount as every gate lets through."""
        return self._left_in_budgets(min(wanted, self.book.wallet.spendable))

    def reserve(self, amount: int) -> None:
        """Take an amount out of all gates, to be spent or given back."""
        assert not self.is_stale, "nothing is added under terms that are no more"
        self.book.reserve(amount)
        for gate in self._gates:
            gate.counter.reserve(amount)

    def release(self, amount: int) -> None:
        """Give back, to all gates, an amount that was reserved and not spent."""
        self.book.release(amount)
        for gate in self._gates:
            gate.counter.settle(gate.period, spent=0, released=amount)

    def spend(self, posting: Posting, *, unreserved: int = 0) -> None:
        """Turn what was reserved into spend, in all gates and in one ledger entry. So much of the posting's amount as
        is `unreserved` is taken from what is free."""
        reserved = -posting.amount - unreserved
        assert reserved >= 0
        self.book.reserve(unreserved)
        self.book.spend_reserved(posting)
        for gate in self._gates:
            gate.counter.settle(gate.period, spent=reserved, released=0)
            gate.counter.spend(gate.period, unreserved)

    def spend_what_is_left(self, posting: Posting) -> int:
        """Spend as much of a posting as there is in all gates, although nothing was reserved; answers how much.

        A dispute does not stop it: what it is for has been served. A posting that was made before answers the same.
        """
        earlier = self.book.posted(posting.id)
        if earlier is not None:
            return -earlier.amount
        amount = self._left_in_budgets(min(-posting.amount, self.book.wallet.available))
        if amount:
            self.spend(replace(posting, amount=-amount), unreserved=amount)
        return amount

    def save(self, tx: Transaction, *, collect_debt_as: str = "") -> None:
        """Write all that has changed. `collect_debt_as` as in `Book.save`."""
        for gate in self._gates:
            gate.counter.write(tx, self.book.now)
        self.book.save(tx, collect_debt_as=collect_debt_as)

    def _left_in_budgets(self, amount: int) -> int:
        return min(gate.counter.left_in(gate.period, amount) for gate in self._gates)
