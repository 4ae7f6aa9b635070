"""What an instance may spend, on both stores."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from functions.edge.asgi.errors import error_headers
from functions.farebox.audit import audit
from functions.farebox.errors import OutOfMoney, RateLimited
from functions.farebox.kit.ids import Ids
from functions.farebox.leases.allocation import Ask
from functions.farebox.leases.late_charges import charge_late
from functions.farebox.leases.lease import Lease
from functions.farebox.leases.pool import Hold, LeasePool
from functions.farebox.leases.rate_status import rate_view
from functions.farebox.leases.sweep import sweep
from functions.farebox.ledger.wallet import Wallet as StoredWallet
from functions.farebox.ledger.wallet import wallet_path
from functions.farebox.limits.belongs import Belongs
from functions.farebox.limits.key_counters import KeyTerms
from functions.farebox.limits.rate_windows import Limits
from functions.farebox.limits.span_budgets import SpanCaps
from functions.farebox.storage import Engine, Filter, Query, Store, Write
from functions.farebox.usage.journal import Journal
from functions.farebox.usage.record import Outcome, TokenCounts, UsageRecord
from tests.support.fixtures.lease_pools import Opened, Wallet
from tests.support.storage.instrumented_engines import CountingEngine

KEY = KeyTerms("key-1")
DIME = 100_000_000


def pending(hold: Hold) -> UsageRecord:
    return UsageRecord(
        user=hold.uid,
        key=hold.key_leases.terms.id,
        model="m",
        created_at=datetime.now(UTC),
        lease=hold.lease.id,
        period=hold.scope.period,
    )


async def spend(store: Store, leases: LeasePool, hold: Hold, charged: int, record_id: str) -> bool:
    """Journal a request under a hold and count it, as a served request does."""
    journal = Journal(store)
    record = pending(hold)
    opening = journal.begin(record_id, record)
    await journal.await_pending(opening)
    outcome = Outcome("ok", tokens=TokenCounts(prompt=3, completion=4), cost=charged, charged=charged)
    assert await journal.complete(opening, record.complete(outcome))
    return await leases.spend(hold, record_id, record)


async def read_wallet(store: Store, uid: str) -> StoredWallet:
    document = await store.get(wallet_path(uid))
    assert document is not None
    return StoredWallet.from_data(document.data)


async def assert_clean(store: Store) -> None:
    faults = [fault async for done in audit(store) for fault in done.faults]
    assert not faults


async def test_a_request_that_fits_the_lease_takes_its_share_without_any_storage_call(
    store: Store, instance: Opened, wallet: Wallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    uid, leases = await wallet(), instance()
    for number in range(3):
        hold = await leases.take(uid, KEY, Ask(1000, 1000))
        await spend(store, leases, hold, 10, f"r{number}")
    await leases.settle(uid)

    async def refuse(*_: object) -> None:
        raise AssertionError("a warm request asked the store")

    monkeypatch.setattr(store.engine, "read", refuse)
    monkeypatch.setattr(store.engine, "commit", refuse)
    hold = await leases.take(uid, KEY, Ask(1000, 1000))
    monkeypatch.undo()
    leases.cancel(hold)


async def test_a_burst_on_a_cold_instance_shares_one_grant(store: Store, instance: Opened, wallet: Wallet) -> None:
    uid, leases = await wallet(), instance()
    holds = await asyncio.gather(*(leases.take(uid, KEY, Ask(1000, 1000)) for _ in range(100)))
    opened = await store.query(Query(f"{wallet_path(uid)}/leases"))
    assert [Lease.from_document(document).number for document in opened] == [1]
    for hold in holds:
        leases.cancel(hold)


async def test_no_more_is_admitted_than_the_wallet_holds(store: Store, instance: Opened, wallet: Wallet) -> None:
    uid, leases = await wallet(usd=5), instance()

    async def one(number: int) -> bool:
        try:
            hold = await leases.take(uid, KEY, Ask(DIME, DIME))
        except OutOfMoney:
            return False
        return await spend(store, leases, hold, DIME, f"r{number}")

    answered = await asyncio.gather(*(one(number) for number in range(200)))
    assert sum(answered) == 50
    stored = await read_wallet(store, uid)
    assert (stored.balance, stored.reserved) == (0, 0)
    await assert_clean(store)


async def test_what_a_hold_did_not_use_is_free_for_the_next(store: Store, instance: Opened, wallet: Wallet) -> None:
    uid, leases = await wallet(usd=1), instance()
    for number in range(20):  # each wants nearly everything, and uses a cent
        hold = await leases.take(uid, KEY, Ask(9 * DIME - 2 * DIME, 9 * DIME - 2 * DIME))
        await spend(store, leases, hold, DIME // 10, f"r{number}")
    assert (await read_wallet(store, uid)).balance == 8 * DIME


async def test_an_idle_lease_is_returned(store: Store, instance: Opened, wallet: Wallet) -> None:
    uid, leases = await wallet(), instance(interval_s=0.2)
    hold = await leases.take(uid, KEY, Ask(1000, 1000))
    await spend(store, leases, hold, 10, "r1")
    await asyncio.sleep(1.0)
    stored = await read_wallet(store, uid)
    assert (stored.balance, stored.reserved) == (50 * DIME - 10, 0)
    await assert_clean(store)


async def test_a_lease_whose_request_still_runs_is_renewed(store: Store, instance: Opened, wallet: Wallet) -> None:
    uid, leases = await wallet(), instance(ttl_s=1.0, interval_s=0.2)
    hold = await leases.take(uid, KEY, Ask(1000, 1000))
    await asyncio.sleep(2.0)
    swept = await sweep(store, datetime.now(UTC))
    assert swept.leases == 0
    assert await spend(store, leases, hold, 10, "r1")
    await leases.close()
    assert (await read_wallet(store, uid)).balance == 50 * DIME - 10
    await assert_clean(store)


class Silent(CountingEngine):
    """An engine that, once told to, applies a commit and never says so."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.told = False
        self.applied = asyncio.Event()

    async def commit(self, writes: Sequence[Write]) -> list[str | None]:
        versions = await super().commit(writes)
        if self.told:
            self.told = False
            self.applied.set()
            await asyncio.Event().wait()
        return versions


