"""Asks Stripe through its library, and says in our words what went wrong."""

import logging
from collections.abc import Awaitable
from typing import TypeVar

import stripe

from functions.farebox.billing.provider import ProviderFailed

T = TypeVar("T")
log = logging.getLogger("farebox.payments.stripe")


class Refused(ProviderFailed):
    """Stripe has understood, and does not do it: what was named is not there, or not in a state for it."""

    def __init__(self, message: str, *, missing: str | None) -> None:
        super().__init__(message)
        self.missing = missing  # the parameter that names something which is not there


async def ask(call: Awaitable[T]) -> T:
    """Ask Stripe. A declined card is the caller's to hear of; anything else that goes wrong is `ProviderFailed`."""
    try:
        return await call
    except stripe.CardError:
        raise
    except stripe.StripeError as error:
        log.warning("Stripe refused or did not answer: %s, request %s", error, error.request_id)
        message = "The payment provider does not answer. Try again in a minute."
        if isinstance(error, stripe.InvalidRequestError):
            missing = str(error.param) if error.code == "resource_missing" else None
            raise Refused(message, missing=missing) from error
        raise ProviderFailed(message) from error
