"""Estimates what a change of plan comes to, where the payment provider does not say: by the prices that are known here.

It takes the provider to do what is usual: what costs more is billed at once, by the difference for what is left of the
period; what costs less, or a month in place of a year, comes with the next period; a year is paid at once, less what is
left of the month. What is cancelled stays so. Of coupons, tax and the payer's balance it knows nothing.
"""

from datetime import datetime, timedelta

from functions.farebox.accounts.plans import MONTHS_A_YEAR
from functions.farebox.billing.packages import CENT
from functions.farebox.billing.provider import PlanChange, Quote
from functions.farebox.billing.sale import USD
from functions.farebox.billing.subscriptions.record import Subscription
from functions.farebox.kit.money import ceil_div
from functions.farebox.kit.periods import months_later

TICK = timedelta(microseconds=1)


def estimate(current: Subscription, change: PlanChange, now: datetime) -> Quote:
    """What a change of the subscription that runs comes to."""
    quote = _estimate(current, change, now)
    is_last = current.renews_at is None or (current.ends_at is not None and current.ends_at <= current.renews_at)
    return quote.ending(quote.renews_at if current.ends_at is not None and is_last else current.ends_at)


def _estimate(current: Subscription, change: PlanChange, now: datetime) -> Quote:
    """What it comes to where nothing is cancelled."""
    months = MONTHS_A_YEAR if change.is_yearly else 1
    renewal, ends_at = change.plan.price_for(months) * change.seats, current.renews_at or current.ends_at
    if current.status == "trialing":
        return _quote(0, None, renewal, current.trial_ends_at or ends_at)
    if current.price is None or current.currency != USD or ends_at is None:
        return _quote(None, None, renewal, ends_at)
    former = current.price * current.seats
    if months > current.months:
        left = _left_of(former, current.months, ends_at, now)
        return _quote(max(0, renewal - left), None, renewal, months_later(now, months))
    if renewal <= former or months < current.months:
        return _quote(0, ends_at, renewal, ends_at)
    return _quote(_left_of(renewal - former, months, ends_at, now), None, renewal, ends_at)


def _quote(today: int | None, begins_at: datetime | None, renewal: int, renews_at: datetime | None) -> Quote:
    return Quote(today, begins_at, renewal, renews_at, is_estimate=True)


def _left_of(price: int, months: int, ends_at: datetime, now: datetime) -> int:
    """The share of a period's price that what is left of it is, in whole cents."""
    whole = (ends_at - months_later(ends_at, -months)) // TICK
    left = min(max((ends_at - now) // TICK, 0), whole)
    return ceil_div(price * left, whole * CENT) * CENT
