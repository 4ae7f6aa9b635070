"""Instances that tell each other of their upstreams' health, and the job that looks after all of them."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest

from functions.farebox.gateway.echo.transport import EchoTransport
from functions.farebox.gateway.gateway import Gateway
from functions.farebox.gateway.health import FAILURES_TO_SHUT, Target
from functions.farebox.gateway.http.pool import HttpTransport
from functions.farebox.gateway.probe import Probe, probe
from functions.farebox.gateway.upstream import Upstream, parse_upstream
from functions.farebox.storage import Data, Store
from functions.farebox.upstreams.checks import IllModel, check_upstreams
from functions.farebox.upstreams.health_board import HealthBoard
from functions.farebox.upstreams.health_paths import health_path
from tests.support.processes import free_port
from tests.support.product.runtime import Clock
from tests.support.stand_ins.upstream import Pause, Reply, StandIn, completion, drop, json_reply, status

START = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def board(store: Store, name: str, clock: Clock) -> HealthBoard:
    return HealthBoard(store, instance=name, now=clock, clock=lambda: clock().timestamp())


def shut_out(told: HealthBoard, clock: Clock, upstream_id: str = "a") -> None:
    for _ in range(FAILURES_TO_SHUT):
        told.health.failed(Target(upstream_id, "m"), caller=None, started_s=clock.time.timestamp())


async def known(store: Store, upstream_id: str) -> Data:
    document = await store.get(health_path(Target(upstream_id)))
    assert document is not None
    return document.data


async def test_an_upstream_that_one_instance_shut_is_spared_by_the_others_and_probed_when_it_is_well(
    store: Store,
) -> None:
    clock = Clock()
    first, second = board(store, "first", clock), board(store, "second", clock)
    shut_out(first, clock)
    await first.close()
    assert second.health.claim("a", "m", "u1")
    await second.refresh()
    assert not second.health.claim("a", "m", "u1")
    assert second.health.claim("b", "m", "u1")
    clock.forward(seconds=1)
    first.health.succeeded("a", "m", "u1")
    await first.close()
    await second.refresh()
    assert second.health.claim("a", "m", "u1")
    assert not second.health.claim("a", "m", "u1")  # the one probe is out


async def test_news_count_once_so_that_an_instance_trusts_what_it_finds_out_later(sqlite_store: Store) -> None:
    clock = Clock()
    first, second = board(sqlite_store, "first", clock), board(sqlite_store, "second", clock)
    first.health.failed(Target("a", "m"), caller="u1", started_s=clock.time.timestamp(), retry_after_s=600)
    await first.close()
    await second.refresh()
    second.health.mark_up(Target("a", "m"))
    await second.refresh()
    assert second.health.claim("a", "m", "u1")


async def test_old_news_are_no_news(sqlite_store: Store) -> None:
    clock = Clock()
    shut_out(first := board(sqlite_store, "first", clock), clock)
    await first.close()
    clock.forward(minutes=2)
    late = board(sqlite_store, "late", clock)
    await late.refresh()
    assert late.health.claim("a", "m", "u1")


async def test_an_instance_whose_news_cannot_be_told_works_on(
    sqlite_store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    alone = board(sqlite_store, "alone", clock)
    await sqlite_store.close()
    shut_out(alone, clock)
    await alone.close()
    assert "could not be told" in caplog.text
    assert not alone.health.claim("a", "m", "u1")


async def test_a_check_writes_down_who_is_up_who_is_down_and_how_long_each_took(store: Store) -> None:
    clock = Clock()
    async with StandIn() as well, StandIn() as ill:
        ill.on_check = status(503)
        upstreams = [parse_upstream(well.entry("well")), parse_upstream(ill.entry("ill", api_key="sk-up"))]
        upstreams.append(parse_upstream({"id": "echo", "base_url": "echo:", "models": {"echo": "echo"}}))
        found = await check_upstreams(store, upstreams, probe, clock)
        again = await check_upstreams(store, upstreams, probe, clock)
    assert [(one.id, one.state, one.error) for one in found] == [("well", "up", None), ("ill", "down", "status 503")]
    assert [one.state for one in again] == ["up", "down"]
    assert all(one.latency_ms is not None for one in found)
    assert well.checks[-1].path == "/v1/models"
    assert ill.checks[-1].headers["authorization"] == "Bearer sk-up"
    assert (await known(store, "well"))["checked_at"] == clock.time
    ill_data = await known(store, "ill")
    assert ill_data["until_at"] == clock.time + timedelta(minutes=1)
    listener = board(store, "listener", clock)
    await listener.refresh()
    assert listener.health.claim("well", "m", "u1")
    assert not listener.health.claim("ill", "m", "u1")


async def test_checks_at_once_agree(store: Store) -> None:
    clock = Clock()
    upstream = Upstream("a", "https://a.example.com/v1", {"m": "m"})

    async def ill(_upstream: Upstream) -> Probe:
        return Probe(3, "status 500")

    await asyncio.gather(*(check_upstreams(store, [upstream], ill, clock) for _ in range(5)))
    data = await known(store, "a")
    assert (data["state"], data["until_at"]) == ("down", clock.time + timedelta(minutes=1))


async def test_a_check_that_finds_a_shut_upstream_well_again_says_so(sqlite_store: Store) -> None:
    clock = Clock()
    upstream = Upstream("a", "https://a.example.com/v1", {"m": "m"})
    answers = [Probe(None, "no connection"), Probe(5, None)]

    async def look(_upstream: Upstream) -> Probe:
        return answers.pop(0)

    await check_upstreams(sqlite_store, [upstream], look, clock)
    listener = board(sqlite_store, "listener", clock)
    await listener.refresh()
    clock.forward(seconds=5)
    found = await check_upstreams(sqlite_store, [upstream], look, clock)
    await listener.refresh()
    assert (found[0].state, found[0].latency_ms) == ("up", 5)
    assert listener.health.claim("a", "m", "u1")


async def test_a_rate_limit_that_still_runs_is_not_lifted_because_the_server_is_reachable(sqlite_store: Store) -> None:
    clock = Clock()
    upstream = Upstream("a", "https://a.example.com/v1", {"m": "m"})

    async def well(_upstream: Upstream) -> Probe:
        return Probe(5, None)

    teller = board(sqlite_store, "teller", clock)
    teller.health.failed(Target("a"), caller=None, started_s=clock.time.timestamp(), retry_after_s=50, why="a limit")
    await teller.close()
    [found] = await check_upstreams(sqlite_store, [upstream], well, clock)
    assert (found.state, found.error, found.why) == ("down", None, "a limit")
    clock.forward(seconds=50)
    assert (await check_upstreams(sqlite_store, [upstream], well, clock))[0].state == "up"


async def test_a_check_says_which_models_are_left_alone_and_forgets_what_is_long_over(sqlite_store: Store) -> None:
    clock = Clock()
    upstream = Upstream("a", "https://a.example.com/v1", {"m": "m"})

    async def well(_upstream: Upstream) -> Probe:
        return Probe(5, None)

    teller, listener = board(sqlite_store, "teller", clock), board(sqlite_store, "listener", clock)
    for caller in ("one", "other"):
        teller.health.failed(
            Target("a", "up-m"), caller=caller, started_s=clock.time.timestamp(), retry_after_s=40, why="status 429"
        )
    await teller.close()
    [found] = await check_upstreams(sqlite_store, [upstream], well, clock)
    assert (found.state, found.models) == ("up", (IllModel("up-m", "status 429"),))
    await listener.refresh()
    assert not listener.health.claim("a", "up-m", "third")
    assert listener.health.claim("a", "other", "third")
    clock.forward(days=2)
    [found] = await check_upstreams(sqlite_store, [upstream], well, clock)
    assert found.models == ()
    assert await sqlite_store.get(health_path(Target("a", "up-m"))) is None


async def test_what_fails_one_caller_alone_is_in_the_log_and_no_other_instances_business(
    sqlite_store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    teller = board(sqlite_store, "teller", clock)
    for _ in range(FAILURES_TO_SHUT):
        teller.health.failed(Target("a", "m"), caller="one", started_s=clock.time.timestamp(), why="status 500")
    await teller.close()
    assert await sqlite_store.get(health_path(Target("a", "m"))) is None
    assert "upstream a, model m is left alone for 4 s, for one caller: status 500" in caplog.text


FAULTS: dict[str, tuple[Reply, str | None]] = {
    "a server's fault": (status(500), "status 500"),
    "a key that is refused": (status(401), "status 401"),
    "a key that may not list models": (status(403), None),
    "no list of models": (status(404), None),
    "a list that is not asked for so": (status(405), None),
    "a rate limit": (status(429), None),
    "silence": (completion(delay_s=30), "no answer in time"),
    "a connection that is dropped": (drop(), "no connection"),
}


@pytest.mark.parametrize(("reply", "error"), FAULTS.values(), ids=FAULTS.keys())
async def test_a_probe_tells_an_upstream_that_works_from_one_that_does_not(
    upstream: StandIn, reply: Reply, error: str | None
) -> None:
    upstream.on_check = reply
    found = await probe(parse_upstream(upstream.entry("a", timeout_s=1.5)))
    assert found.error == error


async def test_what_an_upstream_tells_of_its_contexts_is_heard_by_every_instance(store: Store) -> None:
    clock = Clock()
    listing = {"data": [{"id": "served", "max_model_len": 8192}, {"id": "nobody's", "max_model_len": 1}]}
    async with StandIn() as one:
        one.on_check = json_reply(listing)
        upstream = parse_upstream({**one.entry("a"), "models": {"m": "served"}})
        await check_upstreams(store, [upstream], probe, clock)
        one.on_check = status(404)
        await check_upstreams(store, [upstream], probe, clock)
    listener = board(store, "listener", clock)
    await listener.refresh()
    gateway = Gateway([upstream], http=HttpTransport(), echo=EchoTransport(), contexts=listener.contexts)
    assert (gateway.told_context("m"), gateway.told_context("other")) == (8192, None)
    assert (await known(store, "a"))["contexts"] == [{"model": "served", "tokens": 8192}]


@pytest.mark.parametrize("listing", [b"[]", b"{", b'{"data": 5}', b'{"data": [5, {"id": 5}]}', b"x" * 9_000_000])
async def test_a_list_of_models_that_is_none_is_no_fault(upstream: StandIn, listing: bytes) -> None:
    upstream.on_check = Reply(200, {"content-type": "application/json"}, [listing])
    found = await probe(parse_upstream(upstream.entry("a")))
    assert (found.error, found.contexts or {}) == (None, {})


async def test_a_list_of_models_that_does_not_end_is_no_fault(
    upstream: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("functions.farebox.gateway.probe.MAX_LISTING_S", 0.2)
    upstream.on_check = Reply(200, {"content-type": "application/json"}, [b'{"data": [', Pause(5)])
    found = await probe(parse_upstream(upstream.entry("a")))
    assert (found.error, found.contexts) == (None, None)


async def test_a_probe_of_nobody_fails_soon() -> None:
    began_s = time.monotonic()
    gone = Upstream("a", f"http://127.0.0.1:{free_port()}", {"m": "m"})
    assert (await probe(gone)).error == "no connection"
    assert time.monotonic() - began_s < 2
