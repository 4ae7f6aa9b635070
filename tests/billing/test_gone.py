"""Money for an account that is gone, erased or closed, is credited to nobody and is an operator's case, whatever kind
of event tells of it, in any order, any number of times.

`make soak` plays every order with the account going at every moment (`FAREBOX_SOAK=1`), an ordinary run a seeded few.
"""

import itertools
import os
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from functions.farebox.accounts.account import user_path
from functions.farebox.billing.payer import Payer, billing_path, read_payer
from functions.farebox.billing.provider import Payments, ProviderFailed
from functions.farebox.billing.settlement import begin_due_parts, payment_path
from functions.farebox.billing.subscriptions.follow import follow_subscriptions
from functions.farebox.billing.unmatched import call_about_waiting, unmatched_path
from functions.farebox.ledger.verify import verify
from functions.farebox.storage import Data, Query, Set, Store
from tests.support.money.customers import wallet_of
from tests.support.money.ending_provider import EndingProvider
from tests.support.money.payment_events import CLOSED, ERASED, PAYER, USD, goes, open_account
from tests.support.money.provider_events import (
    BEGIN,
    METADATA,
    MONTH,
    Object,
    creem_event,
    creem_paid,
    creem_subscription,
    name_products,
    stripe_event,
    stripe_invoice,
    stripe_line,
    stripe_subscription,
    tell,
)
from tests.support.money.wallet_books import clean_audit

SEED = 20261129
TOPUP = {**METADATA, "farebox_kind": "topup", "farebox_reference": ""}
INTENT = {"id": "pi_a", "amount": 1000, "amount_received": 1000, "currency": "usd", "metadata": TOPUP}
SESSION = {
    "id": "cs_a",
    "mode": "payment",
    "payment_intent": "pi_a",
    "payment_status": "paid",
    "amount_subtotal": 1000,
    "amount_total": 1000,
    "currency": "usd",
    "metadata": TOPUP,
}
CHARGE = {**INTENT, "id": "ch_a", "payment_intent": "pi_a", "captured": True, "status": "succeeded"}
CHARGE["receipt_url"] = "https://pay.stripe.com/receipts/1"
DISPUTE = {"id": "dp_a", "payment_intent": "pi_a", "charge": "ch_a", "amount": 1000, "currency": "usd"}
REFUND = {"id": "re_a", "status": "succeeded", "payment_intent": "pi_a", "amount": 400, "currency": "usd"}
ORDER = {"id": "ord_a", "type": "onetime", "status": "paid", "amount": 1000, "amount_paid": 1000, "currency": "USD"}
CREEM_REFUND = {"id": "ref_a", "status": "succeeded", "refund_amount": 400, "refund_currency": "USD"}
TRANSACTION = {"id": "tran_o", "order": "ord_a", "amount": 1000, "currency": "USD"}

# What is paid, and how it may be told; then what of it goes back in part; then what is left of it.
TOPUPS: dict[str, tuple[str, Sequence[Object], Sequence[Object]]] = {
    "stripe": (
        "pi_a",
        [
            stripe_event("checkout.session.completed", SESSION),
            stripe_event("payment_intent.succeeded", INTENT),
            stripe_event("charge.succeeded", CHARGE),
            stripe_event("refund.created", REFUND),
            stripe_event("charge.dispute.created", {**DISPUTE, "amount": 600, "status": "needs_response"}),
        ],
        [stripe_event("charge.dispute.closed", {**DISPUTE, "amount": 600, "status": "lost"}, BEGIN + MONTH)],
    ),
    "creem": (
        "ord_a",
        [
            creem_event("checkout.completed", {"id": "ch_a", "order": ORDER, "metadata": TOPUP}),
            creem_event("refund.created", {**CREEM_REFUND, "transaction": TRANSACTION}),
            creem_event("product.updated", {"id": "prod_1"}),
        ],
        [creem_event("dispute.created", {"id": "d", "amount": 600, "currency": "USD", "transaction": TRANSACTION})],
    ),
}
PERIODS: dict[str, tuple[str, Sequence[Object]]] = {
    "stripe": (
        "pi_m",
        [
            stripe_event("customer.subscription.created", stripe_subscription()),
            stripe_event("invoice.paid", stripe_invoice("m", [stripe_line("starter", 1000)])),
        ],
    ),
    "creem": (
        "tran_m",
        [
            creem_event("subscription.active", creem_subscription()),
            creem_event("subscription.paid", creem_paid("m")),
        ],
    ),
}


