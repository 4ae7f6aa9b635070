"""The price list in memory: a request asks for a price without waiting for the store.

They are loaded at first need. Every `REFRESH_AFTER` what has changed since is read in the background, while requests
go on with the last good ones (RFC 5861 calls it stale-while-revalidate). An instance that slept longer than
`WAIT_AFTER` looks first: it has to ask the store for a new lease anyway.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from functions.farebox.errors import StoreUnavailable
from functions.farebox.pricing.price import Price
from functions.farebox.pricing.prices import Prices
from functions.farebox.pricing.tariff import Tariff
from functions.farebox.pricing.versions import load_changes, load_prices, unpriced
from functions.farebox.storage import Store

REFRESH_AFTER = timedelta(seconds=30)
WAIT_AFTER = timedelta(minutes=10)
MAX_TARIFFS = 10_000  # kept at once: under a pattern, clients choose the names
OVERLAP = timedelta(minutes=3)  # clocks may be a minute off, and a change is dated a little before it is stored

log = logging.getLogger("farebox.price_list")


class PriceList:
    """Current prices by model. It belongs to the event loop of its first use."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self._prices: Prices | None = None
        self._tariffs: dict[frozenset[str], Tariff] = {}  # of these prices
        self._loaded_at: datetime | None = None
        self._tried_at: datetime | None = None
        self._loading: asyncio.Task[None] | None = None

    async def tariff(self, models: frozenset[str]) -> Tariff:
        """What a request may be priced as that may count for any of these.

        Raises `NotFound` with code `model_not_found` for one that has no price, and `StoreUnavailable` where the list
        could not be loaded even once.
        """
        prices = await self.current()
        tariff = self._tariffs.get(models)
        if tariff is None:
            if len(self._tariffs) >= MAX_TARIFFS:
                self._tariffs.clear()
            tariff = self._tariffs[models] = Tariff.of([_priced(prices, model) for model in sorted(models)], prices)
        return tariff

    async def current(self) -> Prices:
        """Every current price. Raises `StoreUnavailable` as `tariff` does."""
        if self._prices is None:
            await asyncio.shield(self._load())
        elif self._is_older_than(REFRESH_AFTER, self._tried_at):
            loading = self._load()
            if self._is_older_than(WAIT_AFTER, self._loaded_at):
                await asyncio.shield(loading)
        if self._prices is None:
            raise StoreUnavailable("The price list cannot be read. Try again in a few seconds.")
        return self._prices

    def look_ahead(self) -> None:
        """Begin to load it: it will be asked for in a moment."""
        self._load()

    async def refresh(self) -> None:
        """Look at the store now: for whoever has just changed a price in this process."""
        if self._loading is not None:
            await asyncio.shield(self._loading)  # it may have read before the change
        await asyncio.shield(self._load())

    async def close(self) -> None:
        """Give up on a look that is under way: the store closes."""
        if self._loading is not None:
            self._loading.cancel()
            await asyncio.wait([self._loading])

    def _is_older_than(self, age: timedelta, moment: datetime | None) -> bool:
        return moment is None or self._now() - moment >= age

    def _load(self) -> asyncio.Task[None]:
        """The load that runs, or a new one. It never raises: a failure keeps the last good list."""
        if self._loading is None or self._loading.done():
            self._tried_at = self._now()
            self._loading = asyncio.create_task(self._load_once())
        return self._loading

    async def _load_once(self) -> None:
        started_at = self._now()
        try:
            self._prices, self._tariffs = await self._read(), {}
        except Exception:
            log.warning("the price list could not be read; the last one stays", exc_info=True)
        else:
            self._loaded_at = started_at

    async def _read(self) -> Prices:
        if self._prices is None or self._loaded_at is None:
            return Prices(await load_prices(self._store))
        changes = await load_changes(self._store, self._loaded_at - OVERLAP)
        merged: dict[str, Price | None] = {**self._prices, **changes}
        return Prices({model: price for model, price in merged.items() if price is not None})


def _priced(prices: Prices, model: str) -> Price:
    price = prices.get(model)
    if price is None:
        raise unpriced(model)
    return price
