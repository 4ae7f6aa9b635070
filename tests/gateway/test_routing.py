"""The order in which upstreams are tried."""

import random
from collections import Counter

from functions.farebox.gateway.health import Health, Target
from functions.farebox.gateway.load import Load
from functions.farebox.gateway.policy.strategies import Strategies, Strategy
from functions.farebox.gateway.routing import Router
from functions.farebox.gateway.upstream import Upstream


def upstream(id: str, priority: int = 0, weight: int = 1, model: str = "m") -> Upstream:
    return Upstream(id, f"https://{id}.example.com", {model: f"{id}-model"}, priority=priority, weight=weight)


def router(
    *upstreams: Upstream,
    health: Health | None = None,
    load: Load | None = None,
    strategy: Strategy = "weighted",
    seed: int = 1,
) -> Router:
    return Router(
        upstreams,
        health or Health(lambda: 0.0),
        load or Load(lambda: 0.0),
        random.Random(seed),
        Strategies(strategy),
    )


def ids(router: Router, model: str = "m") -> list[str]:
    return [candidate.upstream.id for candidate in router.candidates(model)]


def test_a_model_goes_only_to_upstreams_that_have_it() -> None:
    routes = router(upstream("a"), upstream("b", model="n"))
    assert ids(routes, "m") == ["a"]
    assert ids(routes, "n") == ["b"]
    assert ids(routes, "o") == []
    assert ids(routes, "*") == []
    assert routes.routes.keys() == {"m", "n"}


def test_each_candidate_bears_its_own_name_for_the_model() -> None:
    routes = router(upstream("a"), upstream("b", priority=1))
    assert [candidate.model for candidate in routes.candidates("m")] == ["a-model", "b-model"]


def test_lower_priority_comes_first_whatever_the_weights() -> None:
    routes = router(upstream("c", 2, 1000), upstream("a", 0), upstream("b", 1, 500))
    assert all(ids(routes) == ["a", "b", "c"] for _ in range(50))


def test_equals_share_by_weight() -> None:
    routes = router(upstream("a", weight=1), upstream("b", weight=3))
    first = Counter(ids(routes)[0] for _ in range(4000))
    assert 2850 < first["b"] < 3150  # 3000 expected, more than five standard deviations either way


def test_the_same_seed_gives_the_same_order() -> None:
    upstreams = [upstream(name) for name in "abcdef"]
    assert ids(router(*upstreams, seed=7)) == ids(router(*upstreams, seed=7))


def test_those_that_cool_down_come_last_the_soonest_first() -> None:
    now_s = [0.0]
    health = Health(lambda: now_s[0])
    routes = router(upstream("a"), upstream("b", 1), upstream("c", 2), health=health)
    health.failed(Target("b"), caller=None, started_s=0, retry_after_s=5)
    health.failed(Target("a"), caller=None, started_s=0, retry_after_s=10)
    assert ids(routes) == ["c", "b", "a"]
    now_s[0] = 10.0
    assert ids(routes) == ["a", "b", "c"]


def test_the_quickest_equal_comes_first_under_least_latency() -> None:
    load = Load(lambda: 0.0)
    routes = router(upstream("a", weight=9), upstream("b"), upstream("c", 1), load=load, strategy="least_latency")
    for name, latency_s in (("a", 0.5), ("b", 0.2), ("c", 0.1)):
        load.answered(name, f"{name}-model", stream=False, latency_s=latency_s)
    assert all(ids(routes) == ["b", "a", "c"] for _ in range(20))


def test_whoever_is_unknown_is_tried_first_under_least_latency_by_one_call() -> None:
    load = Load(lambda: 0.0)
    routes = router(upstream("a"), upstream("b"), load=load, strategy="least_latency")
    load.answered("a", "a-model", stream=False, latency_s=0.1)
    assert ids(routes) == ["b", "a"]
    load.begin("b")
    assert ids(routes) == ["a", "b"]


def test_the_least_busy_equal_for_its_weight_comes_first_under_least_busy() -> None:
    load = Load(lambda: 0.0)
    routes = router(upstream("a", weight=4), upstream("b"), upstream("c", 1), load=load, strategy="least_busy")
    for name in "aaabb":
        load.begin(name)
    assert all(ids(routes) == ["a", "b", "c"] for _ in range(20))
    load.end("b")
    load.end("b")
    assert ids(routes) == ["b", "a", "c"]
