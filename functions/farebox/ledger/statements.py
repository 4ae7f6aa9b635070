"""Statements: what a wallet holds now, and its ledger a page at a time."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from functions.farebox.errors import NotFound
from functions.farebox.kit.periods import period_of
from functions.farebox.ledger.wallet import Entry, EntryType, Wallet, wallet_path
from functions.farebox.storage import Filter, Query, Store
from functions.farebox.storage.pages import Page, TimeRange, read_page


class Statements:
    """Reads wallets; changes nothing."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    async def wallet(self, uid: str) -> Wallet:
        """A wallet, its budget in the current period even if nothing was spent in it yet. Raises `NotFound`."""
        document = await self._store.get(wallet_path(uid))
        if document is None:
            raise NotFound("There is no such account.")
        wallet = Wallet.from_data(document.data)
        return replace(wallet, budget=wallet.budget.in_period(period_of(self._now(), wallet.time_zone)))

    async def entries(
        self, uid: str, *, type: EntryType | None, span: TimeRange, limit: int, after: tuple[Any, ...] | None
    ) -> Page[Entry]:
        """A wallet's ledger entries, newest first."""
        of_type = () if type is None else (Filter("type", "==", type),)
        query = Query(
            f"{wallet_path(uid)}/transactions",
            (*of_type, *span.filters()),
            order_by="seq",
            descending=True,
            limit=limit,
            after=after,
        )
        return await read_page(self._store, query, lambda document: Entry.from_data(document.id, document.data))


async def has_paid(store: Store, uid: str) -> bool:
    """Whether a wallet was ever credited with money that was paid: topped up, or for a plan."""
    for kind in ("topup", "grant"):
        paid = Query(
            f"{wallet_path(uid)}/transactions", (Filter("type", "==", kind),), order_by="seq", descending=True, limit=1
        )
        if await store.query(paid):
            return True
    return False
