"""Budget periods: calendar months in the account's IANA time zone, written `"2026-11"`.

A period is data, not a job: a request in a new month finds a new period, whether or not anything ran at midnight.
Periods never go back. When clocks disagree or an account changes its time zone, the later of two periods stands.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def period_of(moment: datetime, time_zone: str) -> str:
    """The month that a moment falls in, in a time zone: `"2026-11"`."""
    return moment.astimezone(ZoneInfo(time_zone)).strftime("%Y-%m")


def period_end(period: str, time_zone: str) -> datetime:
    """The first moment, in UTC, that no longer belongs to a period."""
    year, month = (int(part) for part in period.split("-"))
    following = (year + 1, 1) if month == 12 else (year, month + 1)
    return datetime(*following, 1, tzinfo=ZoneInfo(time_zone)).astimezone(UTC)
