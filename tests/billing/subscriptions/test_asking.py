"""Where events do not say how a subscription stands, what the provider says is so now counts."""

from datetime import datetime, timedelta

import pytest

from functions.farebox.billing.apply_event import apply_event
from functions.farebox.billing.events import SubscriptionChanged
from functions.farebox.billing.payer import billing_path, read_payer
from functions.farebox.billing.provider import ProviderFailed
from functions.farebox.billing.subscriptions.entitlement import running
from functions.farebox.storage import Store, Update
from tests.support.money.customers import wallet_of
from tests.support.money.payment_events import PAYER, USD
from tests.support.money.provider_events import (
    BEGIN,
    MONTH,
    Known,
    Object,
    creem_event,
    creem_paid,
    creem_subscription,
    read,
    stripe_event,
    stripe_invoice,
    stripe_line,
    stripe_subscription,
    tell,
)

ONE = stripe_event("customer.subscription.updated", stripe_subscription(seats=3), BEGIN, "one")
OTHER = stripe_event("customer.subscription.updated", stripe_subscription("pro", seats=2), BEGIN, "other")
PRO = Known(subscriptions={"sub_1": stripe_subscription("pro", seats=2)})


async def stands(store: Store) -> tuple[str, int]:
    subscription = running(await read_payer(store, PAYER), BEGIN)
    assert subscription is not None
    return subscription.plan, subscription.seats


@pytest.mark.parametrize("order", [[ONE, OTHER], [OTHER, ONE]])
async def test_of_two_accounts_of_one_second_the_one_counts_that_is_so_now(shop: Store, order: list[Object]) -> None:
    await tell(shop, *order, known=PRO)
    assert await stands(shop) == ("pro", 2)


@pytest.mark.parametrize("order", [[ONE, OTHER], [OTHER, ONE]])
async def test_of_two_accounts_of_one_second_the_same_counts_where_nobody_can_be_asked(
    shop: Store, order: list[Object]
) -> None:
    await tell(shop, *order)
    assert await stands(shop) == ("starter", 3)


async def test_what_is_said_of_somebody_elses_is_not_believed(shop: Store) -> None:
    elsewhere = {**stripe_subscription("pro"), "metadata": {**stripe_subscription()["metadata"], "farebox_user": "eve"}}
    await tell(shop, ONE, OTHER, known=Known(subscriptions={"sub_1": elsewhere}))
    assert await stands(shop) == ("starter", 3)


async def test_a_provider_that_does_not_answer_has_the_event_sent_again(shop: Store) -> None:
    async def is_down(subscription: str, at: datetime) -> SubscriptionChanged | None:
        raise ProviderFailed("It is down.")

    await tell(shop, ONE)
    event = await read(OTHER)
    with pytest.raises(ProviderFailed):
        await apply_event(shop, event, BEGIN, ask=is_down)
    assert (await apply_event(shop, event, BEGIN, ask=PRO.standing_of)).is_new
    assert await stands(shop) == ("pro", 2)


async def test_a_later_word_counts_without_asking_and_an_end_in_the_same_second_is_one(shop: Store) -> None:
    later = stripe_event("customer.subscription.updated", stripe_subscription(seats=4), BEGIN + timedelta(seconds=1))
    await tell(shop, ONE, later, known=PRO)
    assert await stands(shop) == ("starter", 4)
    at = BEGIN + timedelta(seconds=1)
    await tell(shop, stripe_event("customer.subscription.deleted", stripe_subscription(status="canceled"), at))
    assert running(await read_payer(shop, PAYER), BEGIN) is None


@pytest.mark.parametrize(("says", "is_back"), [("active", True), ("canceled", False), (None, False)])
@pytest.mark.parametrize("kind", ["subscription.paid", "subscription.active"])
async def test_what_an_earlier_version_noted_as_ended_is_back_once_creem_says_that_it_lives(
    shop: Store, kind: str, says: str | None, is_back: bool
) -> None:
    await tell(shop, creem_event("subscription.active", creem_subscription()))
    payer = await read_payer(shop, PAYER)
    ended = {**payer.subscriptions["sub_1"], "status": "ended", "told_at": BEGIN + timedelta(days=1)}
    await shop.write(
        Update(billing_path(PAYER), {"subscriptions": {"sub_1": ended}, "plan": None}),
        Update(f"users/{PAYER}", {"plan": None}),
    )
    at = BEGIN + timedelta(days=2)
    known = Known(subscriptions={"sub_1": creem_subscription(status=says)} if says else {})
    await tell(shop, creem_event(kind, creem_paid("b"), at), now=at, known=known)
    assert (running(await read_payer(shop, PAYER), at) is not None) is is_back
    user = await shop.get(f"users/{PAYER}")
    assert user is not None
    assert user.data["plan"] == ("starter" if is_back else None)


