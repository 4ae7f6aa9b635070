"""Granted credit: spent before paid credit, the soonest to expire first, and gone when its time is over."""

import random
from datetime import timedelta

import pytest

from functions.farebox.billing.events import Disputed, Paid, PaymentEvent, Refunded
from functions.farebox.billing.sale import Sale
from functions.farebox.billing.settlement import payment_path
from functions.farebox.ledger.book import Book
from functions.farebox.ledger.verify import verify
from functions.farebox.ledger.wallet import Posting
from functions.farebox.storage import Store, Transaction
from tests.support.money.customers import wallet_of
from tests.support.money.payment_events import PAYER, USD, apply, event, open_account
from tests.support.product.runtime import START

SOON, LATER = START + timedelta(days=10), START + timedelta(days=40)
GRANT = "pay_plan"


def granted(amount: int = 10 * USD, expires_at: object = SOON, payment: str = GRANT) -> PaymentEvent:
    plan = Sale(PAYER, "plan", amount, 0, amount, "starter", expires_at)  # type: ignore[arg-type]
    return event(f"granted_{payment}", Paid(payment, plan))


def refunded(amount: int = 10 * USD) -> PaymentEvent:
    return event(f"refunded_{amount}", Refunded(GRANT, amount))


async def move(store: Store, amount: int = 0, *, reserve: int = 0, days: float = 0) -> None:
    """Spend an amount, or reserve or release one, some days from now."""

    async def work(tx: Transaction) -> None:
        book = await Book.open(tx, PAYER, START + timedelta(days=days))
        if amount:
            book.post(Posting(f"use_{book.wallet.seq}", "usage", -amount, "1 request"))
        if reserve > 0:
            book.reserve(reserve)
        if reserve < 0:
            book.release(-reserve)
        book.save(tx)

    await store.transact(work)


async def left(store: Store) -> dict[str, int]:
    assert (await verify(store, PAYER)).fault is None
    wallet = await wallet_of(store, PAYER)
    assert sum(grant.left for grant in wallet.grants) <= wallet.balance
    return {grant.id: grant.left for grant in wallet.grants}


async def test_the_grant_that_expires_first_is_spent_first_and_paid_credit_last(sqlite_store: Store) -> None:
    await open_account(sqlite_store, credit=5 * USD)
    await apply(sqlite_store, granted(payment="late", expires_at=LATER), granted())
    await move(sqlite_store, 7 * USD)
    assert await left(sqlite_store) == {GRANT: 3 * USD, "late": 10 * USD}
    await move(sqlite_store, 14 * USD)
    assert await left(sqlite_store) == {GRANT: 0, "late": 0}
    assert (await wallet_of(sqlite_store, PAYER)).balance == 4 * USD


async def test_what_is_left_of_a_grant_lapses_with_whatever_happens_next(store: Store) -> None:
    await open_account(store, credit=5 * USD)
    await apply(store, granted())
    await move(store, 4 * USD)
    await move(store, days=9.9)
    assert (await wallet_of(store, PAYER)).balance == 11 * USD
    await move(store, 1 * USD, days=10)
    assert await left(store) == {GRANT: 0}
    assert (await wallet_of(store, PAYER)).balance == 4 * USD


async def test_what_requests_in_flight_hold_of_a_grant_lapses_when_it_comes_back(sqlite_store: Store) -> None:
    await open_account(sqlite_store)
    await apply(sqlite_store, granted())
    await move(sqlite_store, reserve=8 * USD)
    await move(sqlite_store, days=11)
    assert (await wallet_of(sqlite_store, PAYER)).balance == 8 * USD
    await move(sqlite_store, reserve=-8 * USD, days=11)
    await move(sqlite_store, days=11)
    assert (await wallet_of(sqlite_store, PAYER)).balance == 0


@pytest.mark.parametrize("refund_first", [True, False])
async def test_a_refunded_plan_and_an_expired_one_take_the_grant_once(sqlite_store: Store, refund_first: bool) -> None:
    await open_account(sqlite_store, credit=5 * USD)
    await apply(sqlite_store, granted())
    await move(sqlite_store, 2 * USD)
    after = START + timedelta(days=11)
    if refund_first:
        await apply(sqlite_store, refunded())
        await move(sqlite_store, days=11)
    else:
        await move(sqlite_store, days=11)
        await apply(sqlite_store, refunded(), now=after)
    assert await left(sqlite_store) == {GRANT: 0}
    assert (await wallet_of(sqlite_store, PAYER)).balance == 3 * USD  # the 2 USD that were used of it are paid for


async def test_a_grant_pays_a_debt_and_only_the_rest_of_it_can_lapse(sqlite_store: Store) -> None:
    await open_account(sqlite_store, credit=5 * USD)
    await apply(sqlite_store, event("paid", Paid("pay_1", Sale(PAYER, "topup", 10 * USD, 0, 10 * USD))))
    await move(sqlite_store, 15 * USD)
    await apply(sqlite_store, event("refund", Refunded("pay_1", 4 * USD)), granted())
    wallet = await wallet_of(sqlite_store, PAYER)
    assert (wallet.balance, wallet.debt) == (6 * USD, 0)
    assert await left(sqlite_store) == {GRANT: 6 * USD}


@pytest.mark.parametrize("seed", range(12))
async def test_refunds_disputes_spending_and_lapsing_in_any_order_leave_every_cent_accounted_for(
    sqlite_store: Store, seed: int
) -> None:
    rng = random.Random(seed)
    await open_account(sqlite_store, credit=5 * USD)
    days, spent = 0.0, 0
    steps: list[PaymentEvent | None] = [
        granted(),
        refunded(4 * USD),
        event("lost", Disputed(GRANT, "dp", 6 * USD, "lost", START)),
        event("won", Disputed(GRANT, "dp", 6 * USD, "won", LATER)),
        *[None] * 6,
    ]
    rng.shuffle(steps)
    for step in steps:
        days += rng.uniform(0, 3)
        if step is not None:
            await apply(sqlite_store, step, now=START + timedelta(days=days))
            continue
        await move(sqlite_store, days=days)
        amount = rng.randint(0, (await wallet_of(sqlite_store, PAYER)).available)
        await move(sqlite_store, amount, days=days)
        spent += amount
    await move(sqlite_store, days=60)
    assert await left(sqlite_store) == {GRANT: 0}
    wallet = await wallet_of(sqlite_store, PAYER)
    [grant] = wallet.grants
    payment = await sqlite_store.get(payment_path(GRANT))
    assert payment is not None
    assert payment.data["reversed"] == grant.reclaimed <= 4 * USD
    assert wallet.balance - wallet.debt == 15 * USD - spent - grant.lapsed - grant.reclaimed
    assert not wallet.frozen
