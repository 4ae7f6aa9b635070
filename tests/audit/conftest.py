"""Clean books, written by the product itself: of one customer, or of many that are alike."""

import asyncio
import re

import pytest

from functions.farebox.storage import Data, Query, Set, Store
from functions.farebox.storage.connect import open_engine
from functions.farebox.storage.sqlite.json_text import dumps, loads
from tests.support.clients.load import MODEL, completion_of
from tests.support.fixtures.lease_pools import instance, wallet
from tests.support.money.customers import open_customer
from tests.support.product.in_process import running
from tests.support.stand_ins.upstream import StandIn

__all__ = ["instance", "wallet"]

PRICING = {MODEL: {"input_usd_per_1m": "1", "output_usd_per_1m": "2"}}
WHO = "user-1"
COUNTED = ("wallets", "transactions", "leases", "usage", "usage_days", "key_windows")


@pytest.fixture(scope="package")
def books(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Data]:
    """What is stored of a customer who has asked twice, when all is settled."""
    return asyncio.run(_books(f"sqlite:///{tmp_path_factory.mktemp('books')}/farebox.db"))


async def _books(url: str) -> dict[str, Data]:
    store = Store(open_engine(url))
    async with StandIn() as upstream, running(store, pricing=PRICING, upstream=upstream) as instance:
        customer = await open_customer(store, "10", now=instance.runtime.now)
        for _ in range(2):
            assert (await instance.ask(customer.bearer, completion_of(max_tokens=5))).status_code == 200
    found = {each.path: each.data for name in COUNTED for each in await store.query(Query(name, group=True))}
    await store.close()
    return {
        path.replace(customer.uid, WHO): loads(dumps(data).replace(customer.uid, WHO)) for path, data in found.items()
    }


async def fill(store: Store, books: dict[str, Data], wallets: int) -> None:
    """As many wallets with the same books, each under names of its own."""
    for number in range(wallets):
        await store.write(
            *(Set(_named(path, number), loads(_named(dumps(data), number))) for path, data in books.items())
        )


def _named(text: str, number: int) -> str:
    return re.sub(rf"{WHO}|(?:use|lease)_[A-Za-z0-9]+", rf"\g<0>-{number}", text)
