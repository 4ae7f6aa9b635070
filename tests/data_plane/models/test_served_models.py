"""The models that are listed are routed and priced; patterns are listed as they are, with what has its own price."""

from functions.farebox.data_plane.models.served_models import served_models
from functions.farebox.gateway.upstream import Routes, parse_upstreams
from functions.farebox.pricing.price import Price
from functions.farebox.pricing.prices import Prices


def served(
    models: dict[str, str], priced: list[str], allowed: frozenset[str] | None = None, **more: object
) -> list[str]:
    routes = Routes(parse_upstreams([{"id": "a", "base_url": "https://a.example", "models": models, **more}]))
    entry = {"input_usd_per_1m": "1", "output_usd_per_1m": "1"}
    prices = Prices({name: Price.from_config(name, entry) for name in priced})
    return [price.model for price in served_models(routes, prices, allowed)]


def test_a_model_without_a_price_is_not_listed() -> None:
    assert served({"m": "m", "n": "n"}, ["m", "other"]) == ["m"]


def test_a_priced_pattern_is_listed_as_it_is_with_the_models_that_have_their_own_price() -> None:
    assert served({"p/*": "*"}, ["p/*", "p/one", "q"]) == ["p/*", "p/one"]


def test_a_pattern_without_a_price_lists_what_has_one() -> None:
    assert served({"p/*": "*"}, ["p/one", "q"]) == ["p/one"]
    assert served({"p/*": "*"}, ["one", "q"], priced_as={"p/*": "*"}) == ["p/one", "p/q"]


def test_a_pattern_within_a_priced_one_is_listed() -> None:
    assert served({"p/big-*": "*"}, ["p/*"]) == ["p/big-*"]


def test_only_what_is_allowed_is_listed() -> None:
    assert served({"p/*": "*", "m": "m"}, ["p/one", "p/two", "m"], frozenset({"p/two", "m"})) == ["m", "p/two"]