async def test_what_is_returned_at_the_end_is_returned_although_the_step_before_is_cut_short(
    store: Store, wallet: Wallet
) -> None:
    uid, engine = await wallet(), Silent(store.engine)
    leases = LeasePool(Store(engine), instance="i", now=lambda: datetime.now(UTC), new_id=Ids().new, ttl_s=0.5)
    hold = await leases.take(uid, KEY, Ask(1000, 1000))
    engine.told = True  # at the renewal
    await engine.applied.wait()
    assert await spend(store, leases, hold, 10, "r1")
    await leases.close()
    stored = await read_wallet(store, uid)
    assert (stored.balance, stored.reserved) == (50 * DIME - 10, 0)
    await assert_clean(store)


async def test_what_ends_after_the_end_is_left_to_the_sweep(store: Store, wallet: Wallet) -> None:
    uid, engine = await wallet(), CountingEngine(store.engine)
    leases = LeasePool(Store(engine), instance="i", now=lambda: datetime.now(UTC), new_id=Ids().new)
    hold = await leases.take(uid, KEY, Ask(1000, 1000))
    await leases.close(grace_s=0)
    engine.reset()
    assert await spend(store, leases, hold, 10, "r1")
    await asyncio.sleep(0.05)
    assert not engine.written, "the store may be closed by now"
    await sweep(store, datetime.now(UTC) + timedelta(seconds=61))
    stored = await read_wallet(store, uid)
    assert (stored.balance, stored.reserved) == (50 * DIME - 10, 0)
    await assert_clean(store)


async def test_what_a_dead_instance_held_is_free_after_one_sweep(
    store: Store, instance: Opened, wallet: Wallet
) -> None:
    uid, dead = await wallet(), instance(ttl_s=30)
    settled = await dead.take(uid, KEY, Ask(1000, 1000))
    await spend(store, dead, settled, 10, "done")
    running = await dead.take(uid, KEY, Ask(1000, 1000))
    journal = Journal(store)
    await journal.await_pending(journal.begin("running", pending(running)))

    swept = await sweep(store, datetime.now(UTC) + timedelta(seconds=31))
    assert (swept.leases, swept.requests, swept.lost) == (1, 1, 1)
    stored = await read_wallet(store, uid)
    assert (stored.balance, stored.reserved) == (50 * DIME - 10, 0)
    again = await sweep(store, datetime.now(UTC) + timedelta(seconds=62))
    assert (again.leases, again.requests, again.lost, again.late) == (0, 0, 0, 0)
    await assert_clean(store)


