"""Sets and withdraws prices in the store, in one transaction each, as operators' commands do."""

from datetime import datetime

from functions.farebox.pricing.price import Price
from functions.farebox.pricing.versions import withdraw, write_versions
from functions.farebox.storage import Store, Transaction


async def put_price(
    store: Store, model: str, entry: object, *, now: datetime, actor: str = "admin", force: bool = False
) -> Price:
    """Make this the model's price from now on."""
    price = Price.from_config(model, entry)

    async def work(tx: Transaction) -> Price:
        return (await write_versions(tx, [price], actor=actor, now=now, force=force))[0]

    return await store.transact(work)


async def withdraw_price(store: Store, model: str, *, now: datetime) -> Price:
    """Take the model off the list."""

    async def work(tx: Transaction) -> Price:
        return await withdraw(tx, model, actor="admin", now=now)

    return await store.transact(work)
