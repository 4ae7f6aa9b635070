"""Names with a `*` route what nobody names, and carry what it stands for to the upstream."""

import random
from typing import Any

import pytest

from functions.farebox.gateway.health import Health
from functions.farebox.gateway.load import Load
from functions.farebox.gateway.routing import Router
from functions.farebox.gateway.upstream import Routes, parse_upstreams

ENTRIES: list[dict[str, Any]] = [
    {"id": "a", "base_url": "https://a.example", "models": {"router/*": "*", "router/own": "mine"}},
    {
        "id": "b",
        "base_url": "https://b.example",
        "models": {"router/big-*": "vendor/*-large", "flat/*": "one"},
        "priced_as": {"router/big-*": "*", "flat/*": "flat"},
    },
]
UPSTREAMS = parse_upstreams(ENTRIES)


def test_what_somebody_names_is_listed_and_patterns_are_as_they_are_written() -> None:
    routes = Routes(UPSTREAMS)
    assert dict(routes) == {"router/own": {"router/own"}}
    assert routes.patterns == {"router/*": {"router/*"}, "router/big-*": {"*"}, "flat/*": {"flat"}}


def test_a_model_that_matches_is_priced_by_its_name_or_as_the_pattern_says() -> None:
    routes = Routes(UPSTREAMS)
    assert routes["router/gpt-4o"] == {"router/gpt-4o"}
    assert routes["router/big-gpt"] == {"gpt"}
    assert routes["flat/anything"] == {"flat"}


def test_what_some_upstream_of_a_model_lets_through_is_known() -> None:
    entries = [
        {"id": "a", "base_url": "https://a.example", "models": {"m": "m", "r/*": "*"}, "pass_fields": ["x_a"]},
        {"id": "b", "base_url": "https://b.example", "models": {"m": "m", "r/*": "*"}, "pass_fields": ["x_b"]},
        {"id": "c", "base_url": "https://c.example", "models": {"n": "m"}},
    ]
    routes = Routes(parse_upstreams(entries))
    assert routes.pass_fields("m") == routes.pass_fields("r/any") == {"x_a", "x_b"}
    assert routes.pass_fields("n") == routes.pass_fields("nobody's") == frozenset()
    assert Routes(UPSTREAMS).pass_fields("router/own") == frozenset()


@pytest.mark.parametrize("model", ["other", "router/", "router/*", "router/a b", "router/ü", "router/" + "x" * 200, ""])
def test_what_does_not_match_or_is_no_name_has_no_route(model: str) -> None:
    assert Routes(UPSTREAMS).get(model) is None


def test_a_name_that_steers_has_no_route_where_its_price_is_the_same_whatever_it_is() -> None:
    routes = Routes(UPSTREAMS)
    for name in ("flat/x:online", "flat/x@preset/y", "flat/~x", "flat//x", "flat/x%20"):
        assert routes.get(name) is None
    assert routes["router/x:online"] == {"router/x:online"}, "it may have a price of its own"


def test_what_a_star_stands_for_is_carried_into_the_upstreams_name() -> None:
    router = Router(UPSTREAMS, Health(lambda: 0.0), Load(lambda: 0.0), random.Random(1))
    found = {
        model: [(each.upstream.id, each.model, each.price) for each in router.candidates(model)]
        for model in ("router/own", "router/openai/gpt-4o", "router/big-gpt", "flat/x", "router/*", "other")
    }
    assert found == {
        "router/own": [("a", "mine", "router/own")],
        "router/openai/gpt-4o": [("a", "openai/gpt-4o", "router/openai/gpt-4o")],
        "router/big-gpt": [("b", "vendor/gpt-large", "gpt")],
        "flat/x": [("b", "one", "flat")],
        "router/*": [],
        "other": [],
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("models", {"a*b*": "x"}),
        ("models", {"m": "*"}),
        ("models", {"m/*": "*/*"}),
        ("priced_as", {"router/own": "*"}),
    ],
)
def test_a_star_without_something_to_stand_for_is_refused(field: str, value: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=rf"^upstream a: {field}: "):
        parse_upstreams([{**ENTRIES[0], field: value}])


def test_a_model_is_known_by_what_its_upstreams_call_it() -> None:
    entries = [
        {"id": "a", "base_url": "https://a.test", "models": {"m": "own-m", "router/*": "vendor/*"}},
        {"id": "b", "base_url": "https://b.test", "models": {"m": "other-m"}},
    ]
    routes = Routes(parse_upstreams(entries))
    assert routes.served_as("m") == {"own-m", "other-m"}
    assert routes.served_as("router/x") == {"vendor/x"}
    assert routes.served_as("none") == frozenset()
