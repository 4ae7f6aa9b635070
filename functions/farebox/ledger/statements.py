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

MOST_PAYMENTS = 100  # of a wallet that are looked at


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
    """Whether money was ever paid for a wallet: a top-up, or a period of a plan. What an operator gives, and what a
    trial or a coupon brings for nothing, is none."""
    topup = Filter("type", "==", "topup")
    if await store.query(Query(f"{wallet_path(uid)}/transactions", (topup,), order_by="seq", descending=True, limit=1)):
        return True
    latest = Query(
        "payments", (Filter("user", "==", uid),), order_by="created_at", descending=True, limit=MOST_PAYMENTS
    )
    return any(each.data["sale"] and each.data["sale"]["total"] > 0 for each in await store.query(latest))
