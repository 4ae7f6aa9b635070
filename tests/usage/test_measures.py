"""What is told to everybody of how models do."""

from collections import Counter
from datetime import date, timedelta

import httpx

from functions.edge.rest.answers.measures import show_measures
from functions.farebox.storage import Increment, Store
from functions.farebox.usage.aggregates import UsageAggregates, upstream_counter
from functions.farebox.usage.measures import FEWEST, KEPT_FOR, KeptMeasures, read_measures
from tests.support.clients.management import done, register
from tests.support.product.runtime import START

TODAY = START.date()


def asked(model: str, requests: int, *, errors: int = 0, day: date = TODAY, uid: str = "u") -> list[Increment]:
    """The writes of so many requests that took between 250 and 500 ms each."""
    counts = {"requests": requests, "errors": errors, "latency_ms_500": requests}
    counts[upstream_counter("requests", "vendor")] = requests
    name = day.isoformat()
    return UsageAggregates({(name, name, model): Counter(counts)}).increments(uid, "k")


async def test_a_model_is_measured_over_everybodys_requests_in_all_and_by_day(store: Store) -> None:
    yesterday = TODAY - timedelta(days=1)
    await store.write(
        *asked("m", 60, errors=3, uid="u"),
        *asked("m", 40, errors=2, uid="v"),
        *asked("m", 100, day=yesterday),
        *asked("m", 100, errors=100, day=TODAY - timedelta(days=30)),
    )
    measured = await read_measures(store, START)
    m = measured.models["m"]
    assert (m.answered_share, m.latency_p50_ms, m.latency_p95_ms) == (0.975, 375, 488)
    assert (measured.last - measured.first).days + 1 == len(m.by_day) == 7
    assert [m.by_day[day] for day in (measured.first, yesterday, TODAY)] == [None, 1.0, 0.95]


async def test_of_few_requests_nothing_is_told(store: Store) -> None:
    await store.write(*asked("m", FEWEST - 1, errors=1))
    m = (await read_measures(store, START)).models["m"]
    assert (m.answered_share, m.latency_p50_ms, m.latency_p95_ms, set(m.by_day.values())) == (None, None, None, {None})


async def test_measures_are_read_once_in_a_while(sqlite_store: Store) -> None:
    kept = KeptMeasures()
    before = await kept.read(sqlite_store, START)
    await sqlite_store.write(*asked("m", 100))
    assert await kept.read(sqlite_store, START + KEPT_FOR - timedelta(seconds=1)) is before
    assert "m" in (await kept.read(sqlite_store, START + KEPT_FOR)).models


async def test_models_are_ranked_by_what_they_answered_among_those_that_a_person_may_use(store: Store) -> None:
    await store.write(*asked("a", 50), *asked("b", 90, errors=70), *asked("c", FEWEST - 1), *asked("theirs", 900))
    await store.write(*asked("d", 60))
    shown = show_measures(await read_measures(store, START), {"a", "b", "c", "d"})
    assert {each.model: each.rank for each in shown.data} == {"a": 2, "b": 3, "c": None, "d": 1}


async def test_a_person_is_told_of_the_models_that_they_may_use_and_of_nobody_who_answers(
    client: httpx.AsyncClient, sqlite_store: Store
) -> None:
    _, token = await register(client)
    client.headers["authorization"] = f"Bearer {token}"
    key = (await done(client.post("/api/keys", json={"name": "k"})))["key"]
    await done(client.get("/v1/models", headers={"authorization": f"Bearer {key}"}))  # seeds the store
    await sqlite_store.write(*asked("echo", 50), *asked("somebody-elses", 50))
    told = await done(client.get("/api/models/measures"))
    assert [model["model"] for model in told["data"]] == ["echo"]
    assert told["data"][0]["by_day"][-1] == {"day": TODAY.isoformat(), "answered_share": 1.0}
    assert "vendor" not in str(told)
    assert "requests" not in str(told)
