"""How the health of upstreams went: each change once, with its reason, whoever found out."""

from functions.farebox.gateway.health import FAILURES_TO_SHUT, Target
from functions.farebox.gateway.probe import Probe
from functions.farebox.gateway.upstream import Upstream, parse_upstream
from functions.farebox.storage import Store
from functions.farebox.upstreams.checks import check_upstreams
from functions.farebox.upstreams.health_board import HealthBoard
from functions.farebox.upstreams.history import health_of, history_of
from tests.support.product.runtime import Clock


async def test_each_change_is_told_once_with_its_reason_whether_calls_or_a_check_found_out(store: Store) -> None:
    clock = Clock()
    upstream = parse_upstream({"id": "a", "base_url": "http://up.test/v1", "models": {"m": "m"}}, "a")

    async def refused(_upstream: Upstream) -> Probe:
        return Probe(None, "our key is refused")

    async def well(_upstream: Upstream) -> Probe:
        return Probe(5, None)

    for probe in (well, refused, refused, well):
        clock.forward(minutes=1)
        await check_upstreams(store, [upstream], probe, clock)
    board = HealthBoard(store, instance="one", now=clock, clock=lambda: clock().timestamp())
    for _ in range(FAILURES_TO_SHUT):
        board.health.failed(Target("a", "m"), caller=None, started_s=clock.time.timestamp(), why="timeout")
    await board.close()

    told = [(each.state, each.why, each.teller) for each in reversed(await history_of(store, "a"))]
    assert told[:2] == [("down", "our key is refused", "check-upstreams"), ("up", None, "check-upstreams")]
    assert [(state, teller) for state, _, teller in told[2:]] == [("down", "one")]
    assert {each.state for each in await health_of(store, "a")} == {"up", "down"}
    assert await history_of(store, "b") == []