async def follow(store: Store, provider: EndingProvider) -> Data:
    done = await follow_subscriptions(store, cast(Payments, provider), {}, lambda: BEGIN)
    return {name: count for name, count in done.to_data().items() if count}


async def case_of(store: Store, provider: str, payment: str) -> Data | None:
    case = await store.get(unmatched_path(provider, payment))
    return None if case is None else case.data


async def balance_of(store: Store) -> int:
    assert (await verify(store, PAYER)).fault is None
    await clean_audit(store)
    return (await wallet_of(store, PAYER)).balance


@pytest.mark.parametrize("gone", [ERASED, CLOSED], ids=["erased", "closed"])
@pytest.mark.parametrize("provider", TOPUPS)
async def test_money_that_comes_for_an_account_that_is_gone_is_credited_to_nobody_and_is_a_case_until_it_went_back(
    store: Store, provider: str, gone: Mapping[str, Any]
) -> None:
    payment, events, rest = TOPUPS[provider]
    await open_account(store)
    await name_products(store)
    await goes(store, gone)
    for _ in range(3):
        for told in (*events, *PERIODS[provider][1]):
            [applied] = await tell(store, told)
            assert applied.surplus_of is None
    assert await balance_of(store) == 0
    period = PERIODS[provider][0]
    for each in (payment, period):
        case = await case_of(store, provider, each)
        assert case is not None
        assert (case["reason"], case["amount"], case["user"]) == ("account_gone", 10 * USD, PAYER)
    assert await call_about_waiting(store, BEGIN) == 0
    user = await store.get(user_path(PAYER))
    assert user is not None
    assert (user.data["plan"], (await read_payer(store, PAYER)).customers) == (None, {})
    kept = await store.get(payment_path(payment))
    assert kept is not None
    assert kept.data["receipt_url"] is None
    await tell(store, *rest, *rest)
    assert await case_of(store, provider, payment) is None, "all of it went back"
    assert await case_of(store, provider, period) is not None
    assert await call_about_waiting(store, BEGIN + timedelta(hours=1)) == 1
    assert await balance_of(store) == 0


def orders(provider: str) -> list[tuple[Sequence[int], int]]:
    """Every order of the events of a top-up, with every moment at which its payer may go."""
    count = len(TOPUPS[provider][1])
    found: list[tuple[Sequence[int], int]] = [
        (order, going) for order in itertools.permutations(range(count)) for going in range(count + 1)
    ]
    return found if os.environ.get("FAREBOX_SOAK") else random.Random(SEED).sample(found, 6)


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("provider", "order", "going"), [(name, *each) for name in TOPUPS for each in orders(name)])
async def test_what_is_credited_depends_on_what_came_before_the_account_went_and_on_no_order(
    sqlite_store: Store, provider: str, order: Sequence[int], going: int
) -> None:
    payment, events, rest = TOPUPS[provider]
    await open_account(sqlite_store)
    for at, number in enumerate(order):
        if at == going:
            await goes(sqlite_store)
        await tell(sqlite_store, events[number], events[number])
    if going == len(order):
        await goes(sqlite_store)
    sales = (0, 1, 2) if provider == "stripe" else (0,)
    came_before = any(number in sales for number in order[:going])
    assert await balance_of(sqlite_store) == (6 * USD if came_before else 0)
    case = await case_of(sqlite_store, provider, payment)
    backs = {"stripe": (3, 4), "creem": (1,)}[provider]
    is_told = not came_before or any(number in backs for number in order[going:])
    assert (case is not None and case["reason"] == "account_gone") == is_told
    await tell(sqlite_store, *rest, *rest)
    assert await balance_of(sqlite_store) == 0
    assert (await case_of(sqlite_store, provider, payment) is not None) == came_before


@pytest.mark.parametrize("provider", PERIODS)
async def test_a_subscription_that_begins_or_runs_on_for_an_account_that_is_gone_is_cancelled_by_the_job_once(
    sqlite_store: Store, provider: str
) -> None:
    payment, events = PERIODS[provider]
    stand_in = EndingProvider(provider)
    await open_account(sqlite_store)
    await name_products(sqlite_store)
    await goes(sqlite_store)
    await tell(sqlite_store, *events)
    stand_in.is_down = True
    assert await follow(sqlite_store, stand_in) == {"failed": 1}
    stand_in.is_down = False
    assert await follow(sqlite_store, stand_in) == {"closed": 1}
    again = {"stripe": stripe_event, "creem": creem_event}[provider]
    told = {"stripe": stripe_subscription, "creem": creem_subscription}[provider]
    kind = {"stripe": "customer.subscription.updated", "creem": "subscription.update"}[provider]
    await tell(sqlite_store, again(kind, told(seats=2) if provider == "stripe" else told(units=2), BEGIN + MONTH))
    assert await follow(sqlite_store, stand_in) == {}
    assert stand_in.ended == ["sub_1"]
    assert await balance_of(sqlite_store) == 0
    assert await case_of(sqlite_store, provider, payment) is not None


