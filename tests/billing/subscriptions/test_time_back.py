"""Time that a change of plan or of seats gives back: what was granted for it goes, once, and no more than that."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from functions.farebox.accounts.plans import BUILTIN
from functions.farebox.billing.apply_event import apply_event
from functions.farebox.billing.settlement import begin_due_parts
from functions.farebox.ledger.book import post
from functions.farebox.ledger.wallet import Posting
from functions.farebox.storage import Query, Store
from tests.support.money.customers import wallet_of
from tests.support.money.payment_events import PAYER, USD
from tests.support.money.provider_events import (
    BEGIN,
    MONTH,
    Object,
    creem_event,
    creem_paid,
    put_plan,
    read,
    stripe_event,
    stripe_invoice,
    stripe_line,
    tell,
)
from tests.support.money.wallet_books import clean_audit

HALF, END = BEGIN + MONTH / 2, BEGIN + MONTH
YEAR = BEGIN + timedelta(days=365)
RENEWED = stripe_line("starter", 1000, END, END + MONTH)
DOWNGRADE = [
    stripe_line("pro", -2500, HALF, is_proration=True),
    stripe_line("starter", 500, HALF, is_proration=True),
    RENEWED,
]
FEWER_SEATS = [
    stripe_line("starter", -2500, HALF, seats=5, is_proration=True),
    stripe_line("starter", 500, HALF, seats=1, is_proration=True),
    RENEWED,
]


def paid(name: str, *lines: Object) -> Object:
    return stripe_event("invoice.paid", stripe_invoice(name, lines))


async def spend(store: Store, amount: int) -> None:
    await post(store, PAYER, BEGIN, Posting("spent", "adjustment", -amount, "stands for spending it"))


async def standing(store: Store) -> tuple[int, int]:
    await clean_audit(store)
    wallet = await wallet_of(store, PAYER)
    return wallet.balance, wallet.debt


@pytest.mark.parametrize(
    ("first", "renewal", "granted", "given_back"),
    [
        (stripe_line("pro", 5000), DOWNGRADE, 55 * USD, 55 * USD // 2 - 5 * USD),
        (stripe_line("starter", 5000, seats=5), FEWER_SEATS, 50 * USD, 20 * USD),
    ],
    ids=["a smaller plan", "fewer seats"],
)
async def test_what_was_spent_of_time_given_back_with_a_renewal_is_owed(
    shop: Store, first: Object, renewal: list[Object], granted: int, given_back: int
) -> None:
    await tell(shop, paid("a", first))
    await spend(shop, granted)
    for _ in range(2):
        await tell(shop, paid("b", *renewal), now=END)
    assert await standing(shop) == (0, given_back - 10 * USD), "the new month's credit has paid a part of it"
    await tell(shop, paid("c", stripe_line("starter", 1000, END + MONTH, END + 2 * MONTH)), now=END + MONTH)
    assert await standing(shop) == (max(0, 20 * USD - given_back), max(0, given_back - 20 * USD))


async def test_what_lapsed_unspent_of_time_given_back_is_not_taken_again(shop: Store) -> None:
    await tell(shop, paid("a", stripe_line("pro", 5000)))
    await spend(shop, 40 * USD)
    await tell(shop, paid("b", *DOWNGRADE), now=END)
    assert await standing(shop) == (10 * USD - (55 * USD // 2 - 5 * USD - 15 * USD), 0)


async def test_a_year_given_back_takes_its_months_to_come_first_and_names_its_plan(shop: Store) -> None:
    await put_plan(
        shop,
        replace(
            BUILTIN[0],
            yearly_price=120 * USD,
            products=(("stripe", "price_starter"),),
            yearly_products=(("stripe", "price_tiny"),),
        ),
    )
    year, rest = stripe_line("starter", 12000, BEGIN, YEAR), stripe_line("starter", -11900, BEGIN, YEAR)
    for line in (year, rest):
        line["pricing"] = {"price_details": {"price": "price_tiny"}}
    rest["parent"]["subscription_item_details"] = {"proration": True}
    await tell(shop, paid("year", year), paid("month", rest, stripe_line("pro", 5000)))
    [entry] = [
        each
        for each in await shop.query(Query(f"wallets/{PAYER}/transactions", limit=50))
        if each.id == "pi_month.back"
    ]
    assert entry.data["amount"] == -9 * USD, "110 of the 119 were not granted yet"
    assert entry.data["description"] == "Paid time of starter given back"
    assert await standing(shop) == (10 * USD + 55 * USD - 9 * USD, 0)
    assert await begin_due_parts(shop, BEGIN + timedelta(days=100)) == 0


async def test_a_transaction_of_less_than_nothing_at_creem_takes_its_share_and_grants_no_period(shop: Store) -> None:
    await tell(shop, creem_event("subscription.paid", creem_paid("a")))
    await tell(shop, creem_event("subscription.paid", creem_paid("b", cents=-400, start=HALF)), now=HALF)
    assert await standing(shop) == (6 * USD, 0)


@pytest.mark.parametrize("copies", [1, 3])
async def test_what_a_renewal_gives_back_is_taken_once_though_its_payment_is_heard_afterwards(
    shop: Store, copies: int
) -> None:
    first, renewal = paid("a", stripe_line("pro", 5000)), paid("b", *DOWNGRADE)
    for told in [renewal, first] * copies:
        await tell(shop, told, now=END)
    assert await standing(shop) == (10 * USD + 55 * USD - (55 * USD // 2 - 5 * USD), 0)
    later = paid("c", stripe_line("pro", 5000, END + MONTH, END + 2 * MONTH))
    await tell(shop, later, first, renewal, now=END + MONTH)
    assert await standing(shop) == (55 * USD, 0), "what was left has lapsed, and nothing is taken of what is new"


async def test_a_renewal_and_what_paid_for_its_time_told_at_once_take_it_once(shop: Store) -> None:
    events = [await read(each) for each in (paid("b", *DOWNGRADE), paid("a", stripe_line("pro", 5000)))]
    await asyncio.gather(*(apply_event(shop, each, END) for each in events * 5))
    balance, debt = await standing(shop)
    spent_first = 10 * USD + 55 * USD - (55 * USD // 2 - 5 * USD)
    assert (balance, debt) == (spent_first, 0)
