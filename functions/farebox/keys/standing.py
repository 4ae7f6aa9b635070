"""How a key and its wallet stand: what was spent, and what is left."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from functions.farebox.errors import NotFound
from functions.farebox.keys.api_key import ApiKey, key_path
from functions.farebox.kit.periods import local_day_of, period_of
from functions.farebox.ledger.funds import Funds
from functions.farebox.ledger.wallet import Wallet, wallet_path
from functions.farebox.limits.budget import Budget
from functions.farebox.limits.group_budget import GroupKind, group_budget_paths, read_group_budget
from functions.farebox.limits.key_counters import KeyTerms, KeyWindow, key_window_path
from functions.farebox.limits.span_budgets import Span, period_in, read_span_budgets, span_budgets_path
from functions.farebox.organisations.rights import ROLE_RIGHTS, Right, Role
from functions.farebox.storage import Store, Transaction
from functions.farebox.usage.spending import Spending, spent_by_key, spent_by_user, spent_ever_by_key

_WHOLE: Final = frozenset[Right]({"wallet.read", "ledger.read", "usage.of_others"})  # to see all that came and went

Window = Span | Literal["month"]


@dataclass(frozen=True, slots=True)
class KeyStanding:
    """A key, its budgets in their current periods, those that have a cap, and what it was charged. `shared` are the
    month's budgets of its member and its project, likewise."""

    key: ApiKey
    budgets: Mapping[Window, Budget]
    shared: Sequence[Budget]
    spending: Spending

    @property
    def tightest(self) -> tuple[Window, Budget] | None:
        """The budget that has the least left; `None` where there is none."""
        shared: list[tuple[Window, Budget]] = [("month", budget) for budget in self.shared]
        return min([*self.budgets.items(), *shared], key=lambda each: each[1].left, default=None)


@dataclass(frozen=True, slots=True)
class Credits:
    """What the holder of a key has, `None` where nothing says so, and what they were charged, ever. In nano-USD."""

    balance: int | None
    spent: int


async def key_standing(store: Store, uid: str, terms: KeyTerms, now: datetime) -> KeyStanding:
    """How a user's key stands. Raises `NotFound`."""
    key_id, groups = terms.id, group_budget_paths(uid, terms.belongs)
    paths = key_path(key_id), key_window_path(key_id), span_budgets_path(uid, key_id), wallet_path(uid)
    (record, window, spans, wallet, *counted_together), spending = await asyncio.gather(
        store.get_many(*paths, *groups.values()), spent_by_key(store, key_id, now)
    )
    if record is None or wallet is None:
        raise NotFound("There is no such key.")
    key, zone = ApiKey.from_data(key_id, record.data), Wallet.from_data(wallet.data).time_zone
    counted = KeyWindow.read(key_id, window, period_of(now, zone))
    budgets: dict[Window, Budget] = {"month": replace(counted.budget, limit=key.monthly_budget)}
    day = local_day_of(now, zone)
    for span, budget in read_span_budgets(None if spans is None else spans.data).items():
        before = key.caps.before if span == "total" else 0
        current = budget.in_period(period_in(span, day))
        budgets[span] = replace(current, limit=key.caps.of(span), spent=current.spent + before)
    capped = {window: budget for window, budget in budgets.items() if budget.limit is not None}
    caps: Mapping[GroupKind, int | None] = {"member": terms.member_budget, "project": terms.project_budget}
    shared = [
        replace(read_group_budget(document).in_period(period_of(now, zone)), limit=caps[kind])
        for kind, document in zip(groups, counted_together, strict=True)
        if caps[kind] is not None
    ]
    return KeyStanding(key, capped, shared, spending)


async def credits_of(store: Store, uid: str, terms: KeyTerms, now: datetime, role: Role | None = None) -> Credits:
    """How the wallet stands that pays for a key; of a key that a key made, how its own budget does; of one whose member
    has a `role` that does not see what others spend, what the key can still spend. Raises `NotFound`."""
    if terms.is_minted:
        standing = await key_standing(store, uid, terms, now)
        tightest = standing.tightest
        return Credits(None if tightest is None else tightest[1].left, standing.spending.ever)
    if role is not None and not ROLE_RIGHTS[role].issuperset(_WHOLE):

        async def unspent(tx: Transaction) -> int:
            funds = await Funds.open(tx, uid, now, key=terms.id, belongs=terms.belongs, caps=terms.caps)
            funds.set_caps(terms)
            return funds.unspent

        return Credits(*await asyncio.gather(store.transact(unspent), spent_ever_by_key(store, terms.id)))
    wallet, spent = await asyncio.gather(store.get(wallet_path(uid)), spent_by_user(store, uid))
    if wallet is None:
        raise NotFound("There is no such account.")
    return Credits(Wallet.from_data(wallet.data).balance, spent)
