"""Budgets of a day, a week and in total: where their periods end, and what is read of what was kept before them."""

from datetime import UTC, datetime, timedelta

import pytest

from functions.farebox.keys.api_key import ApiKey
from functions.farebox.kit.periods import local_day_end, local_day_of, week_end, week_of
from functions.farebox.ledger.funds import Scope
from functions.farebox.limits.budget import Budget
from functions.farebox.limits.span_budgets import (
    NO_DAYS,
    Days,
    SpanBudgets,
    SpanCaps,
    begins_anew,
    period_in,
    read_span_budgets,
)

TICK = timedelta(microseconds=1)
ZONES = ["UTC", "Asia/Tokyo", "America/New_York", "America/Santiago", "Africa/Cairo", "Pacific/Kiritimati"]


@pytest.mark.parametrize("time_zone", ZONES)
def test_days_and_weeks_have_neither_gap_nor_overlap_also_where_clocks_change_at_midnight(time_zone: str) -> None:
    day = "2026-01-01"
    for _ in range(2 * 366):
        end = local_day_end(day, time_zone)
        following = local_day_of(end, time_zone)
        assert (local_day_of(end - TICK, time_zone), day < following) == (day, True)
        assert week_of(following) >= week_of(day)
        if week_of(following) != week_of(day):
            assert week_end(week_of(day), time_zone) == end
        day = following


@pytest.mark.parametrize(
    ("day", "week"),
    [("2026-11-29", "2026-W48"), ("2026-11-30", "2026-W49"), ("2027-01-01", "2026-W53"), ("2027-01-04", "2027-W01")],
)
def test_a_week_is_an_iso_week_and_begins_on_a_monday(day: str, week: str) -> None:
    assert week_of(day) == week


def test_a_total_never_begins_anew_and_counts_whenever_a_day_does() -> None:
    assert (period_in("total", "2026-11-29"), period_in("total", ""), begins_anew("total", "total", "UTC")) == (
        "total",
        "",
        None,
    )
    assert begins_anew("day", "2026-11-29", "Asia/Tokyo") == datetime(2026, 11, 29, 15, tzinfo=UTC)
    assert begins_anew("week", "2026-W48", "Asia/Tokyo") == datetime(2026, 11, 29, 15, tzinfo=UTC)


def test_a_day_never_goes_back_where_clocks_disagree() -> None:
    counted = {"day": Budget("2026-11-30", 5, spent=3).to_data()}
    assert read_span_budgets(counted)["day"].spent == 3
    opened = SpanBudgets("p", None, datetime(2026, 11, 29, 23, 59, tzinfo=UTC), "UTC")
    assert {span: counter.budget.period for span, counter in opened.counters.items()} == {
        "day": "2026-11-29",
        "week": "2026-W48",
        "total": "total",
    }


def test_what_was_kept_before_there_were_such_budgets_counts_in_none_and_is_written_as_it_was() -> None:
    scope = Scope.from_data({"period": "2026-11", "tenant": None, "tenant_period": ""})
    assert scope.days is NO_DAYS
    assert not scope.to_data().keys() & {"user_day", "key_day"}
    assert not scope.as_metadata()
    assert not SpanCaps.from_data({"monthly_budget": 5})
    assert Days.from_data(Days("2026-11-29").to_data()) == Days("2026-11-29")
    key = ApiKey("k", "u", "n", "p", "h", datetime(2026, 11, 29, tzinfo=UTC))
    assert not key.to_data().keys() & SpanCaps(1, 2, 3).to_data().keys()


def test_a_scope_ends_with_the_earliest_of_its_periods() -> None:
    scope = Scope("2026-11")
    assert scope.ends_at("UTC") == datetime(2026, 12, 1, tzinfo=UTC)
    scope = Scope("2026-11", days=Days("2026-11-21", "2026-11-22"))
    assert scope.ends_at("UTC") == datetime(2026, 11, 22, tzinfo=UTC)
