"""Which plan a payer has, through a subscription's whole life and in any order of its events."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast

import pytest

from functions.farebox.accounts.plans import BUILTIN
from functions.farebox.billing.payer import Payer, billing_path, read_payer
from functions.farebox.billing.provider import Payments
from functions.farebox.billing.subscriptions.entitlement import running, surplus
from functions.farebox.billing.subscriptions.follow import follow_subscriptions
from functions.farebox.billing.subscriptions.trials import trial_path
from functions.farebox.storage import Create, Query, Set, Store
from tests.support.money.customers import wallet_of
from tests.support.money.payment_events import PAYER, USD, open_account
from tests.support.money.provider_events import (
    BEGIN,
    MONTH,
    Object,
    creem_event,
    creem_paid,
    creem_subscription,
    put_plan,
    stamp,
    stripe_event,
    stripe_invoice,
    stripe_line,
    stripe_subscription,
    tell,
)

GRACE = {"past_due": timedelta(days=7)}
HALF = BEGIN + MONTH / 2


class NobodyIsAsked:
    """A provider whom no call reaches."""

    name = "stripe"


class Cancelling(NobodyIsAsked):
    """A provider that is asked to cancel."""

    def __init__(self) -> None:
        self.cancelled: list[str] = []

    async def cancel_subscription(self, subscription: str) -> None:
        self.cancelled.append(subscription)


async def plan_of(store: Store) -> str | None:
    user = await store.get(f"users/{PAYER}")
    assert user is not None
    plan: str | None = user.data["plan"]
    wallet = await wallet_of(store, PAYER)
    terms = {each.id: each for each in BUILTIN}
    assert wallet.limits.rpm == (None if plan is None else terms[plan].limits.rpm), "limits are the plan's"
    return plan


async def follow(store: Store, now: datetime) -> None:
    await follow_subscriptions(store, cast(Payments, NobodyIsAsked()), GRACE, lambda: now)


def changed(at: datetime = BEGIN, **fields: Any) -> Object:
    return stripe_event("customer.subscription.updated", stripe_subscription(**fields), at)


async def test_the_price_decides_at_both_providers(shop: Store) -> None:
    await tell(shop, changed(plan="starter"), changed(HALF, plan="pro"))
    assert await plan_of(shop) == "pro"
    later = BEGIN + timedelta(days=1)
    told = creem_subscription("starter", id="sub_creem")
    await tell(shop, stripe_event("customer.subscription.deleted", stripe_subscription("pro", status="canceled"), HALF))
    await tell(
        shop,
        creem_event("subscription.active", told),
        creem_event(
            "subscription.update", {**told, "product": {"id": "prod_pro", "price": 5000, "currency": "USD"}}, later
        ),
        now=later,
    )
    assert await plan_of(shop) == "pro"


@pytest.mark.parametrize("order", [1, -1])
async def test_a_period_that_is_paid_at_creem_says_how_its_subscription_stands(shop: Store, order: int) -> None:
    first, next_end = creem_event("subscription.paid", creem_paid("a")), BEGIN + 2 * MONTH
    await tell(shop, first)
    assert await plan_of(shop) == "starter", "nothing else was told"
    overdue = creem_event("subscription.past_due", creem_subscription(status="past_due"), BEGIN + MONTH)
    renewed = creem_paid("b", start=BEGIN + MONTH, end=next_end)
    settled = creem_event("subscription.paid", renewed, BEGIN + MONTH + timedelta(days=1))
    await tell(shop, *[overdue, settled][::order], first, now=BEGIN + MONTH + timedelta(days=1))
    found = running(await read_payer(shop, PAYER), BEGIN + MONTH)
    assert found is not None
    assert (found.problem, found.renews_at) == (None, next_end)
    cancelled = creem_subscription(status="canceled")
    await tell(shop, creem_event("subscription.canceled", cancelled, BEGIN + MONTH + timedelta(days=2)), settled)
    assert await plan_of(shop) is None


async def test_an_old_word_does_not_undo_a_newer_one(shop: Store) -> None:
    await tell(shop, changed(HALF, plan="pro"), changed(BEGIN, plan="starter"), now=HALF)
    assert await plan_of(shop) == "pro"


@pytest.mark.parametrize("paid_last", [False, True])
async def test_a_downgrade_holds_at_the_end_of_the_period_that_was_paid_for(shop: Store, paid_last: bool) -> None:
    invoice = stripe_event("invoice.paid", stripe_invoice("a", [stripe_line("pro", 5000)]))
    downgrade = changed(HALF, plan="starter")
    events = [changed(plan="pro"), downgrade, invoice] if paid_last else [changed(plan="pro"), invoice, downgrade]
    await tell(shop, *events, now=HALF)
    assert await plan_of(shop) == "pro"
    await follow(shop, BEGIN + MONTH - timedelta(seconds=1))
    assert await plan_of(shop) == "pro"
    await follow(shop, BEGIN + MONTH)
    assert await plan_of(shop) == "starter"


async def test_a_downgrade_that_gave_its_money_back_holds_at_once(shop: Store) -> None:
    lines = [stripe_line("pro", -2500, HALF, is_proration=True), stripe_line("starter", 500, HALF, is_proration=True)]
    await tell(
        shop,
        changed(plan="pro"),
        stripe_event("invoice.paid", stripe_invoice("a", [stripe_line("pro", 5000)])),
        changed(HALF, plan="starter"),
        stripe_event("invoice.paid", stripe_invoice("b", lines, reason="subscription_update"), HALF),
        now=HALF,
    )
    assert await plan_of(shop) == "starter"


@pytest.mark.parametrize("status", ["paused", "unpaid"])
async def test_a_subscription_that_is_not_paid_for_gives_no_terms_until_it_is(shop: Store, status: str) -> None:
    await tell(shop, changed(), changed(HALF, status=status), now=HALF, grace=GRACE)
    assert await plan_of(shop) is None
    await tell(shop, changed(HALF + timedelta(days=1)), now=HALF + timedelta(days=1), grace=GRACE)
    assert await plan_of(shop) == "starter"


async def test_a_portals_pause_is_one(shop: Store) -> None:
    await tell(shop, changed(), changed(HALF, pause_collection={"behavior": "void"}), now=HALF)
    assert await plan_of(shop) is None


async def test_no_seats_are_no_plan_until_there_are_some(shop: Store) -> None:
    await tell(shop, changed(), changed(HALF, seats=0), now=HALF)
    assert await plan_of(shop) is None
    await tell(shop, changed(HALF + timedelta(days=1), seats=2), now=HALF + timedelta(days=1))
    assert await plan_of(shop) == "starter"


async def test_what_is_past_due_keeps_its_terms_for_the_grace_and_no_longer(shop: Store) -> None:
    end = BEGIN + MONTH
    await tell(shop, changed(), changed(end, status="past_due"), now=end, grace=GRACE)
    assert await plan_of(shop) == "starter"
    await follow(shop, end + timedelta(days=7) - timedelta(seconds=1))
    assert await plan_of(shop) == "starter"
    await follow(shop, end + timedelta(days=7))
    assert await plan_of(shop) is None
    await tell(shop, changed(end + timedelta(days=8)), now=end + timedelta(days=8), grace=GRACE)
    assert await plan_of(shop) == "starter"


@pytest.mark.parametrize("says", ["expired", "active"])
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)], ids=str)
async def test_what_expired_at_creem_keeps_its_terms_for_the_grace_and_has_its_plan_again_once_it_is_paid(
    shop: Store, says: str, order: tuple[int, ...]
) -> None:
    overdue = BEGIN + MONTH
    renewed = creem_paid("b", start=overdue, end=overdue + MONTH)
    expired = creem_event("subscription.expired", creem_subscription(status=says), overdue)
    await tell(shop, creem_event("subscription.paid", creem_paid("a")), expired, now=overdue, grace=GRACE)
    assert await plan_of(shop) == "starter"
    await follow(shop, overdue + timedelta(days=8))
    assert await plan_of(shop) is None
    assert running(await read_payer(shop, PAYER), overdue + timedelta(days=8)), "a second would be one too many"
    after = [
        expired,
        creem_event("subscription.paid", renewed, overdue + timedelta(days=9)),
        creem_event("subscription.update", creem_subscription(end=overdue + MONTH), overdue + timedelta(days=9)),
    ]
    await tell(shop, *[{**after[each], "id": f"evt_{each}"} for each in order], now=overdue + timedelta(days=10))
    assert await plan_of(shop) == "starter"


@pytest.mark.parametrize(
    "told", [{"status": "scheduled_cancel"}, {"status": "expired", "canceled_at": BEGIN.isoformat()}]
)
async def test_what_expired_at_creem_as_was_agreed_is_over(shop: Store, told: Object) -> None:
    expired = creem_event("subscription.expired", creem_subscription(**told), BEGIN + MONTH)
    await tell(shop, creem_event("subscription.paid", creem_paid("a")), expired, now=BEGIN + MONTH, grace=GRACE)
    assert await plan_of(shop) is None


@pytest.mark.parametrize("kind", ["past_due", "unpaid", "paused", "scheduled_cancel"])
async def test_what_the_kind_of_creems_event_says_holds_though_its_object_says_active(shop: Store, kind: str) -> None:
    later = BEGIN + timedelta(days=1)
    paid, told = (
        creem_event("subscription.paid", creem_paid("a")),
        creem_event(f"subscription.{kind}", creem_subscription(), later),
    )
    await tell(shop, paid, told, now=BEGIN + MONTH, grace={})
    assert await plan_of(shop) is None
    await tell(shop, creem_event("subscription.active", creem_subscription(), later + timedelta(days=1)), now=later)
    assert await plan_of(shop) == "starter"


async def test_a_reminder_does_not_lengthen_the_grace_of_a_period_that_was_paid_for(shop: Store) -> None:
    end = BEGIN + MONTH
    await tell(shop, changed(), stripe_event("invoice.paid", stripe_invoice("a", [stripe_line("starter", 1000)])))
    for days in (0, 3, 6):
        at = end + timedelta(days=days)
        await tell(shop, changed(at, status="past_due"), now=at, grace=GRACE)
    await follow(shop, end + timedelta(days=7))
    assert await plan_of(shop) is None


@pytest.mark.parametrize("how", ["cancel_at", "cancel_at_period_end"])
async def test_a_cancellation_holds_at_its_time_though_nobody_tells_of_it_then(shop: Store, how: str) -> None:
    fields: dict[str, Any] = (
        {"cancel_at": stamp(BEGIN + MONTH)} if how == "cancel_at" else {"cancel_at_period_end": True}
    )
    await tell(shop, changed(), changed(HALF, **fields), now=HALF)
    subscription = running(await read_payer(shop, PAYER), HALF)
    assert subscription is not None
    assert subscription.ends_at == BEGIN + MONTH
    assert await plan_of(shop) == "starter"
    await follow(shop, BEGIN + MONTH)
    assert await plan_of(shop) is None


async def test_a_cancellation_that_was_taken_back_does_not_hold(shop: Store) -> None:
    await tell(shop, changed(cancel_at_period_end=True), changed(HALF), now=HALF)
    await follow(shop, BEGIN + MONTH)
    assert await plan_of(shop) == "starter"


@pytest.mark.parametrize("grants", [False, True])
async def test_a_trial_grants_only_where_the_plan_says_so_and_once(shop: Store, grants: bool) -> None:
    await put_plan(shop, replace(BUILTIN[0], trial_grant=grants, products=(("stripe", "price_starter"),)))
    trial: dict[str, Any] = {"status": "trialing", "trial_end": stamp(BEGIN + timedelta(days=14))}
    await tell(shop, changed(**trial), changed(BEGIN + timedelta(seconds=5), **trial, default_payment_method="pm_1"))
    assert await plan_of(shop) == "starter"
    assert (await wallet_of(shop, PAYER)).balance == (10 * USD if grants else 0)
    ended = stripe_subscription(status="canceled")
    await tell(shop, stripe_event("customer.subscription.deleted", ended, HALF), now=HALF)
    assert await plan_of(shop) is None
    again = stripe_subscription(
        id="sub_2", status="trialing", trial_end=stamp(HALF + timedelta(days=14)), created=stamp(HALF)
    )
    await tell(shop, stripe_event("customer.subscription.created", again, HALF), now=HALF)
    granted = [grant for grant in (await wallet_of(shop, PAYER)).grants if grant.id.startswith("trial")]
    assert len(granted) == int(grants)


async def test_a_trial_at_creem_grants_likewise(shop: Store) -> None:
    await put_plan(shop, replace(BUILTIN[0], trial_grant=True, products=(("creem", "prod_starter"),)))
    trial = creem_subscription(status="trialing", end=BEGIN + timedelta(days=7), units=2)
    await tell(shop, creem_event("subscription.trialing", trial))
    [grant] = (await wallet_of(shop, PAYER)).grants
    assert (grant.amount, grant.expires_at) == (10 * USD, BEGIN + timedelta(days=7)), "whatever the seats"


async def test_a_trial_brings_its_credit_once_a_person_whatever_plan_it_switches_to_and_for_whichever_wallet(
    shop: Store,
) -> None:
    for plan in BUILTIN[:2]:
        await put_plan(shop, replace(plan, trial_grant=True, products=(("stripe", f"price_{plan.id}"),)))
    trial: dict[str, Any] = {"status": "trialing", "trial_end": stamp(BEGIN + timedelta(days=14))}
    await tell(shop, changed(**trial, seats=100), changed(BEGIN + timedelta(seconds=5), plan="pro", **trial))
    assert (await wallet_of(shop, PAYER)).balance == 10 * USD
    await open_account(shop, "org_a")
    await shop.write(Set(f"users/org_a/members/{PAYER}", {"user": PAYER, "role": "owner"}))
    ours = {**stripe_subscription(**trial)["metadata"], "farebox_user": "org_a"}
    await tell(shop, changed(plan="pro", id="sub_org", metadata=ours, **trial))
    assert (await wallet_of(shop, "org_a")).balance == 0


async def test_of_two_subscriptions_the_first_to_be_begun_decides_though_it_is_heard_of_last(shop: Store) -> None:
    second = stripe_subscription("pro", id="sub_0", created=stamp(HALF))
    await tell(shop, stripe_event("customer.subscription.created", second, HALF), changed(), now=HALF)
    payer = await read_payer(shop, PAYER)
    assert await plan_of(shop) == "starter"
    assert [each.id for each in surplus(payer, HALF)] == ["sub_0"]


async def test_new_terms_are_adopted_with_the_next_renewal_and_not_before(shop: Store) -> None:
    await tell(shop, changed(), stripe_event("invoice.paid", stripe_invoice("a", [stripe_line("starter", 1000)])))
    named = (("stripe", "price_starter"),)
    await put_plan(shop, replace(BUILTIN[0], monthly_budget=60 * USD, products=named))
    await tell(shop, changed(HALF, default_payment_method="pm_2"), now=HALF)
    assert (await wallet_of(shop, PAYER)).budget.limit == 50 * USD
    renewal = stripe_invoice("b", [stripe_line("starter", 1000, BEGIN + MONTH, BEGIN + 2 * MONTH)])
    await tell(shop, stripe_event("invoice.paid", renewal, BEGIN + MONTH), now=BEGIN + MONTH)
    assert (await wallet_of(shop, PAYER)).budget.limit == 60 * USD


async def test_the_terms_of_the_next_plan_are_its_own_though_the_former_was_edited(shop: Store) -> None:
    await tell(shop, changed())
    await put_plan(shop, replace(BUILTIN[0], monthly_budget=60 * USD, products=(("stripe", "price_starter"),)))
    ended = stripe_event("customer.subscription.deleted", stripe_subscription(status="canceled"), HALF)
    begun = stripe_subscription("pro", id="sub_2", created=stamp(HALF))
    await tell(shop, ended, stripe_event("customer.subscription.created", begun, HALF), now=HALF)
    wallet = await wallet_of(shop, PAYER)
    assert (wallet.budget.limit, wallet.limits.rpm) == (500 * USD, 600)


async def test_a_second_trial_is_noticed_though_it_begins_after_the_first_event_of_its_subscription(
    shop: Store,
) -> None:
    checkout: dict[str, Any] = {"order": "ord_1", "plan": "starter", "url": None, "session": "cs_1"}
    opened = {**checkout, "trial_marks": ["m"], "expires_at": BEGIN + timedelta(days=1)}
    await shop.write(Create(trial_path("m"), {"user": "bob", "subscription": "sub_bob", "created_at": BEGIN}))
    await shop.write(Set(billing_path(PAYER), Payer(checkout=opened).to_data()))
    trial: dict[str, Any] = {"status": "trialing", "trial_end": stamp(BEGIN + timedelta(days=14))}
    later = changed(BEGIN + timedelta(seconds=5), **trial)
    applied = await tell(shop, changed(status="past_due"), later, {**later, "id": "evt_again"})
    assert [each.surplus_of for each in applied] == [None, PAYER, PAYER]
    assert (await read_payer(shop, PAYER)).surplus.keys() == {"sub_1"}


async def test_a_trial_with_a_card_that_had_one_for_another_wallet_is_cancelled_and_gives_nothing(shop: Store) -> None:
    await put_plan(shop, replace(BUILTIN[0], trial_grant=True, products=(("stripe", "price_starter"),)))
    trial: dict[str, Any] = {"status": "trialing", "trial_end": stamp(BEGIN + timedelta(days=14))}
    await open_account(shop, "bob")
    ours = {**stripe_subscription()["metadata"], "farebox_user": "bob"}
    first = changed(**trial, default_payment_method="pm_1")
    second = changed(**trial, default_payment_method="pm_1", id="sub_bob", metadata=ours)
    applied = await tell(shop, first, second, {**first, "id": "evt_again"}, {**second, "id": "evt_more"})
    assert [each.surplus_of for each in applied] == [None, "bob", None, "bob"]
    assert (await wallet_of(shop, PAYER)).balance == 10 * USD
    assert (await wallet_of(shop, "bob")).balance == 0
    bob = await read_payer(shop, "bob")
    assert running(bob, BEGIN) is None
    stripe = Cancelling()
    await follow_subscriptions(shop, cast(Payments, stripe), GRACE, lambda: BEGIN)
    assert stripe.cancelled == ["sub_bob"]
    [case] = await shop.query(Query("unmatched", limit=5))
    assert (case.data["reason"], case.data["user"]) == ("second_trial", "bob")
    later = changed(HALF, status="active", default_payment_method="pm_1", id="sub_pay", metadata=ours)
    await tell(shop, later, now=HALF)
    again = running(await read_payer(shop, "bob"), HALF)
    assert again is not None
    assert again.id == "sub_pay", "who pays for it is welcome"
