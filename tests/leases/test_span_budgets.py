"""Budgets of a day, a week and in total, as leases spend from them, on both stores."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from functions.farebox.errors import OutOfMoney
from functions.farebox.leases.allocation import Ask
from functions.farebox.leases.late_charges import charge_late
from functions.farebox.leases.pool import LeasePool
from functions.farebox.leases.sweep import sweep
from functions.farebox.limits.budget import Budget
from functions.farebox.limits.key_counters import KeyTerms
from functions.farebox.limits.span_budgets import Party, Span, SpanCaps, read_span_budgets, span_budgets_path
from functions.farebox.storage import Store
from functions.farebox.usage.journal import Journal
from functions.farebox.usage.record import Outcome
from tests.leases.test_leases import DIME, assert_clean, pending, spend
from tests.support.fixtures.lease_pools import Opened, Wallet
from tests.support.product.runtime import Clock

EVENING = datetime(2026, 11, 25, 23, 59, 50, tzinfo=UTC)  # a Wednesday
MIDNIGHT = datetime(2026, 11, 26, tzinfo=UTC)
MONDAY = datetime(2026, 11, 30, tzinfo=UTC)


def terms_with(party: Party = "key", **caps: int) -> KeyTerms:
    return KeyTerms("key-1", caps={party: SpanCaps(caps.get("day"), caps.get("week"), caps.get("total"))})


async def counted(store: Store, uid: str, key: str | None = "key-1") -> Mapping[Span, Budget]:
    document = await store.get(span_budgets_path(uid, key))
    return read_span_budgets(None if document is None else document.data)


async def spend_dimes(store: Store, leases: LeasePool, uid: str, terms: KeyTerms, *names: str) -> None:
    for name in names:
        assert await spend(store, leases, await leases.take(uid, terms, Ask(DIME, DIME)), DIME, name)


async def refusal(leases: LeasePool, uid: str, terms: KeyTerms) -> OutOfMoney:
    with pytest.raises(OutOfMoney) as refused:
        await leases.take(uid, terms, Ask(DIME, DIME), patient=False)
    return refused.value


@pytest.mark.parametrize(
    ("span", "told"),
    [
        ("day", "budget for the day 2026-11-25. It begins anew at 2026-11-26T00:00:00Z"),
        ("week", "budget for the week 2026-W48. It begins anew at 2026-11-30T00:00:00Z"),
        ("total", "total budget, which never begins anew"),
    ],
)
@pytest.mark.parametrize(("party", "whose"), [("user", "account"), ("key", "API key")])
async def test_a_budget_is_a_cap_and_says_which_and_when_it_begins_anew(
    store: Store, instance: Opened, wallet: Wallet, party: Party, whose: str, span: str, told: str
) -> None:
    uid, clock = await wallet(), Clock(EVENING)
    leases, terms = instance(now=clock), terms_with(party, **{span: 3 * DIME})
    await spend_dimes(store, leases, uid, terms, "a", "b", "c")
    refused = await refusal(leases, uid, terms)
    assert refused.code == f"{party}_budget_exceeded"
    assert f"0.00 USD is left of this {whose}'s {told}" in str(refused)
    clock.time = MIDNIGHT
    if span == "day":
        await spend_dimes(store, leases, uid, terms, "d", "e", "f")
    await refusal(leases, uid, terms)
    clock.time = MONDAY
    if span == "total":
        await refusal(leases, uid, terms)
    else:
        await spend_dimes(store, leases, uid, terms, "g", "h", "i")
    await leases.close(1)
    await assert_clean(store)


async def test_a_lease_that_spans_midnight_ends_there_and_is_counted_where_it_was_granted(
    store: Store, instance: Opened, wallet: Wallet
) -> None:
    uid, clock, terms = await wallet(usd=50), Clock(EVENING), terms_with(day=30 * DIME)
    leases = instance(now=clock)
    before = await leases.take(uid, terms, Ask(DIME, DIME))
    lease = before.lease
    assert lease.period_ends_at == MIDNIGHT
    clock.time = MIDNIGHT
    holds = [await leases.take(uid, terms, Ask(10 * DIME, 10 * DIME)) for _ in range(3)]
    assert all(hold.lease is not lease for hold in holds), "yesterday's slice is not spent today"
    assert (await refusal(leases, uid, terms)).code == "key_budget_exceeded"
    await spend(store, leases, before, DIME, "before")
    for number, hold in enumerate(holds):
        await spend(store, leases, hold, 10 * DIME, f"r{number}")
    await leases.close(1)
    budgets = await counted(store, uid)
    assert budgets["day"] == Budget("2026-11-26", 30 * DIME, spent=30 * DIME)
    assert budgets["week"].spent == budgets["total"].spent == 31 * DIME
    await assert_clean(store)


async def test_a_warm_request_under_such_budgets_asks_no_store(
    store: Store, instance: Opened, wallet: Wallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    uid, terms = await wallet(), terms_with(day=40 * DIME, week=40 * DIME, total=40 * DIME)
    leases = instance(now=Clock(EVENING))
    for number in range(3):
        await spend(store, leases, await leases.take(uid, terms, Ask(1000, 1000)), 10, f"r{number}")
    await leases.settle(uid)

    async def refuse(*_: object) -> None:
        raise AssertionError("a warm request asked the store")

    monkeypatch.setattr(store.engine, "read", refuse)
    monkeypatch.setattr(store.engine, "commit", refuse)
    hold = await leases.take(uid, terms, Ask(1000, 1000))
    monkeypatch.undo()
    leases.cancel(hold)


@pytest.mark.parametrize("party", ["user", "key"])
async def test_of_twenty_at_once_on_two_instances_a_total_lets_as_many_through_as_it_pays_for(
    store: Store, instance: Opened, wallet: Wallet, party: Party
) -> None:
    uid, terms, instances = await wallet(), terms_with(party, total=3 * DIME), [instance(), instance()]

    codes = set()

    async def one(number: int) -> bool:
        leases = instances[number % 2]
        try:
            hold = await leases.take(uid, terms, Ask(DIME, DIME))
        except OutOfMoney as refused:
            codes.add(refused.code)
            return False
        return await spend(store, leases, hold, DIME, f"r{number}")

    assert sum(await asyncio.gather(*map(one, range(20)))) == 3
    assert codes == {f"{party}_budget_exceeded"}
    for leases in instances:
        await leases.close(1)
    assert (await counted(store, uid, "key-1" if party == "key" else None))["total"].spent == 3 * DIME
    await assert_clean(store)


async def test_a_cap_that_is_raised_lowered_lifted_or_new_holds_from_the_next_step_on(
    store: Store, instance: Opened, wallet: Wallet
) -> None:
    uid, leases = await wallet(), instance(now=Clock(EVENING))
    await spend_dimes(store, leases, uid, KeyTerms("key-1"), "uncapped")
    await leases.settle(uid)
    assert await store.get(span_budgets_path(uid, "key-1")) is None, "who has none has no document"
    await spend_dimes(store, leases, uid, terms_with(total=DIME), "capped")
    await refusal(leases, uid, terms_with(total=DIME))
    await spend_dimes(store, leases, uid, terms_with(total=2 * DIME), "topped up")
    await refusal(leases, uid, terms_with(total=2 * DIME))
    await spend_dimes(store, leases, uid, terms_with(), "lifted")
    assert (await refusal(leases, uid, terms_with(total=2 * DIME))).code == "key_budget_exceeded"
    await leases.close(1)
    assert (await counted(store, uid))["total"] == Budget("total", 2 * DIME, spent=2 * DIME)
    await assert_clean(store)


async def test_what_is_charged_late_counts_in_them_and_passes_none(
    store: Store, instance: Opened, wallet: Wallet
) -> None:
    uid, terms, clock = await wallet(), terms_with(total=10 * DIME), Clock(EVENING)
    sleeper = instance(ttl_s=5, now=clock)
    hold = await sleeper.take(uid, terms, Ask(4 * DIME, 4 * DIME))
    journal = Journal(store)
    await journal.await_pending(journal.begin("late", pending(hold)))
    clock.forward(minutes=1)
    await sweep(store, clock())
    assert (await counted(store, uid))["total"].reserved == 0
    await spend_dimes(store, instance(now=clock), uid, terms, *(f"r{number}" for number in range(8)))
    outcome = Outcome("ok", cost=4 * DIME, charged=4 * DIME)
    assert await charge_late(store, "late", clock(), outcome) == 2 * DIME
    await sleeper.close(0.1)
    assert (await counted(store, uid))["total"].spent == 10 * DIME
