"""A mistake in clean books is found, whatever kind of document it is in, on either engine. Looking takes as many
requests for a hundred wallets as for ten."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from functions.farebox.audit import audit_all
from functions.farebox.storage import Create, Data, Delete, Filter, Query, Set, Store, Unreachable
from tests.audit.conftest import WHO, fill
from tests.support.storage.instrumented_engines import CountingEngine

NOW = datetime(2026, 11, 28, tzinfo=UTC)
BUDGET = {"period": "2026-11", "limit": None, "spent": 5, "reserved": 0}


@dataclass(frozen=True)
class Planted:
    """In the first document of a collection, of a wallet unless that says otherwise: what fields are to be, added to
    what they are where that is a number, or that it goes. `makes` is written beside it."""

    collection: str
    fields: Data | None
    problem: str
    makes: dict[str, Data] | None = None


MISTAKES = {
    "a balance": Planted("wallets", {"balance": 1}, "entries add up to"),
    "what is reserved": Planted("wallets", {"reserved": 1}, "is reserved, its leases"),
    "an entry": Planted("transactions", {"amount": 1}, "does not continue from a balance"),
    "an entry's number": Planted("transactions", {"seq": 5}, "of the ledger has number"),
    "an entry that is gone": Planted("transactions", None, "of the ledger has number"),
    "an entry of two numbers": Planted("transactions", {"seq": 1}, "of the ledger has number"),
    "a lease": Planted("leases", {"settled": -1, "granted": -1}, "in the ledger"),
    "a lease that settled too much": Planted("leases", {"granted": -1}, "more is settled than was granted"),
    "a closed lease that holds": Planted("leases", {"granted": 1}, "what was not spent did not go back"),
    "a record that is gone": Planted("usage", None, "but its requests were charged"),
    "a record's charge": Planted("usage", {"charged": -1, "shortfall": 1}, "but its requests were charged"),
    "a record's cost": Planted("usage", {"cost": 1}, "its charge and its shortfall do not make up its cost"),
    "a record's bill": Planted("usage", {"cost": 1, "shortfall": 1}, "its bill comes to"),
    "a day": Planted("usage_days", {"charged": 1}, "the daily aggregates to"),
    "a charge without an entry": Planted(
        "wallets",
        {},
        "the ledger has no entry for it",
        {
            "usage/use_own": {
                "user": WHO, "key": "", "lease": None, "model": "m", "status": "ok", "cost": 5, "charged": 5,
                "shortfall": 0, "held": 5, "late": False, "accounted": True, "created_at": NOW,
            }
        },
    ),
    "a charge of a lease that is not there": Planted(
        "wallets",
        {},
        "it is not there, its requests were charged",
        {
            "usage/use_own": {
                "user": WHO, "key": "", "lease": "lease_gone", "model": "m", "status": "ok", "cost": 5, "charged": 5,
                "shortfall": 0, "held": 5, "late": False, "accounted": True, "created_at": NOW,
            }
        },
    ),
    "another gateway's hold": Planted(
        "wallets",
        {},
        "its leases and authorizations hold",
        {"authorizations/a": {"user": WHO, "state": "open", "amount": 5, "period": "2026-11"}},
    ),
    "what the user has spent this month": Planted("wallets", {"budget": {"spent": 5}}, "is spent of its month"),
    "what is reserved this month": Planted("wallets", {"budget": {"reserved": 5}}, "is reserved of its month"),
    "what a key has spent this month": Planted("key_windows", {"budget": {"spent": 5}}, "is spent of its month"),
    "what a key has reserved": Planted("key_windows", {"budget": {"reserved": 5}}, "is reserved of its month"),
    "a key's month that is gone": Planted("key_windows", None, "is not there"),
    "a member's budget": Planted(
        "wallets", {}, "its keys come to", {f"wallets/{WHO}/member_budgets/m": {"budget": BUDGET}}
    ),
    "a project's budget": Planted(
        "wallets", {}, "its keys come to", {f"wallets/{WHO}/project_budgets/p": {"budget": BUDGET}}
    ),
    "a budget of a day": Planted(
        "wallets", {}, "what counts in it is", {f"wallets/{WHO}/span_budgets/own": {"day": BUDGET}}
    ),
    "a member's budget that is gone": Planted("transactions", {"metadata": {"member": "m"}}, "is not there"),
    "a project's budget that is gone": Planted("transactions", {"metadata": {"project": "p"}}, "is not there"),
    "a budget of a day that is gone": Planted("transactions", {"metadata": {"key_day": "2026-11-28"}}, "is not there"),
    "a tenant's budget that is gone": Planted(
        "transactions", {"metadata": {"tenant": "t", "tenant_period": "2026-11"}}, "a budget that is not there"
    ),
    "a tenant's budget": Planted(
        "transactions",
        {"metadata": {"tenant": "t", "tenant_period": "2026-11"}},
        "its users come to",
        {"tenants/t": {"budget": BUDGET, "time_zone": "UTC"}},
    ),
    "a tenant's budget that nobody spent of": Planted(
        "wallets", {}, "its users come to 0.00", {"tenants/t": {"budget": BUDGET, "time_zone": "UTC"}}
    ),
    "a record of nobody": Planted(
        "wallets", {}, "it has no user", {"usage/use_own": {"status": "ok", "charged": 5, "created_at": NOW}}
    ),
    "a day of nobody": Planted("wallets", {}, "it has no user", {"usage_days/d": {"date": "2026-11-28", "charged": 5}}),
    "a hold of nobody": Planted(
        "wallets", {}, "it has no user", {"authorizations/a": {"state": "open", "amount": 5, "period": "2026-11"}}
    ),
}  # fmt: skip


async def plant(store: Store, planted: Planted) -> None:
    await store.write(*(Create(path, data) for path, data in (planted.makes or {}).items()))
    query = Query(planted.collection, limit=1, group=True)
    if planted.collection == "transactions":  # the first of usage, which has budgets to count in
        query = replace(query, where=(Filter("type", "==", "usage"),))
    [found] = await store.query(query)
    if planted.fields is None:
        await store.write(Delete(found.path))
    else:
        changed = {name: _changed(found.data.get(name), value) for name, value in planted.fields.items()}
        await store.write(Set(found.path, found.data | changed))


def _changed(was: Any, value: Any) -> Any:
    return was + value if type(value) is int else {**was, **value}


@pytest.mark.parametrize("planted", MISTAKES.values(), ids=MISTAKES)
async def test_a_mistake_is_found(store: Store, books: dict[str, Data], planted: Planted) -> None:
    await store.write(*(Create(path, data) for path, data in books.items()))
    assert (await audit_all(store)).faults == []
    await plant(store, planted)
    [fault, *_] = (await audit_all(store)).faults
    assert planted.problem in fault.problem


async def test_what_names_no_user_is_found_among_more_than_can_be_counted(
    sqlite_store: Store, books: dict[str, Data], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def count(*_: object) -> int:
        raise Unreachable("Deadline Exceeded")

    await sqlite_store.write(*(Create(path, data) for path, data in books.items()))
    monkeypatch.setattr(sqlite_store, "count", count)
    assert (await audit_all(sqlite_store)).faults == []
    await sqlite_store.write(Create("usage_days/d", {"date": "2026-11-28", "charged": 5}))
    [fault] = (await audit_all(sqlite_store)).faults
    assert (fault.path, fault.problem) == ("usage_days/d", "it cannot be read: it has no user")


async def test_leases_of_a_wallet_that_is_gone_with_its_entries_are_found(
    sqlite_store: Store, books: dict[str, Data]
) -> None:
    gone = (f"wallets/{WHO}", f"wallets/{WHO}/transactions/")
    kept = {path: data for path, data in books.items() if path != gone[0] and not path.startswith(gone[1])}
    await sqlite_store.write(*(Create(path, data) for path, data in kept.items()))
    [fault, *_] = (await audit_all(sqlite_store)).faults
    assert (fault.path, "but no wallet" in fault.problem) == (gone[0], True)


async def test_a_mistake_is_found_among_others_books_and_nothing_else_is(
    sqlite_store: Store, books: dict[str, Data]
) -> None:
    await fill(sqlite_store, books, 50)
    path = f"wallets/{WHO}-7"
    found = await sqlite_store.get(path)
    assert found is not None
    await sqlite_store.write(Set(path, {**found.data, "balance": found.data["balance"] + 1}))
    done = await audit_all(sqlite_store, most_faults=100)
    assert [fault.path for fault in done.faults] == [path]
    assert (done.wallets, done.records) == (50, 100)


async def test_an_audit_of_a_hundred_wallets_asks_no_more_often_than_one_of_ten(
    sqlite_store: Store, books: dict[str, Data]
) -> None:
    engine = CountingEngine(sqlite_store.engine)
    calls = []
    for wallets in (10, 100):
        await fill(sqlite_store, books, wallets)
        engine.reset()
        done = await audit_all(Store(engine))
        assert (done.wallets, done.leases, done.records, done.faults) == (wallets, wallets, 2 * wallets, [])
        calls.append(engine.calls)
    assert calls[0] == calls[1], "all of it fits in a page of each kind"
