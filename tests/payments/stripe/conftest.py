"""Stripe as its stand-in is, and a product that is paid by it."""

from collections.abc import AsyncIterator

import pytest

from functions.farebox.storage import Store
from functions.farebox.wiring.runtime import Runtime, utc_now
from tests.support.product.runtime import Clock, runtime_over
from tests.support.stand_ins.stripe_server import SECRET, StripeStandIn


@pytest.fixture
async def stripe() -> AsyncIterator[StripeStandIn]:
    async with StripeStandIn() as stand_in:
        yield stand_in


@pytest.fixture
def runtime(sqlite_store: Store, sqlite_url: str, stripe: StripeStandIn) -> Runtime:
    return runtime_over(
        sqlite_store,
        sqlite_url,
        Clock(utc_now()),
        FAREBOX_SIGNUP_CREDIT_USD="0",
        FAREBOX_PAYMENTS="stripe",
        STRIPE_API_KEY="sk_test_stand_in",
        STRIPE_WEBHOOK_SECRET=SECRET,
        STRIPE_API_BASE=stripe.url,
    )
