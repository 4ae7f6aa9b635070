"""Stripe as its stand-in is, and a product that is paid by it."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from functions.farebox.accounts.plans import BUILTIN
from functions.farebox.storage import Store
from functions.farebox.wiring.runtime import Runtime, utc_now
from tests.support.clients.management import done
from tests.support.money.provider_events import put_plan
from tests.support.product.runtime import Clock, runtime_over
from tests.support.stand_ins.stripe_server import SECRET, StripeStandIn


@pytest.fixture
async def stripe() -> AsyncIterator[StripeStandIn]:
    async with StripeStandIn() as stand_in:
        yield stand_in


@pytest.fixture
def clock() -> Clock:
    """It begins now: the library looks at the time itself where it checks a signature."""
    return Clock(utc_now())


@pytest.fixture
def runtime(sqlite_store: Store, sqlite_url: str, stripe: StripeStandIn, clock: Clock) -> Runtime:
    return runtime_over(
        sqlite_store,
        sqlite_url,
        clock,
        FAREBOX_SIGNUP_CREDIT_USD="0",
        FAREBOX_PAYMENTS="stripe",
        STRIPE_API_KEY="sk_test_stand_in",
        STRIPE_WEBHOOK_SECRET=SECRET,
        STRIPE_API_BASE=stripe.url,
    )


@pytest.fixture
async def subscription(client: httpx.AsyncClient, stripe: StripeStandIn, sqlite_store: Store) -> str:
    """A month of Starter, paid; half of it is left."""
    for plan, cents in zip(BUILTIN[:2], (1000, 5000), strict=True):
        month, year = f"price_{plan.id}", f"price_{plan.id}_year"
        stripe.portal.sell(month, cents)
        stripe.portal.sell(year, cents * 10, interval="year")
        sold = replace(plan, products=(("stripe", month),), yearly_products=(("stripe", year),))
        await put_plan(sqlite_store, replace(sold, yearly_price=plan.price * 10))
    await done(client.post("/api/wallet/subscribe", json={"plan": "starter", "seats": 2}))
    [session] = stripe.of_kind("checkout.session")
    stripe.pay(session["id"])
    await stripe.send(client)
    [made] = stripe.of_kind("subscription")
    return str(made["id"])
