"""Events about one payment come in any order, doubled and all at once, and end in the same books.

There are 8! = 40,320 orders. The decision core goes through all of them, by induction over the 256 sets of events:
whichever event of a set came last, the state is the same, so it depends on the set alone. Through SQLite go all
336 orders of any three events, and through SQLite and the emulator a seeded sample of whole orders, ten copies of
each event at once. `test_every_order` has the rest of them for SQLite; the emulator would take ten hours.
"""

import asyncio
import itertools
import random

import pytest

from functions.farebox.billing.apply_event import apply_event
from functions.farebox.billing.events import (
    CustomerChanged,
    Disputed,
    Paid,
    PaymentEvent,
    PeriodPaid,
    Refunded,
    SubscriptionChanged,
    Unmatched,
)
from functions.farebox.billing.payment import Payment
from functions.farebox.ledger.book import post
from functions.farebox.ledger.wallet import Posting
from functions.farebox.storage import Store
from tests.support.money.customers import wallet_of
from tests.support.money.payment_events import (
    PAYER,
    PAYMENT,
    USD,
    Books,
    apply,
    books,
    disputed,
    eight_events,
    event,
    open_account,
    sale,
)
from tests.support.product.runtime import START

COPIES = 10
SEED = 20261121
END = Books(
    balance=0, debt=0, frozen=False, by_type={"topup": 10 * USD, "refund": -10 * USD}, status="refunded", disputed=()
)


def joined(payment: Payment, each: PaymentEvent) -> Payment:
    assert each.fact is not None
    assert not isinstance(each.fact, PeriodPaid | SubscriptionChanged | CustomerChanged | Unmatched)
    return payment.join(each.fact)


@pytest.mark.parametrize("bonus", [0, 2 * USD])
def test_what_is_known_of_a_payment_depends_on_the_set_of_events_alone(bonus: int) -> None:
    events = eight_events(bonus)
    known: dict[frozenset[int], Payment] = {frozenset(): Payment(PAYMENT)}
    for size in range(1, len(events) + 1):
        for chosen in map(frozenset, itertools.combinations(range(len(events)), size)):
            states = [joined(known[chosen - {last}], events[last]) for last in chosen]
            assert all(state == states[0] for state in states), [events[each].type for each in chosen]
            known[chosen] = states[0]
            for again in chosen:
                assert joined(states[0], events[again]) == states[0]
    whole = known[frozenset(range(len(events)))]
    assert (whole.reversal, whole.is_disputed, whole.status) == (10 * USD + bonus, False, "refunded")


async def play(store: Store, order: list[PaymentEvent]) -> None:
    for each in order:
        await asyncio.gather(*(apply_event(store, each, START) for _ in range(COPIES)))


async def test_every_order_of_three_events_ends_in_the_same_books(sqlite_store: Store) -> None:
    events = eight_events()
    ends: dict[frozenset[str], set[str]] = {}
    for number, order in enumerate(itertools.permutations(range(len(events)), 3)):
        uid, payment_id = f"payer{number}", f"pay_{number}"
        await open_account(sqlite_store, uid)
        for each in order:
            await apply(sqlite_store, _about(events[each], uid, payment_id))
        end = await books(sqlite_store, payment_id, uid)
        ends.setdefault(frozenset(events[each].type for each in order), set()).add(
            repr(end).replace(payment_id, PAYMENT)
        )
    assert len(ends) == 56
    assert {chosen: len(found) for chosen, found in ends.items() if len(found) > 1} == {}


def _about(each: PaymentEvent, uid: str, payment_id: str) -> PaymentEvent:
    fact = each.fact
    match fact:
        case Paid():
            fact = Paid(payment_id, sale(user=uid))
        case Refunded():
            fact = Refunded(payment_id, fact.amount)
        case Disputed():
            fact = Disputed(payment_id, fact.dispute, fact.amount, fact.status, fact.at)
    return PaymentEvent(each.provider, f"{each.id}_{payment_id}", each.type, fact)


@pytest.mark.parametrize("number", range(12))
async def test_an_order_of_all_events_ten_times_each_at_once_ends_in_the_same_books(store: Store, number: int) -> None:
    await open_account(store)
    order = eight_events()
    random.Random(SEED + number).shuffle(order)
    await play(store, order)
    assert await books(store) == END


@pytest.mark.parametrize("number", range(2))
async def test_eighty_deliveries_all_at_once_end_in_the_same_books(store: Store, number: int) -> None:
    await open_account(store)
    deliveries = eight_events() * COPIES
    random.Random(SEED + number).shuffle(deliveries)
    await asyncio.gather(*(apply_event(store, each, START) for each in deliveries))
    assert await books(store) == END


async def test_an_order_in_which_everything_comes_before_the_payment_ends_in_the_same_books(store: Store) -> None:
    await open_account(store)
    await play(store, eight_events()[::-1])
    assert await books(store) == END


@pytest.mark.parametrize("number", range(12))
async def test_what_was_spent_in_between_changes_nothing_about_the_sum(sqlite_store: Store, number: int) -> None:
    """Balance less debt is what was credited, less what was taken back, less what was spent, whenever it was spent."""
    rng = random.Random(SEED + number)
    await open_account(sqlite_store, credit=5 * USD)
    order = [each for each in eight_events() if each.type != "full_refund"]
    rng.shuffle(order)
    spent = 0
    for each in order:
        await apply(sqlite_store, each)
        amount = rng.randint(0, (await wallet_of(sqlite_store, PAYER)).available)
        spent += amount
        await post(sqlite_store, PAYER, START, Posting(f"use_{each.id}", "usage", -amount, "1 request"))
    end = await books(sqlite_store)
    assert end.balance - end.debt == 5 * USD + 10 * USD - 3 * USD - spent
    assert end.balance == 0 or end.debt == 0
    assert (end.frozen, end.status) == (False, "partially_refunded")


async def test_a_wallet_stays_frozen_until_the_last_of_its_disputes_is_decided(sqlite_store: Store) -> None:
    await open_account(sqlite_store)
    second = Disputed("pay_2", "dp_2", 10 * USD, "open", START)
    await apply(
        sqlite_store,
        event("paid_1", Paid(PAYMENT, sale())),
        event("paid_2", Paid("pay_2", sale())),
        event("open_1", disputed("open", 0)),
        event("open_2", second),
        event("won_1", disputed("won", 1)),
    )
    assert (await wallet_of(sqlite_store, PAYER)).spendable == 0
    await apply(sqlite_store, event("won_2", Disputed("pay_2", "dp_2", 10 * USD, "won", START)))
    assert (await wallet_of(sqlite_store, PAYER)).spendable == 20 * USD
