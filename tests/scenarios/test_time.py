"""Budget periods are data: a new month is a new budget, wherever the account is and whether or not a job ran."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from functions.farebox.jobs.schedule import JOBS, run_job
from functions.farebox.kit.money import NANOS_PER_USD
from functions.farebox.kit.periods import period_end, period_of
from functions.farebox.ledger.wallet import Wallet
from functions.farebox.limits.key_counters import KeyWindow, key_window_path
from functions.farebox.storage import Store
from tests.support.clients.asgi import refused
from tests.support.clients.load import completion_of
from tests.support.money.customers import open_customer, wallet_of
from tests.support.money.reconciliation import nothing_is_reserved, records_by_request
from tests.support.money.wallet_books import clean_audit
from tests.support.product.in_process import running
from tests.support.product.runtime import Clock
from tests.support.stand_ins.upstream import StandIn, completion

DIME = NANOS_PER_USD // 10
TERMS = {"input_usd_per_1m": "0", "output_usd_per_1m": "0", "request_usd": "0.10"}
PRICING = {"test-model": TERMS, "echo": TERMS}
BODY = completion_of()
ECHOED = {**BODY, "model": "echo"}
TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Turn:
    """The first moment of a month somewhere."""

    time_zone: str
    first: datetime
    before: str
    after: str


TURNS = {
    "UTC": Turn("UTC", datetime(2027, 1, 1, tzinfo=UTC), "2026-12", "2027-01"),
    "Tokyo is nine hours ahead": Turn("Asia/Tokyo", datetime(2026, 11, 30, 15, tzinfo=UTC), "2026-11", "2026-12"),
    "New York in winter": Turn("America/New_York", datetime(2027, 3, 1, 5, tzinfo=UTC), "2027-02", "2027-03"),
    "New York after clocks went forward": Turn(
        "America/New_York", datetime(2027, 4, 1, 4, tzinfo=UTC), "2027-03", "2027-04"
    ),
    "New York on the day that clocks go back": Turn(
        "America/New_York", datetime(2026, 11, 1, 4, tzinfo=UTC), "2026-10", "2026-11"
    ),
    "New York after clocks went back": Turn(
        "America/New_York", datetime(2026, 12, 1, 5, tzinfo=UTC), "2026-11", "2026-12"
    ),
    "31 January": Turn("UTC", datetime(2027, 2, 1, tzinfo=UTC), "2027-01", "2027-02"),
    "28 February": Turn("UTC", datetime(2027, 3, 1, tzinfo=UTC), "2027-02", "2027-03"),
    "a leap day": Turn("Asia/Tokyo", datetime(2028, 2, 29, 15, tzinfo=UTC), "2028-02", "2028-03"),
}

every_turn = pytest.mark.parametrize("turn", TURNS.values(), ids=TURNS.keys())


@every_turn
def test_a_period_ends_where_the_next_begins(turn: Turn) -> None:
    assert period_of(turn.first - TICK, turn.time_zone) == turn.before
    assert period_of(turn.first, turn.time_zone) == turn.after
    assert period_end(turn.before, turn.time_zone) == turn.first


@pytest.mark.parametrize(
    ("moment", "period"),
    [
        (datetime(2026, 11, 1, 5, 30, tzinfo=UTC), "2026-11"),  # 1:30, for the first time
        (datetime(2026, 11, 1, 6, 30, tzinfo=UTC), "2026-11"),  # 1:30 once more
        (datetime(2027, 3, 14, 6, 59, tzinfo=UTC), "2027-03"),  # a minute before 2:00, which is 3:00
        (datetime(2027, 3, 14, 7, 0, tzinfo=UTC), "2027-03"),
    ],
)
def test_changing_clocks_change_no_period(moment: datetime, period: str) -> None:
    assert period_of(moment, "America/New_York") == period


@pytest.mark.parametrize(
    "time_zone", ["UTC", "Asia/Tokyo", "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu"]
)
def test_ten_years_of_periods_have_neither_gap_nor_overlap(time_zone: str) -> None:
    period = "2026-01"
    for _ in range(120):
        end = period_end(period, time_zone)
        assert period_of(end - TICK, time_zone) == period
        following = period_of(end, time_zone)
        assert following > period
        period = following
    assert period == "2036-01"


@every_turn
async def test_a_request_in_a_new_month_finds_a_new_budget_without_any_job(turn: Turn, sqlite_store: Store) -> None:
    clock = Clock(turn.first - timedelta(days=2))  # nowhere a new month yet: an account is opened in UTC
    by_account = await open_customer(sqlite_store, "10", now=clock, time_zone=turn.time_zone, budget=2 * DIME)
    by_key = await open_customer(sqlite_store, "10", now=clock, time_zone=turn.time_zone, monthly_budget=2 * DIME)
    codes = {by_account: "user_budget_exceeded", by_key: "key_budget_exceeded"}
    clock.time = turn.first - timedelta(seconds=1)
    async with StandIn() as upstream, running(sqlite_store, pricing=PRICING, upstream=upstream, now=clock) as instance:
        for _month in (turn.before, turn.after):
            for customer, code in codes.items():
                for _ in range(2):
                    assert (await instance.ask(customer.bearer, BODY)).status_code == 200
                refused(await instance.ask(customer.bearer, BODY), 402, code)
            clock.time = turn.first
        await instance.stop()
    budget = (await wallet_of(sqlite_store, by_account.uid)).budget
    assert (budget.period, budget.limit, budget.spent) == (turn.after, 2 * DIME, 2 * DIME)
    window = await sqlite_store.get(key_window_path(by_key.key_id))
    key_budget = KeyWindow.read(by_key.key_id, window, turn.after).budget
    assert (key_budget.period, key_budget.spent) == (turn.after, 2 * DIME)
    periods = [record["period"] for record in (await records_by_request(sqlite_store)).values()]
    assert sorted(periods) == [turn.before] * 4 + [turn.after] * 4
    await nothing_is_reserved(sqlite_store)
    await clean_audit(sqlite_store)


async def test_what_was_granted_before_midnight_counts_there_though_it_ends_after(store: Store) -> None:
    turn = TURNS["Tokyo is nine hours ahead"]
    clock = Clock(turn.first - timedelta(seconds=1))
    customer = await open_customer(store, "10", now=clock, time_zone=turn.time_zone, budget=3 * DIME)
    async with StandIn() as upstream, running(store, pricing=PRICING, upstream=upstream, now=clock) as instance:
        assert (await instance.ask(customer.bearer, BODY)).status_code == 200
        upstream.script(*[completion(delay_s=0.5)] * 2)
        across = [asyncio.create_task(instance.ask(customer.bearer, BODY)) for _ in range(2)]
        await upstream.asked(3)
        clock.time = turn.first
        for _ in range(3):
            assert (await instance.ask(customer.bearer, BODY)).status_code == 200
        assert [answer.status_code for answer in await asyncio.gather(*across)] == [200, 200]
        refused(await instance.ask(customer.bearer, BODY), 402, "user_budget_exceeded")
        await instance.stop()
    wallet = await wallet_of(store, customer.uid)
    assert wallet.balance == 10 * NANOS_PER_USD - 6 * DIME
    assert (wallet.budget.period, wallet.budget.spent, wallet.budget.reserved) == (turn.after, 3 * DIME, 0)
    periods = [record["period"] for record in (await records_by_request(store)).values()]
    assert sorted(periods) == [turn.before] * 3 + [turn.after] * 3
    await nothing_is_reserved(store)
    await clean_audit(store)


async def wallet_after_a_month_with_jobs(store: Store, times: int) -> Wallet:
    """What becomes of the same customer when every job runs so many times at once, under load and after it."""
    clock = Clock(datetime(2026, 11, 30, 23, 59, 50, tzinfo=UTC))
    customer = await open_customer(store, "10", now=clock, budget=5 * DIME)
    async with running(store, pricing=PRICING, now=clock) as instance:

        async def run_jobs() -> None:
            await asyncio.gather(*(run_job(name, instance.runtime) for name in JOBS for _ in range(times)))

        for month in range(3):
            clock.forward(days=31 * bool(month))
            await run_jobs()
            for _ in range(4):
                answer, _ = await asyncio.gather(instance.ask(customer.bearer, ECHOED), run_jobs())
                assert answer.status_code == 200
        await run_jobs()
        await instance.stop()
    await nothing_is_reserved(store)
    await clean_audit(store)
    wallet = await wallet_of(store, customer.uid)
    return Wallet(balance=wallet.balance, budget=wallet.budget)


@pytest.mark.parametrize("times", [0, 1, 5])
async def test_jobs_that_run_never_once_or_five_times_at_once_leave_the_same_balance(
    times: int, sqlite_store: Store
) -> None:
    wallet = await wallet_after_a_month_with_jobs(sqlite_store, times)
    assert wallet.balance == 10 * NANOS_PER_USD - 12 * DIME
    assert (wallet.budget.period, wallet.budget.spent, wallet.budget.reserved) == ("2027-01", 4 * DIME, 0)
