import csv
import io
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.farebox.errors import InvalidRequest
from functions.farebox.jobs.roll_up_days import roll_up_days
from functions.farebox.storage import Increment, Query, Store, Update
from functions.farebox.usage.aggregates import (
    LATENCY_BOUNDS_MS,
    UsageAggregates,
    latency_bucket,
    parse_upstream_counter,
    upstream_counter,
)
from functions.farebox.usage.record import UsageRecord
from functions.farebox.usage.stats import Dimension, Figures, Stats, StatsFilter, system_stats, user_stats
from tests.support.clients.asgi import refused
from tests.support.clients.management import AS_ADMIN, done, register
from tests.support.product.runtime import START, Clock

COUNTS = {
    "requests": 3,
    "errors": 1,
    "prompt_tokens": 30,
    "completion_tokens": 12,
    "cost": 500,
    "charged": 400,
    "shortfall": 100,
    "list_cost": 300,
    "lost": 1,
    "latency_ms_sum": 900,
    "latency_ms_250": 2,
    "latency_ms_2000": 1,
    upstream_counter("requests", "open-ai.eu"): 3,
    upstream_counter("cost", "open-ai.eu"): 300,
    upstream_counter("shortfall", "open-ai.eu"): 100,
}


def rows(uid: str, *days: tuple[str, str, str]) -> list[Increment]:
    return [
        write
        for day, model, key in days
        for write in UsageAggregates({(day, day, model): Counter(COUNTS)}).increments(uid, key)
    ]


async def test_a_users_stats_are_theirs_by_day_model_and_key(store: Store) -> None:
    mine = (("2026-11-21", "m/1", "k1"), ("2026-11-21", "m2", "k2"), ("2026-11-15", "m2", "k1"))
    await store.write(*rows("u", *mine, ("2026-11-14", "m2", "k1")), *rows("other", ("2026-11-21", "m2", "k3")))
    stats = await user_stats(store, "u", 7, START)
    assert (stats.first, stats.last) == (date(2026, 11, 15), date(2026, 11, 21))
    assert (stats.total()["requests"], stats.total()["charged"]) == (9, 1200)
    by_day = [(day, figures["requests"]) for day, figures in stats.by_day()]
    assert (by_day[0], by_day[1], by_day[-1]) == (("2026-11-15", 3), ("2026-11-16", 0), ("2026-11-21", 6))
    assert len(by_day) == 7
    assert [(name, figures["requests"]) for name, figures in stats.by("model")] == [("m/1", 3), ("m2", 6)]
    assert [(name, figures["requests"]) for name, figures in stats.by("key")] == [("k1", 6), ("k2", 3)]


async def test_the_systems_stats_know_margins_losses_and_upstreams(store: Store) -> None:
    await store.write(*rows("u", ("2026-11-21", "m1", "k1")), *rows("other", ("2026-11-20", "m2", "k3")))
    stats = await system_stats(store, 30, START)
    total = stats.total()
    assert (total["charged"], total["list_cost"], total.margin) == (800, 600, 200)
    assert (total["shortfall"], total["lost"], round(total.error_rate, 3)) == (200, 2, 0.333)
    [(upstream, figures)] = stats.by("upstream")
    assert (upstream, figures["requests"], figures["list_cost"]) == ("open-ai.eu", 6, 600)
    assert figures["shortfall"] == 200


