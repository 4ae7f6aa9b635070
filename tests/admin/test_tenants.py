"""A tenant's budget: a cap that all its users share, never passed, on any number of instances."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from functions.farebox.audit import Fault
from functions.farebox.audit.__main__ import run
from functions.farebox.errors import OutOfMoney
from functions.farebox.jobs.monthly_reset import refresh_user
from functions.farebox.kit.ids import Ids
from functions.farebox.leases.allocation import Ask
from functions.farebox.leases.pool import LeasePool
from functions.farebox.leases.sweep import sweep
from functions.farebox.ledger.book import Book
from functions.farebox.ledger.wallet import Posting, wallet_path
from functions.farebox.limits.budget import Budget
from functions.farebox.limits.key_counters import KeyTerms
from functions.farebox.limits.tenant_budget import Tenant, tenant_path
from functions.farebox.metering.authorizations import Authorizations
from functions.farebox.metering.reports import Report
from functions.farebox.storage import Create, Store, Transaction, Update
from tests.support.clients.asgi import refused
from tests.support.clients.management import AS_ADMIN, done, register
from tests.support.money.wallet_books import clean_audit
from tests.support.product.runtime import Clock

USD = 1_000_000_000
DIME = USD // 10


async def open_tenant(store: Store, clock: Clock, limit: int, *users: str, time_zone: str = "UTC") -> None:
    """A tenant with a budget, and its users with ten USD each."""
    budget = Budget(limit=limit)
    await store.write(Create(tenant_path("acme"), Tenant("acme", budget, time_zone).to_data()))
    for uid in users:

        async def work(tx: Transaction, uid: str = uid) -> None:
            await tx.get(wallet_path(uid))
            book = Book.blank(uid, clock())
            book.set_terms(tenant="acme")
            book.post(Posting("topup", "topup", 10 * USD, "Top-up"))
            book.save(tx)
            tx.create(f"users/{uid}", {"status": "active", "plan": None, "tenant": "acme"})

        await store.transact(work)


async def budget_of(store: Store) -> Budget:
    document = await store.get(tenant_path("acme"))
    assert document is not None
    return Budget.from_data(document.data["budget"])


def instance(store: Store, clock: Clock, name: str) -> LeasePool:
    return LeasePool(store, instance=name, now=clock, new_id=Ids().new)


async def test_two_users_on_two_instances_are_admitted_up_to_the_budget_of_their_tenant_and_no_further(
    store: Store, clock: Clock
) -> None:
    await open_tenant(store, clock, USD, "ada", "bob")
    instances = [instance(store, clock, name) for name in ("i1", "i2")]
    takes = [
        instances[number % 2].take(uid, KeyTerms(f"key-{uid}"), Ask(DIME, DIME))
        for number in range(8)
        for uid in ("ada", "bob")
    ]
    holds = await asyncio.gather(*takes, return_exceptions=True)
    refusals = [each for each in holds if isinstance(each, BaseException)]
    assert len(holds) - len(refusals) == 10
    assert {each.code for each in refusals if isinstance(each, OutOfMoney)} == {"tenant_budget_exceeded"}
    assert (await budget_of(store)).reserved == USD
    for leases in instances:
        await leases.close(0)
    await sweep(store, clock() + timedelta(hours=1))
    assert (await budget_of(store)).reserved == 0
    await clean_audit(store)


async def test_a_refusal_tells_nobody_what_the_others_have_spent(store: Store, clock: Clock) -> None:
    await open_tenant(store, clock, 123_456_789, "ada")
    with pytest.raises(OutOfMoney, match="shares with others") as refusal:
        await instance(store, clock, "i").take("ada", KeyTerms("k"), Ask(USD, USD), patient=False)
    assert "123" not in refusal.value.message


async def test_a_hold_of_another_gateway_takes_from_the_tenants_budget_and_gives_back(
    store: Store, clock: Clock
) -> None:
    await open_tenant(store, clock, USD, "ada", "bob")
    holds = Authorizations(store)
    await holds.authorize("ada", "m", "r1", 6 * DIME, clock())
    with pytest.raises(OutOfMoney) as refusal:
        await holds.authorize("bob", "m", "r2", 5 * DIME, clock())
    assert refusal.value.code == "tenant_budget_exceeded"
    await holds.capture("r1", Report(2 * DIME), clock())
    await holds.authorize("bob", "m", "r3", 8 * DIME, clock())
    await holds.void("r3", clock())
    logged = await holds.log("bob", "m", "r4", Report(9 * DIME), clock())
    assert (logged.charged, logged.shortfall) == (8 * DIME, DIME), "down to the end of the budget"
    assert await budget_of(store) == Budget("2026-11", USD, spent=USD, reserved=0)
    await clean_audit(store)


async def test_a_tenants_month_is_one_of_its_own_time_zone(store: Store, clock: Clock) -> None:
    await open_tenant(store, clock, USD, "ada", time_zone="Asia/Tokyo")
    holds = Authorizations(store)
    await holds.log("ada", "m", "r1", Report(USD), datetime(2026, 11, 30, 14, 59, tzinfo=UTC))
    await holds.log("ada", "m", "r2", Report(DIME), datetime(2026, 11, 30, 15, 1, tzinfo=UTC))
    assert await budget_of(store) == Budget("2026-12", USD, spent=DIME)
    await clean_audit(store)


async def test_a_lease_is_settled_in_the_month_that_it_was_granted_in_also_where_nothing_is_spent_in_the_next(
    store: Store, clock: Clock
) -> None:
    await open_tenant(store, clock, USD, "ada")
    holds = Authorizations(store)
    await holds.authorize("ada", "m", "r1", DIME, datetime(2026, 11, 30, 23, 59, tzinfo=UTC))
    await holds.capture("r1", Report(DIME), datetime(2026, 12, 1, 0, 1, tzinfo=UTC))
    assert await budget_of(store) == Budget("2026-12", USD)
    await clean_audit(store)


async def test_a_user_who_has_left_a_tenant_spends_nothing_more_of_its_budget(store: Store, clock: Clock) -> None:
    await open_tenant(store, clock, USD, "ada")
    leases = instance(store, clock, "i")
    hold = await leases.take("ada", KeyTerms("k"), Ask(DIME, DIME))
    await store.write(Update("users/ada", {"tenant": None}))
    await refresh_user(store, "ada", clock())
    leases.cancel(hold)
    free = await leases.take("ada", KeyTerms("k"), Ask(2 * USD, 2 * USD))
    assert free.amount == 2 * USD
    await leases.close(0)
    assert (await budget_of(store)).reserved == 0
    await sweep(store, clock() + timedelta(hours=1))
    await clean_audit(store)


async def test_the_audit_names_a_tenant_whose_budget_does_not_add_up(store: Store, clock: Clock) -> None:
    await open_tenant(store, clock, USD, "ada")
    await Authorizations(store).log("ada", "m", "r1", Report(DIME), clock())
    await store.write(Update(tenant_path("acme"), {"budget": Budget("2026-11", USD, spent=DIME - 1).to_data()}))
    [fault] = (await run(store)).faults
    assert fault == Fault("tenants/acme", "0.099999999 USD is spent of its budget, its users come to 0.10 USD")


async def budget_call(admin: httpx.AsyncClient, limit: Any, **more: Any) -> httpx.Response:
    return await admin.put("/api/admin/tenants/acme", json={"monthly_budget_usd": limit, **more})


async def test_an_operator_sets_a_tenants_budget_and_sees_what_its_users_spend(
    client: httpx.AsyncClient, admin: httpx.AsyncClient, gateway: httpx.AsyncClient
) -> None:
    refused(await admin.get("/api/admin/tenants/acme"), 404, "not_found", "id")
    assert (await done(budget_call(admin, "0.50")))["budget"]["limit_usd"] == "0.50"
    uid, _ = await register(client)
    await done(admin.patch(f"/api/admin/users/{uid}", json={"tenant_id": "acme"}))
    usage = {"user_id": uid, "model": "m", "request_id": "r1", "cost_total": 0.2}
    logged = await done(gateway.post("/api/log-usage", json=usage))
    assert logged["budget"]["remaining"] == 0.3
    dear = {"user_id": uid, "model": "m", "cost_estimate": 0.31}
    assert (await done(gateway.post("/api/check-budget", json=dear)))["status"] == "tenant_budget_exceeded"
    expected = {"period": "2026-11", "limit_usd": "0.50", "spent_usd": "0.20", "remaining_usd": "0.30"}
    assert (await done(admin.get("/api/admin/tenants/acme")))["budget"] == expected
    assert [each["id"] for each in (await done(admin.get("/api/admin/tenants")))["data"]] == ["acme"]
    stats = await done(admin.get("/api/admin/stats", params={"tenant_id": "acme"}))
    assert (stats["budget"], stats["totals"]["cost_usd"]) == (expected, "0.20")
    assert (await done(admin.get("/api/admin/stats")))["budget"] is None


async def test_a_lifted_budget_goes_on_counting_and_leaves_its_trail(
    admin: httpx.AsyncClient, gateway: httpx.AsyncClient, uid: str, clock: Clock
) -> None:
    await done(budget_call(admin, "0.10"))
    clock.forward(seconds=1)
    await done(admin.patch(f"/api/admin/users/{uid}", json={"tenant_id": "acme"}))
    assert (await done(budget_call(admin, None)))["budget"]["remaining_usd"] is None
    clock.forward(seconds=1)
    usage = {"user_id": uid, "model": "m", "request_id": "r1", "cost_total": 0.2}
    assert (await done(gateway.post("/api/log-usage", json=usage)))["charged"] == 0.2
    assert (await done(budget_call(admin, "0.10")))["budget"]["remaining_usd"] == "0.00"
    trail = (await done(admin.get("/api/admin/audit", params={"target": "tenants/acme"})))["data"]
    limits = [
        (each["before"] and each["before"]["budget"]["limit"], each["after"]["budget"]["limit"]) for each in trail
    ]
    assert limits == [(None, DIME), (DIME, None), (None, DIME)], "the newest first"


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({}, "missing_field", "monthly_budget_usd"),
        ({"monthly_budget_usd": "-1"}, "invalid_value", "monthly_budget_usd"),
        ({"monthly_budget_usd": 5}, "invalid_type", "monthly_budget_usd"),
        ({"monthly_budget_usd": "5", "time_zone": "Mars/Olympus"}, "invalid_time_zone", "time_zone"),
    ],
)
async def test_a_tenants_budget_that_makes_no_sense_is_refused(
    admin: httpx.AsyncClient, body: dict[str, Any], code: str, param: str
) -> None:
    refused(await admin.put("/api/admin/tenants/acme", json=body), 400, code, param)
    refused(await admin.put("/api/admin/tenants/-x", json={"monthly_budget_usd": "5"}), 400, "invalid_value", "id")
    assert (await admin.get("/api/admin/tenants", headers=AS_ADMIN)).json()["data"] == []
