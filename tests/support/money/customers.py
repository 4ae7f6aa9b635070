"""Makes a paying customer in the store, as the management functions make one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from functions.farebox.accounts.account import Accounts
from functions.farebox.keys.lifecycle import Keys
from functions.farebox.kit.ids import Ids
from functions.farebox.kit.money import parse_usd
from functions.farebox.ledger.book import Book, post
from functions.farebox.ledger.wallet import Posting, Wallet, wallet_path
from functions.farebox.secrets.root_key import SecretKey
from functions.farebox.storage import Store, Transaction
from functions.farebox.wiring.runtime import utc_now
from tests.support.product.runtime import SECRET


@dataclass(frozen=True)
class Customer:
    """An account with credit and one API key."""

    uid: str
    key_id: str
    key: str

    @property
    def bearer(self) -> dict[str, str]:
        """The headers that authenticate the key."""
        return {"authorization": f"Bearer {self.key}"}


def keys_of(store: Store, now: Callable[[], datetime] = utc_now) -> Keys:
    """The keys that servers with the tests' secret know."""
    return Keys(store, SecretKey(SECRET.encode()).derive("api-keys"), now=now, ids=Ids())


async def open_customer(
    store: Store,
    credit_usd: str,
    *,
    now: Callable[[], datetime] = utc_now,
    time_zone: str | None = None,
    budget: int | None = None,
    **terms: Any,
) -> Customer:
    """A customer with that much credit. `budget` is the account's, in nano-USD a month; `terms` are the key's."""
    uid = f"user-{uuid4().hex[:12]}"
    accounts = Accounts(store, signup_credit=0, now=now)

    async def work(tx: Transaction) -> None:
        await accounts.open(tx, uid, f"{uid}@example.com")

    async def set_terms(tx: Transaction) -> None:
        book = await Book.open(tx, uid, now())
        book.set_terms(time_zone=time_zone, budget_limit=budget)
        book.save(tx)

    await store.transact(work)
    await store.transact(set_terms)
    await post(store, uid, now(), Posting("credit", "topup", parse_usd(credit_usd), "Credit"))
    key, text = await keys_of(store, now).create(uid, {"name": "test", **terms})
    return Customer(uid, key.id, text)


async def wallet_of(store: Store, uid: str) -> Wallet:
    """The wallet as it is stored."""
    document = await store.get(wallet_path(uid))
    assert document is not None
    return Wallet.from_data(document.data)
