"""Reads the books of a wallet at rest: its balance, its ledger, and the records of its requests."""

import asyncio
from dataclasses import dataclass

from functions.farebox.audit import Audited, audit_all
from functions.farebox.ledger.verify import verify
from functions.farebox.ledger.wallet import wallet_path
from functions.farebox.storage import Data, Filter, Query, Store
from tests.support.money.customers import wallet_of

PAUSE_S = 0.02


@dataclass(frozen=True)
class Books:
    """A wallet at rest: its balance in nano-USD, the amounts of its ledger by type, and the records of its requests."""

    balance: int
    usage: list[int]
    others: list[int]
    records: list[Data]

    @property
    def total(self) -> int:
        """The sum of the ledger."""
        return sum(self.usage) + sum(self.others)


async def books_of(store: Store, uid: str, *, within_s: float = 10.0) -> Books:
    """The books of a wallet once nothing is reserved and no request is pending; fails if that does not come, or if
    the wallet and its ledger disagree."""
    async with asyncio.timeout(within_s):
        while (await wallet_of(store, uid)).reserved or await _pending(store, uid):
            await asyncio.sleep(PAUSE_S)
    verdict = await verify(store, uid)
    assert verdict.fault is None, verdict.fault
    entries = [document.data async for document in store.scan(Query(f"{wallet_path(uid)}/transactions"))]
    books = Books(
        balance=(await wallet_of(store, uid)).balance,
        usage=[entry["amount"] for entry in entries if entry["type"] == "usage"],
        others=[entry["amount"] for entry in entries if entry["type"] != "usage"],
        records=await records_of(store, uid),
    )
    assert books.total == books.balance
    assert books.balance == sum(books.others) - sum(record["charged"] for record in books.records)
    return books


async def records_of(store: Store, uid: str) -> list[Data]:
    """The usage records of an account, in no order."""
    return [document.data async for document in store.scan(Query("usage", (Filter("user", "==", uid),)))]


async def clean_audit(store: Store) -> Audited:
    """The audit of everything, once it has found nothing wrong."""
    done = await audit_all(store)
    assert done.faults == []
    assert done.restless == 0
    return done


async def _pending(store: Store, uid: str) -> bool:
    return any(record["status"] == "pending" for record in await records_of(store, uid))
