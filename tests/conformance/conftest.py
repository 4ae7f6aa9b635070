"""The product as it comes, with the built-in echo and price list, and clients who know nothing of it."""

import os
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
import pytest_asyncio

from functions.farebox.storage import Store
from functions.farebox.storage.connect import open_engine
from tests.support.money.customers import Customer, open_customer
from tests.support.product.production_stack import Stack
from tests.support.product.server_process import running_product


@dataclass(frozen=True)
class Place:
    """Where the product is, and the API keys of people in various circumstances."""

    url: str
    payer: Customer
    pauper: Customer
    embedder: Customer  # whose key may use one model, which embeds
    hurried: Customer  # whose key may be used once a minute

    @property
    def base_url(self) -> str:
        """What an OpenAI client calls so."""
        return f"{self.url}/v1"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    """One server for all tests here: none of them changes anything that another sees. `make interop` has them run
    against the whole stack as well."""
    with ExitStack() as running:
        if os.environ.get("FAREBOX_INTEROP"):
            stack: Stack = request.getfixturevalue("stack")
            url, store_url = stack.url, stack.store_url
        else:
            folder = tmp_path_factory.mktemp("conformance")
            store_url = f"sqlite:///{folder}/farebox.db"
            url = running.enter_context(running_product(folder, store_url)).url
        store = Store(open_engine(store_url))
        yield Place(
            url=url,
            payer=await open_customer(store, "1"),
            pauper=await open_customer(store, "0"),
            embedder=await open_customer(store, "1", models=["echo-embedding"]),
            hurried=await open_customer(store, "1", rpm=1),
        )
        await store.close()
