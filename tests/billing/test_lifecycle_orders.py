"""What people do in a provider's portal, told in any order and ten times at once, ends the same.

There are 120 orders of {portal upgrade, renewal paid, quantity changed, refund, cancel}. `make soak` goes through all
of them on both stores (`FAREBOX_SOAK=1`), an ordinary run through a seeded few.
"""

import asyncio
import itertools
import os
import random
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from functions.farebox.billing.apply_event import apply_event
from functions.farebox.billing.payer import billing_path
from functions.farebox.billing.settlement import payment_path
from functions.farebox.ledger.verify import verify
from functions.farebox.storage import Store
from functions.farebox.storage.connect import open_engine
from tests.support.money.customers import wallet_of
from tests.support.money.payment_events import PAYER, USD, open_account
from tests.support.money.provider_events import (
    BEGIN,
    MONTH,
    Object,
    creem_event,
    creem_paid,
    creem_subscription,
    name_products,
    read,
    stripe_event,
    stripe_invoice,
    stripe_line,
    stripe_subscription,
    tell,
)
from tests.support.money.wallet_books import clean_audit

COPIES = 10
SEED = 20261129
END = BEGIN + 2 * MONTH
NOW = BEGIN + MONTH
REFUND = {"id": "re_1", "status": "succeeded", "payment_intent": "pi_a", "amount": 1000, "currency": "usd"}
CREEM_REFUND = {"id": "ref_1", "status": "succeeded", "refund_amount": 1000, "refund_currency": "USD"}

FIRST: dict[str, Sequence[Object]] = {
    "stripe": [
        stripe_event("customer.subscription.created", stripe_subscription()),
        stripe_event("invoice.paid", stripe_invoice("a", [stripe_line("starter", 1000, end=END)])),
    ],
    "creem": [
        creem_event("subscription.active", creem_subscription()),
        creem_event("subscription.paid", creem_paid("a", end=END)),
    ],
}
FIVE: dict[str, Sequence[Object]] = {
    "stripe": [
        stripe_event("customer.subscription.updated", stripe_subscription("pro"), BEGIN + timedelta(days=1), "upgrade"),
        stripe_event("invoice.paid", stripe_invoice("b", [stripe_line("pro", 5000, NOW, END)]), NOW, "renewal"),
        stripe_event("customer.subscription.updated", stripe_subscription("pro", seats=3), NOW, "quantity"),
        stripe_event("refund.created", REFUND, NOW, "refund"),
        stripe_event("customer.subscription.deleted", stripe_subscription(status="canceled"), NOW, "cancel"),
    ],
    "creem": [
        creem_event("subscription.update", creem_subscription("pro"), BEGIN + timedelta(days=1), "upgrade"),
        creem_event("subscription.paid", creem_paid("b", "pro", start=NOW, end=END), NOW, "renewal"),
        creem_event("subscription.update", creem_subscription("pro", units=3), NOW, "quantity"),
        creem_event("refund.created", {**CREEM_REFUND, "transaction": {"id": "tran_a", "subscription": "sub_1"}}, NOW),
        creem_event("subscription.canceled", creem_subscription(status="canceled"), NOW, "cancel"),
    ],
}
ORDERS = list(itertools.permutations(range(5)))
PLAYED = ORDERS if os.environ.get("FAREBOX_SOAK") else random.Random(SEED).sample(ORDERS, 4)


async def play(store: Store, provider: str, order: Sequence[int]) -> dict[str, Any]:
    """What an order ends in."""
    await open_account(store)
    await name_products(store)
    await tell(store, *FIRST[provider])
    for number in order:
        event = await read(FIVE[provider][number])
        await asyncio.gather(*(apply_event(store, event, NOW) for _ in range(COPIES)))
    assert (await verify(store, PAYER)).fault is None
    await clean_audit(store)
    names = ("pi_a", "pi_b") if provider == "stripe" else ("tran_a", "tran_b")
    paths = [f"users/{PAYER}", billing_path(PAYER), *(payment_path(name) for name in names)]
    found = await store.get_many(*paths)
    end: dict[str, Any] = {each.path: {**each.data, "created_at": None, "updated_at": None} for each in found if each}
    wallet = await wallet_of(store, PAYER)
    end["wallet"] = (wallet.balance, wallet.debt, wallet.limits, wallet.budget, wallet.grants)
    return end


@pytest.mark.timeout(600)
@pytest.mark.parametrize("provider", FIVE)
@pytest.mark.parametrize("order", PLAYED, ids=str)
async def test_every_order_told_ten_times_at_once_ends_the_same(
    store: Store, tmp_path: Path, provider: str, order: Sequence[int]
) -> None:
    end = await play(store, provider, order)
    assert end["wallet"][:2] == (55 * USD, 0)
    assert end[f"users/{PAYER}"]["plan"] is None
    other = Store(open_engine(f"sqlite:///{tmp_path}/as_they_happened.db"))
    assert end == await play(other, provider, ORDERS[0])
    await other.close()
