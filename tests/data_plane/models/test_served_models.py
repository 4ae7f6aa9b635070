"""The models that are listed are routed and priced; patterns are listed as they are, with what has its own price."""

from functions.farebox.data_plane.models.served_models import served_model, served_models
from functions.farebox.gateway.upstream import Routes, parse_upstreams
from functions.farebox.kit.wildcards import Names
from functions.farebox.pricing.price import Price
from functions.farebox.pricing.prices import Prices


def prices_of(names: list[str]) -> Prices:
    entry = {"input_usd_per_1m": "1", "output_usd_per_1m": "1"}
    return Prices({name: Price.from_config(name, entry) for name in names})


def served(
    models: dict[str, str], priced: list[str], allowed: frozenset[str] | None = None, **more: object
) -> list[str]:
    routes = Routes(parse_upstreams([{"id": "a", "base_url": "https://a.example", "models": models, **more}]))
    return [price.model for price in served_models(routes, prices_of(priced), allowed)]


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


def test_a_list_may_hold_patterns() -> None:
    models, priced = {"p/*": "*", "m": "m"}, ["p/*", "p/one", "m"]
    for allowed, listed in ((["p/*"], ["p/*", "p/one"]), (["p/o*"], ["p/one"]), (["*"], ["m", "p/*", "p/one"])):
        routes = Routes(parse_upstreams([{"id": "a", "base_url": "https://a.example", "models": models}]))
        assert [price.model for price in served_models(routes, prices_of(priced), Names(allowed))] == listed


def test_a_model_under_a_pattern_is_found_by_its_name() -> None:
    entry = {"id": "a", "base_url": "https://a.example", "models": {"p/*": "*", "q/*": "*", "m": "m"}}
    routes, prices = Routes(parse_upstreams([entry])), prices_of(["p/*", "m"])
    for name in ("p/any", "p/*", "m"):
        found = served_model(routes, prices, None, name)
        assert found is not None
        assert found.model == name
        assert served_model(routes, prices, Names(["p/*"]), name) == (None if name == "m" else found)
    for name in ("q/any", "other", "p/any:online", "p/"):
        assert served_model(routes, prices, None, name) is None
