"""Rate windows: what is handed out of a minute and a day, and what comes back while they are open."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.farebox.limits.rate_windows import (
    NO_LIMITS,
    UNLIMITED,
    Limits,
    Slice,
    Windows,
    day_of,
    minute_of,
    seconds_left,
)

MINUTE, LATER = "2026-11-21T12:00", "2026-11-21T12:01"
DAY, TOMORROW = "2026-11-21", "2026-11-22"
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
counts = st.integers(0, 50)
slices = st.builds(Slice, counts, counts)


def test_where_there_is_no_limit_everything_is_left() -> None:
    assert not NO_LIMITS
    assert Windows(MINUTE, 10**6, 10**6, DAY, 10**6).left(NO_LIMITS) == (Slice(UNLIMITED, UNLIMITED), UNLIMITED)


@pytest.mark.parametrize("limits", [Limits(rpm=0), Limits(tpm=0), Limits(rpd=0)])
def test_a_limit_of_nothing_is_a_limit(limits: Limits) -> None:
    assert limits


def test_what_is_handed_out_counts_in_the_minute_and_its_requests_in_the_day_too() -> None:
    windows = Windows().at(MINUTE, DAY).take(Slice(3, 500))
    assert windows == Windows(MINUTE, 3, 500, DAY, 3)
    assert windows.left(Limits(rpm=10, tpm=600, rpd=4)) == (Slice(7, 100), 1)


def test_never_less_than_nothing_is_left_where_a_limit_was_lowered() -> None:
    assert Windows(MINUTE, 10, 500, DAY, 10).left(Limits(rpm=5, tpm=5, rpd=5)) == (Slice(0, 0), 0)


def test_a_new_minute_begins_anew_and_the_day_goes_on() -> None:
    assert Windows(MINUTE, 10, 500, DAY, 10).at(LATER, DAY) == Windows(LATER, 0, 0, DAY, 10)
    assert Windows(MINUTE, 10, 500, DAY, 10).at(MINUTE, TOMORROW) == Windows(MINUTE, 10, 500, TOMORROW, 0)


def test_a_window_never_goes_back_where_clocks_disagree() -> None:
    windows = Windows(LATER, 10, 500, TOMORROW, 10)
    assert windows.at(MINUTE, DAY) == windows


@pytest.mark.parametrize(
    ("minute", "day", "stands"),
    [
        ("2026-11-21T12:10", DAY, True),
        ("2026-11-21T12:11", DAY, False),
        ("2026-11-21T14:00", DAY, False),  # a machine's clock that was told the local time
        ("2027-11-21T12:00", "2027-11-21", False),
    ],
)
def test_nobody_waits_for_a_window_that_no_clock_which_is_nearly_right_has_begun(
    minute: str, day: str, stands: bool
) -> None:
    windows = Windows(minute, 10, 500, day, 10).at(MINUTE, DAY)
    assert windows == Windows(
        minute if stands else MINUTE, 10 if stands else 0, 500 if stands else 0, DAY, 10 if day == DAY else 0
    )


@given(slices, slices)
def test_what_comes_back_in_its_windows_can_be_handed_out_again(kept: Slice, unused: Slice) -> None:
    windows = Windows(MINUTE, 0, 0, DAY, 0).take(kept).take(unused)
    assert windows.give_back(MINUTE, unused, DAY, unused.requests) == Windows(MINUTE, 0, 0, DAY, 0).take(kept)


@given(slices)
def test_what_comes_back_after_its_windows_have_ended_is_not_counted(unused: Slice) -> None:
    windows = Windows(LATER, 10, 500, TOMORROW, 10)
    assert windows.give_back(MINUTE, unused, DAY, unused.requests) == windows
    assert windows.give_back(MINUTE, unused, TOMORROW, 4) == Windows(LATER, 10, 500, TOMORROW, 6)


@given(slices)
def test_no_more_comes_back_than_was_out(unused: Slice) -> None:
    windows = Windows(MINUTE, 1, 1, DAY, 1).give_back(MINUTE, unused, DAY, unused.requests)
    assert windows.requests >= 0 and windows.tokens >= 0 and windows.day_requests >= 0


@given(st.lists(slices, max_size=20), counts, counts, counts)
def test_slices_that_fit_what_is_left_never_come_to_more_than_the_limits(
    wishes: list[Slice], rpm: int, tpm: int, rpd: int
) -> None:
    limits, windows = Limits(rpm, tpm, rpd), Windows(MINUTE, 0, 0, DAY, 0)
    for wish in wishes:
        left, left_of_day = windows.left(limits)
        windows = windows.take(Slice(min(wish.requests, left.requests, left_of_day), min(wish.tokens, left.tokens)))
    assert windows.requests <= rpm and windows.tokens <= tpm and windows.day_requests <= rpd


def test_windows_that_are_stored_are_read_again_as_they_were() -> None:
    windows, limits = Windows(MINUTE, 1, 2, DAY, 3), Limits(rpm=1, rpd=3)
    assert Windows.from_data(windows.to_data()) == windows
    assert Windows.from_data(None) == Windows()
    assert Limits.from_data(limits.to_data()) == limits


def test_windows_are_of_utc_whatever_zone_a_moment_is_told_in() -> None:
    there = NOON.astimezone(timezone(timedelta(hours=13)))
    assert (minute_of(there), day_of(there)) == (MINUTE, DAY)


@given(st.integers(0, 24 * 3600 - 1))
def test_a_window_ends_when_the_next_one_begins(second: int) -> None:
    moment = NOON.replace(hour=0) + timedelta(seconds=second)
    assert 0 < seconds_left(minute_of(moment), moment) <= 60
    assert minute_of(moment + timedelta(seconds=seconds_left(minute_of(moment), moment))) > minute_of(moment)
    assert day_of(moment + timedelta(seconds=seconds_left(day_of(moment), moment))) == TOMORROW


def test_nothing_is_left_of_a_window_that_has_ended() -> None:
    assert seconds_left(MINUTE, NOON + timedelta(minutes=5)) == 0
