"""The `Retry-After` header."""

import pytest

from functions.farebox.gateway.faults.attempt_failed import retry_after_s

DATE = "Wed, 21 Oct 2026 07:28:00 GMT"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        (" 0.5 ", 0.5),
        ("0", 0),
        ("Wed, 21 Oct 2026 07:28:30 GMT", 30),
        ("Wed, 21 Oct 2026 07:27:00 GMT", None),
        ("-1", None),
        ("nan", None),
        ("inf", None),
        ("soon", None),
        ("", None),
    ],
)
def test_seconds_and_dates_are_read_and_the_rest_is_ignored(value: str, seconds: float | None) -> None:
    assert retry_after_s({"retry-after": value, "date": DATE}) == seconds


def test_a_date_without_a_date_to_compare_with_is_ignored() -> None:
    assert retry_after_s({"retry-after": DATE}) is None


def test_no_header_is_no_wish() -> None:
    assert retry_after_s({}) is None
