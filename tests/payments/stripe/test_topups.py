"""What a top-up at Stripe credits: what was paid before tax, less discount and shipping, in any order of its events."""

import itertools
from datetime import timedelta
from typing import Any

import pytest

from functions.farebox.billing.payer import read_payer
from functions.farebox.billing.settlement import payment_path
from functions.farebox.billing.unmatched import call_about_waiting
from functions.farebox.storage import Query, Store
from tests.support.money.customers import wallet_of
from tests.support.money.payment_events import PAYER, USD, open_account
from tests.support.money.provider_events import (
    BEGIN,
    METADATA,
    Known,
    Object,
    name_products,
    stamp,
    stripe_event,
    stripe_invoice,
    stripe_line,
    stripe_subscription,
    tell,
)
from tests.support.money.wallet_books import clean_audit

TOPUP = {**METADATA, "farebox_kind": "topup", "farebox_reference": "", "farebox_bonus_nanos": "2000000000"}


def session(subtotal: int, total: int, *, discount: int = 0, tax: int = 0, shipping: int = 0, **fields: Any) -> Object:
    told = {
        "id": "cs_1",
        "mode": "payment",
        "payment_status": "paid",
        "payment_intent": "pi_1",
        "metadata": TOPUP,
        "currency": "usd",
        "amount_subtotal": subtotal,
        "amount_total": total,
        "total_details": {"amount_discount": discount, "amount_tax": tax, "amount_shipping": shipping},
    }
    return stripe_event("checkout.session.completed", {**told, **fields})


def taken(total: int, currency: str = "usd") -> list[Object]:
    """The other two events about the payment."""
    intent = {"id": "pi_1", "amount": total, "amount_received": total, "currency": currency, "metadata": TOPUP}
    charge = {**intent, "id": "ch_1", "payment_intent": "pi_1", "captured": True, "status": "succeeded"}
    charge |= {"amount_captured": total, "receipt_url": "https://receipts/1"}
    return [stripe_event("payment_intent.succeeded", intent), stripe_event("charge.succeeded", charge)]


PAID = {
    "as it is": (session(1000, 1000), 1000, "10", "2"),
    "a discount and tax on top": (session(1000, 595, discount=500, tax=95), 595, "5", "1"),
    "tax within the price": (session(1000, 1000, tax=160), 1000, "8.4", "1.68"),
    "shipping": (session(1000, 1500, shipping=500), 1500, "10", "2"),
    "a discount that tax makes up for": (session(1000, 1000, discount=160, tax=160), 1000, "8.4", "1.68"),
    "in euros": (session(920, 1095, tax=175, currency="eur"), 1095, "10", "2"),
    "for nothing": (session(1000, 0, discount=1000, payment_status="no_payment_required"), 0, "0", "0"),
}


@pytest.mark.parametrize("how", PAID)
@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
async def test_what_was_paid_before_tax_is_credited_in_any_order(
    sqlite_store: Store, how: str, order: tuple[int, ...]
) -> None:
    await open_account(sqlite_store)
    told, total, credit, bonus = PAID[how]
    events = [told, *taken(total, told["data"]["object"]["currency"])]
    await tell(sqlite_store, *(events[number] for number in order if total or number == 0))
    expected = round(float(credit) * 100) * USD // 100 + round(float(bonus) * 100) * USD // 100
    assert (await wallet_of(sqlite_store, PAYER)).balance == expected
    assert await sqlite_store.query(Query("unmatched", limit=10)) == []
    await clean_audit(sqlite_store)


async def paid_ten(store: Store) -> None:
    await open_account(store)
    await tell(store, session(1000, 1000), *taken(1000))


def refund(amount: int, currency: str, **fields: Any) -> Object:
    told = {"id": "re_1", "status": "succeeded", "payment_intent": "pi_1", "charge": "ch_1", "amount": amount}
    return stripe_event("refund.created", {**told, "currency": currency, **fields})


def dispute(amount: int, currency: str, status: str, **fields: Any) -> Object:
    told = {"id": "dp_1", "status": status, "payment_intent": "pi_1", "charge": "ch_1", "amount": amount}
    return stripe_event(f"charge.dispute.{status}", {**told, "currency": currency, **fields})


@pytest.mark.parametrize("back_first", [False, True])
async def test_what_goes_back_in_another_currency_is_taken_in_proportion(sqlite_store: Store, back_first: bool) -> None:
    await open_account(sqlite_store)
    events = [session(1000, 1000), refund(230, "eur")]
    await tell(sqlite_store, *(reversed(events) if back_first else events), known=Known(charges={"ch_1": (920, "eur")}))
    assert (await wallet_of(sqlite_store, PAYER)).balance == 9 * USD


async def test_a_charge_that_says_what_is_refunded_in_its_currency_needs_no_question(sqlite_store: Store) -> None:
    await paid_ten(sqlite_store)
    charge = {"id": "ch_1", "payment_intent": "pi_1", "amount": 920, "amount_captured": 920, "currency": "eur"}
    await tell(sqlite_store, stripe_event("charge.refunded", {**charge, "amount_refunded": 460}))
    assert (await wallet_of(sqlite_store, PAYER)).balance == 6 * USD


