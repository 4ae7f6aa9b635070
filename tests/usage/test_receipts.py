"""A request is found by the id that its answer bore, however many others bear it."""

from datetime import UTC, datetime, timedelta

import pytest

from functions.farebox.limits.belongs import Belongs
from functions.farebox.storage import Set, Store
from functions.farebox.usage.receipts import MOST_OTHERS, find_record
from functions.farebox.usage.record import UsageRecord, record_path

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize("whose", [{"member": "ada"}, {"key": "k0"}, {"member": "ada", "key": "k0"}])
async def test_requests_of_others_under_the_same_id_hide_nobodys_own(
    sqlite_store: Store, whose: dict[str, str]
) -> None:
    for n in range(MOST_OTHERS + 2):
        is_own = n == 0
        member, at = Belongs("ada" if is_own else "bob", None), NOON + timedelta(seconds=n)
        record = UsageRecord("org", "k0" if is_own else "k1", "m", at, request_id="job-1", belongs=member)
        await sqlite_store.write(Set(record_path(f"use_{n}"), record.to_data()))
    assert (await find_record(sqlite_store, "org", "job-1", **whose)).id == "use_0"
    newest = await find_record(sqlite_store, "org", "job-1", key="k1")
    assert (newest.id, len(newest.others)) == (f"use_{MOST_OTHERS + 1}", MOST_OTHERS)