async def test_an_instance_that_wakes_after_its_sweep_charges_late_and_once(
    store: Store, instance: Opened, wallet: Wallet
) -> None:
    uid, sleeper = await wallet(), instance(ttl_s=30)
    hold = await sleeper.take(uid, KEY, Ask(1000, 1000))
    await sweep(store, datetime.now(UTC) + timedelta(seconds=31))
    assert await spend(store, sleeper, hold, 10, "late")  # it cannot know yet
    await sleeper.close()
    await sweep(store, datetime.now(UTC) + timedelta(seconds=62))
    stored = await read_wallet(store, uid)
    assert (stored.balance, stored.reserved) == (50 * DIME - 10, 0)
    charged = await store.query(Query(f"{wallet_path(uid)}/transactions", (Filter("type", "==", "usage"),)))
    assert [entry.id for entry in charged] == ["late"]
    await assert_clean(store)


async def test_a_loss_that_is_counted_late_stays_ours(store: Store, instance: Opened, wallet: Wallet) -> None:
    uid, sleeper = await wallet(), instance(ttl_s=30)
    hold = await sleeper.take(uid, KEY, Ask(1000, 1000))
    journal = Journal(store)
    await journal.await_pending(journal.begin("late", pending(hold)))
    await sweep(store, datetime.now(UTC) + timedelta(seconds=31))
    outcome = Outcome("aborted", cost=900, charged=40, shortfall=860)
    assert await charge_late(store, "late", datetime.now(UTC), outcome) == 40
    assert (await read_wallet(store, uid)).balance == 50 * DIME - 40
    await sleeper.close()


@pytest.mark.parametrize(
    ("terms", "budget", "code"),
    [(KeyTerms("key-1", budget=3 * DIME), None, "key_budget_exceeded"), (KEY, 3 * DIME, "user_budget_exceeded")],
)
async def test_a_budget_is_a_cap_and_says_which(
    store: Store, instance: Opened, wallet: Wallet, terms: KeyTerms, budget: int | None, code: str
) -> None:
    uid, leases = await wallet(budget=budget), instance()
    for number in range(3):
        await spend(store, leases, await leases.take(uid, terms, Ask(DIME, DIME)), DIME, f"r{number}")
    with pytest.raises(OutOfMoney) as refused:
        await leases.take(uid, terms, Ask(DIME, DIME))
    assert refused.value.code == code


async def test_a_rate_window_is_never_exceeded_over_two_instances(
    store: Store, instance: Opened, wallet: Wallet
) -> None:
    moment = datetime(2026, 5, 1, 12, 0, 10, tzinfo=UTC)
    uid, terms = await wallet(), KeyTerms("key-1", limits=Limits(rpm=10))
    instances = [instance(now=lambda: moment), instance(now=lambda: moment)]
    admitted = 0
    waits = set()
    for number in range(30):
        try:
            hold = await instances[number % 2].take(uid, terms, Ask(10, 10))
        except RateLimited as refused:
            waits.add(refused.retry_after_s)
        else:
            admitted += 1
            await spend(store, instances[number % 2], hold, 1, f"r{number}")
    assert 10 - 2 <= admitted <= 10
    assert waits == {50}


async def test_tokens_that_were_not_used_return_to_their_minute(store: Store, instance: Opened, wallet: Wallet) -> None:
    moment = datetime(2026, 5, 1, 12, 0, 10, tzinfo=UTC)
    uid, leases, terms = await wallet(), instance(now=lambda: moment), KeyTerms("key-1", limits=Limits(tpm=100))
    for number in range(10):  # each may take 60 of the 100 tokens, and takes 7
        hold = await leases.take(uid, terms, Ask(10, 10, tokens=60, tokens_minimum=60))
        await spend(store, leases, hold, 1, f"r{number}")
        left = rate_view(hold, moment)["tokens"]
        assert (left.limit, left.remaining, left.reset_s) == (100, 100 - 7 * (number + 1), 50)
        if left.remaining < 60:
            break
    with pytest.raises(RateLimited):
        await leases.take(uid, terms, Ask(10, 10, tokens=60, tokens_minimum=60))


async def test_a_refusal_waits_for_what_another_instance_may_give_back(
    store: Store, instance: Opened, wallet: Wallet
) -> None:
    uid, holder, asker = await wallet(usd=5), instance(), instance()
    hold = await holder.take(uid, KEY, Ask(40 * DIME, 40 * DIME))
    asking = asyncio.create_task(asker.take(uid, KeyTerms("key-2"), Ask(20 * DIME, 20 * DIME)))
    await asyncio.sleep(0.2)
    assert not asking.done()
    holder.cancel(hold)
    taken = await asking
    assert taken.amount == 20 * DIME
    asker.cancel(taken)