@pytest.mark.parametrize(("status", "balance"), [("lost", 6), ("won", 12)])
async def test_a_dispute_in_another_currency_is_decided_in_proportion(
    sqlite_store: Store, status: str, balance: int
) -> None:
    await paid_ten(sqlite_store)
    charges = {"ch_1": (920, "eur")}
    await tell(sqlite_store, dispute(460, "eur", "needs_response"), known=Known(charges=charges))
    assert (await wallet_of(sqlite_store, PAYER)).frozen
    await tell(sqlite_store, dispute(460, "eur", status, id="dp_1"), known=Known(charges=charges))
    wallet = await wallet_of(sqlite_store, PAYER)
    assert (wallet.balance, wallet.frozen) == (balance * USD, False)


async def test_a_dispute_of_which_nobody_says_the_proportion_is_of_all(sqlite_store: Store) -> None:
    await paid_ten(sqlite_store)
    await tell(sqlite_store, dispute(900, "eur", "lost"))
    assert (await wallet_of(sqlite_store, PAYER)).balance == 0


async def test_a_payment_that_is_on_its_way_is_shown_so_until_it_is_there_or_has_failed(sqlite_store: Store) -> None:
    await open_account(sqlite_store)
    unpaid = session(1000, 1000, payment_status="unpaid")
    await tell(sqlite_store, unpaid)
    assert (await read_payer(sqlite_store, PAYER)).pending == {"pi_1": 10 * USD}
    arrived = {**session(1000, 1000), "type": "checkout.session.async_payment_succeeded", "id": "evt_arrived"}
    await tell(sqlite_store, arrived, {**unpaid, "id": "evt_again"})
    assert (await read_payer(sqlite_store, PAYER)).pending == {}
    second = session(1000, 1000, payment_status="unpaid", id="cs_2", payment_intent="pi_2")
    failed = {**second, "type": "checkout.session.async_payment_failed", "id": "evt_failed"}
    await tell(sqlite_store, failed, second)
    assert (await read_payer(sqlite_store, PAYER)).pending == {}


async def test_a_credit_note_to_the_customers_balance_takes_its_share(sqlite_store: Store) -> None:
    await paid_ten(sqlite_store)
    note = {
        "id": "cn_1",
        "invoice": "pi_1",
        "status": "issued",
        "total": 500,
        "post_payment_amount": 500,
        "refunds": [],
    }
    await tell(sqlite_store, stripe_event("credit_note.created", {**note, "currency": "usd"}))
    assert (await wallet_of(sqlite_store, PAYER)).balance == 6 * USD
    await tell(sqlite_store, stripe_event("credit_note.voided", {**note, "status": "void", "currency": "usd"}))
    assert (await wallet_of(sqlite_store, PAYER)).balance == 12 * USD


NOT_OURS: dict[str, tuple[str, Object]] = {
    "a payment": ("payment_intent.succeeded", {"id": "pi_9", "amount": 700, "currency": "jpy", "metadata": {}}),
    "a session": (
        "checkout.session.completed",
        {
            "id": "cs_9",
            "mode": "payment",
            "payment_status": "paid",
            "amount_total": 5,
            "currency": "gbp",
            "metadata": {},
        },
    ),
    "an invoice": ("invoice.paid", {"id": "in_9", "total": 900, "amount_paid": 900, "currency": "eur"}),
    "a refund": (
        "refund.created",
        {"id": "re_9", "payment_intent": "pi_9", "amount": 5, "currency": "chf", "status": "succeeded"},
    ),
    "a dispute": (
        "charge.dispute.created",
        {"id": "dp_9", "payment_intent": "pi_9", "amount": 5, "currency": "eur", "status": "lost"},
    ),
    "a kind that nobody knows": ("weather.changed", {"id": "w_1"}),
    "a form that nobody knows": ("invoice.paid", {"id": "in_9", "lines": None, "metadata": METADATA}),
    "a user who is not there": (
        "payment_intent.succeeded",
        {"id": "pi_9", "amount": 1000, "currency": "usd", "metadata": {**TOPUP, "farebox_user": "nobody"}},
    ),
}


ODD = {
    "a refund of nothing that has a name": (
        "refund.created",
        {"payment_intent": None, "charge": None, "status": "failed"},
    ),
    "a dispute of nothing that has a name": ("charge.dispute.created", {"charge": None, "status": "lost"}),
    "a name that can be no key": ("customer.subscription.created", stripe_subscription(id="../x")),
    "a currency that can be no key": (
        "refund.created",
        {"payment_intent": "pi_1", "status": "succeeded", "currency": "."},
    ),
    "a receipt that is a number": (
        "charge.succeeded",
        {
            "captured": True,
            "status": "succeeded",
            "amount": 1000,
            "currency": "usd",
            "metadata": TOPUP,
            "receipt_url": 7,
        },
    ),
    "a period of decades": (
        "invoice.paid",
        stripe_invoice("m", [stripe_line("starter", 1000, start=BEGIN.replace(year=1970))]),
    ),
    "an invoice of no subscription": (
        "invoice.paid",
        stripe_invoice("m", [stripe_line("starter", 1000)], parent={"subscription_details": {"metadata": METADATA}}),
    ),
}


