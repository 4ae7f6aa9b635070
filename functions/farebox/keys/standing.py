"""How a key and its wallet stand: what was spent, and what is left."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from functions.farebox.errors import NotFound
from functions.farebox.keys.api_key import ApiKey, key_path
from functions.farebox.kit.periods import period_of
from functions.farebox.ledger.wallet import Wallet, wallet_path
from functions.farebox.limits.budget import Budget
from functions.farebox.limits.key_counters import KeyWindow, key_window_path
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
    """A wallet's balance, and what its keys were charged, ever. In nano-USD."""

    balance: int
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


async def credits_of(store: Store, uid: str) -> Credits:
    """How a user's wallet stands. Raises `NotFound`."""
    wallet, spent = await asyncio.gather(store.get(wallet_path(uid)), spent_by_user(store, uid))
    if wallet is None:
        raise NotFound("There is no such account.")
    return Credits(Wallet.from_data(wallet.data).balance, spent)
