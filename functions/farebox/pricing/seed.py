"""Seeds the price list of an empty store: with the built-in prices, or with what `FAREBOX_PRICING` says.

From then on the store rules. One document remembers that it was done, so a warm start reads that and nothing else;
with `force` the given prices are put over whatever an admin changed.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from functions.farebox.pricing.price import Price
from functions.farebox.pricing.versions import price_path, write_versions
from functions.farebox.storage import Store, Transaction

BUILTIN = Path(__file__).parent / "data" / "prices.json"
MARKER = "seeds/pricing"
ACTOR = "seed"
MODELS_A_COMMIT = 100  # two writes each


def read_builtin() -> dict[str, Any]:
    """The built-in price list, as `Price.from_config` reads it: by name of model."""
    entries: dict[str, Any] = json.loads(BUILTIN.read_text(encoding="utf-8"), parse_float=Decimal)
    return entries


async def seed(store: Store, entries: Mapping[str, object] | None, *, now: datetime, force: bool = False) -> bool:
    """Write the prices of models that the store knows nothing of, or with `force` all of them; whether that was done.
    `None` is the built-in list.

    A model that an admin took off the list stays off unless forced. Any number of instances may do this at once, and
    again after one was cut off: what is there already is not written twice. Raises `InvalidRequest` that names the
    model and the field, at every start and before anything is written.
    """
    prices = None if entries is None else _parse(entries)
    if not force and await store.get(MARKER) is not None:
        return False
    if prices is None:
        prices = _parse(read_builtin())
    for first in range(0, len(prices), MODELS_A_COMMIT):
        await _seed_some(store, prices[first : first + MODELS_A_COMMIT], now=now, force=force)
    done = {"seeded_at": now, "count": len(prices)}

    async def mark(transaction: Transaction) -> None:
        transaction.set(MARKER, done)

    await store.transact(mark)
    return True


def _parse(entries: Mapping[str, object]) -> list[Price]:
    return [Price.from_config(model, entry) for model, entry in entries.items()]


async def _seed_some(store: Store, prices: list[Price], *, now: datetime, force: bool) -> None:
    async def work(transaction: Transaction) -> None:
        chosen = prices
        if not force:
            known = await transaction.get_many(*(price_path(price.model) for price in prices))
            chosen = [price for price, document in zip(prices, known, strict=True) if document is None]
        await write_versions(transaction, chosen, actor=ACTOR, now=now, force=force)

    await store.transact(work)