@given(st.lists(st.integers(0, 70_000), min_size=1, max_size=60), st.sampled_from([50, 95, 99]), st.booleans())
def test_a_percentile_lies_in_the_bucket_of_the_true_one(latencies: list[int], percent: int, is_summed: bool) -> None:
    counts = Counter(latency_bucket(latency) for latency in latencies)
    figures = Figures(counts + Counter(latency_ms_sum=sum(latencies) if is_summed else 0))
    true = sorted(latencies)[-(-len(latencies) * percent // 100) - 1]
    told = figures.latency_ms(percent)
    assert told is not None
    assert latency_bucket(told) == latency_bucket(true) or told == LATENCY_BOUNDS_MS[-1] < true


@pytest.mark.parametrize(
    ("latencies", "median"),
    [([180], 180), ([300, 400], 350), ([110, 110, 110], 115), ([90_000], 64_000), ([*[0] * 40, 5], 0)],
)
def test_a_few_requests_are_not_said_to_have_taken_longer_than_they_did(latencies: list[int], median: int) -> None:
    counts = Counter(latency_bucket(latency) for latency in latencies)
    assert Figures(counts + Counter(latency_ms_sum=sum(latencies))).latency_ms(50) == median


def test_there_is_no_percentile_of_nothing() -> None:
    assert Figures(Counter()).latency_ms(95) is None
    assert Figures(Counter()).error_rate == 0


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=64))
def test_an_upstream_is_known_again_by_its_counter(upstream: str) -> None:
    name = upstream_counter("errors", upstream)
    assert name.replace("_", "").isalnum()
    assert parse_upstream_counter(name) == ("errors", upstream)
    assert parse_upstream_counter("requests") is None


async def test_paid_requests_are_in_the_stats_of_their_user_and_of_the_system(client: httpx.AsyncClient) -> None:
    uid, token = await register(client)
    mine = {"authorization": f"Bearer {token}"}
    key = await done(client.post("/api/keys", json={"name": "x"}, headers=mine))
    body = {"model": "echo", "messages": [{"role": "user", "content": "Hello"}]}
    headers = {"authorization": f"Bearer {key['key']}"}
    costs = [(await client.post("/v1/chat/completions", json=body, headers=headers)).headers for _ in range(2)]
    stats = await done(client.get("/api/usage/stats", params={"days": 7}, headers=mine))
    assert stats["totals"]["requests"] == 2
    [by_key] = stats["by_key"]
    assert (by_key["name"], by_key["requests"]) == (key["id"], 2)
    assert float(by_key["cost_usd"]) == pytest.approx(sum(float(each["x-farebox-cost-usd"]) for each in costs))
    assert by_key["latency_p50_ms"] is not None
    for query in ({}, {"tenant_id": "acme"}):
        system = await done(client.get("/api/admin/stats", params=query, headers=AS_ADMIN))
        assert system["totals"]["requests"] == (0 if query else 2)
    await done(client.patch(f"/api/admin/users/{uid}", json={"tenant_id": "acme"}, headers=AS_ADMIN))
    system = await done(client.get("/api/admin/stats", params={"tenant_id": "acme"}, headers=AS_ADMIN))
    assert (system["totals"]["requests"], system["totals"]["margin_usd"]) == (2, "0.00")
    assert [(each["name"], each["requests"]) for each in system["by_upstream"]] == [("echo", 2)]
    answer = await client.get("/api/admin/stats", params={"days": 7, "format": "csv"}, headers=AS_ADMIN)
    table = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["group"] for row in table] == ["total", *["day"] * 7, "model", "upstream"]
    assert (table[0]["requests"], table[-1]["name"]) == ("2", "echo")
    for days in (0, 8, "x"):
        refused(await client.get("/api/usage/stats", params={"days": days}, headers=mine), 400, "unknown_value", "days")


