"""The usage record in memory and in storage: they agree, in every state and whatever an older record lacks."""

from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from functions.farebox.storage import Data
from functions.farebox.usage.aggregates import upstream_counter
from functions.farebox.usage.record import LOST, Outcome, TokenCounts, UsageRecord, UsageStatus, record_path, status_of

MOMENT = datetime(2026, 11, 21, 23, 59, 59, tzinfo=UTC)
BILL: Data = {"model": "m", "price_version": "v2", "multiplier_bp": 10_000, "lines": []}
ATTEMPT: Data = {"upstream": "up-1", "model": "m", "outcome": "answered", "status": 200}
FAILED_ATTEMPT: Data = {"upstream": "up-2", "model": "m", "outcome": "timeout", "status": None, "lost": 70}
ALWAYS_STORED = {"user", "key", "model", "created_at", "status"}

amounts = st.integers(0, 2**62)
texts = st.text(max_size=8)
perhaps = st.none() | texts


@st.composite
def outcomes(draw: st.DrawFn) -> Outcome:
    cost, charged = sorted(draw(st.tuples(amounts, amounts)), reverse=True)
    attempts = draw(st.none() | st.lists(st.sampled_from([ATTEMPT, FAILED_ATTEMPT]), max_size=2))
    lost = sum(attempt.get("lost", 0) for attempt in attempts or ())
    return Outcome(
        status=draw(st.sampled_from(["ok", "error", "aborted"])),
        upstream=draw(perhaps),
        tokens=draw(st.none() | st.builds(TokenCounts, amounts, amounts, amounts, amounts)),
        cost=cost,
        list_cost=draw(st.none() | amounts),
        charged=charged,
        shortfall=cost - charged,
        lost=lost + draw(st.just(0) | amounts),
        lost_why=draw(perhaps),
        extended=draw(st.none() | amounts),
        usage_source=draw(perhaps),
        price_version=draw(perhaps),
        bill=None if attempts is None else draw(st.none() | st.just(BILL)),
        attempts=attempts,
        latency_ms=draw(st.none() | amounts),
        first_token_ms=draw(st.none() | amounts),
        error=draw(perhaps),
    )


pending_records = st.builds(
    UsageRecord,
    user=texts,
    key=texts,
    model=texts,
    created_at=st.datetimes(timezones=st.just(UTC)),
    request_id=texts,
    lease=perhaps,
    period=texts,
    path=perhaps,
    stream=st.booleans(),
    price_version=perhaps,
    held=amounts,
)

Step = Callable[[UsageRecord, Outcome], Data]


def complete(record: UsageRecord, outcome: Outcome) -> Data:
    return record.complete(outcome)


def decide(record: UsageRecord, _outcome: Outcome) -> Data:
    return record.decide()


