"""An instance with a stand-in upstream behind it, a customer in front of it."""

from collections.abc import AsyncIterator

import pytest

from functions.farebox.storage import Store
from tests.support.fixtures.dialect_upstreams import other, vendor
from tests.support.money.customers import Customer, open_customer
from tests.support.money.wallet_books import books_of
from tests.support.product.in_process import Instance, running
from tests.support.stand_ins.upstream import StandIn

__all__ = ["other", "vendor"]

PRICE = {"input_usd_per_1m": "2.50", "output_usd_per_1m": "10.00", "cached_input_usd_per_1m": "1.25"}


@pytest.fixture
async def upstream() -> AsyncIterator[StandIn]:
    async with StandIn() as upstream:
        yield upstream


@pytest.fixture
async def instance(sqlite_store: Store, upstream: StandIn) -> AsyncIterator[Instance]:
    async with running(sqlite_store, pricing={"test-model": PRICE}, upstream=upstream) as instance:
        yield instance


@pytest.fixture
async def customer(sqlite_store: Store, instance: Instance) -> Customer:
    await instance.runtime.data_plane()
    return await open_customer(sqlite_store, "1")


@pytest.fixture
async def unasked(sqlite_store: Store, customer: Customer, upstream: StandIn) -> AsyncIterator[None]:
    """In the end the upstream was asked nothing, and the customer charged nothing."""
    yield
    assert upstream.requests == []
    assert (await books_of(sqlite_store, customer.uid)).records == []
