"""Instances of the lease protocol on a real store, with a wallet to spend from."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime

import pytest

from functions.farebox.kit.ids import Ids
from functions.farebox.kit.money import NANOS_PER_USD
from functions.farebox.leases.pool import LeasePool
from functions.farebox.ledger.book import Book
from functions.farebox.ledger.wallet import Posting, wallet_path
from functions.farebox.storage import Store, Transaction

Opened = Callable[..., LeasePool]
Wallet = Callable[..., Awaitable[str]]


@pytest.fixture
async def instance(store: Store) -> AsyncIterator[Opened]:
    """Makes instances that share the store; they are closed at the end."""
    opened: list[LeasePool] = []

    def open_instance(
        ttl_s: float = 60.0, interval_s: float = 5.0, now: Callable[[], datetime] | None = None
    ) -> LeasePool:
        leases = LeasePool(
            store,
            instance=f"instance-{len(opened)}",
            now=now or (lambda: datetime.now(UTC)),
            new_id=Ids().new,
            ttl_s=ttl_s,
            interval_s=interval_s,
        )
        opened.append(leases)
        return leases

    yield open_instance
    for leases in opened:
        await leases.close(0.1)


@pytest.fixture
async def wallet(store: Store) -> Wallet:
    """Opens a wallet with so many USD."""

    async def open_wallet(uid: str = "ada", *, usd: int = 5, budget: int | None = None) -> str:
        async def work(tx: Transaction) -> None:
            await tx.get(wallet_path(uid))
            book = Book.blank(uid, datetime.now(UTC))
            book.set_terms(budget_limit=budget)
            book.post(Posting("topup-1", "topup", usd * NANOS_PER_USD, "Top-up"))
            book.save(tx)

        await store.transact(work)
        return uid

    return open_wallet
