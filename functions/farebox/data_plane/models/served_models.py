"""The models that somebody may use: routed, priced, and on every list that binds them."""

from collections.abc import Container, Iterator
from dataclasses import replace

from functions.farebox.accounts.account import user_path
from functions.farebox.accounts.terms import allowed_models
from functions.farebox.gateway.upstream import Routes
from functions.farebox.kit.wildcards import Wildcards, fill, is_pattern
from functions.farebox.pricing.capabilities.capabilities import Capabilities, common
from functions.farebox.pricing.capabilities.known import publicly_known
from functions.farebox.pricing.price import Price
from functions.farebox.pricing.prices import Prices
from functions.farebox.pricing.tariff import Tariff
from functions.farebox.pricing.versions import load_prices
from functions.farebox.storage import Store
from functions.farebox.upstreams.registry import read_routes


def served_models(routes: Routes, prices: Prices, allowed: Container[str] | None) -> list[Price]:
    """The models that can be answered and paid for, by name, each at the most that it can cost.

    Of a pattern these are the models that have a price of their own, and the pattern itself where one is priced by it.
    """
    listed = {**routes, **routes.patterns}
    listed |= {model: routes[model] for model in _priced_by_name(routes, prices) if model in routes}
    return [
        _at_most(model, names, prices)
        for model, names in sorted(listed.items())
        if (allowed is None or model in allowed) and all(name in prices for name in names)
    ]


def served_model(routes: Routes, prices: Prices, allowed: Container[str] | None, model: str) -> Price | None:
    """The one that has a name, be it that only a pattern routes it or prices it; `None` where it can't be used. A
    pattern itself has one as well, where it is listed."""
    names = routes.get(model) or routes.patterns.get(model)
    if names is None or (allowed is not None and model not in allowed) or not all(name in prices for name in names):
        return None
    return _at_most(model, names, prices)


def _at_most(model: str, names: frozenset[str], prices: Prices) -> Price:
    """A model at the most that it can cost, whichever of these prices counts, and with what all who may answer can."""
    priced = [prices[name] for name in sorted(names)]
    capabilities = common(map(_capabilities, priced))
    return replace(Tariff.of(priced).ceiling, model=model, capabilities=capabilities)


def _capabilities(price: Price) -> Capabilities:
    """What a model can do here: what is said of it, or else what its prices tell. What is refused where there is no
    price for it is left out, whoever says that the model can do it."""
    hears, speaks, draws = (price.has_own(name) for name in ("audio_input", "audio_output", "image_output"))
    read = [name for name, has in (("image", price.image_input is not None), ("audio", hears)) if has]
    written = [name for name, has in (("image", draws), ("audio", speaks)) if has]
    by_price = Capabilities(("text", *read), ("text", *written))
    told = price.capabilities.over(publicly_known(price.model)).over(by_price)
    unread = () if hears else ("audio", "video")  # a film has sound
    unwritten = {name for name, has in (("image", draws), ("audio", speaks)) if not has}
    return replace(
        told,
        input_modalities=tuple(name for name in told.input_modalities or () if name not in unread),
        output_modalities=tuple(name for name in told.output_modalities or () if name not in unwritten),
    )


def unpriced_models(routes: Routes, prices: Prices) -> list[str]:
    """The models, and patterns, that are routed and that nobody can use: somebody who may answer has no price."""
    listed = {**routes, **routes.patterns}
    return sorted(model for model, names in listed.items() if not all(name in prices for name in names))


def _priced_by_name(routes: Routes, prices: Prices) -> Iterator[str]:
    """The models that match a pattern and have a price of their own."""
    for pattern, priced_as in routes.patterns.items():
        parts = Wildcards(dict.fromkeys(priced_as))
        for name in prices:
            found = None if is_pattern(name) else parts.match(name)
            if found is not None:
                yield fill(pattern, found[1])


async def models_of_user(store: Store, uid: str) -> list[Price]:
    """The models that a user and their plan allow to any key of theirs."""
    user = await store.get(user_path(uid))
    terms = {} if user is None else user.data
    allowed = allowed_models(terms.get("models"), terms.get("plan_models"))
    return served_models(await read_routes(store), Prices(await load_prices(store)), allowed)
