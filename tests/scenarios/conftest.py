"""One shop for each module, on each storage engine in turn: everything on one port over SQLite, and over Firestore the
`chat` function alone, as it is deployed.

A module says what is sold in `MODELS`, a price entry each, or `None` for a model without a price. Each model has
upstreams of its own, so that no test disturbs another's; `UPSTREAM_OPTIONS` may hold more fields of theirs, and
`VARIABLES` more of the product's configuration.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from functions.farebox.storage import Store
from functions.farebox.storage.connect import open_engine
from tests.scenarios.shop import Lane, Shop
from tests.support.patience import PATIENCE_S
from tests.support.product.server_process import EMULATOR, running_product
from tests.support.stand_ins.upstream import StandIn


@pytest.fixture(scope="module", params=["sqlite", "firestore"])
def shop_store_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an empty store for a module's tests."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('store')}/farebox.db"
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(EMULATOR, request.getfixturevalue("firestore_emulator"))
        yield f"firestore://test-{uuid4().hex}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop(
    request: pytest.FixtureRequest, shop_store_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Shop]:
    """The module's shop, in the module's event loop."""
    models: dict[str, Any] = request.module.MODELS
    options: dict[str, dict[str, Any]] = getattr(request.module, "UPSTREAM_OPTIONS", {})
    async with AsyncExitStack() as stack:
        lanes = {
            model: Lane(model, await stack.enter_async_context(StandIn()), await stack.enter_async_context(StandIn()))
            for model in models
        }
        entries = [entry for lane in lanes.values() for entry in lane.entries(options.get(lane.model, {}))]
        folder = tmp_path_factory.mktemp("product")
        prices = {model: price for model, price in models.items() if price is not None}
        variables: dict[str, str] = getattr(request.module, "VARIABLES", {})
        target = "chat" if shop_store_url.startswith("firestore:") else None
        server = stack.enter_context(
            running_product(folder, shop_store_url, target=target, upstreams=entries, pricing=prices, **variables)
        )
        # A function's server closes what was idle for two seconds, perhaps just when the next request is sent on it.
        limits = httpx.Limits(keepalive_expiry=1)
        client = await stack.enter_async_context(
            httpx.AsyncClient(base_url=server.url, timeout=PATIENCE_S, limits=limits)
        )
        store = Store(open_engine(shop_store_url))
        stack.push_async_callback(store.close)
        yield Shop(server.url, store, client, lanes)
