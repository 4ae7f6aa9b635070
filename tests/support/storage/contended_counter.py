"""A counter in one document, for tests of contention: an update that gets lost is missing in it."""

from functions.farebox.storage import Store, Transaction

COUNTER = "counters/c"


async def add_one(transaction: Transaction) -> None:
    """Count one more, as a read and a write."""
    counter = await transaction.get(COUNTER)
    transaction.set(COUNTER, {"n": 1 if counter is None else counter.data["n"] + 1})


async def count(store: Store) -> int:
    """What it has come to."""
    counter = await store.get(COUNTER)
    return 0 if counter is None else int(counter.data["n"])