async def test_a_refusal_is_final_within_two_seconds_if_nothing_comes_back(
    store: Store, instance: Opened, wallet: Wallet
) -> None:
    uid, holder, asker = await wallet(usd=5), instance(), instance()
    hold = await holder.take(uid, KEY, Ask(40 * DIME, 40 * DIME))
    async with asyncio.timeout(2):
        with pytest.raises(OutOfMoney) as refused:
            await asker.take(uid, KeyTerms("key-2"), Ask(20 * DIME, 20 * DIME))
    assert refused.value.code == "credit_balance_exhausted"
    holder.cancel(hold)


async def test_what_this_instance_holds_idle_for_another_key_comes_back_when_it_is_wanted(
    store: Store, instance: Opened, wallet: Wallet
) -> None:
    uid, leases = await wallet(usd=5), instance(interval_s=60)
    for number in range(30):  # so that a lease with a share of its own is kept
        hold = await leases.take(uid, KEY, Ask(2 * DIME, 2 * DIME))
        await spend(store, leases, hold, DIME // 100, f"r{number}")
    kept = await read_wallet(store, uid)
    assert kept.reserved > 0
    everything = kept.balance - DIME
    hold = await leases.take(uid, KeyTerms("key-2"), Ask(everything, everything))
    assert hold.amount == everything
    leases.cancel(hold)


NO_WAIT = "Waiting does not help"


@pytest.mark.parametrize(
    ("limits", "tokens", "is_never"),
    [
        (Limits(tpm=100), 60, False),
        (Limits(tpm=100), 101, True),
        (Limits(rpm=1, tpm=100), 101, True),  # whichever of the two stops it first
        (Limits(rpm=0), 1, True),
        (Limits(rpd=0), 1, True),
    ],
)
async def test_what_no_minute_of_a_key_could_let_through_is_not_told_to_wait(
    store: Store, instance: Opened, wallet: Wallet, limits: Limits, tokens: int, is_never: bool
) -> None:
    uid, leases, terms = await wallet(), instance(), KeyTerms("key-1", limits=limits)
    if limits.rpm != 0 and limits.rpd != 0:
        await leases.take(uid, terms, Ask(10, 10, tokens=60, tokens_minimum=60))
    with pytest.raises(RateLimited) as refused:
        await leases.take(uid, terms, Ask(10, 10, tokens=tokens, tokens_minimum=tokens))
    headers = error_headers(refused.value)
    assert (NO_WAIT in refused.value.message) == is_never
    assert ("retry-after" in headers) == (not is_never)
    assert headers.get("x-should-retry") == ("false" if is_never else None)


@pytest.mark.parametrize(
    ("terms", "budget"),
    [
        (KeyTerms("key-1"), DIME),
        (KeyTerms("key-1", budget=DIME), None),
        (KeyTerms("key-1", caps={"key": SpanCaps(day=DIME)}), None),
        (KeyTerms("key-1", caps={"key": SpanCaps(total=DIME)}), None),
        (KeyTerms("key-1", belongs=Belongs("mia"), member_budget=DIME), None),
    ],
)
async def test_what_is_more_than_a_whole_budget_is_not_told_to_wait_for_the_next(
    store: Store, instance: Opened, wallet: Wallet, terms: KeyTerms, budget: int | None
) -> None:
    uid, leases = await wallet(budget=budget), instance()
    with pytest.raises(OutOfMoney) as refused:
        await leases.take(uid, terms, Ask(2 * DIME, 2 * DIME))
    assert NO_WAIT in refused.value.message
    await spend(store, leases, await leases.take(uid, terms, Ask(DIME, DIME)), DIME, "r")
    with pytest.raises(OutOfMoney) as refused:
        await leases.take(uid, terms, Ask(DIME, DIME))
    assert NO_WAIT not in refused.value.message


async def test_a_clock_that_was_hours_ahead_shuts_no_key_until_then(
    store: Store, instance: Opened, wallet: Wallet
) -> None:
    moment = datetime(2026, 5, 1, 12, 0, 10, tzinfo=UTC)
    uid, leases, terms = await wallet(), instance(now=lambda: moment), KeyTerms("key-1", limits=Limits(rpm=2))

    async def ask(*names: str) -> None:
        for name in names:
            await spend(store, leases, await leases.take(uid, terms, Ask(10, 10)), 1, name)

    moment += timedelta(hours=2)
    await ask("r1", "r2")
    moment -= timedelta(hours=2)
    await ask("r3", "r4")
    with pytest.raises(RateLimited) as refused:
        await ask("r5")
    assert refused.value.retry_after_s <= 60
