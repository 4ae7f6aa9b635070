"""The grace: how long a plan outlives its payment, by the status of its subscription, as an operator sets it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

DEFAULT_DAYS = {
    "past_due": 7,
    "unpaid": 0,
    "paused": 0,
}  # a provider asks again for days before it gives up
LONGEST_DAYS = 90

Grace = Mapping[str, timedelta]


def read_grace(given: Mapping[str, Any]) -> Grace:
    """Days by status; what is not given is the default. Raises `ValueError`."""
    is_known = given.keys() <= DEFAULT_DAYS.keys()
    if not is_known or not all(type(days) is int and 0 <= days <= LONGEST_DAYS for days in given.values()):
        raise ValueError(f'write days from 0 to {LONGEST_DAYS} as {{"past_due": 7, "unpaid": 0, "paused": 0}}')
    return {status: timedelta(days=days) for status, days in {**DEFAULT_DAYS, **given}.items()}
