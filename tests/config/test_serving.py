"""The variables that say how requests are routed and cached."""

import pytest

from functions.farebox.caching.rules import CacheRules
from functions.farebox.errors import BadConfig
from functions.farebox.gateway.strategies import Strategies
from tests.support.runtimes import config_with


def test_without_them_models_are_weighted_and_cached_only_for_whoever_asks() -> None:
    config = config_with({})
    assert (config.routing, config.cache) == (Strategies(), CacheRules())


def test_they_are_read() -> None:
    config = config_with({"FAREBOX_ROUTING": '{"m": "least_busy"}', "FAREBOX_CACHE": '{"charge": "0.5"}'})
    assert config.routing.of("m") == "least_busy"
    assert config.cache.share_bp == 5_000


@pytest.mark.parametrize(
    ("variable", "text"), [("FAREBOX_ROUTING", '{"m": "fastest"}'), ("FAREBOX_CACHE", '{"charge": 0.5}')]
)
def test_a_mistake_is_named_by_its_variable(variable: str, text: str) -> None:
    with pytest.raises(BadConfig, match=f"^{variable}: "):
        config_with({variable: text})
