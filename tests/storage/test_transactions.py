"""Transactions: nothing is lost and nothing is seen half, however many write at once."""

import asyncio

from functions.farebox.storage import Store, Transaction


async def test_thirty_two_read_modify_writes_of_one_document_all_count(store: Store) -> None:
    async def add_one(transaction: Transaction) -> None:
        counter = await transaction.get("counters/c")
        transaction.set("counters/c", {"n": 1 if counter is None else counter.data["n"] + 1})

    async with asyncio.timeout(30):
        await asyncio.gather(*(store.transact(add_one) for _ in range(32)))

    counter = await store.get("counters/c")
    assert counter is not None
    assert counter.data == {"n": 32}
