"""What a subscription sells beside a plan brings no credit, takes none, and never stands for the plan."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from functions.farebox.accounts.plans import BUILTIN
from functions.farebox.billing.payer import read_payer
from functions.farebox.storage import Store
from tests.support.money.customers import wallet_of
from tests.support.money.payment_events import PAYER, USD
from tests.support.money.provider_events import (
    BEGIN,
    MONTH,
    Object,
    creem_event,
    creem_subscription,
    put_plan,
    stamp,
    stripe_event,
    stripe_invoice,
    stripe_line,
    stripe_subscription,
    tell,
)
from tests.support.money.wallet_books import clean_audit

HALF, END = BEGIN + MONTH / 2, BEGIN + MONTH


def item(plan: str, cents: int, seats: int = 1) -> Object:
    price = {"id": f"price_{plan}", "unit_amount": cents, "currency": "usd", "recurring": {"interval": "month"}}
    return {"id": f"si_{plan}", "quantity": seats, "current_period_end": stamp(END), "price": price}


PRO, PRO_LINE = item("pro", 5000), stripe_line("pro", 5000)
SUPPORT, SUPPORT_LINE = item("support", 10000), stripe_line("support", 10000)
ADDED = stripe_line("support", 5000, HALF, is_proration=True)
TAKEN = stripe_line("support", -5000, HALF, is_proration=True)
SEATS = stripe_line("support", 50000, HALF, seats=10, is_proration=True)


def subscribed(*items: Object) -> Object:
    told = stripe_subscription(items={"object": "list", "data": list(items)})
    return stripe_event("customer.subscription.created", told)


def paid(name: str, lines: Sequence[Object]) -> Object:
    return stripe_event("invoice.paid", stripe_invoice(name, lines))


async def balance(store: Store) -> int:
    await clean_audit(store)
    return (await wallet_of(store, PAYER)).balance


@pytest.mark.parametrize("lines", [[ADDED], [TAKEN], [TAKEN, SEATS]], ids=["added", "taken away", "more seats"])
async def test_a_part_of_a_period_of_what_is_beside_a_plan_changes_no_credit(shop: Store, lines: list[Object]) -> None:
    await tell(shop, subscribed(PRO, SUPPORT), paid("a", [PRO_LINE, SUPPORT_LINE]))
    await tell(shop, paid("b", lines), now=HALF)
    assert await balance(shop) == 55 * USD


@pytest.mark.parametrize("is_heard", [True, False])
async def test_a_part_of_a_period_on_the_next_invoice_brings_none_either(shop: Store, is_heard: bool) -> None:
    renewal = [ADDED, stripe_line("pro", 5000, END, END + MONTH), stripe_line("support", 10000, END, END + MONTH)]
    await tell(shop, *([subscribed(PRO, SUPPORT)] if is_heard else []), paid("b", renewal), now=END)
    assert await balance(shop) == 55 * USD


async def test_an_invoice_of_nothing_but_what_is_beside_a_years_plan_brings_none(shop: Store) -> None:
    yearly = (("stripe", "price_pro_year"),)
    await put_plan(shop, replace(BUILTIN[1], yearly_price=500 * USD, yearly_products=yearly))
    await tell(shop, subscribed(item("pro_year", 50000), SUPPORT))
    await tell(shop, paid("b", [stripe_line("support", 10000, END, END + MONTH)]), now=END)
    assert await balance(shop) == 0


@pytest.mark.parametrize(
    ("items", "stands"),
    [
        ([SUPPORT, item("pro", 5000, 2)], ("pro", "active", 2, 50 * USD)),
        ([item("support", 10000, 0), PRO], ("pro", "active", 1, 50 * USD)),
        ([SUPPORT, item("pro", 5000, 0)], ("pro", "paused", 1, 50 * USD)),
        ([SUPPORT], ("starter", "active", 1, 100 * USD)),
    ],
    ids=["beside it first", "none beside it", "none of the plan", "no other"],
)
async def test_the_item_that_a_plan_names_is_the_plans_whatever_its_place(
    shop: Store, items: list[Object], stands: tuple[str, str, int, int]
) -> None:
    await tell(shop, subscribed(*items))
    [known] = (await read_payer(shop, PAYER)).subscriptions.values()
    assert (known["plan"], known["status"], known["seats"], known["price"]) == stands


async def test_its_terms_stay_the_plans_while_the_next_period_is_waited_for(shop: Store) -> None:
    await tell(shop, subscribed(SUPPORT, PRO), paid("a", [SUPPORT_LINE, PRO_LINE]))
    renewed = stripe_event("customer.subscription.updated", subscribed(SUPPORT, PRO)["data"]["object"], END)
    await tell(shop, renewed, now=END + timedelta(hours=3))
    user = await shop.get(f"users/{PAYER}")
    assert user is not None
    assert user.data["plan"] == "pro"


async def test_the_seats_at_creem_are_those_of_its_product(shop: Store) -> None:
    beside = {"id": "sitem_0", "product_id": "prod_support", "units": 9}
    told = creem_subscription("pro", units=2)
    await tell(shop, creem_event("subscription.active", {**told, "items": [beside, *told["items"]]}))
    [known] = (await read_payer(shop, PAYER)).subscriptions.values()
    assert (known["plan"], known["seats"]) == ("pro", 2)
