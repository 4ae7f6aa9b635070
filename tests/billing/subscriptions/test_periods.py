"""What a paid period grants, at both providers: its lines are read, and how it was paid for does not matter."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from functions.farebox.accounts.plans import BUILTIN, Plan
from functions.farebox.billing.settlement import begin_due_parts, payment_path
from functions.farebox.storage import Store
from tests.support.money.customers import wallet_of
from tests.support.money.payment_events import PAYER, USD
from tests.support.money.provider_events import (
    BEGIN,
    MONTH,
    Object,
    creem_event,
    creem_paid,
    put_plan,
    stripe_event,
    stripe_invoice,
    stripe_line,
    stripe_subscription,
    tell,
)
from tests.support.money.wallet_books import clean_audit

HALF = BEGIN + MONTH / 2


def paid(invoice: Object, at: Any = BEGIN) -> Object:
    return stripe_event("invoice.paid", invoice, at)


async def balance(store: Store) -> int:
    await clean_audit(store)
    return (await wallet_of(store, PAYER)).balance


STARTER = stripe_invoice("a", [stripe_line("starter", 1000)])
BY_ANY_MEANS: dict[str, dict[str, Any]] = {
    "by card": {},
    "from the customer's balance": {"amount_paid": 0, "starting_balance": -1000, "ending_balance": 0},
    "partly from the balance": {"amount_paid": 400, "starting_balance": -600},
    "out of band": {"amount_paid": 0, "paid_out_of_band": True, "payment_intent": None},
    "with a coupon of half": {"total": 500, "amount_paid": 500, "total_discount_amounts": [{"amount": 500}]},
    "with a coupon of all": {"total": 0, "amount_paid": 0, "payment_intent": None},
    "with tax on top": {"total": 1190, "amount_paid": 1190},
    "with other money": {"currency": "eur"},
    "by hand": {"billing_reason": "manual"},
}


@pytest.mark.parametrize("means", BY_ANY_MEANS)
async def test_a_period_paid_by_any_means_is_granted_whole(shop: Store, means: str) -> None:
    await tell(shop, paid({**STARTER, **BY_ANY_MEANS[means]}))
    assert await balance(shop) == 10 * USD


@pytest.mark.parametrize(
    ("lines", "granted"),
    [
        ([stripe_line("starter", 2000, seats=2)], "20"),
        ([stripe_line("pro", 15000, seats=3)], "165"),
        ([stripe_line("starter", 1000), {**stripe_line("pro", 700), "parent": {"type": "invoice_item_details"}}], "10"),
    ],
    ids=["two seats", "three of pro", "a fee beside it"],
)
async def test_each_seat_is_granted_and_a_fee_is_not(shop: Store, lines: Sequence[Object], granted: str) -> None:
    await tell(shop, paid(stripe_invoice("a", lines)))
    assert await balance(shop) == int(granted) * USD


UPGRADE = [
    stripe_line("starter", -500, HALF, is_proration=True),
    stripe_line("pro", 2500, HALF, is_proration=True),
]
DOWNGRADE = [
    stripe_line("pro", -2500, HALF, is_proration=True),
    stripe_line("starter", 500, HALF, is_proration=True),
]
SECOND_SEAT = [
    stripe_line("starter", -500, HALF, is_proration=True),
    stripe_line("starter", 1000, HALF, seats=2, is_proration=True),
]


async def test_what_is_sold_beside_a_plan_grants_nothing(shop: Store) -> None:
    support = {**stripe_line("starter", 700), "pricing": {"price_details": {"price": "price_support"}}}
    await tell(shop, stripe_event("invoice.paid", stripe_invoice("a", [support, stripe_line("pro", 5000)])))
    assert await balance(shop) == 55 * USD
    await tell(shop, stripe_event("invoice.paid", stripe_invoice("b", [{**support, "amount": 1000}])))
    assert await balance(shop) == 65 * USD, "a price that no plan names is of the plan subscribed to"


async def test_the_price_of_a_plan_that_was_replaced_since_is_still_its_own(shop: Store) -> None:
    await tell(shop, stripe_event("customer.subscription.created", stripe_subscription("starter")), paid(STARTER))
    await put_plan(shop, replace(BUILTIN[0], products=(("stripe", "price_new"),)))
    upgraded = stripe_event("customer.subscription.updated", stripe_subscription("pro"), HALF)
    up = paid(stripe_invoice("up", UPGRADE, reason="subscription_update"), HALF)
    await tell(shop, upgraded, up, now=HALF)
    assert await balance(shop) == 10 * USD + (55 * USD - 10 * USD) // 2


async def test_an_upgrade_billed_at_once_grants_the_difference_of_what_it_paid_for(shop: Store) -> None:
    await tell(shop, paid(STARTER), paid(stripe_invoice("up", UPGRADE, reason="subscription_update"), HALF), now=HALF)
    assert await balance(shop) == 10 * USD + (55 * USD - 10 * USD) // 2


async def test_a_seat_added_in_mid_period_grants_the_rest_of_it(shop: Store) -> None:
    seat = stripe_invoice("seat", SECOND_SEAT, reason="subscription_update")
    await tell(shop, paid(STARTER), paid(seat, HALF), now=HALF)
    assert await balance(shop) == 15 * USD


@pytest.mark.parametrize("downgrade_first", [False, True])
async def test_a_downgrade_billed_at_once_takes_what_it_gave_back_in_either_order(
    shop: Store, downgrade_first: bool
) -> None:
    events = [
        paid(stripe_invoice("a", [stripe_line("pro", 5000)])),
        paid(stripe_invoice("down", DOWNGRADE, reason="subscription_update"), HALF),
    ]
    await tell(shop, *(reversed(events) if downgrade_first else events), now=HALF)
    wallet = await wallet_of(shop, PAYER)
    assert (await balance(shop), wallet.debt) == (55 * USD - (55 * USD - 10 * USD) // 2, 0)
    assert sum(grant.left for grant in wallet.grants) == wallet.balance, "what was taken was credit that lapses"


async def test_a_change_that_is_billed_with_the_next_period_is_granted_with_it(shop: Store) -> None:
    end = BEGIN + 2 * MONTH
    upgraded = [*UPGRADE, stripe_line("pro", 5000, BEGIN + MONTH, end)]
    await tell(shop, paid(stripe_invoice("b", upgraded), BEGIN + MONTH), now=BEGIN + MONTH)
    assert await balance(shop) == 55 * USD + (55 * USD - 10 * USD) // 2


async def test_a_downgrade_that_is_credited_with_the_next_period_does_not_take_its_grant(shop: Store) -> None:
    end = BEGIN + 2 * MONTH
    lines = [*DOWNGRADE, stripe_line("starter", 1000, BEGIN + MONTH, end)]
    await tell(shop, paid(stripe_invoice("b", lines), BEGIN + MONTH), now=BEGIN + MONTH)
    assert await balance(shop) == 10 * USD


async def test_what_the_plan_grants_now_is_granted_not_what_it_did_at_the_subscription(shop: Store) -> None:
    await put_plan(shop, replace(BUILTIN[0], grant=12 * USD, products=(("stripe", "price_starter"),)))
    await tell(shop, paid(STARTER))
    assert await balance(shop) == 12 * USD


async def test_the_months_of_a_year_come_one_by_one_and_each_lapses(shop: Store) -> None:
    year = stripe_invoice("y", [stripe_line("starter", 10000, BEGIN, BEGIN + timedelta(days=365))])
    await tell(shop, paid(year))
    assert await balance(shop) == 10 * USD
    for month in range(1, 12):
        now = BEGIN + timedelta(days=31 * month)
        assert [await begin_due_parts(shop, now) for _ in range(2)] == [1, 0]
        assert await balance(shop) == 10 * USD, "the month before has lapsed, and this one has come"
    assert await begin_due_parts(shop, BEGIN + timedelta(days=800)) == 0


async def test_a_refund_of_a_year_takes_the_months_to_come_first(shop: Store) -> None:
    year = stripe_invoice("y", [stripe_line("starter", 12000, BEGIN, BEGIN + timedelta(days=365))])
    await tell(shop, paid(year))
    refund = {"id": "re_1", "status": "succeeded", "payment_intent": "pi_y", "amount": 6000, "currency": "usd"}
    await tell(shop, stripe_event("refund.created", refund))
    assert await balance(shop) == 10 * USD
    granted = 10 * USD
    for month in range(1, 13):
        if await begin_due_parts(shop, BEGIN + timedelta(days=31 * month)):
            granted += 10 * USD
    assert granted == 60 * USD
    await tell(shop, stripe_event("refund.created", {**refund, "id": "re_2"}), now=BEGIN + timedelta(days=160))
    payment = await shop.get(payment_path("pi_y"))
    assert payment is not None
    assert payment.data["status"] == "refunded"


async def test_a_year_of_a_plan_is_sold_at_its_price_and_keeps_it(shop: Store) -> None:
    plan = Plan(
        "tiny",
        "Tiny",
        price=10 * USD,
        grant=10 * USD,
        yearly_price=100 * USD,
        yearly_products=(("stripe", "price_tiny_year"),),
    )
    await put_plan(shop, plan)
    line = {**stripe_line("starter", 20000, BEGIN, BEGIN + timedelta(days=365)), "quantity": None}
    line["pricing"] = {"price_details": {"price": "price_tiny_year"}}
    await tell(shop, paid(stripe_invoice("y", [line])))
    assert await balance(shop) == 20 * USD, "two seats, by the yearly price"
    await put_plan(shop, replace(plan, grant=1 * USD, yearly_price=500 * USD))
    await begin_due_parts(shop, BEGIN + timedelta(days=31))
    assert await balance(shop) == 20 * USD


async def test_a_trial_of_nothing_grants_nothing_and_is_no_payment(shop: Store) -> None:
    await tell(shop, paid(stripe_invoice("t", [stripe_line("starter", 0)], reason="subscription_create")))
    assert await balance(shop) == 0
    assert await shop.get(payment_path("pi_t")) is None


async def test_a_period_that_was_paid_for_after_its_end_lasts_as_long_from_then(shop: Store) -> None:
    late = BEGIN + 2 * MONTH
    await tell(shop, paid(STARTER, late), now=late)
    assert await balance(shop) == 10 * USD
    [grant] = (await wallet_of(shop, PAYER)).grants
    assert grant.expires_at == late + MONTH


@pytest.mark.parametrize(
    ("paid_for", "granted"),
    [
        (creem_paid("a"), 10 * USD),
        (creem_paid("a", units=3), 30 * USD),
        (creem_paid("a", tax=190), 10 * USD),
        (creem_paid("a", discount=500), 10 * USD),
        (creem_paid("a", discount=1000), 10 * USD),
        (creem_paid("a", "pro", cents=2000), 22 * USD),
    ],
    ids=["a month", "three seats", "with tax", "half a price", "for nothing", "the rest of a month after an upgrade"],
)
async def test_a_period_at_creem_grants_what_its_product_and_its_amount_say(
    shop: Store, paid_for: Object, granted: int
) -> None:
    await tell(shop, *[creem_event("subscription.paid", paid_for)] * 2)
    assert await balance(shop) == granted


async def test_a_year_at_creem_comes_month_by_month(shop: Store) -> None:
    told = creem_paid("y", cents=12000, end=BEGIN + timedelta(days=365))
    told["product"] = {**told["product"], "price": 12000, "billing_period": "every-year"}
    await tell(shop, creem_event("subscription.paid", told))
    assert await balance(shop) == 10 * USD
    assert await begin_due_parts(shop, BEGIN + timedelta(days=31)) == 1
