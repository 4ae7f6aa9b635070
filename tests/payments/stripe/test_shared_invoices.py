"""Invoices that no single PaymentIntent paid: several did, a part each, or a charge that has none."""

from typing import Any, cast

import pytest

from functions.farebox.billing.payer import billing_path, read_payer
from functions.farebox.billing.provider import Payments
from functions.farebox.billing.settlement import payments_for
from functions.farebox.billing.subscriptions.duplicates import end_duplicates
from functions.farebox.billing.subscriptions.trials import NOTHING_DONE
from functions.farebox.ledger.verify import verify
from functions.farebox.storage import Query, Store, Update
from tests.support.money.customers import wallet_of
from tests.support.money.payment_events import PAYER, USD, open_account
from tests.support.money.provider_events import (
    BEGIN,
    Object,
    name_products,
    stripe_event,
    stripe_invoice,
    stripe_line,
    tell,
)
from tests.support.money.wallet_books import clean_audit


def paid_by(*names: str) -> Object:
    listed = [
        {"status": "paid", "payment": {"payment_intent" if each.startswith("pi_") else "charge": each}}
        for each in names
    ]
    gave_up: Object = {"status": "canceled", "payment": {"payment_intent": "pi_0"}}
    lines = [stripe_line("starter", 1000)]
    invoice = stripe_invoice("a", lines, payment_intent=None, payments={"data": [gave_up, *listed]})
    return stripe_event("invoice.paid", invoice)


def named(payment: str) -> dict[str, Any]:
    return {"payment_intent": payment} if payment.startswith("pi_") else {"payment_intent": None, "charge": payment}


def refund(payment: str, cents: int, status: str = "succeeded") -> Object:
    told = {"id": f"re_{payment}_{cents}", "status": status, "amount": cents, "currency": "usd", **named(payment)}
    return stripe_event("refund.created", told, name=f"evt_{payment}_{cents}_{status}")


def refunded(payment: str, cents: int) -> Object:
    told = {"id": f"ch_of_{payment}", "amount": cents, "amount_refunded": cents, "currency": "usd"}
    return stripe_event("charge.refunded", {**told, **named(payment)})


def taken(payment: str, cents: int) -> Object:
    told = {"id": payment, "amount": cents, "currency": "usd", "metadata": {}}
    return stripe_event("payment_intent.succeeded", told)


def dispute(payment: str, cents: int, status: str) -> Object:
    told = {"id": f"dp_{payment}", "status": status, "amount": cents, "currency": "usd", **named(payment)}
    return stripe_event("charge.dispute.updated", told, name=f"evt_dp_{status}")


TWO = paid_by("pi_1", "pi_2")
TURNED = paid_by("pi_2", "pi_1") | {"id": "evt_again"}
CASES: dict[str, tuple[list[Object], int, bool]] = {
    "a charge": ([paid_by("ch_1"), refund("ch_1", 1000)], 0, False),
    "a charge, disputed": ([paid_by("ch_1"), dispute("ch_1", 1000, "needs_response")], 10, True),
    "the second": ([TWO, taken("pi_2", 600), refund("pi_2", 600)], 4, False),
    "both": ([TWO, refund("pi_1", 400), refund("pi_2", 600)], 0, False),
    "both, told by their charges": ([TWO, refunded("pi_1", 400), refunded("pi_2", 600)], 0, False),
    "one by each": ([TWO, refunded("pi_1", 400), refund("pi_2", 600)], 0, False),
    "one that failed": ([TWO, refunded("pi_1", 400), refund("pi_2", 600, "failed")], 6, False),
    "disputed": ([TWO, refund("pi_1", 400), dispute("pi_2", 600, "needs_response")], 6, True),
    "lost": ([TWO, refund("pi_1", 400), dispute("pi_2", 600, "lost")], 0, False),
    "told twice, the other way round": ([TWO, TURNED, refund("pi_2", 600)], 4, False),
    "one and a charge": ([paid_by("pi_1", "ch_2"), refund("ch_2", 600), refund("pi_1", 100)], 3, False),
}


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("case", CASES)
async def test_what_goes_back_of_any_payment_of_an_invoice_is_taken_back_in_any_order(
    sqlite_store: Store, case: str, order: int
) -> None:
    await play(sqlite_store, case, order)


@pytest.mark.parametrize("order", [1, -1])
async def test_it_is_taken_back_so_on_either_store(store: Store, order: int) -> None:
    await play(store, "lost", order)


async def play(store: Store, case: str, order: int) -> None:
    events, left, is_frozen = CASES[case]
    await open_account(store)
    await name_products(store)
    await tell(store, *events[::order])
    wallet = await wallet_of(store, PAYER)
    assert (wallet.balance, wallet.frozen) == (left * USD, is_frozen)
    assert await store.query(Query("unmatched", limit=10)) == []
    [payment] = await payments_for(store, PAYER, "sub_1")
    assert payment.sale is not None
    assert payment.returned == 10 * USD - left * USD
    assert bool((await read_payer(store, PAYER)).disputed) is is_frozen
    assert (await verify(store, PAYER)).fault is None
    await clean_audit(store)


class Refunding:
    """A provider that is asked to cancel and to refund."""

    name = "stripe"

    def __init__(self) -> None:
        self.refunded: list[str] = []

    async def cancel_subscription(self, subscription: str) -> None:
        return None

    async def refund(self, payment: str) -> bool:
        self.refunded.append(payment)
        return True


async def test_a_second_subscription_is_refunded_by_each_payment_of_its_invoice(sqlite_store: Store) -> None:
    await open_account(sqlite_store)
    await name_products(sqlite_store)
    await tell(sqlite_store, paid_by("pi_1", "ch_2"))
    await sqlite_store.write(Update(billing_path(PAYER), {"surplus": {"sub_1": NOTHING_DONE}}))
    payments = Refunding()
    assert await end_duplicates(sqlite_store, cast(Payments, payments), PAYER, BEGIN) == (1, 0)
    assert payments.refunded == ["pi_1", "ch_2"]
