"""A period grants in proportion to what was paid: in other currencies, and at prices that were raised since."""

import logging
from dataclasses import replace

import pytest

from functions.farebox.accounts.plans import BUILTIN
from functions.farebox.billing.payer import read_payer
from functions.farebox.storage import Query, Store
from tests.support.money.customers import wallet_of
from tests.support.money.payment_events import PAYER, USD
from tests.support.money.provider_events import (
    BEGIN,
    MONTH,
    Object,
    put_plan,
    stripe_event,
    stripe_invoice,
    stripe_line,
    stripe_subscription,
    tell,
)

HALF = BEGIN + MONTH / 2


async def balance(store: Store) -> int:
    return (await wallet_of(store, PAYER)).balance


def in_euros(plan: str, cents: int) -> Object:
    price = {"id": f"price_{plan}", "unit_amount": cents, "currency": "eur", "recurring": {"interval": "month"}}
    told = stripe_subscription(plan)
    return {**told, "items": {"data": [{**told["items"]["data"][0], "price": price}]}}


UPGRADE = stripe_event(
    "invoice.paid",
    stripe_invoice(
        "up",
        [
            stripe_line("starter", -450, HALF, is_proration=True),
            stripe_line("pro", 2250, HALF, is_proration=True),
        ],
        reason="subscription_update",
        currency="eur",
    ),
    HALF,
)


@pytest.mark.parametrize("upgrade_told_first", [False, True])
async def test_an_upgrade_in_another_currency_grants_its_share(shop: Store, upgrade_told_first: bool) -> None:
    changed = stripe_event("customer.subscription.updated", in_euros("pro", 4500), HALF)
    begun = stripe_event("customer.subscription.created", in_euros("starter", 900))
    await tell(shop, begun, *([changed] if upgrade_told_first else []), UPGRADE, now=HALF)
    assert await balance(shop) == (55 * USD - 10 * USD) // 2


@pytest.mark.parametrize(("options", "price"), [({}, None), ({"eur": {"unit_amount": 900}}, 9 * USD)])
async def test_a_price_in_several_currencies_is_known_in_the_one_that_is_charged(
    shop: Store, options: Object, price: int | None
) -> None:
    told = stripe_subscription("starter", currency="eur")
    told["items"]["data"][0]["price"]["currency_options"] = options
    await tell(shop, stripe_event("customer.subscription.created", told))
    [known] = (await read_payer(shop, PAYER)).subscriptions.values()
    assert (known["currency"], known["price"]) == ("eur", price)


async def test_an_upgrade_of_whose_price_nothing_is_known_is_an_operators_and_granted_when_sent_again(
    shop: Store,
) -> None:
    await tell(shop, UPGRADE)
    [case] = await shop.query(Query("unmatched", limit=10))
    assert (case.data["reason"], case.data["currency"], await balance(shop)) == ("currency", "eur", 0)
    await tell(shop, stripe_event("customer.subscription.created", in_euros("starter", 900)), UPGRADE)
    assert await balance(shop) == (55 * USD - 10 * USD) // 2
    assert await shop.query(Query("unmatched", limit=10)) == []


@pytest.mark.parametrize(
    ("lines", "granted"),
    [
        ([stripe_line("starter", 1000)], 10),
        ([stripe_line("starter", 3000, seats=3)], 30),
        ([stripe_line("starter", 2000)], 20),
        ([stripe_line("starter", 500, HALF, is_proration=True)], 5),
    ],
    ids=["a month", "three seats", "at the new price", "the rest of one"],
)
async def test_who_pays_the_old_price_of_a_plan_is_granted_what_it_pays_for(
    shop: Store, caplog: pytest.LogCaptureFixture, lines: list[Object], granted: int
) -> None:
    await put_plan(shop, replace(BUILTIN[0], price=20 * USD, grant=20 * USD, products=(("stripe", "price_starter"),)))
    with caplog.at_level(logging.WARNING):
        await tell(shop, stripe_event("invoice.paid", stripe_invoice("a", lines)))
    assert await balance(shop) == granted * USD
    is_full_and_old = lines[0]["amount"] == 1000 * lines[0]["quantity"]
    assert ("granted in proportion" in caplog.text) == is_full_and_old
