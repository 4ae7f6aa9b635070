"""Failing over, cooling down and giving up."""

import asyncio
import socket
from typing import Any

import pytest

from functions.farebox.errors import UpstreamFailed, UpstreamTimeout, UpstreamUnavailable
from functions.farebox.gateway.call import Call
from functions.farebox.gateway.gateway import Gateway
from functions.farebox.gateway.trail import Attempt
from tests.support.calls import call_of
from tests.support.fixtures.gateways import MakeGateway
from tests.support.processes import free_port
from tests.support.stand_ins.upstream import Pause, Reply, StandIn, completion, drop, raw, status

BODY: dict[str, Any] = {"model": "test-model", "messages": [{"role": "user", "content": "Hi"}]}
PLAIN, STREAM = call_of(BODY), call_of({**BODY, "stream": True})
BOTH = pytest.mark.parametrize("call", [PLAIN, STREAM], ids=["plain", "stream"])


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


async def answering(gateway: Gateway, call: Call = PLAIN) -> str:
    answer = await gateway.open(call)
    await answer.aclose()
    return answer.source.upstream


async def failing(gateway: Gateway, call: Call = PLAIN) -> UpstreamFailed:
    with pytest.raises(UpstreamFailed) as caught:
        await gateway.open(call)
    return caught.value


def outcomes(attempts: tuple[Attempt, ...]) -> list[tuple[str, str, int | None]]:
    return [(one.upstream, one.outcome, one.status) for one in attempts]


FAULTS: dict[str, tuple[Reply, str, int | None]] = {
    "500": (status(500), "failed", 500),
    "503": (status(503), "failed", 503),
    "408": (status(408), "failed", 408),
    "409": (status(409), "failed", 409),
    "429": (status(429), "rate_limited", 429),
    "401": (status(401), "unauthorized", 401),
    "402": (status(402), "unauthorized", 402),
    "403": (status(403), "unauthorized", 403),
    "slow": (completion(delay_s=30), "timeout", None),
    "dropped": (drop(), "connection_lost", None),
}


@BOTH
@pytest.mark.parametrize(("reply", "outcome", "code"), FAULTS.values(), ids=FAULTS.keys())
async def test_a_failed_upstream_gives_way_to_the_next(
    upstream: StandIn,
    spare: StandIn,
    make_gateway: MakeGateway,
    call: Call,
    reply: Reply,
    outcome: str,
    code: int | None,
) -> None:
    upstream.script(reply)
    gateway = make_gateway(upstream.entry("a", timeout_s=0.8, idle_timeout_s=0.8), spare.entry("b", priority=1))
    answer = await gateway.open(call)
    await answer.aclose()
    assert outcomes(answer.source.attempts) == [("a", outcome, code), ("b", "answered", 200)]
    assert answer.source.attempts[1].started_ms >= answer.source.attempts[0].latency_ms


async def test_an_upstream_that_is_not_there_gives_way(spare: StandIn, make_gateway: MakeGateway) -> None:
    gone = spare.entry("a") | {"base_url": f"http://127.0.0.1:{free_port()}"}
    answer = await make_gateway(gone, spare.entry("b", priority=1)).open(PLAIN)
    assert outcomes(answer.source.attempts) == [("a", "unreachable", None), ("b", "answered", 200)]


async def test_an_upstream_that_does_not_accept_connections_gives_way(
    spare: StandIn, make_gateway: MakeGateway
) -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(3)]
        for one in waiting:  # fill the backlog
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        deaf = spare.entry("a", connect_timeout_s=0.1) | {"base_url": f"http://127.0.0.1:{full.getsockname()[1]}"}
        answer = await make_gateway(deaf, spare.entry("b", priority=1)).open(PLAIN)
        for one in waiting:
            one.close()
    assert outcomes(answer.source.attempts) == [("a", "timeout", None), ("b", "answered", 200)]
    assert answer.source.attempts[0].latency_ms < 2000


async def test_attempts_are_bounded_over_all_candidates(upstream: StandIn, make_gateway: MakeGateway) -> None:
    upstream.default = status(500)
    gateway = make_gateway(*[upstream.entry(f"u{n}", priority=n) for n in range(6)])
    error = await failing(gateway)
    assert [one.upstream for one in error.attempts] == ["u0", "u1", "u2"]
    assert len(upstream.requests) == 3


async def test_the_bound_on_attempts_can_be_set(upstream: StandIn, make_gateway: MakeGateway) -> None:
    upstream.default = status(500)
    gateway = make_gateway(upstream.entry("a"), upstream.entry("b"), max_attempts=1)
    assert len((await failing(gateway)).attempts) == 1


@pytest.mark.parametrize(
    ("replies", "kind"),
    [
        ([status(500), status(500)], UpstreamFailed),
        ([drop(), status(429)], UpstreamFailed),
        ([completion(delay_s=9), completion(delay_s=9)], UpstreamTimeout),
        ([completion(delay_s=9), status(500)], UpstreamFailed),
        ([status(429), status(429)], UpstreamUnavailable),
        ([status(401), status(403)], UpstreamFailed),
    ],
)
async def test_the_failure_says_whether_they_failed_were_slow_or_are_at_their_limit(
    upstream: StandIn, make_gateway: MakeGateway, replies: list[Reply], kind: type[UpstreamFailed]
) -> None:
    upstream.script(*replies)
    gateway = make_gateway(upstream.entry("a", timeout_s=1), upstream.entry("b", priority=1, timeout_s=1))
    error = await failing(gateway)
    assert type(error) is kind
    assert [one.upstream for one in error.attempts] == ["a", "b"]


