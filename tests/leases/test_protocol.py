"""The lease protocol: steps that are taken once, and a lease that ends either with its holder or with a sweep."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.farebox.leases.allocation import Ask
from functions.farebox.leases.lease import Lease, WindowSlice, count_decided, lease_path
from functions.farebox.leases.protocol import LARGEST_SHARE, LeaseClosed, Outcome, Step, close_expired, take_step
from functions.farebox.ledger.verify import verify
from functions.farebox.limits.budget import Budget
from functions.farebox.limits.key_counters import KeyTerms
from functions.farebox.limits.rate_windows import Limits, Slice
from functions.farebox.storage import Document, Store
from functions.farebox.usage.aggregates import UsageAggregates
from tests.simulation.memory_engine import MemoryEngine
from tests.support.money.gates import KEY, UID, open_gates, read_gates
from tests.support.product.runtime import START

BALANCE = 1000
NEXT_MONTH = datetime(2026, 12, 1, 0, 0, 1, tzinfo=UTC)
PATH = lease_path(UID, "l1")


@pytest.fixture
def store() -> Store:
    return Store(MemoryEngine())


def totals_of(spent: int) -> UsageAggregates:
    totals = UsageAggregates()
    totals.add(("2026-11-21", "2026-11-21", "m"), {"requests": 1, "charged": spent})
    return totals


def step(number: int, *, spent: int = 0, ask: int | None = None, **more: Any) -> Step:
    """One step of the lease `l1`, that has one request ask for an amount, if any."""
    asks = [] if ask is None else [Ask(ask, ask)]
    totals = totals_of(spent) if spent else UsageAggregates()
    made = Step(UID, KeyTerms(KEY), "l1", "i1", number, spent, totals, START + timedelta(seconds=60), asks)
    return replace(made, **more)


async def take(store: Store, taken: Step, now: datetime = START) -> Outcome:
    return await store.transact(lambda tx: take_step(tx, taken, now))


async def read(store: Store) -> Document:
    document = await store.get(PATH)
    assert document is not None
    return document


async def sweep(store: Store, seen: Document, spent: int = 0, now: datetime = START + timedelta(seconds=60)) -> bool:
    totals = totals_of(spent) if spent else UsageAggregates()
    return await store.transact(lambda tx: close_expired(tx, seen, spent, totals, now))


async def adds_up(store: Store) -> Lease:
    """The lease, when all gates keep reserved for it exactly what it has not spent, and the ledger holds."""
    lease = Lease.from_document(await read(store))
    gates = await read_gates(store)
    assert gates.reserved == {lease.unspent}
    assert gates.spent == {lease.settled}
    assert gates.wallet.balance == BALANCE - lease.settled
    assert (await verify(store, UID)).fault is None
    return lease


async def test_a_first_step_opens_a_lease_and_reserves_its_grant_in_every_gate(store: Store) -> None:
    await open_gates(store, BALANCE)
    outcome = await take(store, step(1, ask=100))
    assert (outcome.granted, outcome.settled, outcome.closed, outcome.stale) == (100, 0, False, False)
    assert (outcome.balance, outcome.reserved["wallet"], outcome.room.wallet) == (BALANCE, 100, BALANCE - 100)
    await adds_up(store)


async def test_what_a_step_leaves_is_stored_field_by_field_as_it_has_always_been(store: Store) -> None:
    await open_gates(store, BALANCE)
    await take(store, step(1, ask=100))
    await take(store, step(2, spent=30))
    assert (await read(store)).data == {
        "user": UID,
        "key": KEY,
        "instance": "i1",
        "state": "open",
        "seq": 2,
        "granted": 100,
        "settled": 30,
        "totals": [{"date": "2026-11-21", "model": "m", "counts": {"requests": 1, "charged": 30}}],
        "period": "2026-11",
        "tenant": "acme",
        "tenant_period": "2026-11",
        "expires_at": START + timedelta(seconds=60),
        "window": {"minute": "", "requests": 0, "tokens": 0, "day": "", "day_requests": 0},
    }


@pytest.mark.parametrize("last", [step(2, spent=30, ask=50), step(2, spent=30, close=True)], ids=["open", "closed"])
async def test_a_step_that_is_taken_again_changes_nothing_and_answers_the_same(store: Store, last: Step) -> None:
    await open_gates(store, BALANCE)
    await take(store, step(1, ask=100))
    first = await take(store, last)
    stored, gates = await read(store), await read_gates(store)
    assert await take(store, last) == first
    assert (await read(store), await read_gates(store)) == (stored, gates)


@pytest.mark.parametrize("number", [1, 4])
async def test_a_step_out_of_turn_finds_no_lease(store: Store, number: int) -> None:
    await open_gates(store, BALANCE)
    await take(store, step(1, ask=100))
    await take(store, step(2))
    with pytest.raises(LeaseClosed):
        await take(store, step(number, ask=100))
    await adds_up(store)


async def test_only_a_first_step_opens_a_lease(store: Store) -> None:
    await open_gates(store, BALANCE)
    with pytest.raises(LeaseClosed):
        await take(store, step(2, ask=100))
    assert await store.get(PATH) is None


async def test_a_step_that_closes_returns_all_that_was_not_spent_and_grants_nothing(store: Store) -> None:
    await open_gates(store, BALANCE)
    await take(store, step(1, ask=100))
    outcome = await take(store, step(2, spent=30, ask=500, close=True))
    assert (outcome.granted, outcome.closed) == (30, True)
    lease = await adds_up(store)
    assert (lease.closed_by, lease.closed_at) == ("holder", START)
    with pytest.raises(LeaseClosed):
        await take(store, step(3))


async def test_a_lease_of_a_month_that_is_over_is_settled_and_grows_no_more(store: Store) -> None:
    await open_gates(store, BALANCE, user=500)
    await take(store, step(1, ask=100))
    outcome = await take(store, step(2, spent=30, ask=100), NEXT_MONTH)
    assert (outcome.stale, outcome.granted, outcome.settled, outcome.scope.period) == (True, 100, 30, "2026-11")
    await take(store, step(3, spent=30, close=True), NEXT_MONTH)
    gates = await read_gates(store)
    assert (gates.wallet.balance, gates.wallet.reserved, gates.wallet.budget) == (970, 0, Budget("2026-12", 500))
    assert gates.reserved == {0} and gates.spent == {0}


async def test_what_is_wanted_beyond_the_requests_is_at_most_an_eighth_of_what_is_free(store: Store) -> None:
    await open_gates(store, BALANCE)
    outcome = await take(store, step(1, ask=200, extra=10**6))
    assert outcome.granted == 200 + 800 // LARGEST_SHARE


async def test_a_request_that_cannot_be_served_takes_nothing_and_holds_up_nobody(store: Store) -> None:
    await open_gates(store, BALANCE, key=300)
    terms = KeyTerms(KEY, budget=300)
    asks = [Ask(200, 200), Ask(200, 200), Ask(100, 100)]
    outcome = await take(store, step(1, key=terms, asks=asks))
    assert outcome.granted == 300
    assert outcome.room.gate(Ask(1, 1)) == "key_budget"


async def test_a_keys_cap_is_the_one_that_its_record_has_now(store: Store) -> None:
    await open_gates(store, BALANCE, key=10)
    raised = await take(store, step(1, ask=200, key=KeyTerms(KEY, budget=300)))
    assert (raised.granted, (await read_gates(store)).key.limit) == (200, 300)
    lifted = await take(store, step(2, ask=500))
    assert (lifted.granted, (await read_gates(store)).key.limit) == (700, None)


async def test_an_overrun_is_granted_as_far_as_every_gate_has_it_and_no_rate_window_stops_it(store: Store) -> None:
    await open_gates(store, BALANCE, tenant=150)
    terms = KeyTerms(KEY, limits=Limits(rpm=1))
    first = await take(store, step(1, ask=100, key=terms))
    assert first.window.part.requests == 1
    grown = await take(store, step(2, overrun=900, key=terms))
    assert (grown.granted, grown.window.part) == (150, Slice())


async def test_slices_of_rate_windows_go_out_with_a_grant_and_come_back_unused(store: Store) -> None:
    await open_gates(store, BALANCE, limits=Limits(rpm=20))
    terms = KeyTerms(KEY, limits=Limits(rpm=10, tpm=1000))
    ask = Ask(100, 100, tokens=60, tokens_minimum=60)
    first = await take(store, step(1, asks=[ask], key=terms, extra_window=Slice(5, 5000)))
    assert first.window == WindowSlice("2026-11-21T12:00", Slice(2, 60 + 940 // LARGEST_SHARE), "2026-11-21", 2)
    assert (first.counted, first.account_counted.requests) == (first.account_counted, 2)
    back = await take(store, step(2, key=terms, unused=first.window))
    assert (back.counted.requests, back.counted.tokens, back.counted.day_requests) == (0, 0, 0)
    assert back.account_counted == back.counted


async def test_a_sweep_closes_with_what_the_journal_says_and_the_rest_is_free_again(store: Store) -> None:
    await open_gates(store, BALANCE)
    await take(store, step(1, ask=100))
    assert await sweep(store, await read(store), 30)
    lease = await adds_up(store)
    assert (lease.closed_by, lease.granted, lease.number) == ("sweep", 30, 2)
    for late in (step(2, spent=30), step(3, spent=30)):
        with pytest.raises(LeaseClosed, match="swept"):
            await take(store, late)


async def test_no_sweep_closes_a_lease_before_it_expires_or_twice(store: Store) -> None:
    await open_gates(store, BALANCE)
    await take(store, step(1, ask=100))
    seen = await read(store)
    assert not await sweep(store, seen, now=START + timedelta(seconds=59))
    assert await sweep(store, seen)
    assert not await sweep(store, seen)
    await adds_up(store)


async def test_no_sweep_closes_a_lease_that_its_holder_or_another_sweep_has_touched(store: Store) -> None:
    await open_gates(store, BALANCE)
    await take(store, step(1, ask=100))
    seen = await read(store)
    await store.write(count_decided(seen, 1))
    assert not await sweep(store, seen)
    seen = await read(store)
    await take(store, step(2, spent=10))
    assert not await sweep(store, seen)
    assert (await adds_up(store)).is_open


amounts = st.integers(0, 300)
caps = st.none() | st.integers(0, 600)


@given(st.lists(st.tuples(amounts, amounts, amounts, amounts), max_size=6), st.booleans(), caps, caps, caps)
def test_whatever_steps_are_taken_all_gates_keep_what_the_lease_has_not_spent_and_nothing_once_it_is_closed(
    plan: list[tuple[int, int, int, int]], is_swept: bool, user: int | None, tenant: int | None, key: int | None
) -> None:
    asyncio.run(_play(plan, is_swept, user, tenant, key))


async def _play(
    plan: list[tuple[int, int, int, int]], is_swept: bool, user: int | None, tenant: int | None, key: int | None
) -> None:
    store = Store(MemoryEngine())
    await open_gates(store, BALANCE, user=user, tenant=tenant, key=key)
    terms = KeyTerms(KEY, budget=key)
    outcome = await take(store, step(1, key=terms))
    spent = 0
    for number, (ask, extra, used, given_back) in enumerate(plan, start=2):
        spent += min(used, outcome.granted - spent)
        give_back = min(given_back, outcome.granted - spent)
        taken = step(number, spent=spent, ask=ask, extra=extra, give_back=give_back, key=terms)
        outcome = await take(store, taken)
        assert await take(store, taken) == outcome
        lease = await adds_up(store)
        assert (lease.granted, lease.settled) == (outcome.granted, spent)
        for cap in (user, tenant, key):
            assert cap is None or lease.granted <= cap
    if is_swept:
        assert await sweep(store, await read(store), spent)
    else:
        await take(store, step(len(plan) + 2, spent=spent, close=True, key=terms))
    lease = await adds_up(store)
    assert (lease.is_open, lease.unspent, lease.settled) == (False, 0, spent)
