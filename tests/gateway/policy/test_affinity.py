"""Sticky routing: calls that begin alike find the same upstream, and each gets its share."""

import random
from collections import Counter
from typing import Any

import pytest

from functions.farebox.gateway.health import Health, Target
from functions.farebox.gateway.load import Load
from functions.farebox.gateway.policy.affinity import MAX_CHARS, affinity
from functions.farebox.gateway.policy.strategies import Strategies
from functions.farebox.gateway.routing import Router
from functions.farebox.gateway.upstream import Upstream
from functions.farebox.request.chat import check_chat
from functions.farebox.request.checked import Checked

SYSTEM = {"role": "system", "content": "You are terse."}
HELLO = {"role": "user", "content": "Hello"}
LATER = [{"role": "assistant", "content": "Hi."}, {"role": "user", "content": "More"}]


def asked(*messages: dict[str, Any], **fields: Any) -> Checked:
    return check_chat({"model": "m", "messages": list(messages or [HELLO]), **fields})


def router(*weights: int, health: Health | None = None, seed: int = 1) -> Router:
    upstreams = [
        Upstream(f"up-{n}", f"https://up-{n}.example.com", {"m": "m"}, weight=weight)
        for n, weight in enumerate(weights)
    ]
    return Router(
        upstreams,
        health or Health(lambda: 0.0),
        Load(lambda: 0.0),
        random.Random(seed),
        Strategies("sticky"),
    )


def order(routes: Router, request: Checked, caller: str = "u") -> list[str]:
    return [each.upstream.id for each in routes.candidates("m", caller=caller, asked=request)]


def test_a_conversation_keeps_its_upstream_through_its_turns_whoever_routes_it() -> None:
    first, later = asked(SYSTEM, HELLO), asked(SYSTEM, HELLO, *LATER, temperature=0.5)
    orders = {tuple(order(router(1, 1, 1, seed=seed), each)) for seed in range(5) for each in (first, later)}
    assert len(orders) == 1


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        (asked(prompt_cache_key="k"), asked(SYSTEM, prompt_cache_key="k"), True),
        (asked(prompt_cache_key="k"), asked(prompt_cache_key="l"), False),
        (asked(SYSTEM, HELLO), asked(HELLO), False),
        (asked(SYSTEM, HELLO), asked(SYSTEM, {"role": "user", "content": "Bye"}), False),
        (asked(HELLO), asked({"role": "user", "content": [{"type": "text", "text": "Hello"}]}), True),
        (asked({**HELLO, "content": "x" * 9000}), asked({**HELLO, "content": "x" * MAX_CHARS + "y"}), True),
        (asked(SYSTEM), asked({"role": "assistant", "content": "a"}), True),  # no words of a user: its caller's
    ],
)
def test_what_belongs_together(one: Checked, other: Checked, is_same: bool) -> None:
    assert (affinity(one, "u") == affinity(other, "u")) is is_same


def test_a_cache_key_is_its_callers_own_and_a_conversation_is_everybodys() -> None:
    assert affinity(asked(prompt_cache_key="k"), "u") != affinity(asked(prompt_cache_key="k"), "v")
    assert affinity(asked(SYSTEM, HELLO), "u") == affinity(asked(SYSTEM, HELLO), "v")
    assert affinity(asked(SYSTEM), "u") != affinity(asked(SYSTEM), "v")


def test_weights_hold_over_many_conversations() -> None:
    routes = router(1, 3, 6)
    found = Counter(order(routes, asked(prompt_cache_key=f"k{n}"))[0] for n in range(5000))
    for id, share in (("up-0", 0.1), ("up-1", 0.3), ("up-2", 0.6)):
        assert abs(found[id] - 5000 * share) < 5 * (5000 * share * (1 - share)) ** 0.5


def test_while_an_upstream_is_ill_its_conversations_go_to_their_next_and_no_other_moves() -> None:
    now_s = [0.0]
    health = Health(lambda: now_s[0])
    routes = router(1, 1, 1, health=health)
    requests = [asked(prompt_cache_key=f"k{n}") for n in range(300)]
    well = [order(routes, each) for each in requests]
    health.failed(Target("up-0"), caller=None, started_s=0, retry_after_s=10)
    ill = [order(routes, each) for each in requests]
    assert ill == [[*(id for id in each if id != "up-0"), "up-0"] for each in well]
    assert len({each[0] for each in ill if each[-1] == "up-0"}) == 2
    now_s[0] = 11.0
    assert [order(routes, each) for each in requests] == well


def test_one_more_upstream_takes_its_share_and_moves_nobody_between_the_others() -> None:
    few, more = router(1, 1, 1), router(1, 1, 1, 1)
    requests = [asked(prompt_cache_key=f"k{n}") for n in range(1000)]
    moved = [(order(few, each)[0], order(more, each)[0]) for each in requests]
    assert all(after in (before, "up-3") for before, after in moved)
    assert 180 < sum(after == "up-3" for _, after in moved) < 320


def test_no_request_is_looked_into_where_nobody_is_anybodys_equal(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> bytes:
        raise AssertionError("looked into")

    monkeypatch.setattr("functions.farebox.gateway.routing.affinity", fail)
    upstreams = [Upstream(f"up-{n}", f"https://up-{n}.example.com", {"m": "m"}, priority=n) for n in range(3)]
    routes = Router(upstreams, Health(lambda: 0.0), Load(lambda: 0.0), random.Random(1), Strategies("sticky"))
    assert order(routes, asked()) == ["up-0", "up-1", "up-2"]
    assert len(order(router(1), asked())) == 1
    with pytest.raises(AssertionError, match="looked into"):
        order(router(1, 1), asked())
