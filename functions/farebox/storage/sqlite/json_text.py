"""Documents as JSON text. JSON has no time, so a datetime is fixed-width RFC 3339 text that orders as time does."""

from datetime import UTC, datetime
from typing import Any

import orjson

from functions.farebox.storage.checks import is_time_field
from functions.farebox.storage.model import Data

# Sorted keys make equal documents equal text, by which a write that changes nothing is known.
_OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_SORT_KEYS


def dumps(data: Data) -> str:
    """Checked data as text."""
    return orjson.dumps(data, default=time_text, option=_OPTIONS).decode()


def loads(text: str) -> Data:
    """The data that `dumps` was given; datetimes in UTC."""
    data: Data = orjson.loads(text)
    if '_at":"' in text:
        _restore_times(data)
    return data


def time_text(moment: datetime) -> str:
    """`2026-11-21T06:49:00.000000Z`."""
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.isoformat(timespec="microseconds")[: -len("+00:00")] + "Z"


def _restore_times(data: Data) -> None:
    for name, value in data.items():
        if isinstance(value, str):
            if is_time_field(name):
                data[name] = datetime.fromisoformat(value)
        else:
            _restore_inside(value)


def _restore_inside(value: Any) -> None:
    if isinstance(value, dict):
        _restore_times(value)
    elif isinstance(value, list):
        for item in value:
            _restore_inside(item)