@pytest.mark.parametrize("what", ODD)
async def test_what_is_in_no_form_is_an_operators_and_refuses_no_event_after_it(sqlite_store: Store, what: str) -> None:
    await open_account(sqlite_store)
    await name_products(sqlite_store)
    kind, told = ODD[what]
    for number in range(2):
        told = {"id": "odd_1", "amount": 500, "currency": "usd", **told}
        await tell(sqlite_store, stripe_event(kind, told, name=f"evt_{number}"))
    [case] = await sqlite_store.query(Query("unmatched", limit=10))
    assert (case.data["reason"], case.data["times"]) == ("unreadable", 2)
    assert (await wallet_of(sqlite_store, PAYER)).balance == 0


@pytest.mark.parametrize("what", NOT_OURS)
async def test_what_is_not_ours_or_unknown_is_an_operators_once(sqlite_store: Store, what: str) -> None:
    await open_account(sqlite_store)
    kind, told = NOT_OURS[what]
    event = {"id": "evt_9", "type": kind, "created": stamp(BEGIN), "data": {"object": told}}
    for number in range(2):
        await tell(sqlite_store, {**event, "id": f"evt_{number}"})
    [case] = await sqlite_store.query(Query("unmatched", limit=10))
    assert case.data["currency"] == told.get("currency")
    assert (await wallet_of(sqlite_store, PAYER)).balance == 0


async def test_a_refund_that_came_before_its_payment_is_nobodys_case_any_more(sqlite_store: Store) -> None:
    await open_account(sqlite_store)
    await tell(sqlite_store, refund(500, "usd"), session(1000, 1000))
    assert await sqlite_store.query(Query("unmatched", limit=10)) == []
    assert (await wallet_of(sqlite_store, PAYER)).balance == 6 * USD
    assert await sqlite_store.get(payment_path("pi_1")) is not None


@pytest.mark.parametrize("order", [1, -1])
async def test_a_refund_hides_nothing_of_a_payment_that_is_already_an_operators(
    sqlite_store: Store, order: int
) -> None:
    await open_account(sqlite_store)
    charged = {"id": "pi_1", "amount": 1000, "currency": "eur", "metadata": {**TOPUP, "farebox_kind": "auto_recharge"}}
    events = [stripe_event("payment_intent.succeeded", charged), refund(500, "eur")]
    await tell(sqlite_store, *events[::order])
    [case] = await sqlite_store.query(Query("unmatched", limit=10))
    assert (case.data["reason"], case.data["amount"], case.data["user"]) == ("currency", 10 * USD, PAYER)
    assert case.data["times"] == 2


async def test_an_invoice_is_known_by_the_payment_that_it_lists_and_is_ours_by_its_lines(sqlite_store: Store) -> None:
    await open_account(sqlite_store)
    listed = {"status": "paid", "payment": {"type": "payment_intent", "payment_intent": "pi_1"}}
    invoice = stripe_invoice(
        "a",
        [{**stripe_line("starter", 1000), "metadata": METADATA}],
        payment_intent=None,
        payments={"data": [{"status": "open", "payment": {"payment_intent": "pi_0"}}, listed]},
        parent={"type": "subscription_details", "subscription_details": {"subscription": "sub_1", "metadata": None}},
    )
    await tell(sqlite_store, stripe_event("invoice.paid", invoice), refund(500, "usd"))
    assert (await wallet_of(sqlite_store, PAYER)).balance == 5 * USD
    assert await sqlite_store.query(Query("unmatched", limit=10)) == []


async def test_nobody_is_called_about_a_payment_that_its_invoice_says_is_ours(
    sqlite_store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """The charge of a subscription bears no metadata, and comes first."""
    await open_account(sqlite_store)
    for name in ("a", "b"):
        bare = {"id": f"pi_{name}", "amount": 1000, "currency": "usd", "metadata": {}}
        await tell(sqlite_store, stripe_event("payment_intent.succeeded", bare))
    invoice = stripe_invoice("a", [stripe_line("starter", 1000)])
    await tell(sqlite_store, stripe_event("invoice.paid", invoice))
    assert (await call_about_waiting(sqlite_store, BEGIN), caplog.text) == (0, "")
    assert await call_about_waiting(sqlite_store, BEGIN + timedelta(minutes=15)) == 1
    assert "pi_b" in caplog.text
    assert await call_about_waiting(sqlite_store, BEGIN + timedelta(minutes=16)) == 0
    [case] = await sqlite_store.query(Query("unmatched", limit=10))
    assert case.data["about"] == "pi_b"