async def test_pages_and_plans_that_are_open_when_an_account_goes_are_closed_at_the_provider_that_has_them(
    sqlite_store: Store,
) -> None:
    await open_account(sqlite_store)
    checkout = {"order": "ord_1", "plan": "starter", "url": None, "session": "cs_plan", "expires_at": BEGIN + MONTH}
    live = {"plan": "starter", "status": "active", "told_at": BEGIN, "started_at": BEGIN, "renews_at": None}
    payer = replace(
        Payer(),
        checkout=checkout,
        topups={"cs_1": {"expires_at": BEGIN + MONTH}, "cs_2": {"expires_at": BEGIN + MONTH}},
        subscriptions={
            "sub_old": {**live, "provider": "creem"},
            "sub_1": {**live, "provider": "stripe"},
            "sub_0": {**live, "provider": "stripe", "status": "ended"},
        },
    )
    await sqlite_store.write(Set(billing_path(PAYER), payer.to_data()))
    stand_in = EndingProvider("stripe")
    assert await follow(sqlite_store, stand_in) == {}
    await goes(sqlite_store)
    assert await follow(sqlite_store, stand_in) == {"closed": 1}
    assert await follow(sqlite_store, stand_in) == {}
    assert stand_in.ended == ["cs_1", "cs_2", "cs_plan", "sub_1"]
    [case] = await sqlite_store.query(Query("unmatched", limit=5))
    assert (case.data["provider"], case.data["about"], case.data["reason"]) == ("creem", "sub_old", "account_gone")


async def test_what_the_provider_refuses_to_end_keeps_nothing_else_open_and_is_tried_again(sqlite_store: Store) -> None:
    live = {"plan": "starter", "status": "active", "told_at": BEGIN, "started_at": BEGIN, "renews_at": None}
    stand_in = EndingProvider("stripe")
    for uid in (PAYER, "bob", "cleo"):
        pages = {f"cs_{uid}_{number}": {"expires_at": BEGIN + MONTH} for number in (1, 2)}
        running = {f"sub_{uid}_{number}": {**live, "provider": "stripe"} for number in (1, 2)}
        await open_account(sqlite_store, uid)
        payer = replace(Payer(), topups=pages, subscriptions=running, is_gone=True)
        await sqlite_store.write(Set(billing_path(uid), payer.to_data()))
    stand_in.refused = {
        f"cs_{PAYER}_1": ProviderFailed("It does not answer."),
        f"sub_{PAYER}_1": RuntimeError("nobody thought of this"),
        "sub_bob_1": ProviderFailed("It does not answer."),
    }
    assert await follow(sqlite_store, stand_in) == {"closed": 1, "failed": 2}
    everything = {
        f"{kind}_{uid}_{number}" for kind in ("cs", "sub") for uid in (PAYER, "bob", "cleo") for number in (1, 2)
    }
    assert set(stand_in.ended) == everything - stand_in.refused.keys()
    refused, stand_in.ended, stand_in.refused = set(stand_in.refused), [], {}
    assert await follow(sqlite_store, stand_in) == {"closed": 2}
    assert set(stand_in.ended) == refused
    assert await follow(sqlite_store, stand_in) == {}


async def test_the_months_to_come_of_a_year_are_nobodys_once_its_payer_has_gone(sqlite_store: Store) -> None:
    await open_account(sqlite_store)
    await name_products(sqlite_store)
    year = BEGIN + timedelta(days=365)
    line = {**stripe_line("starter", 12_000, end=year), "price": {"id": "price_starter", "unit_amount": 12_000}}
    line["price"]["recurring"] = {"interval": "year"}
    await tell(sqlite_store, stripe_event("invoice.paid", stripe_invoice("m", [line])))
    first = await balance_of(sqlite_store)
    assert first > 0
    await goes(sqlite_store)
    later = BEGIN + 3 * MONTH
    assert await begin_due_parts(sqlite_store, later) == 1
    assert await begin_due_parts(sqlite_store, later) == 0
    refund = {"id": "re_m", "status": "succeeded", "payment_intent": "pi_m", "amount": 6000, "currency": "usd"}
    await tell(sqlite_store, stripe_event("refund.created", refund, later), now=BEGIN)
    assert await balance_of(sqlite_store) == first, "months to come go first"
