"""All 40,320 orders of the eight events about a payment, each event ten times at once, on SQLite.

Orders that begin alike share their beginning: before another event comes next, the documents are put back to what they
were. So each of the 109,600 beginnings is played once and each order ends once, with its books looked at and audited.
That takes a while: `make soak` plays all (`FAREBOX_SOAK=1`), an ordinary run those that share one long beginning.
"""

import asyncio
import itertools
import os
from collections.abc import Sequence

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
BEGINNINGS: Sequence[tuple[int, ...]] = (
    list(itertools.permutations(NUMBERS, 2)) if os.environ.get("FAREBOX_SOAK") else [(4, 6, 0, 5)]
)
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


async def play_all(store: Store, left: frozenset[int]) -> int:
    """Play every order of what is left, and leave the books as they were; answers how many orders ended."""
    if not left:
        assert await books(store) == END
        await clean_audit(store)
        return 1
    before = await documents(store)
    ended = 0
    for number in sorted(left):
        await play(store, number)
        ended += await play_all(store, left - {number})
        await put_back(store, before)
    return ended


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("beginning", BEGINNINGS, ids=str)
async def test_every_order_that_begins_so_ends_in_the_same_books(
    sqlite_store: Store, beginning: tuple[int, ...]
) -> None:
    await open_account(sqlite_store)
    for number in beginning:
        await play(sqlite_store, number)
    left = frozenset(NUMBERS) - frozenset(beginning)
    assert await play_all(sqlite_store, left) == len(list(itertools.permutations(left)))
