"""When budgets begin anew is told by the account's own calendar."""

from datetime import UTC, datetime

import pytest

from functions.edge.rest.answers.budgets import Calendar
from functions.farebox.limits.budget import Budget
from functions.farebox.limits.span_budgets import SpanCaps, read_span_budgets

NEW_YEAR = datetime(2027, 1, 1, 3, tzinfo=UTC)  # a Friday; still the old year in New York
CLOCKS_CHANGE = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)  # a Sunday: in New York it has 25 hours
COUNTED = {"day": {"period": "2026-10-25", "limit": 9, "spent": 5, "reserved": 0}}


@pytest.mark.parametrize(
    ("now", "zone", "day", "week", "month"),
    [
        (NEW_YEAR, "UTC", "2027-01-02T00:00", "2027-01-04T00:00", "2027-02-01T00:00"),
        (NEW_YEAR, "America/New_York", "2027-01-01T05:00", "2027-01-04T05:00", "2027-01-01T05:00"),
        (NEW_YEAR, "Asia/Tokyo", "2027-01-01T15:00", "2027-01-03T15:00", "2027-01-31T15:00"),
        (CLOCKS_CHANGE, "America/New_York", "2026-11-02T05:00", "2026-11-02T05:00", "2026-12-01T05:00"),
    ],
)
def test_a_day_a_week_and_a_month_end_at_the_accounts_midnight(
    now: datetime, zone: str, day: str, week: str, month: str
) -> None:
    calendar = Calendar(now, zone)
    spans = calendar.spans(read_span_budgets(None), SpanCaps(day=9, total=10, before=3))
    assert spans is not None
    ends = (spans.daily, spans.weekly, calendar.this_month(Budget(), None))
    assert [f"{each.resets_at:%Y-%m-%dT%H:%M}" for each in ends] == [day, week, month]
    assert (spans.total.resets_at, spans.total.since, spans.total.spent_usd) == (None, None, 3)


def test_a_day_that_is_over_tells_when_that_was() -> None:
    spans = Calendar(NEW_YEAR, "Europe/Berlin").spans(read_span_budgets(COUNTED), SpanCaps(day=9))
    assert spans is not None
    assert spans.daily.spent_usd == 5
    assert f"{spans.daily.resets_at:%Y-%m-%dT%H:%M}" == "2026-10-25T23:00", "the clocks went back on that day"
