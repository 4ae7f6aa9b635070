"""Checks the books after a benchmark: every request that was answered has been paid for, exactly.

A load ends by closing its connections, so that up to one request a connection may have been paid for and not been
read, or have been cut off. Every other one must be there, complete and at its price; and the whole store must pass
Farebox's own audit.
"""

import asyncio
import time
from dataclasses import dataclass

from benchmarks.product import CREDIT_USD, PRICE_NANOS, Account
from functions.farebox.audit import audit_all
from functions.farebox.kit.money import NANOS_PER_USD
from functions.farebox.ledger.wallet import wallet_path
from functions.farebox.storage import Filter, Store
from functions.farebox.storage.connect import open_engine

SETTLED_TIMEOUT_S = 60.0


class BooksWrong(Exception):
    """A request was not paid for, or not at its price: whatever was measured is void."""


@dataclass(frozen=True)
class Paid:
    """What the books hold. Amounts in nano-USD. `cut` are those whose clients hung up."""

    completed: int
    cut: int
    charged: int


def check_books(store_url: str, accounts: list[Account], *, answered: int, cut_at_most: int) -> None:
    """Wait until every lease is settled, and hold that each of the answered requests was charged its price, and that
    Farebox's own audit, which takes a while, finds nothing. Raises `BooksWrong`."""
    _check_paid(asyncio.run(_read(store_url, accounts)), answered=answered, cut_at_most=cut_at_most)
    asyncio.run(_audit(store_url))


def _check_paid(paid: Paid, *, answered: int, cut_at_most: int) -> None:
    if not answered <= paid.completed <= answered + cut_at_most:
        raise BooksWrong(f"{answered} requests were answered, {paid.completed} are in the books as complete")
    if paid.cut > cut_at_most:
        raise BooksWrong(f"{paid.cut} requests are in the books as cut off; there can be {cut_at_most} at most")
    if paid.charged != paid.completed * PRICE_NANOS:
        raise BooksWrong(f"{paid.completed} requests at {PRICE_NANOS} nano-USD were charged {paid.charged} nano-USD")


async def _read(store_url: str, accounts: list[Account]) -> Paid:
    store = Store(open_engine(store_url))
    try:
        await _until_settled(store, accounts)
        completed = await store.sums("usage", ["charged"], Filter("status", "==", "ok"))
        others = [await store.sums("usage", ["charged"], Filter("status", "==", name)) for name in ("aborted", "error")]
        pending = await store.count("usage", Filter("status", "==", "pending"))
        balances = await store.sums("wallets", ["balance"])
    finally:
        await store.close()
    charged = completed["charged"] + sum(other["charged"] for other in others)
    given = len(accounts) * int(CREDIT_USD) * NANOS_PER_USD
    if given - balances["balance"] != charged:
        raise BooksWrong(f"the wallets lost {given - balances['balance']} nano-USD, the requests cost {charged}")
    if others[1]["count"] or pending:
        raise BooksWrong(f"{others[1]['count']} requests failed, {pending} are still pending")
    return Paid(completed["count"], others[0]["count"], completed["charged"])


async def _audit(store_url: str) -> None:
    store = Store(open_engine(store_url))
    try:
        done = await audit_all(store)
    finally:
        await store.close()
    if done.faults or done.restless:
        raise BooksWrong(f"{done.faults or 'wallets that never stood still'}")


async def _until_settled(store: Store, accounts: list[Account]) -> None:
    give_up = time.monotonic() + SETTLED_TIMEOUT_S
    while True:
        wallets = await store.get_many(*(wallet_path(account.uid) for account in accounts))
        if all(wallet is not None and wallet.data["reserved"] == 0 for wallet in wallets):
            return
        if time.monotonic() > give_up:
            raise BooksWrong("the leases were not settled in time")
        await asyncio.sleep(0.2)
