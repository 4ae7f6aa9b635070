"""The models that are listed are routed and priced; patterns are listed as they are, with what has its own price."""

from collections.abc import Mapping

from functions.farebox.data_plane.models.served_models import served_model, served_models
from functions.farebox.gateway.upstream import Routes, parse_upstreams
from functions.farebox.kit.wildcards import Names
from functions.farebox.pricing.capabilities.capabilities import Capabilities
from functions.farebox.pricing.price import Price
from functions.farebox.pricing.prices import Prices

RATES = {"input_usd_per_1m": "1", "output_usd_per_1m": "1"}


def prices_of(names: list[str]) -> Prices:
    return Prices({name: Price.from_config(name, RATES) for name in names})


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


def capabilities(entry: Mapping[str, object], name: str = "m", **more: object) -> Capabilities:
    upstream = {"id": "a", "base_url": "https://a.example", "models": {name: "m"}, **more}
    prices = Prices({each: Price.from_config(each, {**RATES, **entry}) for each in ("m", "gpt-4o", "gemini-2.5-pro")})
    found = served_model(Routes(parse_upstreams([upstream])), prices, None, name)
    assert found is not None
    return found.capabilities


def test_a_model_that_nobody_knows_is_told_by_its_prices() -> None:
    assert capabilities({}) == Capabilities(("text",), ("text",), None)
    dear = {f"{name}_usd_per_1m": "2" for name in ("image_input", "audio_input", "audio_output", "image_output")}
    assert capabilities(dear) == Capabilities(("text", "image", "audio"), ("text", "image", "audio"), None)


def test_what_is_known_or_said_of_a_model_is_told_but_for_what_would_be_refused() -> None:
    assert capabilities({}, "gpt-4o").input_modalities == ("text", "image", "file")
    assert capabilities({}, "gemini-2.5-pro").input_modalities == ("text", "image", "file")  # sounds have no price
    heard = {"audio_input_usd_per_1m": "2"}
    assert capabilities(heard, "gemini-2.5-pro").input_modalities == ("text", "image", "file", "audio", "video")
    said = {"input_modalities": ["text", "image", "audio"], "output_modalities": ["text", "image"]}
    assert capabilities(said) == Capabilities(("text", "image"), ("text",), None)
    assert capabilities(said, "gpt-4o").input_modalities == ("text", "image")


def test_a_name_that_another_price_counts_for_can_do_what_that_model_can() -> None:
    assert capabilities({}, "smart", priced_as={"smart": "gpt-4o"}).input_modalities == ("text", "image", "file")
