"""Credit of packages that lapses: a top-up and its bonus by themselves, and what a refund takes of them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from functions.farebox.billing.events import Paid, Refunded
from functions.farebox.billing.packages import Package
from functions.farebox.errors import BadConfig
from functions.farebox.jobs.monthly_reset import refresh_user
from functions.farebox.storage import Store
from tests.support.money.customers import wallet_of
from tests.support.money.payment_events import PAYER, PAYMENT, USD, apply, event, open_account, sale
from tests.support.money.wallet_books import clean_audit
from tests.support.product.runtime import START, config_with

SOLD = replace(sale(bonus=2 * USD), credit_days=90, bonus_days=30)
PAID = event("paid", Paid(PAYMENT, SOLD))


async def balance_after(store: Store, days: int) -> int:
    await refresh_user(store, PAYER, START + timedelta(days=days))
    await clean_audit(store)
    return (await wallet_of(store, PAYER)).balance


async def test_credit_and_bonus_lapse_each_after_its_days(sqlite_store: Store) -> None:
    await open_account(sqlite_store)
    await apply(sqlite_store, PAID)
    assert [await balance_after(sqlite_store, days) // USD for days in (29, 30, 89, 90)] == [12, 10, 10, 0]


@pytest.mark.parametrize(
    ("days", "left"),
    [(0, 6), (31, 5), (91, 0)],
    ids=["both are there", "the bonus has lapsed", "all has"],
)
async def test_a_refund_takes_its_share_and_not_what_has_lapsed(sqlite_store: Store, days: int, left: int) -> None:
    await open_account(sqlite_store)
    await apply(sqlite_store, PAID)
    await balance_after(sqlite_store, days)
    await apply(sqlite_store, event("back", Refunded(PAYMENT, 5 * USD)), now=START + timedelta(days=days))
    wallet = await wallet_of(sqlite_store, PAYER)
    assert (wallet.balance, wallet.debt) == (left * USD, 0)
    assert sum(grant.left for grant in wallet.grants) == wallet.balance
    await clean_audit(sqlite_store)


async def test_a_refund_that_came_first_leaves_the_same(sqlite_store: Store) -> None:
    await open_account(sqlite_store)
    await apply(sqlite_store, event("back", Refunded(PAYMENT, 5 * USD)), PAID)
    assert (await wallet_of(sqlite_store, PAYER)).balance == 6 * USD
    assert await balance_after(sqlite_store, 31) == 5 * USD


def test_a_package_says_how_long_its_credit_lasts() -> None:
    packages = '[{"id": "a", "amount_usd": 10, "expires_days": 90, "bonus_usd": 1, "bonus_expires_days": 30}]'
    assert config_with({"FAREBOX_PACKAGES": packages}).shop.packages == (Package("a", 10 * USD, USD, 90, 30),)


@pytest.mark.parametrize("days", ["0", "-1", "1.5", "true", '"90"', "100000"])
def test_days_that_are_none_are_refused_at_the_start(days: str) -> None:
    packages = f'[{{"id": "a", "amount_usd": 10, "expires_days": {days}}}]'
    with pytest.raises(BadConfig, match="expires_days"):
        config_with({"FAREBOX_PACKAGES": packages})
