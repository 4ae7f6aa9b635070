"""Which of a payer's subscriptions decides, about which plan, and until when that holds unless something is heard.

A payer has one subscription: of several that run, the one that was begun first. Its plan is what the provider sells
now; what was paid for a period of a dearer plan holds to the end of that period. A subscription that is not paid for
keeps its plan for a grace, by its status.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from functions.farebox.billing.payer import Payer
from functions.farebox.billing.subscriptions.grace import Grace
from functions.farebox.billing.subscriptions.record import PAID_FOR, Subscription


@dataclass(frozen=True, slots=True)
class Entitlement:
    """`plan` is the one whose terms the subscription gives. `check_at`: then it may come to something else."""

    subscription: Subscription | None = None
    plan: str | None = None
    check_at: datetime | None = None


def subscriptions_of(payer: Payer) -> list[Subscription]:
    """All that are remembered, in the order in which they were begun."""
    found = [Subscription.from_data(each, data, payer.paid.get(each)) for each, data in payer.subscriptions.items()]
    return sorted(found, key=lambda each: (each.started_at, each.id))


def running(payer: Payer, now: datetime) -> Subscription | None:
    """The subscription that a payer has: the first that runs and may yet be paid for. Of several that an earlier
    version let them have, the last."""
    live = [each for each in subscriptions_of(payer) if not each.is_over(now) and each.id not in payer.surplus]
    good = [each for each in live if each.status in PAID_FOR or each.status == "past_due"]
    older = [each for each in good if each.is_older]
    return older[-1] if len(older) > 1 else next(iter([*good, *live]), None)


def surplus(payer: Payer, now: datetime) -> list[Subscription]:
    """Those that run beside it; none of a payer who is gone, all of whose are ended."""
    first = running(payer, now)
    live = [each for each in subscriptions_of(payer) if not each.is_over(now)]
    if payer.is_gone:
        return []
    noted = [each for each in live if each.id in payer.surplus]
    if first is None:
        return noted
    others = [each for each in live if not each.is_older and each not in noted]
    return [*noted, *(each for each in others if (each.started_at, each.id) > (first.started_at, first.id))]


def entitle(payer: Payer, now: datetime, grace: Grace, prices: Mapping[str, int]) -> Entitlement:
    """What a payer's subscriptions come to now. `prices` are the plans', a month, by their ids."""
    first = running(payer, now)
    if first is None:
        return Entitlement()
    moments = [first.ends_at]
    terms_end_at = first.terms_end_at(grace)
    if terms_end_at is not None and (terms_end_at <= now or not grace.get(first.status)):
        return Entitlement(first, None, first.ends_at)
    moments.append(terms_end_at)
    plan = first.plan
    paid = first.paid
    if paid is not None and paid.ends_at > now and prices.get(paid.plan, 0) > prices.get(plan, 0):
        plan = paid.plan
        moments.append(paid.ends_at)
    return Entitlement(first, plan, min((each for each in moments if each is not None), default=None))
