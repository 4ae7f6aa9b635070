"""Asks Stripe for what its events leave out."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import stripe

from functions.farebox.billing.provider import ProviderFailed
from functions.farebox.payments.metadata import UnexpectedEvent
from functions.farebox.payments.reading import answered, id_of
from functions.farebox.payments.stripe.asking import Refused, ask
from functions.farebox.payments.stripe.events import MOST_PAYMENTS

if TYPE_CHECKING:
    from stripe.params import (
        InvoiceLineItemListParams,
        InvoicePaymentListParams,
        SubscriptionScheduleRetrieveParams,
    )

PAGE, MOST_LINES = 100, 1_000  # of an invoice


class StripeLookup:
    """See `events.Lookup`. What Stripe knows nothing of is nothing; that it does not answer is `ProviderFailed`."""

    def __init__(self, api: stripe.V1Services) -> None:
        self._api = api

    async def payments_of_invoice(self, invoice_id: str) -> Sequence[Mapping[str, Any]]:
        """See `events.Lookup`."""
        params: InvoicePaymentListParams = {"invoice": invoice_id, "status": "paid", "limit": MOST_PAYMENTS}
        try:
            paid = await ask(self._api.invoice_payments.list_async(params))
        except Refused:
            return []
        with answered():
            return [each.to_dict() for each in paid.data]

    async def lines_of_invoice(self, invoice_id: str) -> Sequence[Mapping[str, Any]]:
        """See `events.Lookup`. Raises `UnexpectedEvent` for more of them than anybody reads."""
        lines: list[Mapping[str, Any]] = []
        for _ in range(MOST_LINES // PAGE):
            params: InvoiceLineItemListParams = {"limit": PAGE}
            if lines:
                params["starting_after"] = str(lines[-1]["id"])
            page = await ask(self._api.invoices.line_items.list_async(invoice_id, params))
            with answered():
                lines += [line.to_dict() for line in page.data]
                if not page.has_more:
                    return lines
        raise UnexpectedEvent(f"an invoice of more than {MOST_LINES} lines")

    async def card_of(self, subscription: Mapping[str, Any]) -> str | None:
        """See `events.Lookup`. Checkout sets the card of a subscription; what is paid otherwise has none."""
        method = id_of(subscription.get("default_payment_method"))
        if method is None:
            return None
        try:
            kept = await ask(self._api.payment_methods.retrieve_async(method))
        except Refused:
            return None
        with answered():
            return None if kept.card is None else kept.card.fingerprint

    async def subscription(self, subscription_id: str) -> Mapping[str, Any] | None:
        """See `events.Lookup`. It is not there whatever the form in which that is said, nor for a key that may not read
        it."""
        try:
            found = await ask(self._api.subscriptions.retrieve_async(subscription_id))
        except ProviderFailed as failure:
            cause = failure.__cause__
            if isinstance(failure, Refused) or (
                isinstance(cause, stripe.StripeError) and cause.http_status in (403, 404)
            ):
                return None
            raise
        with answered():
            return found.to_dict()

    async def schedule(self, schedule_id: str) -> Mapping[str, Any] | None:
        """See `events.Lookup`. A key that may not read schedules goes on without: they decide nothing."""
        params: SubscriptionScheduleRetrieveParams = {"expand": ["phases.items.price"]}
        try:
            found = await ask(self._api.subscription_schedules.retrieve_async(schedule_id, params))
        except ProviderFailed as failure:
            if isinstance(failure, Refused) or isinstance(failure.__cause__, stripe.PermissionError):
                return None
            raise
        with answered():
            return found.to_dict()

    async def charge(self, charge_id: str) -> tuple[int, str] | None:
        """See `events.Lookup`."""
        try:
            charge = await ask(self._api.charges.retrieve_async(charge_id))
        except Refused:
            return None
        with answered():
            return int(charge.amount_captured or charge.amount), charge.currency
