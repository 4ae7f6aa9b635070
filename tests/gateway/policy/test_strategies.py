"""How the strategies are configured."""

import pytest

from functions.farebox.gateway.policy.strategies import Strategies, parse_strategies


def test_without_configuration_every_model_is_weighted() -> None:
    assert parse_strategies({}).of("m") == "weighted"


def test_a_model_has_its_own_strategy_or_that_of_all_others() -> None:
    strategies = parse_strategies({"*": "least_busy", "m": "least_latency"})
    assert strategies == Strategies("least_busy", {"m": "least_latency"})
    assert (strategies.of("m"), strategies.of("n")) == ("least_latency", "least_busy")


@pytest.mark.parametrize("name", ["fastest", None, 1, ["weighted"]])
def test_an_unknown_strategy_is_refused_by_the_name_of_its_model(name: object) -> None:
    with pytest.raises(ValueError, match=r"^m: write one of weighted, least_latency, least_busy, sticky$"):
        parse_strategies({"m": name})
