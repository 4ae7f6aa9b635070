"""A pool with many leases."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from functions.farebox.kit.ids import Ids
from functions.farebox.kit.money import NANOS_PER_USD
from functions.farebox.leases.allocation import Ask
from functions.farebox.leases.pool import LeasePool
from functions.farebox.ledger.book import Book
from functions.farebox.ledger.wallet import Posting, wallet_path
from functions.farebox.limits.key_counters import KeyTerms
from functions.farebox.storage import Document, Store, Transaction
from tests.simulation.memory_engine import MemoryEngine
from tests.simulation.virtual_loop import run_virtually

START = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
LEASES = 50


class _Begun(MemoryEngine):
    """Knows how many reads were begun at most in one turn of the loop."""

    in_turn = most = reads = 0

    async def read(self, paths: Sequence[str]) -> list[Document | None]:
        if not self.in_turn:
            asyncio.get_running_loop().call_soon(self._turn_over)
        self.in_turn += 1
        self.reads += 1
        self.most = max(self.most, self.in_turn)
        return await super().read(paths)

    def _turn_over(self) -> None:
        self.in_turn = 0


def test_steps_that_are_due_together_do_not_all_begin_before_others_have_their_turn() -> None:
    async def hold_many() -> int:
        loop = asyncio.get_running_loop()
        engine = _Begun()
        store = Store(engine)
        pool = LeasePool(
            store,
            instance="instance",
            now=lambda: START + timedelta(seconds=loop.time()),
            new_id=Ids().new,
        )

        async def open_wallet(tx: Transaction, uid: str) -> None:
            await tx.get(wallet_path(uid))
            book = Book.blank(uid, START)
            book.post(Posting("topup", "topup", NANOS_PER_USD, "Top-up"))
            book.save(tx)

        for number in range(LEASES):
            uid = f"user-{number}"
            await store.transact(partial(open_wallet, uid=uid))
            pool.cancel(await pool.take(uid, KeyTerms(f"key-{number}"), Ask(1000, 1000)))
        before = engine.reads
        await asyncio.sleep(20)  # all are idle by then, and closed
        assert engine.reads >= before + LEASES
        await pool.close()
        return engine.most

    assert run_virtually(hold_many()) <= 2