async def test_stats_read_aggregates_and_no_requests(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    query = sqlite_store.engine.query

    async def watched(wanted: Any) -> Any:
        asked.append(wanted.collection)
        return await query(wanted)

    monkeypatch.setattr(sqlite_store.engine, "query", watched)
    await user_stats(sqlite_store, "u", 365, START)
    assert set(asked) == {"usage_days"}
    asked.clear()
    await system_stats(sqlite_store, 365, START)
    assert set(asked) == {"system_days", "usage_days"}


async def test_what_the_systems_stats_read_of_days_that_are_over_does_not_grow_with_the_users(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(40):
        await sqlite_store.write(*rows(f"u{number}", ("2026-11-19", "m", "k")))
    await roll_up_days(sqlite_store, START)
    found: list[str] = []
    query = sqlite_store.engine.query

    async def watched(wanted: Any) -> Any:
        page = await query(wanted)
        found.extend(document.path for document in page)
        return page

    monkeypatch.setattr(sqlite_store.engine, "query", watched)
    assert (await system_stats(sqlite_store, 7, START)).total()["requests"] == 40 * COUNTS["requests"]
    assert found == ["system_days/2026-11-19_m"]


@pytest.mark.parametrize(
    ("wanted", "requests"),
    [
        (StatsFilter(), 9),
        (StatsFilter(model="m2"), 6),
        (StatsFilter(key="k1"), 6),
        (StatsFilter("m2", "k1"), 3),
        (StatsFilter(first=date(2026, 11, 14), last=date(2026, 11, 15)), 3),
        (StatsFilter("m2", last=date(2026, 11, 15)), 3),
        (StatsFilter(member="somebody"), 0),
    ],
)
async def test_stats_are_of_what_was_asked_for(store: Store, wanted: StatsFilter, requests: int) -> None:
    mine = (("2026-11-21", "m/1", "k1"), ("2026-11-15", "m2", "k2"), ("2026-11-16", "m2", "k1"))
    await store.write(*rows("u", *mine))
    stats = await user_stats(store, "u", 7, START, wanted=wanted)
    assert stats.total()["requests"] == sum(figures["requests"] for _, figures in stats.by_day()) == requests


@pytest.mark.parametrize(
    ("split", "parts"),
    [
        (None, []),
        ("model", [("2026-11-15", "m2", 6), ("2026-11-21", "m2", 3), ("2026-11-21", "m1", 3)]),
        ("key", [("2026-11-15", "k1", 3), ("2026-11-15", "k2", 3), ("2026-11-21", "k1", 6)]),
        ("member", []),
    ],
)
async def test_days_are_split_by_what_was_asked_for(
    store: Store, split: Dimension | None, parts: list[tuple[str, str, int]]
) -> None:
    today, before = "2026-11-21", "2026-11-15"
    for mine in ((today, "m1", "k1"), (today, "m2", "k1"), (before, "m2", "k1"), (before, "m2", "k2")):
        await store.write(*rows("u", mine))
    stats = await user_stats(store, "u", 7, START, split=split)
    told = [(day, name, figures["requests"]) for day, name, figures in stats.by_day_and_part()]
    assert sorted(told) == sorted(parts)


@pytest.mark.parametrize(
    "wanted",
    [
        StatsFilter(first=date(2026, 11, 15), last=date(2026, 11, 14)),
        StatsFilter(first=date(2026, 12, 1)),
        StatsFilter(first=date(2025, 11, 20), last=date(2026, 11, 21)),
    ],
)
async def test_days_out_of_order_or_without_bound_are_refused(sqlite_store: Store, wanted: StatsFilter) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await user_stats(sqlite_store, "u", 7, START, wanted=wanted)
    assert caught.value.param == "first"


def test_a_day_without_requests_is_there() -> None:
    stats = Stats(date(2026, 2, 27), date(2026, 3, 1))
    assert [day for day, _ in stats.by_day()] == ["2026-02-27", "2026-02-28", "2026-03-01"]


async def test_a_margin_may_be_negative(store: Store) -> None:
    await store.write(*rows("u", ("2026-11-21", "m", "k")))
    [document] = await store.query(Query("usage_days", limit=2))
    await store.write(Update(document.path, {"charged": 100}))
    assert (await system_stats(store, 7, START)).total().margin == -200


# Each side of the turns of the clock and of midnight in zones of whole, half and quarter hours, ahead and behind.
@pytest.mark.parametrize(
    ("zone", "moment", "day"),
    [
        ("Asia/Kolkata", "2026-11-20T18:29:59+00:00", "2026-11-20"),
        ("Asia/Kolkata", "2026-11-20T18:30:00+00:00", "2026-11-21"),
        ("Asia/Kathmandu", "2026-11-20T18:15:00+00:00", "2026-11-21"),
        ("America/New_York", "2026-11-01T03:59:59+00:00", "2026-10-31"),
        ("America/New_York", "2026-11-01T04:00:00+00:00", "2026-11-01"),
        ("America/New_York", "2026-11-02T04:59:59+00:00", "2026-11-01"),
        ("America/New_York", "2026-11-02T05:00:00+00:00", "2026-11-02"),
        ("Europe/Berlin", "2026-03-28T23:00:00+00:00", "2026-03-29"),
        ("Europe/Berlin", "2026-03-29T21:59:59+00:00", "2026-03-29"),
        ("Europe/Berlin", "2026-03-29T22:00:00+00:00", "2026-03-30"),
        ("Pacific/Kiritimati", "2026-11-20T10:00:00+00:00", "2026-11-21"),
        ("UTC", "2026-11-20T23:59:59+00:00", "2026-11-20"),
    ],
)
async def test_a_request_counts_in_the_day_that_it_was_where_its_account_is(
    sqlite_store: Store, zone: str, moment: str, day: str
) -> None:
    made = datetime.fromisoformat(moment)
    record = UsageRecord("u", "k", "m", made)
    record.set_time_zone(zone)
    assert UsageRecord.from_data(record.to_data()).counted_as == (made.date().isoformat(), day, "m")
    totals = UsageAggregates()
    totals.add(record.counted_as, {"requests": 1})
    assert UsageAggregates.from_data(totals.to_data()).to_data() == totals.to_data()
    await sqlite_store.write(*totals.increments("u", "k"))
    for now in (made, made + timedelta(days=5)):
        for asked, expected in ((zone, day), ("UTC", made.date().isoformat())):
            stats = await user_stats(sqlite_store, "u", 7, now, time_zone=asked)
            assert [name for name, figures in stats.by_day() if figures["requests"]] == [expected]
            assert stats.total()["requests"] == 1


async def test_the_two_sides_of_a_midnight_are_two_days_and_one_of_the_system(sqlite_store: Store) -> None:
    totals = UsageAggregates()
    for hour in (18, 19):
        record = UsageRecord("u", "k", "m", datetime(2026, 11, 20, hour, tzinfo=UTC))
        record.set_time_zone("Asia/Kolkata")
        totals.add(record.counted_as, {"requests": 1, "charged": hour})
    writes = totals.increments("u", "k")
    assert len({write.path for write in writes}) == len(writes) == 2
    await sqlite_store.write(*writes)
    stats = await user_stats(sqlite_store, "u", 7, START, time_zone="Asia/Kolkata")
    by_day = {name: figures["charged"] for name, figures in stats.by_day() if figures["requests"]}
    assert by_day == {"2026-11-20": 18, "2026-11-21": 19}
    system = await system_stats(sqlite_store, 7, START)
    assert [figures["charged"] for name, figures in system.by_day() if name == "2026-11-20"] == [37]


async def test_statistics_are_by_the_accounts_own_day_or_by_utc_where_that_is_asked_for(
    client: httpx.AsyncClient, clock: Clock
) -> None:
    clock.time = datetime(2026, 11, 21, 20, tzinfo=UTC)  # half past one on the 22nd in India
    uid, token = await register(client)
    client.headers["authorization"] = f"Bearer {token}"
    await done(client.patch("/api/auth/me", json={"time_zone": "Asia/Kolkata"}))
    key = (await done(client.post("/api/keys", json={"name": "k"})))["key"]
    body = {"model": "echo", "messages": [{"role": "user", "content": "hi"}]}
    await done(client.post("/v1/chat/completions", json=body, headers={"authorization": f"Bearer {key}"}))
    for path, headers in (("/api/usage/stats", {}), (f"/api/admin/users/{uid}/stats", AS_ADMIN)):
        for query, zone, day in (("", "Asia/Kolkata", "2026-11-22"), ("&tz=UTC", "UTC", "2026-11-21")):
            told = await done(client.get(f"{path}?days=7{query}", headers=headers))
            assert (told["time_zone"], told["last"]) == (zone, day)
            assert [each["name"] for each in told["by_day"] if each["requests"]] == [day]
        refused(await client.get(f"{path}?tz=Europe/Paris", headers=headers), 400, "invalid_value", "tz")
