"""A year in the life of a payer, at both providers, under a clock that is set by hand: what was paid before tax, less
what went back, is what was credited; each month has its grant; nothing is granted twice. Some are erased or closed in
it, and their provider goes on.

The plans grant what they cost, so that the sums can be compared. Everything is told twice, in a shuffled order, within
the day on which it happened.
"""

import os
import random
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from functions.farebox.accounts.plans import Plan
from functions.farebox.billing.settlement import begin_due_parts, payment_path
from functions.farebox.kit.money import NANOS_PER_USD
from functions.farebox.ledger.book import post
from functions.farebox.ledger.verify import verify
from functions.farebox.ledger.wallet import Posting, wallet_path
from functions.farebox.storage import Query, Store
from tests.support.money.customers import wallet_of
from tests.support.money.payment_events import CLOSED, ERASED, PAYER, goes, open_account
from tests.support.money.provider_events import (
    BEGIN,
    CENTS,
    MONTH,
    Object,
    creem_event,
    creem_paid,
    creem_subscription,
    put_plan,
    stripe_event,
    stripe_invoice,
    stripe_line,
    stripe_subscription,
    tell,
)
from tests.support.money.wallet_books import clean_audit

CENT = NANOS_PER_USD // 100
TAX_PERCENT = 19


@dataclass
class Life:
    """What a payer does, as their provider tells of it, and what it should come to, in cents."""

    provider: str
    rng: random.Random
    plan: str = "starter"
    seats: int = 1
    paid: int = 0  # before tax
    returned: int = 0
    periods: list[str] = field(default_factory=list)  # payments that begin a month
    others: list[str] = field(default_factory=list)  # payments that change one

    def renews(self, now: datetime) -> list[Object]:
        """A month is paid for, with tax; at times with money from the customer's balance."""
        name, cents = f"m{now:%Y%m%d}", CENTS[self.plan] * self.seats
        self.paid += cents
        tax = cents * TAX_PERCENT // 100 if self.rng.random() < 0.5 else 0
        if self.provider == "creem":
            self.periods.append(f"tran_{name}")
            told = creem_paid(name, self.plan, units=self.seats, tax=tax, start=now, end=now + MONTH)
            return [self.stands(now), creem_event("subscription.paid", told, now)]
        self.periods.append(f"pi_{name}")
        line = stripe_line(self.plan, cents, now, now + MONTH, seats=self.seats)
        by_card = self.rng.choice([cents + tax, (cents + tax) // 2, 0])
        invoice = stripe_invoice(name, [line], total=cents + tax, amount_paid=by_card)
        return [self.stands(now), stripe_event("invoice.paid", invoice, now)]

    def stands(self, now: datetime) -> Object:
        """How the subscription is by now."""
        if self.provider == "creem":
            return creem_event("subscription.update", creem_subscription(self.plan, units=self.seats), now)
        return stripe_event("customer.subscription.updated", stripe_subscription(self.plan, seats=self.seats), now)

    def grows(self, now: datetime, ends: datetime) -> list[Object]:
        """Half the month is over when they take a dearer plan, or another seat, and are billed at once."""
        former = self.plan, self.seats
        if self.plan == "starter" and self.rng.random() < 0.5:
            self.plan = "pro"
        else:
            self.seats += 1
        back, sold = -CENTS[former[0]] * former[1] // 2, CENTS[self.plan] * self.seats // 2
        self.paid += back + sold
        name = f"u{now:%Y%m%d}"
        self.others.append(f"{'tran' if self.provider == 'creem' else 'pi'}_{name}")
        if self.provider == "creem":
            told = creem_paid(name, self.plan, cents=back + sold, units=self.seats, start=now, end=ends)
            return [self.stands(now), creem_event("subscription.paid", told, now)]
        lines = [
            stripe_line(former[0], back, now, ends, seats=former[1], is_proration=True),
            stripe_line(self.plan, sold, now, ends, seats=self.seats, is_proration=True),
        ]
        return [
            self.stands(now),
            stripe_event("invoice.paid", stripe_invoice(name, lines, reason="subscription_update"), now),
        ]

    def shrinks(self, now: datetime) -> list[Object]:
        """A cheaper plan, or a seat less, from the next month on."""
        self.plan, self.seats = "starter", max(1, self.seats - 1)
        return [self.stands(now)]

    def gets_back(self, now: datetime) -> list[Object]:
        """The month that was just paid is refunded, all of it."""
        payment, cents = self.periods[-1], CENTS[self.plan] * self.seats
        self.returned += cents
        if self.provider == "creem":
            refund = {
                "id": f"ref_{payment}",
                "status": "succeeded",
                "refund_amount": cents * 2,
                "refund_currency": "USD",
            }
            return [
                creem_event("refund.created", {**refund, "transaction": {"id": payment, "subscription": "sub_1"}}, now)
            ]
        refund = {"id": f"re_{payment}", "status": "succeeded", "payment_intent": payment, "amount": cents * 2}
        return [stripe_event("refund.created", {**refund, "currency": "usd"}, now)]


async def hear(store: Store, life: Life, now: datetime, events: list[Object]) -> None:
    doubled = events * 2
    life.rng.shuffle(doubled)
    await tell(store, *doubled, now=now)


async def is_refunded(store: Store, payment: str) -> bool:
    found = await store.get(payment_path(payment))
    assert found is not None
    assert not found.data["credited"]
    return bool(found.data["status"] == "refunded")


async def spend_some(store: Store, rng: random.Random, now: datetime) -> None:
    amount = rng.randint(0, (await wallet_of(store, PAYER)).available // 2)
    await post(store, PAYER, now, Posting(f"use_{now:%Y%m%d%H}", "adjustment", -amount, "spent"))


LEAVERS = {0: None, 1: ERASED, 2: CLOSED, 3: None}  # by seed: how they go in the year's seventh month, if they do


@pytest.mark.parametrize("seed", range(int(os.environ.get("FAREBOX_YEARS", "4"))))
@pytest.mark.parametrize("provider", ["stripe", "creem"])
async def test_what_was_paid_in_a_year_was_credited_and_each_month_once(
    sqlite_store: Store, provider: str, seed: int
) -> None:
    store, life = sqlite_store, Life(provider, random.Random(seed))
    await open_account(store)
    for plan, cents in CENTS.items():
        named = (("creem", f"prod_{plan}"), ("stripe", f"price_{plan}"))
        await put_plan(store, Plan(plan, plan, price=cents * CENT, grant=cents * CENT, products=named))
    stays, leaves = life, LEAVERS[seed % len(LEAVERS)]
    for month in range(12):
        now = BEGIN + month * MONTH
        if month == 7 and leaves is not None:
            await goes(store, leaves)
            life = replace(life, paid=0, returned=0, periods=[], others=[])
        await hear(store, life, now, life.renews(now))
        if life.rng.random() < 0.2:
            await hear(store, life, now + timedelta(hours=1), life.gets_back(now + timedelta(hours=1)))
        if life is stays:
            await spend_some(store, life.rng, now + timedelta(days=5))
        half, step = now + MONTH / 2, life.rng.random()
        if step < 0.4:
            await hear(store, life, half, life.grows(half, now + MONTH))
        elif step < 0.7:
            await hear(store, life, half, life.shrinks(half))
        assert (await verify(store, PAYER)).fault is None
    await clean_audit(store)
    if life is not stays:
        cases = {each.data["about"]: each.data["reason"] for each in await store.query(Query("unmatched", limit=99))}
        refunded = {each for each in life.periods if await is_refunded(store, each)}
        assert cases == dict.fromkeys({*life.periods, *life.others} - refunded, "account_gone")
        life = stays
    entries = await store.query(Query(f"{wallet_path(PAYER)}/transactions", order_by="seq", limit=500))
    granted = [entry for entry in entries if entry.data["type"] == "grant"]
    assert set(life.periods) <= {entry.id for entry in granted}, "each month has its grant"
    assert len({entry.id for entry in granted}) == len(granted)
    assert sum(entry.data["amount"] for entry in granted) == life.paid * CENT
    refunds = [entry.data for entry in entries if entry.data["type"] == "refund"]
    taken = sum(refund["metadata"].get("debt", 0) - refund["amount"] for refund in refunds)
    assert taken == life.returned * CENT


async def test_a_year_that_was_paid_at_once_is_credited_month_by_month_and_no_further(sqlite_store: Store) -> None:
    await open_account(sqlite_store)
    await put_plan(sqlite_store, Plan("starter", "Starter", price=1000 * CENT, grant=1000 * CENT))
    year = stripe_invoice("y", [stripe_line("starter", 12000, BEGIN, BEGIN + timedelta(days=365))])
    await tell(sqlite_store, stripe_event("invoice.paid", year))
    months = 1
    for day in range(0, 400, 5):
        months += await begin_due_parts(sqlite_store, BEGIN + timedelta(days=day))
    entries = await sqlite_store.query(Query(f"{wallet_path(PAYER)}/transactions", order_by="seq", limit=500))
    granted = [entry.data["amount"] for entry in entries if entry.data["type"] == "grant"]
    assert (months, len(granted), sum(granted)) == (12, 12, 12000 * CENT)
    await clean_audit(sqlite_store)
