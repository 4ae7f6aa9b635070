"""Reads Stripe's subscription schedules (https://docs.stripe.com/api/subscription_schedules): what a subscription was
agreed to become. The portal makes one for a change that waits for the period's end, people in Stripe's dashboard for
whatever they agree on.

It is shown and decides nothing: what a subscription is, its own events tell.
"""

import logging
from collections.abc import Mapping
from datetime import datetime
from itertools import islice
from operator import itemgetter
from typing import Any

from functions.farebox.billing.events import Coming
from functions.farebox.billing.packages import CENT
from functions.farebox.payments.metadata import UnexpectedEvent
from functions.farebox.payments.reading import UNREADABLE, check, id_of, name_of
from functions.farebox.payments.stripe.subscriptions import moment, months_of, unit_in

MOST_COMING = 20  # items of phases that are ahead
KIND = "subscription_schedule."
RUNNING = ("active", "not_started")

log = logging.getLogger("farebox.payments.stripe")


def subscription_of(schedule: Mapping[str, Any]) -> str | None:
    """The subscription that a schedule is of, or was of until it let go of it."""
    return id_of(schedule.get("subscription")) or id_of(schedule.get("released_subscription"))


def read_schedule(schedule: Mapping[str, Any], currency: str, at: datetime) -> tuple[Coming, ...]:
    """What is sold in the phases that were ahead at a moment, the next one first. One in a form that is not known says
    nothing: the subscription's own event is not to be lost for it."""
    if schedule.get("status") not in RUNNING:
        return ()
    try:
        phases = sorted(((moment(each["start_date"]), each["items"]) for each in schedule["phases"]), key=itemgetter(0))
        ahead = ((begins_at, item) for begins_at, items in phases if begins_at > at for item in items)
        found = tuple(_coming(item, begins_at, currency) for begins_at, item in islice(ahead, MOST_COMING))
        for each in found:
            check(each)
    except (UnexpectedEvent, *UNREADABLE):
        log.warning("the schedule of a subscription cannot be read", exc_info=True)
        return ()
    return found


def _coming(item: Mapping[str, Any], begins_at: datetime, currency: str) -> Coming:
    told, seats = item["price"], item.get("quantity")
    price: Mapping[str, Any] = told if isinstance(told, Mapping) else {}
    unit = unit_in(price, currency)
    return Coming(
        product=name_of(told),
        begins_at=begins_at,
        seats=1 if seats is None else seats,
        price=None if unit is None else unit * CENT,
        months=months_of(price.get("recurring")) or 1,
    )
