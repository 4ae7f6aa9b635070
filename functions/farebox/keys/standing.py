"""How a key and its wallet stand: what was spent, and what is left."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from functions.farebox.errors import NotFound
from functions.farebox.keys.api_key import ApiKey, key_path
from functions.farebox.kit.periods import period_of
from functions.farebox.ledger.wallet import Wallet, wallet_path
from functions.farebox.limits.budget import Budget
from functions.farebox.limits.key_counters import KeyTerms, KeyWindow, key_window_path
from functions.farebox.storage import Store
from functions.farebox.usage.spending import Spending, spent_by_key, spent_by_user


@dataclass(frozen=True, slots=True)
class KeyStanding:
    """A key, its budget in the current period, and what it was charged."""

    key: ApiKey
    budget: Budget
    spending: Spending


@dataclass(frozen=True, slots=True)
class Credits:
    """What the holder of a key has, `None` where nothing says so, and what they were charged, ever. In nano-USD."""

    balance: int | None
    spent: int


async def key_standing(store: Store, uid: str, key_id: str, now: datetime) -> KeyStanding:
    """How a user's key stands. Raises `NotFound`."""
    (record, window, wallet), spending = await asyncio.gather(
        store.get_many(key_path(key_id), key_window_path(key_id), wallet_path(uid)), spent_by_key(store, key_id, now)
    )
    if record is None or wallet is None:
        raise NotFound("There is no such key.")
    key = ApiKey.from_data(key_id, record.data)
    counted = KeyWindow.read(key_id, window, period_of(now, Wallet.from_data(wallet.data).time_zone))
    counted.set_limit(key.monthly_budget)
    return KeyStanding(key, counted.budget, spending)


async def credits_of(store: Store, uid: str, terms: KeyTerms, now: datetime) -> Credits:
    """How the wallet stands that pays for a key; of a key that a key made, how its own budget does. Raises
    `NotFound`."""
    if terms.is_minted:
        standing = await key_standing(store, uid, terms.id, now)
        limit, spent = standing.budget.limit, standing.budget.spent
        return Credits(None if limit is None else max(0, limit - spent), standing.spending.ever)
    wallet, spent = await asyncio.gather(store.get(wallet_path(uid)), spent_by_user(store, uid))
    if wallet is None:
        raise NotFound("There is no such account.")
    return Credits(Wallet.from_data(wallet.data).balance, spent)
