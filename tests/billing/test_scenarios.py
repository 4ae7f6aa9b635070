"""Faults that users of other gateways reported about payments, and what happens here instead."""

import asyncio
from collections.abc import Sequence

import pytest

from functions.farebox.billing.apply_event import apply_event, event_path
from functions.farebox.billing.events import Paid, PaymentFailed, Refunded
from functions.farebox.billing.settlement import payment_path
from functions.farebox.errors import OutOfMoney
from functions.farebox.ledger.book import post
from functions.farebox.ledger.verify import verify
from functions.farebox.ledger.wallet import Posting
from functions.farebox.storage import Store, Unreachable, Write
from functions.farebox.storage.model import Engine
from tests.support.money.customers import wallet_of
from tests.support.money.payment_events import PAYER, PAYMENT, USD, apply, books, disputed, event, open_account, sale
from tests.support.product.runtime import START

PAID = event("completed", Paid(PAYMENT, sale()))


async def spend(store: Store, amount: int) -> None:
    await post(store, PAYER, START, Posting(f"use_{amount}", "usage", -amount, "1 request"))


class Faulty:
    """An engine whose next commits fail: before they are applied, or after, with the acknowledgement lost."""

    def __init__(self, engine: Engine, *faults: str) -> None:
        self.read = engine.read
        self.query = engine.query
        self.aggregate = engine.aggregate
        self.close = engine.close
        self._engine = engine
        self._faults = list(faults)

    async def commit(self, writes: Sequence[Write]) -> list[str | None]:
        fault = self._faults.pop(0) if self._faults else None
        if fault == "before":
            raise ConnectionError("the machine died")
        versions = await self._engine.commit(writes)
        if fault == "after":
            raise Unreachable("the acknowledgement was lost")
        return versions


async def test_a_webhook_that_is_replayed_ten_times_at_once_credits_once(store: Store) -> None:
    await open_account(store)
    applied = await asyncio.gather(*(apply_event(store, PAID, START) for _ in range(10)))
    assert sum(each.is_new for each in applied) == 1
    assert (await wallet_of(store, PAYER)).balance == 10 * USD


async def test_two_kinds_of_event_about_one_payment_credit_once(store: Store) -> None:
    await open_account(store)
    other = event("payment_intent.succeeded", Paid(PAYMENT, sale()))
    await asyncio.gather(apply_event(store, PAID, START), apply_event(store, other, START))
    assert (await wallet_of(store, PAYER)).balance == 10 * USD


async def test_an_event_is_never_marked_as_seen_without_its_credit(sqlite_store: Store) -> None:
    await open_account(sqlite_store)
    dying = Store(Faulty(sqlite_store.engine, "before"))
    with pytest.raises(ConnectionError):
        await apply_event(dying, PAID, START)
    assert await sqlite_store.get(event_path("test", PAID.id)) is None
    assert await sqlite_store.get(payment_path(PAYMENT)) is None
    assert (await apply_event(dying, PAID, START)).is_new
    assert (await wallet_of(sqlite_store, PAYER)).balance == 10 * USD


async def test_a_credit_whose_acknowledgement_was_lost_is_recognised(sqlite_store: Store) -> None:
    await open_account(sqlite_store)
    for each in (PAID, event("refund", Refunded(PAYMENT, 4 * USD))):
        await apply_event(Store(Faulty(sqlite_store.engine, "after")), each, START)
    assert (await books(sqlite_store)).by_type == {"topup": 10 * USD, "refund": -4 * USD}


async def test_only_what_is_paid_is_credited(sqlite_store: Store) -> None:
    await open_account(sqlite_store)
    await apply(sqlite_store, event("failed", PaymentFailed(PAYMENT, "card_declined")))
    assert (await wallet_of(sqlite_store, PAYER)).balance == 0
    await apply(sqlite_store, PAID)
    assert (await books(sqlite_store)).status == "paid"
    assert (await wallet_of(sqlite_store, PAYER)).balance == 10 * USD


async def test_credit_is_not_spendable_after_a_refund_and_what_was_spent_is_a_debt_that_the_next_top_up_pays(
    store: Store,
) -> None:
    await open_account(store)
    await apply(store, PAID)
    await spend(store, 7 * USD)
    await apply(store, event("refund", Refunded(PAYMENT, 10 * USD)))
    wallet = await wallet_of(store, PAYER)
    assert (wallet.balance, wallet.debt, wallet.spendable) == (0, 7 * USD, 0)
    await apply(store, event("next", Paid("pay_2", sale(20 * USD))))
    wallet = await wallet_of(store, PAYER)
    assert (wallet.balance, wallet.debt, wallet.spendable) == (13 * USD, 0, 13 * USD)
    assert (await verify(store, PAYER)).fault is None


async def test_a_dispute_freezes_what_is_there_and_a_lost_one_takes_it(store: Store) -> None:
    await open_account(store)
    await apply(store, PAID)
    await spend(store, 4 * USD)
    await apply(store, event("opened", disputed("open", 0)))
    wallet = await wallet_of(store, PAYER)
    assert (wallet.balance, wallet.spendable) == (6 * USD, 0)
    await apply(store, event("lost", disputed("lost", 1)))
    wallet = await wallet_of(store, PAYER)
    assert (wallet.balance, wallet.debt, wallet.frozen) == (0, 4 * USD, False)
    with pytest.raises(OutOfMoney):
        await spend(store, 1)


async def test_a_dispute_that_is_won_restores_what_it_took(store: Store) -> None:
    await open_account(store)
    await apply(store, PAID)
    await spend(store, 4 * USD)
    await apply(store, event("lost", disputed("lost", 1)), event("won", disputed("won", 2)))
    wallet = await wallet_of(store, PAYER)
    assert (wallet.balance, wallet.debt, wallet.spendable) == (6 * USD, 0, 6 * USD)
    assert (await books(store)).status == "dispute_won"


async def test_a_refund_that_arrives_before_its_top_up_is_remembered(store: Store) -> None:
    await open_account(store)
    await apply(store, event("refund", Refunded(PAYMENT, 4 * USD)))
    payment = await store.get(payment_path(PAYMENT))
    assert payment is not None
    assert payment.data["status"] == "unclaimed"
    await apply(store, PAID)
    assert (await books(store)).balance == 6 * USD
