"""The models that somebody may use: routed, priced, and on every list that binds them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from functions.farebox.accounts.account import user_path
from functions.farebox.accounts.terms import allowed_models
from functions.farebox.pricing.price import Price
from functions.farebox.pricing.tariff import Tariff
from functions.farebox.pricing.versions import load_prices
from functions.farebox.storage import Store
from functions.farebox.upstreams.registry import read_routes


def served_models(
    routes: Mapping[str, frozenset[str]], prices: Iterable[Price], allowed: frozenset[str] | None
) -> list[Price]:
    """The models that can be answered and paid for, by name, each at the most that it can cost.

    `routes` tells for each public model the names of the prices that its answers may be charged by.
    """
    by_name = {price.model: price for price in prices}
    found = []
    for model, names in sorted(routes.items()):
        if (allowed is None or model in allowed) and names <= by_name.keys():
            found.append(replace(Tariff.of(by_name[name] for name in sorted(names)).ceiling, model=model))
    return found


async def models_of_user(store: Store, uid: str) -> list[Price]:
    """The models that a user and their plan allow to any key of theirs."""
    user = await store.get(user_path(uid))
    terms = {} if user is None else user.data
    allowed = allowed_models(terms.get("models"), terms.get("plan_models"))
    return served_models(await read_routes(store), (await load_prices(store)).values(), allowed)
