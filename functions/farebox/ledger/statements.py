"""Reading a wallet: what it holds now, and its ledger a page at a time."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from functions.farebox.errors import NotFound
from functions.farebox.pages import Page, read_page
from functions.farebox.periods import period_of
from functions.farebox.storage import Filter, Query, Store
from functions.farebox.wallets import Entry, EntryType, Wallet, wallet_path


@dataclass(frozen=True, slots=True)
class Span:
    """A span of time, each end open if `None`: from `start` on, before `end`."""

    start: datetime | None = None
    end: datetime | None = None

    def filters(self, field: str = "created_at") -> tuple[Filter, ...]:
        """What holds for documents within it."""
        since = () if self.start is None else (Filter(field, ">=", self.start),)
        until = () if self.end is None else (Filter(field, "<", self.end),)
        return (*since, *until)


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
        self, uid: str, *, type: EntryType | None, span: Span, limit: int, after: tuple[Any, ...] | None
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
