"""Scenario 16: whether the monthly job runs never, once, late or five times at once, balances are the same."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import AsyncMock

import httpx
import pytest

from functions.farebox.accounts.account import Accounts, user_path
from functions.farebox.accounts.plans import Plans
from functions.farebox.jobs.monthly_reset import PASS, Pass, read_pass, refresh_user, reset_budgets
from functions.farebox.kit.ids import Ids
from functions.farebox.ledger.book import Book, post
from functions.farebox.ledger.statements import Statements
from functions.farebox.ledger.wallet import Posting, Wallet
from functions.farebox.metering.authorizations import Authorizations
from functions.farebox.metering.reports import Report
from functions.farebox.storage import Create, Data, Store, Transaction, Update
from functions.farebox.storage.pages import TimeRange
from functions.farebox.wiring.runtime import Runtime
from tests.support.clients.asgi import refused
from tests.support.clients.management import AS_ADMIN, done
from tests.support.money.wallet_books import clean_audit
from tests.support.product.runtime import Clock

USD = 1_000_000_000
NAMES = [f"u{number}" for number in range(7)]


async def people(store: Store, clock: Clock) -> None:
    """Seven users with a USD and a budget of two: every second one on a plan that an operator gave."""
    accounts = Accounts(store, signup_credit=USD, now=clock)
    await Plans(store, clock).list()
    for number, uid in enumerate(NAMES):

        async def begin(tx: Transaction, uid: str = uid) -> None:
            await accounts.open(tx, uid, f"{uid}@example.com")

        async def terms(tx: Transaction, uid: str = uid) -> None:
            book = await Book.open(tx, uid, clock())
            book.set_terms(budget_limit=2 * USD)
            book.save(tx)

        await store.transact(begin)
        await store.transact(terms)
        if number % 2:
            await store.write(Update(user_path(uid), {"plan": "starter"}))


async def spend(store: Store, clock: Clock, uid: str, amount: int, name: str) -> None:
    await Authorizations(store).log(uid, "m", f"{uid} {name}", Report(amount), clock())


async def states(store: Store, clock: Clock) -> dict[str, tuple[int, int]]:
    """Balance and spend of the month of everybody, as the next request would find them."""
    found = {}
    for uid in NAMES:

        async def work(tx: Transaction, uid: str = uid) -> Wallet:
            return (await Book.open(tx, uid, clock())).wallet

        wallet = await store.transact(work)
        found[uid] = (wallet.balance, wallet.budget.spent)
    return found


async def play(store: Store, runs: int) -> dict[str, tuple[int, int]]:
    """Two months of spending; in the second the job runs so many times at once, amid the spending."""
    clock = Clock(datetime(2026, 11, 20, tzinfo=UTC))
    await people(store, clock)
    for uid in NAMES:
        await refresh_user(store, uid, clock())  # November's credit
        await spend(store, clock, uid, USD // 4, "november")
    clock.time = datetime(2026, 12, 3, tzinfo=UTC)
    jobs = [reset_budgets(store, clock, Ids(), page=3) for _ in range(runs)]
    await asyncio.gather(*jobs, *(spend(store, clock, uid, USD // 10, "december") for uid in NAMES))
    return await states(store, clock)


@pytest.mark.parametrize("runs", [1, 5])
async def test_the_job_gives_plan_credit_once_and_erases_no_spend(store: Store, runs: int) -> None:
    after = await play(store, runs)
    # November's ten dollars paid for November, and lapsed; December's pay first, unless a request was before them.
    for uid in NAMES[1::2]:
        assert after[uid] == (11 * USD - USD // 10, USD // 10)
    for uid in NAMES[0::2]:
        assert after[uid] == (USD - USD // 4 - USD // 10, USD // 10)
    await clean_audit(store)


async def test_without_the_job_budgets_and_lapses_are_the_same(sqlite_store: Store) -> None:
    never = await play(sqlite_store, 0)
    assert all(spent == USD // 10 for _, spent in never.values())
    for uid in NAMES[0::2]:
        assert never[uid][0] == USD - USD // 4 - USD // 10
    for uid in NAMES[1::2]:  # only the credit that nobody granted is missing
        assert never[uid][0] == USD - USD // 10


async def test_a_pass_reports_what_was_done_once(store: Store) -> None:
    clock = Clock()
    await people(store, clock)
    told: list[Pass] = []
    first = await reset_budgets(store, clock, Ids(), page=3, progress=told.append)
    assert first.report() == {"users": 7, "granted": 3, "granted_usd": "30.00", "expired": 0, "complete": True}
    assert [each.users for each in told] == [3, 6, 7]
    clock.forward(days=30)
    december = await reset_budgets(store, clock, Ids(), page=3)
    assert (december.users, december.granted, december.expired) == (7, 3, 3)
    again = await reset_budgets(store, clock, Ids(), page=3)
    assert (again.users, again.granted, again.expired, again.complete) == (7, 0, 0, True)


async def test_a_pass_that_was_cut_off_is_gone_on_with(sqlite_store: Store) -> None:
    store, clock = sqlite_store, Clock()
    await people(store, clock)
    cut = await reset_budgets(store, clock, Ids(), page=2, is_over=lambda: True)
    assert (cut.users, cut.complete, cut.after) == (2, False, "u1")
    assert await read_pass(store) == cut
    clock.forward(days=1)
    rest = await reset_budgets(store, clock, Ids(), page=2)
    assert (rest.users, rest.granted, rest.complete, rest.number) == (7, 3, True, cut.number)


async def test_a_runner_that_dies_in_a_page_leaves_it_to_the_next(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, clock = sqlite_store, Clock()
    await people(store, clock)
    real, calls = store.transact, 0

    async def dying(work: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > 6:
            raise RuntimeError("killed")
        return await real(work)

    with monkeypatch.context() as patch:
        patch.setattr(store, "transact", dying)
        with pytest.raises(RuntimeError):
            await reset_budgets(store, clock, Ids(), page=3)
    done = await reset_budgets(store, clock, Ids(), page=3)
    assert (done.users, done.complete) == (7, True)
    balances = {uid: balance for uid, (balance, _) in (await states(store, clock)).items()}
    assert balances == {uid: USD + (10 * USD if number % 2 else 0) for number, uid in enumerate(NAMES)}


async def test_five_runners_at_once_report_each_user_and_grant_once(store: Store) -> None:
    clock = Clock()
    await people(store, clock)
    await asyncio.gather(*(reset_budgets(store, clock, Ids(), page=2) for _ in range(5)))
    balances = {uid: balance for uid, (balance, _) in (await states(store, clock)).items()}
    assert balances == {uid: USD + (10 * USD if number % 2 else 0) for number, uid in enumerate(NAMES)}
    assert (await store.get(PASS)) is not None


async def test_the_suspended_are_granted_nothing_until_they_are_restored(sqlite_store: Store) -> None:
    store, clock = sqlite_store, Clock()
    await people(store, clock)
    await store.write(Update(user_path("u1"), {"status": "suspended"}))
    assert (await refresh_user(store, "u1", clock())).granted == 0
    await store.write(Update(user_path("u1"), {"status": "active"}))
    assert (await refresh_user(store, "u1", clock())).granted == 1
    assert (await refresh_user(store, "nobody", clock())).granted == 0


@pytest.mark.parametrize(
    ("zone", "moment", "period"),
    [
        ("Asia/Tokyo", datetime(2026, 11, 30, 15, 0, tzinfo=UTC), "2026-12"),
        ("Asia/Tokyo", datetime(2026, 11, 30, 14, 59, tzinfo=UTC), "2026-11"),
        ("America/New_York", datetime(2026, 11, 1, 3, 59, tzinfo=UTC), "2026-10"),  # DST ends that day
        ("America/New_York", datetime(2026, 11, 1, 4, 0, tzinfo=UTC), "2026-11"),
        ("America/New_York", datetime(2026, 12, 1, 4, 59, tzinfo=UTC), "2026-11"),
        ("America/New_York", datetime(2027, 3, 14, 7, 0, tzinfo=UTC), "2027-03"),  # DST begins
        ("UTC", datetime(2027, 1, 31, 23, 59, tzinfo=UTC), "2027-01"),
        ("UTC", datetime(2028, 2, 29, 23, 59, tzinfo=UTC), "2028-02"),
    ],
)
async def test_credit_belongs_to_the_month_of_the_accounts_time_zone(
    sqlite_store: Store, zone: str, moment: datetime, period: str
) -> None:
    store, clock = sqlite_store, Clock(datetime(2026, 9, 1, tzinfo=UTC))
    await people(store, clock)

    async def move(tx: Transaction) -> None:
        book = await Book.open(tx, "u1", clock())
        book.set_terms(time_zone=zone)
        book.save(tx)

    await store.transact(move)
    clock.time = moment
    assert (await refresh_user(store, "u1", clock())).granted == 1
    page = await Statements(store, clock).entries("u1", type="grant", span=TimeRange(), limit=5, after=None)
    assert [entry.id for entry in page.items] == [f"plan-credit.{period}"]
    wallet = await Statements(store, clock).wallet("u1")
    assert wallet.budget.period == period
    [grant] = wallet.grants
    await post(store, "u1", grant.expires_at, Posting("later", "bonus", 1, "x"))
    assert (await Statements(store, clock).wallet("u1")).balance == USD + 1


async def test_an_operator_and_the_scheduler_run_the_same_job(
    client: httpx.AsyncClient, admin: httpx.AsyncClient, uid: str
) -> None:
    await done(admin.patch(f"/api/admin/users/{uid}", json={"plan": "starter"}))
    scheduled = await done(client.post("/jobs/reset-budgets", headers=AS_ADMIN))
    assert scheduled == {"users": 1, "granted": 0, "granted_usd": "0.00", "expired": 0, "complete": True}
    ordered = await done(admin.post("/api/admin/reset-budgets"))
    assert ordered == {"message": "The budgets of 1 users are in their period.", **scheduled}
    [line] = (await done(admin.get("/api/admin/audit", params={"target": PASS})))["data"]
    assert (line["actor"], line["action"]) == ("admin-key", "budgets.reset")
    assert (line["before"]["number"], line["after"]["number"]) == (1, 2)
    refused(await client.post("/jobs/reset-budgets"), 401, "invalid_token")


async def test_an_operators_reset_leaves_its_trail_in_the_commit_that_begins_it(
    admin: httpx.AsyncClient, runtime: Runtime, uid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(
            "functions.farebox.jobs.monthly_reset.refresh_user", AsyncMock(side_effect=RuntimeError("killed"))
        )
        assert (await admin.post("/api/admin/reset-budgets")).status_code == 500
    [line] = (await done(admin.get("/api/admin/audit", params={"target": PASS})))["data"]
    assert (line["before"]["complete"], line["after"]["complete"]) == (True, False)
    begun = await read_pass(await runtime.store())
    assert (begun.number, begun.complete) == (line["after"]["number"], False)


async def test_a_reset_that_is_called_again_with_its_key_begins_no_second_pass(
    admin: httpx.AsyncClient, runtime: Runtime, uid: str
) -> None:
    key = {"idempotency-key": "monday"}
    first = await done(admin.post("/api/admin/reset-budgets", headers=key))
    assert await done(admin.post("/api/admin/reset-budgets", headers=key)) == first
    assert (await read_pass(await runtime.store())).number == 1
    await done(admin.post("/api/admin/reset-budgets"))
    assert (await read_pass(await runtime.store())).number == 2


async def test_a_trail_tells_no_addresses_once_its_entries_are_old_and_goes_on_telling_what_was_done(
    sqlite_store: Store, clock: Clock
) -> None:
    await people(sqlite_store, clock)
    told: Data = {
        "actor": "u1",
        "address": "203.0.113.7",
        "request_id": None,
        "target": "invitations/i1",
        "before": None,
    }
    told |= {"action": "invitations.create", "after": {"email": "guest@example.com", "role": "viewer"}}
    for name, days in (("old", 401), ("new", 399)):
        entry = {**told, "created_at": clock() - timedelta(days=days)}
        await sqlite_store.write(Create(f"users/u1/trail/{name}", entry))
    for _ in range(2):
        await reset_budgets(sqlite_store, clock, Ids())
    old, new = await sqlite_store.get_many("users/u1/trail/old", "users/u1/trail/new")
    assert old is not None and new is not None
    assert (old.data["address"], old.data["after"]) == (None, {"email": "", "role": "viewer"})
    assert (old.data["actor"], old.data["action"]) == ("u1", "invitations.create")
    assert (new.data["address"], new.data["after"]["email"]) == ("203.0.113.7", "guest@example.com")
    clock.time += timedelta(days=40)
    await reset_budgets(sqlite_store, clock, Ids())
    new = await sqlite_store.get("users/u1/trail/new")
    assert new is not None and new.data["address"] is None
