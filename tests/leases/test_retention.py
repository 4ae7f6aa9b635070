"""Usage records that are old enough are deleted, and the books, the statistics and the answers say what they said."""

from datetime import timedelta
from typing import Any

import pytest

from functions.farebox.errors import NotFound
from functions.farebox.jobs.forget_usage import forget_old_usage
from functions.farebox.leases import retention
from functions.farebox.leases.retention import forget_usage
from functions.farebox.metering.authorizations import Authorizations
from functions.farebox.metering.reports import Report
from functions.farebox.storage import Create, Data, Query, Store, Update
from functions.farebox.usage.receipts import find_record
from functions.farebox.usage.retention import kept_since
from functions.farebox.usage.spending import spent_by_user
from functions.farebox.usage.stats import Stats, system_stats, user_stats
from tests.support.clients.management import ADMIN_KEY, AS_ADMIN
from tests.support.money.customers import Customer, open_customer, wallet_of
from tests.support.money.wallet_books import clean_audit, records_of
from tests.support.product.in_process import running
from tests.support.product.runtime import Clock

ECHO = {"model": "echo", "messages": [{"role": "user", "content": "Hello"}]}
KEEP = timedelta(days=35)
METERED = "a request of another gateway's"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def customer(store: Store, clock: Clock) -> Customer:
    """Somebody who asked 40 days ago, four times, and today, twice."""
    customer = await open_customer(store, "10", now=clock)
    await ask(store, clock, customer, times=3)
    await Authorizations(store).log(customer.uid, "theirs", METERED, Report(5_000), clock())
    clock.forward(days=40)
    await ask(store, clock, customer, times=2)
    return customer


async def ask(store: Store, clock: Clock, customer: Customer, *, times: int) -> None:
    async with running(store, now=clock) as instance:
        for number in range(times):
            answer = await instance.ask(customer.bearer, {**ECHO, "stream": number == 0})
            assert answer.status_code == 200, answer.text


async def figures(store: Store, uid: str, clock: Clock) -> list[Any]:
    """All that is told of what was used, but for the requests themselves."""

    def told(stats: Stats) -> list[Any]:
        return [stats.groups, stats.total()]

    stats = [await user_stats(store, uid, 90, clock()), await system_stats(store, 90, clock())]
    return [[told(each) for each in stats], await spent_by_user(store, uid), (await wallet_of(store, uid)).balance]


async def leases(store: Store, customer: Customer) -> int:
    return len(await store.query(Query(f"wallets/{customer.uid}/leases")))


async def test_what_is_old_goes_and_statistics_and_books_stay(store: Store, customer: Customer, clock: Clock) -> None:
    before = await figures(store, customer.uid, clock)
    audited = await clean_audit(store)

    done = await forget_old_usage(store, KEEP, clock())

    assert (done.complete, done.wallets, done.records, done.leases) == (True, 1, 4, 1)
    assert [record["created_at"] for record in await records_of(store, customer.uid)] == [clock()] * 2
    assert await leases(store, customer) == 1
    assert await figures(store, customer.uid, clock) == before
    after = await clean_audit(store)
    assert (after.entries, after.records) == (audited.entries, 2)


async def test_what_is_gone_is_said_to_be(store: Store, customer: Customer, clock: Clock) -> None:
    old = min(await records_of(store, customer.uid), key=lambda record: record["created_at"])["request_id"]
    assert await kept_since(store) is None
    await forget_old_usage(store, KEEP, clock())
    since = await kept_since(store)
    assert since == clock().replace(hour=0) - KEEP
    with pytest.raises(NotFound, match=f"from before {since.date()} are not kept"):
        await find_record(store, customer.uid, old)


async def test_a_metered_request_whose_record_is_gone_is_charged_once(
    store: Store, customer: Customer, clock: Clock
) -> None:
    await forget_old_usage(store, KEEP, clock())
    balance = (await wallet_of(store, customer.uid)).balance
    await Authorizations(store).log(customer.uid, "theirs", METERED, Report(5_000), clock())
    assert (await wallet_of(store, customer.uid)).balance == balance


async def test_the_books_hold_wherever_it_is_cut_off(
    store: Store, customer: Customer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "PAGE", 1)
    left = [6]
    while left[-1] > 2:
        done = await forget_old_usage(store, KEEP, clock(), is_over=lambda: True)
        await clean_audit(store)
        left.append(len(await records_of(store, customer.uid)))
    assert left == [6, 5, 4, 3, 2]
    done = await forget_old_usage(store, KEEP, clock(), is_over=lambda: True)
    assert (done.complete, done.records, done.leases) == (True, 4, 1)


async def test_what_is_not_decided_and_what_its_lease_still_needs_stays(
    store: Store, customer: Customer, clock: Clock
) -> None:
    [old, _] = await store.query(Query(f"wallets/{customer.uid}/leases"))
    clock.forward(days=40)
    lease = {**old.data, "state": "open", "settled": old.data["granted"]}
    for name, status in (("use_pending", "pending"), ("use_under_open", "lost")):
        data: Data = {"user": customer.uid, "key": "k", "model": "echo", "status": status, "request_id": name}
        data |= {"created_at": clock() - 2 * KEEP, "lease": "l-open" if status == "lost" else None}
        await store.write(Create(f"usage/{name}", data))
    await store.write(Create(f"wallets/{customer.uid}/leases/l-open", {**lease, "closed_at": None}))

    async for _ in forget_usage(store, customer.uid, clock() - KEEP):
        pass
    assert {record["request_id"] for record in await records_of(store, customer.uid)} == {
        "use_pending",
        "use_under_open",
    }
    await store.write(Update("usage/use_pending", {"status": "lost"}))
    async for _ in forget_usage(store, customer.uid, clock() - KEEP):
        pass
    assert [record["request_id"] for record in await records_of(store, customer.uid)] == ["use_under_open"]


async def test_a_day_is_gone_through_once_and_keeping_longer_brings_nothing_back(
    store: Store, customer: Customer, clock: Clock
) -> None:
    first = await forget_old_usage(store, KEEP, clock())
    assert await forget_old_usage(store, KEEP, clock()) == first
    assert await forget_old_usage(store, 2 * KEEP, clock()) == first
    clock.forward(days=1)
    again = await forget_old_usage(store, KEEP, clock())
    assert (again.complete, again.records) == (True, 0)
    assert again.before_at == first.before_at + timedelta(days=1)


async def test_the_scheduler_is_told_what_was_deleted(store: Store, customer: Customer, clock: Clock) -> None:
    async with running(store, now=clock, ADMIN_SECRET_KEY=ADMIN_KEY, FAREBOX_KEEP_USAGE_DAYS="35") as instance:
        answer = await instance.client.post("/jobs/forget-usage", headers=AS_ADMIN)
    assert answer.status_code == 200, answer.text
    done = {"before": "2026-11-26", "complete": True, "wallets": 1, "records": 4, "leases": 1}
    assert answer.json() == {**done, "expired": 0}


async def test_without_the_variable_nothing_is_deleted(store: Store, customer: Customer, clock: Clock) -> None:
    async with running(store, now=clock, ADMIN_SECRET_KEY=ADMIN_KEY) as instance:
        answer = await instance.client.post("/jobs/forget-usage", headers=AS_ADMIN)
    assert answer.json() == {"complete": True, "expired": 0}
    assert len(await records_of(store, customer.uid)) == 6
    assert await kept_since(store) is None
