"""What a change of plan comes to, by Stripe's own preview of the invoice.

https://docs.stripe.com/api/invoices/create_preview. A change is made in the portal, whose configuration says how it is
prorated, and which changes wait for the period's end (https://docs.stripe.com/api/customer_portal/configurations).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import stripe

from functions.farebox.billing.packages import CENT
from functions.farebox.billing.provider import PlanChange, Quote
from functions.farebox.billing.subscriptions.plans_own import place_of_plan
from functions.farebox.payments.reading import answered, check, id_of
from functions.farebox.payments.stripe.asking import Refused, ask
from functions.farebox.payments.stripe.subscriptions import MONTHS, currency_of, moment, unit_in

if TYPE_CHECKING:
    from stripe.params import InvoiceCreatePreviewParams
    from stripe.params.billing_portal import ConfigurationListParams

NO_UPDATES: Mapping[str, Any] = {"enabled": False}


async def quote_change(api: stripe.V1Services, change: PlanChange, product: str | None) -> Quote | None:
    """See `Payments`. `product` is the price at Stripe of what is wanted."""
    if product is None:
        return None  # the portal cannot change to it either
    try:
        return await _quote(api, change, product)
    except Refused:
        return None


async def _quote(api: stripe.V1Services, change: PlanChange, product: str) -> Quote | None:
    only_default: ConfigurationListParams = {"is_default": True, "limit": 1}
    found = await ask(api.billing_portal.configurations.list_async(only_default))
    in_all = "items.data.price.currency_options"
    subscription = await ask(api.subscriptions.retrieve_async(change.subscription, {"expand": [in_all]}))
    price = await ask(api.prices.retrieve_async(product, {"expand": ["currency_options"]}))
    with answered():
        updates = found.data[0].to_dict()["features"]["subscription_update"] if found.data else NO_UPDATES
        current = subscription.to_dict()
        currency, items = currency_of(current), current["items"]["data"]
        item = items[place_of_plan([id_of(each["price"]) for each in items], change.products)]
        former, wanted = item["price"], price.to_dict()
        ends_at = moment(item.get("current_period_end") or current["current_period_end"])
        is_shorter = _months(wanted) < _months(former)
        before, after = unit_in(former, currency), unit_in(wanted, currency)
        if not updates["enabled"] or before is None or after is None:
            return None
        renewal = after * change.seats
        is_less = renewal < before * (item.get("quantity") or 1)
        if _waits(updates, is_less=is_less, is_shorter=is_shorter):
            return _bounded(_ending(Quote(0, ends_at, renewal * CENT, ends_at, currency), current))
        prorating = str(updates["proration_behavior"])
    params: InvoiceCreatePreviewParams = {
        "subscription": change.subscription,
        "subscription_details": {
            "items": [{"id": item["id"], "price": product, "quantity": change.seats}],
            "proration_behavior": prorating,
        },
    }
    preview = await ask(api.invoices.create_preview_async(params))
    with answered():
        told = preview.to_dict()
        is_begun_anew = _months(wanted) != _months(former) and current["status"] != "trialing"
        is_billed = prorating == "always_invoice" or is_begun_anew
        today = max(0, int(told["amount_due"])) if is_billed else 0
        if told["currency"] != currency:
            return None
        renews_at = _renews_at(told, product, ends_at) if is_begun_anew else ends_at
        return _bounded(_ending(Quote(today * CENT, None, renewal * CENT, renews_at, currency), current))


def _bounded(quote: Quote) -> Quote:
    check(quote)
    return quote


def _waits(updates: Mapping[str, Any], *, is_less: bool, is_shorter: bool) -> bool:
    """Whether the portal makes a change at the end of the period."""
    conditions = (updates.get("schedule_at_period_end") or {}).get("conditions") or ()
    kinds = {each["type"] for each in conditions}
    return (is_less and "decreasing_item_amount" in kinds) or (is_shorter and "shortening_interval" in kinds)


def _months(price: Mapping[str, Any]) -> int:
    recurring = price["recurring"]
    return MONTHS.get(recurring["interval"], 0) * int(recurring.get("interval_count") or 1)


def _renews_at(preview: Mapping[str, Any], product: str, ends_at: datetime) -> datetime:
    """When the first period at another interval ends, which may be before the one that ran would have."""
    ends = [moment(line["period"]["end"]) for line in preview["lines"]["data"] if _price_of(line) == product]
    return max(ends, default=ends_at)


def _ending(quote: Quote, subscription: Mapping[str, Any]) -> Quote:
    """The quote of a subscription that may be cancelled: to the end of its period, which a change may move, or to a
    moment (https://docs.stripe.com/billing/subscriptions/cancel)."""
    if subscription.get("cancel_at_period_end"):
        return quote.ending(quote.renews_at)
    cancel_at = subscription.get("cancel_at")
    return quote.ending(moment(cancel_at) if cancel_at else None)


def _price_of(line: Mapping[str, Any]) -> str | None:
    pricing = (line.get("pricing") or {}).get("price_details") or {}
    return id_of(pricing.get("price")) or id_of(line.get("price"))