ADDED = stripe_line("support", 5000, BEGIN + MONTH / 2, is_proration=True)
BOTH = {
    "object": "list",
    "data": [*stripe_subscription()["items"]["data"], {"id": "si_2", "quantity": 1, "price": {"id": "price_support"}}],
}


@pytest.mark.parametrize("is_sold_still", [True, False])
@pytest.mark.parametrize("is_named", [True, False])
async def test_an_invoice_of_what_is_beside_a_plan_grants_nothing_though_its_subscription_was_not_heard_of(
    shop: Store, is_named: bool, is_sold_still: bool
) -> None:
    if not is_named:
        await shop.write(Update("plans/starter", {"products": {}}), Update("plans/pro", {"products": {}}))
    invoice = stripe_event("invoice.paid", stripe_invoice("b", [ADDED], reason="subscription_update"))
    now = stripe_subscription(items=BOTH) if is_sold_still else stripe_subscription()
    await tell(shop, invoice, known=Known(subscriptions={"sub_1": now}))
    assert (await wallet_of(shop, PAYER)).balance == 0
    assert (await stands(shop)) == ("starter", 1)


async def test_the_whole_of_a_part_is_what_its_subscription_was_heard_to_cost(shop: Store) -> None:
    """A quarter for 27 instead of 30 has one seat more for half of it: that is half of three months' grant."""
    price = {"id": "price_starter", "unit_amount": 2700, "currency": "usd"}
    price["recurring"] = {"interval": "month", "interval_count": 3}
    item = {"id": "si", "quantity": 2, "price": price}
    quarter = stripe_subscription(seats=2, items={"object": "list", "data": [item]})
    line = stripe_line("starter", 1350, BEGIN + timedelta(days=45), BEGIN + timedelta(days=91), is_proration=True)
    invoice = stripe_event("invoice.paid", stripe_invoice("b", [line], reason="subscription_update"))
    await tell(shop, invoice, known=Known(subscriptions={"sub_1": quarter}))
    payment = await shop.get("payments/pi_b")
    assert payment is not None
    assert payment.data["sale"]["credit"] == 15 * USD


async def test_what_is_told_of_a_subscription_as_it_was_made_contradicts_nothing(shop: Store) -> None:
    made = stripe_event("customer.subscription.created", stripe_subscription("pro", seats=5))
    for order in ([made, ONE], [ONE, made]):
        await tell(shop, *order, known=PRO)
        assert await stands(shop) == ("starter", 3)


async def test_a_renewal_of_one_thing_is_of_a_plan_that_names_none_and_needs_no_question(shop: Store) -> None:
    async def is_down(subscription: str, at: datetime) -> SubscriptionChanged | None:
        raise ProviderFailed("It is down.")

    await shop.write(Update("plans/starter", {"products": {}}))
    event = await read(stripe_event("invoice.paid", stripe_invoice("a", [stripe_line("own", 2000, seats=2)])))
    await apply_event(shop, event, BEGIN, ask=is_down)
    assert (await wallet_of(shop, PAYER)).balance == 20 * USD


@pytest.mark.parametrize("is_flagged", [True, False])
async def test_time_given_back_at_a_price_that_no_plan_names_any_more_counts_though_only_the_new_one_is_told(
    shop: Store, is_flagged: bool
) -> None:
    """Nothing but its amount need say that a line gives time back."""
    await shop.write(Update("plans/starter", {"products": {}}))
    half = BEGIN + MONTH / 2
    lines = [
        stripe_line("starter", -500, half, is_proration=is_flagged),
        stripe_line("pro", 2500, half, is_proration=True),
    ]
    invoice = stripe_event("invoice.paid", stripe_invoice("b", lines, reason="subscription_update"))
    await tell(shop, invoice, known=PRO)
    assert (await wallet_of(shop, PAYER)).balance == 22_500_000_000


async def test_a_month_at_a_former_price_is_granted_though_it_is_heard_of_after_a_change(shop: Store) -> None:
    await shop.write(Update("plans/starter", {"products": {}}))
    first = stripe_event("invoice.paid", stripe_invoice("a", [stripe_line("starter", 1000)]))
    await tell(shop, OTHER, first, known=PRO)
    assert (await wallet_of(shop, PAYER)).balance == 10 * USD
