"""A document that cannot be read is a fault that names it, and hides nothing that is wrong elsewhere."""

from typing import Any, Final

import pytest

from functions.farebox.audit import audit_all
from functions.farebox.storage import Create, Data, Filter, Query, Set, Store
from tests.audit.conftest import WHO, fill

GONE: Final = object()
HOLD: Final[Data] = {"user": f"{WHO}-0", "state": "voided", "amount": 5, "period": "2026-11"}
UNREADABLE: Final[tuple[tuple[str, str, Any], ...]] = (
    ("transactions", "seq", 3.5),
    ("transactions", "seq", None),
    ("transactions", "seq", GONE),
    ("transactions", "balance_before", "5"),
    ("transactions", "balance_after", None),
    ("transactions", "amount", 1.0),
    ("transactions", "type", GONE),
    ("transactions", "metadata", GONE),
    ("transactions", "metadata", {"member": 5}),
    ("wallets", "balance", "1"),
    ("wallets", "budget", None),
    ("leases", "settled", 0.5),
    ("leases", "totals", GONE),
    ("leases", "state", GONE),
    ("usage", "charged", 0.5),
    ("usage", "user", None),
    ("usage", "user", 7),
    ("usage", "attempts", [5]),
    ("usage", "bill", {"multiplier_bp": "10000", "lines": []}),
    ("usage_days", "charged", None),
    ("usage_days", "charged", "5"),
    ("usage_days", "user", None),
    ("authorizations", "state", GONE),
    ("authorizations", "user", None),
    ("authorizations", "amount", 0.5),
)


@pytest.mark.parametrize(("collection", "field", "value"), UNREADABLE)
async def test_it_is_named_and_the_audit_goes_on(
    sqlite_store: Store, books: dict[str, Data], collection: str, field: str, value: Any
) -> None:
    await fill(sqlite_store, books, 2)
    await sqlite_store.write(Create("authorizations/a", HOLD))
    found = next(
        each
        for each in await sqlite_store.query(Query(collection, group=True))
        if f"{WHO}-0" in (*each.path.split("/"), each.data.get("user"))
    )
    data = {name: kept for name, kept in {**found.data, field: value}.items() if kept is not GONE}
    await sqlite_store.write(Set(found.path, data))
    other = await sqlite_store.get(f"wallets/{WHO}-1")
    assert other is not None
    await sqlite_store.write(Set(other.path, {**other.data, "balance": other.data["balance"] + 1}))
    faults = {fault.path: fault.problem for fault in (await audit_all(sqlite_store, most_faults=100)).faults}
    assert "it cannot be read: " in faults[found.path]
    assert "entries add up to" in faults[other.path]


async def test_a_tenants_budget_is_named(store: Store, books: dict[str, Data]) -> None:
    await fill(store, books, 1)
    usage = Query("transactions", (Filter("type", "==", "usage"),), limit=1, group=True)
    [entry] = await store.query(usage)
    member = {"tenant": "t", "tenant_period": "2026-11"}
    await store.write(
        Set(entry.path, {**entry.data, "metadata": {**entry.data["metadata"], **member}}),
        Create("tenants/t", {"budget": {"spent": "5"}}),
    )
    [fault] = (await audit_all(store)).faults
    assert (fault.path, fault.problem.partition(":")[0]) == ("tenants/t", "it cannot be read")
