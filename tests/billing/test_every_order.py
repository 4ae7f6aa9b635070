"""All 40,320 orders of the eight events about a payment, each event ten times at once, on SQLite.

Orders that begin alike share their beginning: before another event comes next, the documents are put back to what they
were. Orders whose beginnings have left the very same documents share their end: what comes of them is decided by the
documents and by what is still to come. So some two thousand plays stand for all orders, instead of 109,600, and every
end that there is has its books looked at and audited. `make soak` plays all (`FAREBOX_SOAK=1`: a minute), an ordinary
run those that share one long beginning.
"""

import asyncio
import hashlib
import math
import os
from collections.abc import Mapping

import pytest

from functions.farebox.billing.apply_event import apply_event
from functions.farebox.ledger.wallet import wallet_path
from functions.farebox.storage import Data, Delete, Query, Set, Store
from tests.support.money.payment_events import PAYER, USD, Books, books, eight_events, open_account
from tests.support.money.wallet_books import clean_audit
from tests.support.product.runtime import START

COPIES = 10
EVENTS = eight_events()
NUMBERS = range(len(EVENTS))
TOUCHED = ("payments", "events", "billing", "wallets", f"{wallet_path(PAYER)}/transactions")
BEGINNING: tuple[int, ...] = () if os.environ.get("FAREBOX_SOAK") else (4, 6, 0, 5)
END = Books(
    balance=0, debt=0, frozen=False, by_type={"topup": 10 * USD, "refund": -10 * USD}, status="refunded", disputed=()
)


async def documents(store: Store) -> dict[str, Data]:
    """What there is to change, by path."""
    found = [await store.query(Query(collection, limit=100)) for collection in TOUCHED]
    return {document.path: document.data for documents in found for document in documents}


async def put_back(store: Store, before: dict[str, Data]) -> None:
    now = await documents(store)
    gone = [Delete(path) for path in now.keys() - before.keys()]
    await store.write(*gone, *(Set(path, data) for path, data in before.items() if now.get(path) != data))


async def play(store: Store, number: int) -> None:
    await asyncio.gather(*(apply_event(store, EVENTS[number], START) for _ in range(COPIES)))


def digest(documents: Mapping[str, Data]) -> bytes:
    """What stands for these documents."""
    told = repr([(path, sorted(data.items())) for path, data in sorted(documents.items())])
    return hashlib.sha256(told.encode()).digest()


Known = dict[tuple[frozenset[int], bytes], int]


async def play_all(store: Store, left: frozenset[int], known: Known) -> int:
    """Play every order of what is left, and leave the books as they were; answers how many orders ended. `known` are
    the states of the books from which that was done."""
    before = await documents(store)
    state = left, digest(before)
    if state in known:
        return known[state]
    if not left:
        assert await books(store) == END
        await clean_audit(store)
    ended = 0 if left else 1
    for number in sorted(left):
        await play(store, number)
        ended += await play_all(store, left - {number}, known)
        await put_back(store, before)
    known[state] = ended
    return ended


@pytest.mark.timeout(1800)
async def test_every_order_of_the_events_about_a_payment_ends_in_the_same_books(sqlite_store: Store) -> None:
    await open_account(sqlite_store)
    for number in BEGINNING:
        await play(sqlite_store, number)
    left = frozenset(NUMBERS) - frozenset(BEGINNING)
    assert await play_all(sqlite_store, left, {}) == math.factorial(len(left))