def charge_late(record: UsageRecord, outcome: Outcome) -> Data:
    came_to = record.outcome if record.is_complete else outcome
    return record.charge_late(came_to, came_to.cost // 2)


PATHS: list[list[Step]] = [
    [],
    [complete],
    [complete, decide],
    [complete, charge_late],
    [decide],
    [decide, charge_late],
    [charge_late],
]
paths = pytest.mark.parametrize("path", PATHS, ids=lambda path: "_".join(step.__name__ for step in path) or "pending")


@paths
@given(record=pending_records, outcome=outcomes())
def test_a_record_is_read_as_it_was_written_in_every_state(
    path: list[Step], record: UsageRecord, outcome: Outcome
) -> None:
    record, stored = replace(record), record.to_data()
    for step in path:
        stored |= step(record, outcome)
    assert stored == record.to_data(), "its steps write what writing it whole would"
    assert UsageRecord.from_data(stored) == record
    assert UsageRecord.from_data(stored).to_data() == stored


@paths
@given(record=pending_records, outcome=outcomes(), data=st.data())
def test_a_step_of_an_older_record_adds_no_field_of_its_own_accord(
    path: list[Step], record: UsageRecord, outcome: Outcome, data: st.DataObject
) -> None:
    record = replace(record)
    *before, last = path or [decide]
    for step in before:
        step(record, outcome)
    whole = record.to_data()
    lacking = data.draw(st.sets(st.sampled_from(sorted(whole.keys() - ALWAYS_STORED - {"accounted", "late"}))))
    old = {name: value for name, value in whole.items() if name not in lacking}
    read = UsageRecord.from_data(old)
    stored = {**old, **last(read, outcome)}
    assert UsageRecord.from_data(stored) == read
    changed = {name for name in stored if name not in old or stored[name] != old[name]}
    if read.late and whole["status"] in ("ok", "error", "aborted"):
        assert changed <= {"charged", "shortfall", "accounted", "late", "was_lost"}
    elif last is decide:
        assert changed <= {"status", "cost", "charged", "accounted", "lost"}


def pending() -> UsageRecord:
    return UsageRecord(
        user="ada",
        key="key-1",
        model="m",
        created_at=MOMENT,
        request_id="req-1",
        lease="lease-1",
        period="2026-11",
        path="/chat/completions",
        stream=True,
        price_version="v1",
        held=500,
    )


def answered(**changes: Any) -> Outcome:
    return Outcome(
        **{
            "status": "ok",
            "upstream": "up-1",
            "tokens": TokenCounts(prompt=7, cached=3, completion=5, reasoning=2),
            "cost": 120,
            "list_cost": 100,
            "charged": 110,
            "shortfall": 10,
            "usage_source": "provider",
            "price_version": "v2",
            "bill": BILL,
            "attempts": [ATTEMPT],
            "latency_ms": 180,
            "first_token_ms": 40,
            **changes,
        }
    )


PENDING_DATA: Data = {
    "user": "ada",
    "key": "key-1",
    "lease": "lease-1",
    "period": "2026-11",
    "model": "m",
    "path": "/chat/completions",
    "stream": True,
    "request_id": "req-1",
    "price_version": "v1",
    "held": 500,
    "created_at": MOMENT,
    "status": "pending",
    "accounted": False,
    "late": False,
}
OUTCOME_DATA: Data = {
    "status": "ok",
    "upstream": "up-1",
    "tokens": {"prompt": 7, "cached": 3, "completion": 5, "reasoning": 2},
    "cost": 120,
    "list_cost": 100,
    "charged": 110,
    "shortfall": 10,
    "usage_source": "provider",
    "price_version": "v2",
    "bill": BILL,
    "attempts": [ATTEMPT],
    "latency_ms": 180,
    "first_token_ms": 40,
    "error": None,
}
LOST_DATA: Data = {"status": "lost", "cost": 0, "charged": 0, "lost": 500, "accounted": True}


def test_what_is_stored_of_a_request_that_completes() -> None:
    record = pending()
    assert record.to_data() == PENDING_DATA
    assert record.complete(answered()) == OUTCOME_DATA
    assert record.to_data() == {**PENDING_DATA, **OUTCOME_DATA}
    assert record.decide() == {"accounted": True}
    assert (record_path("use-1"), status_of(record.to_data())) == ("usage/use-1", "ok")


def test_what_is_stored_of_a_request_that_is_lost_and_charged_late() -> None:
    record = pending()
    assert record.decide() == LOST_DATA
    assert record.to_data() == {**PENDING_DATA, **LOST_DATA}
    late = {"charged": 90, "shortfall": 30, "accounted": True, "late": True, "was_lost": True}
    late |= {"was_worth": 500, "lost": 0}  # for now it is known what it came to
    assert record.charge_late(answered(), 90) == {**OUTCOME_DATA, **late}
    assert record.to_data() == {**PENDING_DATA, **OUTCOME_DATA, **late}


def test_what_is_stored_of_a_request_that_its_lease_missed() -> None:
    record = pending()
    record.complete(answered())
    late = {"charged": 90, "shortfall": 30, "accounted": True, "late": True, "was_lost": False}
    assert record.charge_late(record.outcome, 90) == late


def test_what_is_stored_of_a_request_that_another_gateway_made() -> None:
    outcome = Outcome("ok", tokens=TokenCounts(7, completion=5), cost=120, charged=120, usage_source="reported")
    record = UsageRecord("ada", "metering", "m", MOMENT, "r/1", period="2026-11", outcome=outcome, accounted=True)
    assert record.to_data() == {
        "user": "ada",
        "key": "metering",
        "lease": None,
        "request_id": "r/1",
        "model": "m",
        "upstream": None,
        "status": "ok",
        "stream": False,
        "tokens": {"prompt": 7, "cached": 0, "completion": 5, "reasoning": 0},
        "held": 0,
        "cost": 120,
        "list_cost": None,
        "charged": 120,
        "shortfall": 0,
        "price_version": None,
        "usage_source": "reported",
        "latency_ms": None,
        "first_token_ms": None,
        "error": None,
        "period": "2026-11",
        "accounted": True,
        "late": False,
        "created_at": MOMENT,
    }


def test_a_request_ends_once_and_is_charged_once() -> None:
    record = pending()
    record.complete(answered())
    with pytest.raises(AssertionError):
        record.complete(answered())
    late = deepcopy(record)
    late.charge_late(late.outcome, 90)
    record.decide()
    for counted in (record, late):
        assert counted.is_counted
        with pytest.raises(AssertionError):
            counted.charge_late(counted.outcome, 90)


def test_a_lost_request_is_neither_complete_nor_counted() -> None:
    record = pending()
    assert (record.is_complete, record.is_counted) == (False, False)
    record.decide()
    assert (record.status, record.is_complete, record.is_counted) == (LOST, False, False)
    assert record.counts() == {"lost": 1, "shortfall": 500, "list_cost": 500}, "what was held for it, at most"
    record = pending()
    record.held = 0
    record.decide()
    assert record.counts() == {"lost": 1}


def test_a_record_that_an_older_sweep_lost_is_worth_nothing() -> None:
    old = UsageRecord.from_data({**PENDING_DATA, **{name: LOST_DATA[name] for name in LOST_DATA if name != "lost"}})
    assert old.counts() == {"lost": 1}
    old.charge_late(answered(), 90)
    assert (old.counts_when_late()["shortfall"], old.counts_when_swept()) == (30, {"lost": 1})


def test_what_nobody_paid_counts_by_the_upstream_that_it_went_to() -> None:
    attempts = [{**FAILED_ATTEMPT, "upstream": "up-1"}, FAILED_ATTEMPT, FAILED_ATTEMPT, ATTEMPT]
    record = pending()
    record.complete(answered(attempts=attempts, lost=3 * 70 + 5, lost_why="it searched"))
    counts = record.counts()
    assert (counts["cost"], counts["charged"]) == (120, 110), "what it cost is no more than before"
    assert (counts["shortfall"], counts["list_cost"]) == (10 + 215, 100 + 215)
    shortfalls = {name: counts[upstream_counter("shortfall", name)] for name in ("up-1", "up-2")}
    assert shortfalls == {"up-1": 10 + 70 + 5, "up-2": 140}
    costs = {name: counts[upstream_counter("cost", name)] for name in ("up-1", "up-2")}
    assert costs == {"up-1": 100 + 70 + 5, "up-2": 140}
    assert sum(costs.values()) == counts["list_cost"]


@pytest.mark.parametrize(
    ("status", "upstream", "outcomes", "expected"),
    [
        ("ok", "up-1", [("up-1", "answered")], {"up-1": (1, 0)}),
        ("ok", "up-1", [("up-2", "timeout"), ("up-1", "answered")], {"up-1": (1, 0), "up-2": (1, 1)}),
        ("error", "up-1", [("up-2", "failed"), ("up-1", "answered")], {"up-1": (1, 1), "up-2": (1, 1)}),
        ("error", None, [("up-1", "unreachable"), ("up-2", "rate_limited")], {"up-1": (1, 1), "up-2": (1, 1)}),
        ("error", None, [("up-1", "failed"), ("up-1", "unauthorized")], {"up-1": (2, 2)}),
        ("error", "up-1", [("up-1", "rejected")], {"up-1": (1, 1)}),
        ("aborted", "up-1", [("up-2", "invalid"), ("up-1", "abandoned")], {"up-1": (1, 0), "up-2": (1, 1)}),
        ("error", "up-1", [], {"up-1": (1, 1)}),
        ("ok", None, [], {}),
    ],
)
def test_each_upstream_counts_as_often_as_it_was_asked_and_failed(
    status: UsageStatus,
    upstream: str | None,
    outcomes: list[tuple[str, str]],
    expected: dict[str, tuple[int, int]],
) -> None:
    attempts = [{**ATTEMPT, "upstream": asked, "outcome": outcome} for asked, outcome in outcomes]
    record = pending()
    record.complete(answered(status=status, upstream=upstream, attempts=attempts, shortfall=0))
    counts = record.counts()
    asked = {name for name in ("up-1", "up-2") if counts.get(upstream_counter("requests", name))}
    told = {
        name: (counts[upstream_counter("requests", name)], counts[upstream_counter("errors", name)]) for name in asked
    }
    assert told == expected
    assert counts["requests"] == 1


def test_what_a_lost_request_is_charged_is_read_as_it_is_stored() -> None:
    wrong = UsageRecord.from_data({**PENDING_DATA, **LOST_DATA, "charged": 5})
    assert (wrong.outcome.cost, wrong.outcome.charged) == (0, 5), "for the audit to find"


def test_a_record_counts_in_its_utc_day_with_all_that_it_came_to() -> None:
    record = pending()
    record.complete(answered(status="error"))
    assert record.date == "2026-11-21"
    assert record.counts() == {
        "requests": 1,
        "errors": 1,
        "aborted": 0,
        "prompt_tokens": 7,
        "cached_tokens": 3,
        "completion_tokens": 5,
        "reasoning_tokens": 2,
        "cost": 120,
        "charged": 110,
        "shortfall": 10,
        "list_cost": 100,
        "latency_ms_sum": 180,
        "latency_ms_250": 1,
        upstream_counter("requests", "up-1"): 1,
        upstream_counter("errors", "up-1"): 1,
        upstream_counter("cost", "up-1"): 100,
        upstream_counter("shortfall", "up-1"): 10,
    }


def test_a_record_without_a_cost_at_list_prices_counts_its_cost() -> None:
    record = pending()
    record.complete(answered(list_cost=None))
    assert record.counts()["list_cost"] == record.counts()[upstream_counter("cost", "up-1")] == 120


@pytest.mark.parametrize("is_swept_first", [True, False], ids=["swept first", "charged first"])
def test_what_is_charged_late_counts_once_beside_its_lease(is_swept_first: bool) -> None:
    record = pending()
    record.decide()
    closing = Counter(record.counts_when_swept())
    record.charge_late(answered(), 90)
    total = Counter(record.counts_when_late())
    total.update(closing if is_swept_first else record.counts_when_swept())
    assert +total == +Counter(record.counts())
