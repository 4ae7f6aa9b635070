"""Budget periods in the account's IANA time zone: calendar months, written `"2026-11"`, days and ISO weeks.

A period is data, not a job: a request in a new month finds a new period, whether or not anything ran at midnight.
Periods never go back. When clocks disagree or an account changes its time zone, the later of two periods stands.
"""

import calendar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo


def period_of(moment: datetime, time_zone: str) -> str:
    """The month that a moment falls in, in a time zone: `"2026-11"`."""
    return moment.astimezone(ZoneInfo(time_zone)).strftime("%Y-%m")


def local_date(moment: datetime, time_zone: str) -> str:
    """The day that a moment falls in, in a time zone: `"2026-11-28"`."""
    return moment.astimezone(ZoneInfo(time_zone)).date().isoformat()


def period_end(period: str, time_zone: str) -> datetime:
    """The first moment, in UTC, that no longer belongs to a period."""
    year, month = (int(part) for part in period.split("-"))
    following = (year + 1, 1) if month == 12 else (year, month + 1)
    return datetime(*following, 1, tzinfo=ZoneInfo(time_zone)).astimezone(UTC)


def local_day_of(moment: datetime, time_zone: str) -> str:
    """The day that a moment falls in, in a time zone: `"2026-11-29"`."""
    return moment.astimezone(ZoneInfo(time_zone)).date().isoformat()


def week_of(day: str) -> str:
    """The ISO week of a day, which begins on a Monday: `"2026-W48"`. Such names order as text."""
    year, week, _ = date.fromisoformat(day).isocalendar()
    return f"{year:04}-W{week:02}"


def local_day_end(day: str, time_zone: str) -> datetime:
    """The first moment, in UTC, that no longer belongs to a day."""
    return _midnight(date.fromisoformat(day) + timedelta(days=1), time_zone)


def week_end(week: str, time_zone: str) -> datetime:
    """The first moment, in UTC, that no longer belongs to an ISO week."""
    return _midnight(date.fromisoformat(f"{week}-1") + timedelta(weeks=1), time_zone)


def months_later(start: datetime, months: int) -> datetime:
    """The same day so many months later, or earlier, or the last of that month."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return start.replace(year=year, month=month + 1, day=min(start.day, calendar.monthrange(year, month + 1)[1]))


def _midnight(day: date, time_zone: str) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(time_zone)).astimezone(UTC)
