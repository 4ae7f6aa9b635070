"""What a usage record says of its charge and its losses adds up, or the audit says that it does not."""

from datetime import UTC, datetime
from typing import Any

import pytest

from functions.farebox.audit import audit_all
from functions.farebox.storage import Create, Store
from functions.farebox.usage.record import Outcome, UsageRecord, record_path

NOW = datetime(2026, 11, 28, tzinfo=UTC)
FAILED = {"upstream": "a", "outcome": "timeout", "lost": 70}


async def problem(store: Store, outcome: Outcome, *without: str) -> str | None:
    """What the audit finds in this record, which lacks some fields and is alone in its store."""
    record = UsageRecord("ada", "key-1", "m", NOW, lease="lease-1", held=100, outcome=outcome)
    data = {name: value for name, value in record.to_data().items() if name not in without}
    await store.write(Create(record_path("use_1"), data))
    faults = (await audit_all(store)).faults
    return next((fault.problem for fault in faults if fault.path == record_path("use_1")), None)


@pytest.mark.parametrize(
    ("charged", "extended", "found"),
    [
        (100, 0, None),
        (140, 40, None),
        (101, 0, "it was charged more than was held for it"),
        (141, 40, "it was charged more than was held for it"),
    ],
)
async def test_a_charge_above_what_was_held_is_found(
    store: Store, charged: int, extended: int, found: str | None
) -> None:
    outcome = Outcome("ok", cost=charged, charged=charged, extended=extended, attempts=[])
    assert await problem(store, outcome) == found


async def test_an_older_record_that_does_not_tell_what_was_added_to_its_hold_is_clean(store: Store) -> None:
    outcome = Outcome("ok", cost=140, charged=140, extended=40, attempts=[])
    assert await problem(store, outcome, "extended") is None


@pytest.mark.parametrize(
    ("fields", "is_clean"),
    [
        ({"lost": 70, "attempts": [FAILED]}, True),
        ({"lost": 145, "attempts": [FAILED, FAILED]}, True),
        ({"lost": 69, "attempts": [FAILED]}, False),
        ({"lost": 0, "attempts": [FAILED]}, False),
        ({"lost": -1, "attempts": []}, False),
    ],
)
async def test_losses_that_the_attempts_do_not_tell_are_found(
    store: Store, fields: dict[str, Any], is_clean: bool
) -> None:
    found = await problem(store, Outcome("error", **fields))
    assert found == (None if is_clean else "its attempts lost more than it did")
