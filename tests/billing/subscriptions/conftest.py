"""A payer without credit, and plans that name what providers call them."""

import pytest

from functions.farebox.storage import Store
from tests.support.money.payment_events import open_account
from tests.support.money.provider_events import name_products


@pytest.fixture
async def shop(sqlite_store: Store) -> Store:
    """The store with both."""
    await open_account(sqlite_store)
    await name_products(sqlite_store)
    return sqlite_store
