from datetime import UTC, datetime

import pytest

from functions.farebox.accounts.account import Accounts, user_path
from functions.farebox.errors import Forbidden, InvalidRequest, NotFound
from functions.farebox.ledger.statements import Statements
from functions.farebox.ledger.verify import verify
from functions.farebox.storage import Store, Update
from functions.farebox.storage.pages import TimeRange
from tests.support.product.runtime import Clock


async def open_account(store: Store, accounts: Accounts, uid: str = "u1") -> None:
    await store.transact(lambda tx: accounts.open(tx, uid, "Ada@Example.com"))


async def test_an_account_begins_with_a_wallet_and_its_bonus(store: Store, accounts: Accounts, clock: Clock) -> None:
    await open_account(store, accounts)
    wallet = await Statements(store, clock).wallet("u1")
    assert (wallet.balance, wallet.reserved, wallet.budget.period) == (1_000_000_000, 0, "2026-11")
    page = await Statements(store, clock).entries("u1", type=None, span=TimeRange(), limit=10, after=None)
    assert [(entry.type, entry.amount) for entry in page.items] == [("bonus", 1_000_000_000)]
    assert (await verify(store, "u1")).fault is None


async def test_opening_an_account_twice_gives_one_bonus(store: Store, accounts: Accounts, clock: Clock) -> None:
    await open_account(store, accounts)
    await open_account(store, accounts)
    assert (await Statements(store, clock).wallet("u1")).balance == 1_000_000_000


async def test_without_a_welcome_credit_the_ledger_is_empty(store: Store, clock: Clock) -> None:
    await open_account(store, Accounts(store, signup_credit=0, now=clock))
    assert await store.count("wallets/u1/transactions") == 0
    assert (await Statements(store, clock).wallet("u1")).balance == 0


async def test_a_suspended_account_may_not_act(store: Store, accounts: Accounts) -> None:
    await open_account(store, accounts)
    assert (await accounts.get_active("u1")).email == "ada@example.com"
    await store.write(Update(user_path("u1"), {"status": "suspended"}))
    with pytest.raises(Forbidden) as caught:
        await accounts.get_active("u1")
    assert caught.value.code == "account_suspended"


async def test_what_is_not_named_in_a_change_stays(store: Store, accounts: Accounts) -> None:
    await open_account(store, accounts)
    await accounts.change_profile("u1", {"full_name": "Ada", "time_zone": "Asia/Tokyo"})
    await accounts.change_profile("u1", {"time_zone": "Europe/Berlin"})
    profile = await accounts.change_profile("u1", {})
    assert (profile.account.full_name, profile.time_zone) == ("Ada", "Europe/Berlin")
    assert (await accounts.change_profile("u1", {"full_name": None})).account.full_name is None


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../etc/passwd", "europe/berlin", "localtime"])
async def test_only_time_zones_of_ianas_are_taken(sqlite_store: Store, clock: Clock, name: str) -> None:
    accounts = Accounts(sqlite_store, signup_credit=0, now=clock)
    await open_account(sqlite_store, accounts)
    with pytest.raises(InvalidRequest) as caught:
        await accounts.change_profile("u1", {"time_zone": name})
    assert (caught.value.code, caught.value.param) == ("invalid_time_zone", "time_zone")


async def test_a_budget_period_that_has_begun_is_not_begun_again_in_another_time_zone(
    store: Store, accounts: Accounts, clock: Clock
) -> None:
    clock.time = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
    await open_account(store, accounts)
    await accounts.change_profile("u1", {"time_zone": "Asia/Tokyo"})
    assert (await Statements(store, clock).wallet("u1")).budget.period == "2026-12"
    await accounts.change_profile("u1", {"time_zone": "America/New_York"})
    assert (await Statements(store, clock).wallet("u1")).budget.period == "2026-12"


async def test_an_unknown_account_is_not_found(store: Store, accounts: Accounts, clock: Clock) -> None:
    with pytest.raises(NotFound):
        await accounts.profile("nobody")
    with pytest.raises(NotFound):
        await accounts.change_profile("nobody", {"full_name": "x"})
    with pytest.raises(NotFound):
        await Statements(store, clock).wallet("nobody")
