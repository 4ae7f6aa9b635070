"""Stripe's customers: one a user, made with their first order, followed when the user's address changes, and made anew
where somebody has deleted it at Stripe."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

import stripe

from functions.farebox.billing.provider import ProviderCustomer
from functions.farebox.payments.metadata import USER
from functions.farebox.payments.reading import answered
from functions.farebox.payments.stripe.asking import Refused, ask

T = TypeVar("T")


async def for_customer(api: stripe.V1Services, payer: ProviderCustomer, call: Callable[[str], Awaitable[T]]) -> T:
    """Do something for the payer's customer, who is there by then."""
    if payer.customer is None:
        return await call(await _make(api, payer, ""))
    if payer.told_email not in (None, payer.email):
        with suppress(Refused):  # who is not there, the call will say
            await ask(api.customers.update_async(payer.customer, {"email": payer.email}))
    try:
        return await call(payer.customer)
    except Refused as error:
        if error.missing != "customer":
            raise
        return await call(await _make(api, payer, payer.customer))


async def _make(api: stripe.V1Services, payer: ProviderCustomer, deleted: str) -> str:
    """Make a customer: once, though two orders come at the same time. `deleted` is the one that it takes the place
    of."""
    key = f"customer-{payer.user}" + (f"-after-{deleted}" if deleted else "")
    customer = await ask(
        api.customers.create_async(
            {"email": payer.email, "metadata": {USER: payer.user}},
            {"idempotency_key": key},
        )
    )
    with answered():
        return customer.id
