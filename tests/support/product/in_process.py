"""Running instances of the product in the test's own process, over a store that the test can see into."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

import httpx
import orjson
from starlette.types import ASGIApp

from functions.farebox.config import Config
from functions.farebox.storage import Store
from functions.farebox.wiring.runtime import Runtime, utc_now
from tests.support.clients.asgi import client_of
from tests.support.product.app import surface_over
from tests.support.product.runtime import config_with, echo_prices
from tests.support.stand_ins.upstream import StandIn

SETTLED_AFTER_S = 0.1  # whoever reads the books waits until they are settled; nobody could configure so little
AS_SHIPPED_S = "5"  # that interval for tests of what settling costs


class _Borrowed(Store):
    """A store that its lender closes."""

    async def close(self) -> None:
        pass


class Instance:
    """One instance and a client of it."""

    def __init__(self, runtime: Runtime, app: ASGIApp, client: httpx.AsyncClient) -> None:
        self.runtime = runtime
        self.app = app
        self.client = client

    async def stop(self) -> None:
        """End it as on SIGTERM: it settles and returns what it holds."""
        await self.runtime.close()

    async def ask(self, bearer: Mapping[str, str], body: Mapping[str, Any]) -> httpx.Response:
        """Send one chat request."""
        return await self.client.post("/v1/chat/completions", headers=dict(bearer), json=dict(body))


@asynccontextmanager
async def running(
    store: Store,
    *,
    pricing: Mapping[str, Any] | None = None,
    upstream: StandIn | None = None,
    now: Callable[[], datetime] = utc_now,
    **variables: str,
) -> AsyncIterator[Instance]:
    """An instance over a store that is open already, and stays so. It sells `echo_prices`, and what is idle is settled
    at once, unless `pricing` and `variables` say otherwise. It ends as on SIGTERM, if not stopped before."""
    prices = echo_prices() if pricing is None else orjson.dumps(pricing).decode()
    variables = {"FAREBOX_PRICING": prices, **variables}
    if upstream is not None:
        variables["FAREBOX_UPSTREAMS"] = orjson.dumps([upstream.entry()]).decode()

    async def open_store(_config: Config) -> Store:
        return _Borrowed(store.engine)

    # The address only says that this is no Cloud Run; the store is the one that was handed over.
    config = config_with({"FAREBOX_STORE": "sqlite:///unused/farebox.db", **variables})
    if "FAREBOX_SETTLE_INTERVAL_S" not in variables:
        config = replace(config, settle_interval_s=SETTLED_AFTER_S)
    runtime = Runtime(config, open_store=open_store, now=now)
    try:
        app = surface_over(runtime)
        async with client_of(app) as client:
            client.timeout = httpx.Timeout(60)
            yield Instance(runtime, app, client)
    finally:
        await runtime.close()