async def test_a_failure_shows_neither_addresses_nor_keys_nor_the_upstreams_words(
    upstream: StandIn, make_gateway: MakeGateway
) -> None:
    upstream.script(drop(), status(401, message="Incorrect API key provided: sk-up"))
    upstream.default = status(500, message="at 10.0.0.7")
    gone = upstream.entry("d", priority=3, api_key="sk-up") | {"base_url": f"http://127.0.0.1:{free_port()}"}
    entries = [upstream.entry(name, priority=n, api_key="sk-up") for n, name in enumerate("abc")]
    error = await failing(make_gateway(*entries, gone, max_attempts=4))
    assert len(error.attempts) == 4
    told = " ".join([error.message, *[str(one.error) for one in error.attempts]])
    for secret in ("sk-up", "127.0.0.1", "10.0.0.7", "Incorrect"):
        assert secret not in told


async def test_a_failed_upstream_is_avoided_until_its_cool_down_is_over(
    upstream: StandIn, spare: StandIn, make_gateway: MakeGateway
) -> None:
    clock = Clock()
    upstream.script(status(500))
    gateway = make_gateway(upstream.entry("a"), spare.entry("b", priority=1), clock=clock)
    assert [await answering(gateway) for _ in range(3)] == ["b", "b", "b"]
    assert len(upstream.requests) == 1
    clock.now_s += 1
    assert [await answering(gateway) for _ in range(2)] == ["a", "a"]


async def test_one_probe_goes_to_an_upstream_that_is_due_and_the_others_pass_by(
    upstream: StandIn, spare: StandIn, make_gateway: MakeGateway
) -> None:
    clock = Clock()
    upstream.script(status(500), completion(delay_s=0.2))
    gateway = make_gateway(upstream.entry("a"), spare.entry("b", priority=1), clock=clock)
    await answering(gateway)
    clock.now_s += 1
    answered = await asyncio.gather(*[answering(gateway) for _ in range(5)])
    assert sorted(answered) == ["a", "b", "b", "b", "b"]


async def test_a_rate_limit_is_respected_as_long_as_it_asks(
    upstream: StandIn, spare: StandIn, make_gateway: MakeGateway
) -> None:
    clock = Clock()
    upstream.script(status(429, retry_after="20"))
    gateway = make_gateway(upstream.entry("a"), spare.entry("b", priority=1), clock=clock)
    assert await answering(gateway) == "b"
    clock.now_s += 19
    assert await answering(gateway) == "b"
    clock.now_s += 1
    assert await answering(gateway) == "a"


async def test_when_all_are_at_their_limit_nobody_is_asked(upstream: StandIn, make_gateway: MakeGateway) -> None:
    clock = Clock()
    upstream.script(status(429, retry_after="20"))
    gateway = make_gateway(upstream.entry("a"), clock=clock)
    assert type(await failing(gateway)) is UpstreamUnavailable
    clock.now_s += 5
    error = await failing(gateway)
    assert type(error) is UpstreamUnavailable
    assert error.attempts == ()
    assert error.retry_after_s == 15
    assert len(upstream.requests) == 1


async def test_the_only_upstream_is_tried_again_after_one_failure(upstream: StandIn, make_gateway: MakeGateway) -> None:
    upstream.script(status(500))
    gateway = make_gateway(upstream.entry("a"), clock=Clock())
    assert type(await failing(gateway)) is UpstreamFailed
    assert await answering(gateway) == "a"


async def test_the_only_upstream_is_left_alone_when_it_keeps_failing_and_probed_back(
    upstream: StandIn, make_gateway: MakeGateway
) -> None:
    clock = Clock()
    upstream.script(*[status(500)] * 3)
    gateway = make_gateway(upstream.entry("a"), clock=clock)
    for _ in range(3):
        assert type(await failing(gateway)) is UpstreamFailed
    assert type(await failing(gateway)) is UpstreamUnavailable
    assert len(upstream.requests) == 3
    clock.now_s += 4
    assert await answering(gateway) == "a"


@BOTH
async def test_a_pooled_connection_that_was_closed_is_not_a_failure(
    upstream: StandIn, make_gateway: MakeGateway, call: Call
) -> None:
    gateway = make_gateway(upstream.entry("a"))
    answer = await gateway.open(PLAIN)
    await asyncio.sleep(0.02)
    upstream.script(drop())
    answer = await gateway.open(call)
    await answer.aclose()
    assert outcomes(answer.source.attempts) == [("a", "connection_lost", None), ("a", "answered", 200)]


async def test_a_fresh_connection_that_is_dropped_is_not_tried_twice(
    upstream: StandIn, make_gateway: MakeGateway
) -> None:
    upstream.script(drop())
    error = await failing(make_gateway(upstream.entry("a")))
    assert outcomes(error.attempts) == [("a", "connection_lost", None)]


async def test_a_plain_answer_may_be_written_as_it_is_generated(upstream: StandIn, make_gateway: MakeGateway) -> None:
    drip: list[Any] = [b" ", Pause(0.05)]
    upstream.script(raw(*drip * 8, *completion().steps, headers={"content-type": "application/json"}))
    assert await answering(make_gateway(upstream.entry(timeout_s=0.2))) == "stand-in"


async def test_a_plain_answer_must_end_in_time(upstream: StandIn, make_gateway: MakeGateway) -> None:
    drip: list[Any] = [b" ", Pause(0.05)]
    upstream.script(raw(*drip * 100, headers={"content-type": "application/json"}))
    error = await failing(make_gateway(upstream.entry(timeout_s=0.1, idle_timeout_s=0.1)))
    assert type(error) is UpstreamTimeout
    await upstream.last.hang_up(within_s=1)
