"""Which models there are for somebody: routed, priced, and on every list that binds them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from functions.farebox.accounts import user_path
from functions.farebox.price import CLASSES, Price
from functions.farebox.price_versions import load_prices
from functions.farebox.storage import Store
from functions.farebox.tariff import Tariff
from functions.farebox.upstream_list import read_routes


def allowed_models(*lists: Sequence[str] | None) -> frozenset[str] | None:
    """The models that are on every list there is; `None` where nothing binds."""
    named = [frozenset(names) for names in lists if names is not None]
    return frozenset.intersection(*named) if named else None


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


def model_entry(price: Price) -> dict[str, Any]:
    """A model as OpenAI's list shows it, with what it costs as an extra."""
    entry = price.to_config()
    pricing = {f"{name}_usd_per_1m": entry[f"{name}_usd_per_1m"] for name in CLASSES}
    return {
        "id": price.model,
        "object": "model",
        "created": int(price.effective_at.timestamp()) if price.effective_at else 0,
        "owned_by": "farebox",
        "pricing": {**pricing, "request_usd": entry["request_usd"], "version": price.version},
        "context_tokens": price.context_tokens,
        "max_output_tokens": price.max_output_tokens,
    }
