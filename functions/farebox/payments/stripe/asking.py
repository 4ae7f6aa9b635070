"""Asks Stripe through its library, and says in our words what went wrong."""

import logging
from collections.abc import Awaitable
from typing import TypeVar

import stripe

from functions.farebox.billing.provider import ProviderFailed
from functions.farebox.payments.reading import NO_ANSWER, answered

T = TypeVar("T")
_IN_LIVE_MODE = "exists in live mode"  # so Stripe's refusal of a key for tests ends
log = logging.getLogger("farebox.payments.stripe")


class Refused(ProviderFailed):
    """Stripe has understood, and does not do it: what was named is not there, or not in a state for it."""

    def __init__(self, message: str, *, cause: str | None, missing: str | None, is_live_elsewhere: bool) -> None:
        super().__init__(message)
        self.cause = cause  # Stripe's code of it
        self.missing = missing  # the parameter that names something which is not there
        self.is_live_elsewhere = is_live_elsewhere  # it is, for the key of the live mode: ours is one for tests

    @property
    def is_gone(self) -> bool:
        """Whether what was named is nowhere."""
        return self.missing is not None and not self.is_live_elsewhere


async def ask(call: Awaitable[T], *, may_be_declined: bool = False) -> T:
    """Ask Stripe. A declined card is the caller's to hear of where one is charged; anything else that goes wrong is
    `ProviderFailed`."""
    try:
        with answered():
            return await call
    except stripe.StripeError as error:
        if may_be_declined and isinstance(error, stripe.CardError):
            raise
        log.warning("Stripe refused or did not answer: %s, request %s", error, error.request_id)
        if isinstance(error, stripe.InvalidRequestError):
            missing = str(error.param) if error.code == "resource_missing" else None
            is_elsewhere = _IN_LIVE_MODE in str(error)
            raise Refused(NO_ANSWER, cause=error.code, missing=missing, is_live_elsewhere=is_elsewhere) from error
        raise ProviderFailed(NO_ANSWER) from error
