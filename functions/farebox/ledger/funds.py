"""Funds: a wallet and every budget that counts beside it, open together in one transaction.

A lease, a hold of another gateway or a late charge takes from all of them or from none, and gives back to all of them.
Each budget is one gate, an element of a list: the user's, their tenant's, and where there is a key its member's, its
project's and its own; and those of a day, a week and in total, of a user or a key that has one. An amount counts in
each in one period, which its `Scope` tells; a budget whose period is over is history, and is left alone.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from functions.farebox.kit.periods import period_end
from functions.farebox.ledger.book import Book
from functions.farebox.ledger.gates import GROUP_GATES, SPAN_GATES, BudgetGate, MoneyGate
from functions.farebox.ledger.wallet import Posting
from functions.farebox.limits.belongs import NOBODYS, Belongs
from functions.farebox.limits.budget import BudgetCounter
from functions.farebox.limits.group_budget import GroupBudget, GroupKind, group_budget_paths
from functions.farebox.limits.key_counters import KeyTerms, KeyWindow, key_window_path
from functions.farebox.limits.span_budgets import (
    NO_DAYS,
    PARTIES,
    Days,
    Party,
    SpanBudgets,
    SpanCaps,
    period_in,
    span_budgets_path,
)
from functions.farebox.limits.tenant_budget import Membership, TenantBudget
from functions.farebox.storage import Data, Transaction

Caps = Mapping[Party, SpanCaps]

NOTHING_CAPPED: Final[Caps] = {}


@dataclass(frozen=True, slots=True)
class Scope:
    """The budgets that an amount counts in: of the user and the key in `period`, of a tenant in a period of its own;
    what it belongs to; and the days, where the user or the key has budgets of other spans."""

    period: str
    membership: Membership = field(default_factory=Membership)
    belongs: Belongs = NOBODYS
    days: Days = NO_DAYS

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Scope":
        """From the stored fields of what was granted under it."""
        return cls(data["period"], Membership.from_data(data), Belongs.from_data(data), Days.from_data(data))

    def to_data(self) -> Data:
        """For storage, among the fields of what was granted under it."""
        return {"period": self.period, **self.membership.to_data(), **self.belongs.to_data(), **self.days.to_data()}

    def as_metadata(self) -> Data:
        """For a ledger entry of what is spent under it, beside its period: what other budgets than the user's and the
        key's are to be held against later."""
        return {**self.membership.as_metadata(), **self.belongs.to_data(), **self.days.to_data()}

    def ends_at(self, time_zone: str) -> datetime:
        """The first moment, in UTC, that no longer belongs to a period of the user or the key."""
        month_ends_at, day_ends_at = period_end(self.period, time_zone), self.days.end(time_zone)
        return month_ends_at if day_ends_at is None else min(month_ends_at, day_ends_at)


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
        spans: Mapping[Party, SpanBudgets],
    ) -> None:
        self.book = book
        self.scope = scope
        self._current = current  # what would be granted now
        self._gates = gates
        self._key_window = key_window
        self._groups = groups
        self._spans = spans

    @staticmethod
    def paths(
        uid: str,
        *entry_ids: str,
        key: str | None = None,
        belongs: Belongs = NOBODYS,
        spans: Collection[Party] = (),
    ) -> list[str]:
        """What `open` reads but for the tenant, for a caller that reads it together with more, as of one moment.
        `spans`: who of user and key has budgets of other spans than a month."""
        of_key = [] if key is None else [key_window_path(key)]
        of_spans = [_span_path(uid, key, party) for party in spans]
        return [*Book.paths(uid, *entry_ids), *of_key, *group_budget_paths(uid, belongs).values(), *of_spans]

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
        caps: Caps = NOTHING_CAPPED,
    ) -> "Funds":
        """Read a wallet with its budgets, and the entries that the coming postings would make.

        `key` is that of an API key, whose budget counts as well. `scope` is what was granted before and is gone on
        with; without it something new begins, under the terms of today, for what it `belongs` to. `caps` are those of
        user and key for other spans than a month, as they are now. Raises `NotFound` where there is no wallet.
        """
        belongs = belongs if scope is None else scope.belongs
        counted = [party for party in PARTIES if caps.get(party) or (scope is not None and scope.days.of(party))]
        await tx.get_many(*cls.paths(uid, *entry_ids, key=key, belongs=belongs, spans=counted))
        book = await Book.open(tx, uid, now, *entry_ids)
        period = book.wallet.budget.period
        key_window = None if key is None else await KeyWindow.open(tx, key, period)
        name = book.wallet.tenant if scope is None else scope.membership.tenant
        tenant = await TenantBudget.open(tx, name, now)
        spans = await _open_spans(tx, book, key, counted)
        days = Days(**{party: each.day for party, each in spans.items() if caps.get(party)})
        current = Scope(period, Membership(name, "" if tenant is None else tenant.budget.period), belongs, days)
        scope = scope or current
        gates = [_Gate("user_budget", book.budget, scope.period)]
        if tenant is not None:
            gates.append(_Gate("tenant_budget", tenant, scope.membership.period))
        groups = {
            kind: GroupBudget(path, await tx.get(path), period)
            for kind, path in group_budget_paths(uid, belongs).items()
        }
        gates += [_Gate(GROUP_GATES[kind], group, scope.period) for kind, group in groups.items()]
        if key_window is not None:
            gates.append(_Gate("key_budget", key_window, scope.period))
        for party, budgets in spans.items():
            if party in caps:
                budgets.set_limits(caps[party])
            gates += [
                _Gate(SPAN_GATES[party, span], counter, period_in(span, scope.days.of(party)))
                for span, counter in budgets.counters.items()
            ]
        return cls(book, scope, current, gates, key_window, groups, spans)

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
        """Whether since the scope was granted a new period has begun, a budget of another span has come or gone, or the
        user has joined another tenant: what was granted may be settled and given back, and nothing is added to it."""
        return self.scope != self._current or self.scope.membership.tenant != self.book.wallet.tenant

    @property
    def days(self) -> Days:
        """The days that an amount would count in now."""
        return self._current.days

    @property
    def budgets_free(self) -> dict[BudgetGate, int]:
        """What each budget that has a cap still lets through, in nano-USD."""
        return {gate.name: free for gate in self._gates if (free := gate.counter.budget.free) is not None}

    @property
    def caps(self) -> dict[BudgetGate, int]:
        """The caps of the budgets that have one, in nano-USD."""
        return {gate.name: limit for gate in self._gates if (limit := gate.counter.budget.limit) is not None}

    @property
    def reserved(self) -> dict[MoneyGate, int]:
        """What each gate has promised to requests in flight, in nano-USD."""
        budgets: dict[MoneyGate, int] = {gate.name: gate.counter.budget.reserved for gate in self._gates}
        return {"wallet": self.book.wallet.reserved, **budgets}

    @property
    def unspent(self) -> int:
        """What may still be spent through all gates, in nano-USD, with what is promised to requests in flight."""
        wallet = self.book.wallet
        budgets = (gate.counter.budget for gate in self._gates)
        left = [budget.left for budget in budgets if budget.limit is not None]
        return max(0, min([0 if wallet.frozen or wallet.debt else wallet.balance, *left]))

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
        for budgets in self._spans.values():
            budgets.write(tx)
        self.book.save(tx, collect_debt_as=collect_debt_as)

    def _left_in_budgets(self, amount: int) -> int:
        return min(gate.counter.left_in(gate.period, amount) for gate in self._gates)


def _span_path(uid: str, key: str | None, party: Party) -> str:
    assert party == "user" or key is not None, "only what has a key counts in a key's budgets"
    return span_budgets_path(uid, key if party == "key" else None)


async def _open_spans(
    tx: Transaction, book: Book, key: str | None, parties: Collection[Party]
) -> dict[Party, SpanBudgets]:
    paths = {party: _span_path(book.uid, key, party) for party in parties}
    zone = book.wallet.time_zone
    return {party: SpanBudgets(path, await tx.get(path), book.now, zone) for party, path in paths.items()}
