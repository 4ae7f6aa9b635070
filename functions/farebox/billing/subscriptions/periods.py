"""What the lines of a paid period grant.

A full line grants its plan's credit for each seat and month; less where it cost less than the plan's price, which was
raised since. A proration grants, or takes, the share that its amount is of the price of the whole period, or where a
discount is in that amount, its time of the period: an upgrade that is billed at once is a line for the time given back
at the old price, and one for the rest of the period at the new one. What is given back beyond what is granted is the
sale's `back`: the provider keeps its money for the payer, and each period that is paid with it is granted in its turn.
Discounts, taxes and balances stand beside the lines: a period that was paid for is granted, by whatever means. A line
of nothing is a trial, and grants nothing here.

Where a provider does not say how many seats a line is for, its amount does, if the price goes into it. What a line does
not say of its price is what the subscription was heard to cost.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any

from functions.farebox.accounts.plans import MONTHS_A_YEAR, Plan
from functions.farebox.billing.events import PeriodPaid
from functions.farebox.billing.sale import USD, Line, Part, Sale, TimeBack
from functions.farebox.billing.subscriptions.catalogue import PlanCatalogue, UnknownPlan
from functions.farebox.billing.subscriptions.plans_own import plans_lines
from functions.farebox.billing.subscriptions.record import price_of
from functions.farebox.kit.periods import months_later

MONTH = timedelta(days=365.25 / 12)
LONGEST_MONTH = timedelta(days=45)  # what lasts longer is several months
_Granted = tuple[Line, Plan, Fraction]

log = logging.getLogger("farebox.payments.periods")


class UnknownPrice(UnknownPlan):
    """What the whole of a part would have cost, nobody says yet."""


def months_between(start: datetime, end: datetime) -> int:
    """How many months a period is, one at least."""
    return max(1, round((end - start) / MONTH))


def is_unclear(
    fact: PeriodPaid, provider: str, catalogue: PlanCatalogue, subscription: Mapping[str, Any] | None
) -> bool:
    """Whether what a period grants depends on what was not heard of its subscription: whether a line is its plan's, or
    what the whole of a part costs. A renewal of one thing is of the plan, where that names none of its own and nothing
    was heard."""
    heard, beside = _products_of(subscription)
    known, first = catalogue.names(provider).union(heard), catalogue.plans.get(fact.plan)
    is_named = first is not None and first.is_named_at(provider)
    if fact.is_renewal and not heard and not is_named and len({line.product for line in fact.lines}) == 1:
        return False
    return any(
        line.product is not None
        and line.product not in beside
        and (
            line.product not in known
            or (line.is_proration and line.unit is None and price_of(subscription, line.product) is None)
        )
        for line in fact.lines
    )


def sale_of(
    fact: PeriodPaid,
    provider: str,
    catalogue: PlanCatalogue,
    subscription: Mapping[str, Any] | None = None,
) -> Sale | None:
    """What a paid period grants; `None` where that is nothing, and nothing was paid. `subscription` is as it was last
    heard to stand. Raises `UnknownPlan`, or `UnknownPrice`."""
    heard, beside = _products_of(subscription)
    names, first = catalogue.names(provider), catalogue.plans.get(fact.plan)
    is_named = first is not None and first.is_named_at(provider)
    own = plans_lines(fact.lines, names, heard, beside, is_first_named=is_named)
    plans = [catalogue.find(provider, line.product, fact.plan) for line in own]
    lines = [_told(line, plan, provider, fact.currency, subscription) for line, plan in zip(own, plans, strict=True)]
    bought = list(zip(lines, plans, strict=True))
    if not bought or (fact.total <= 0 and not any(line.amount or not plan.price for line, plan in bought)):
        return None
    regular = [line for line in lines if not line.is_proration]
    begins_at = min((line.starts_at for line in regular), default=None)
    rate = _rate(fact.currency, catalogue, subscription)
    granted = [(line, plan, _granted(line, plan, rate)) for line, plan in bought]
    is_past = [line.is_proration and begins_at is not None and line.ends_at <= begins_at for line in lines]
    past = [each for each, is_over in zip(granted, is_past, strict=True) if is_over]
    present = [each for each, is_over in zip(granted, is_past, strict=True) if not is_over]
    before, now = _sum(past), _sum(present)
    overpaid = past if before < 0 else []  # the provider keeps that for the payer, and pays later periods with it
    gives = [each for each in present if each[2] < 0] if now < 0 else []
    back = _time_back([*overpaid, *gives], is_past=not gives) if overpaid or gives else None
    credit = int(now - _sum(gives) + max(before, Fraction(0)))
    counted = [(line, plan) for line, plan in bought if line.amount > 0 or not line.is_proration] or bought
    main, plan = max(counted, key=lambda each: (not each[0].is_proration, each[0].ends_at, each[0].amount))
    starts_at, ends_at = main.starts_at, main.ends_at
    return Sale(
        user=fact.user,
        kind="plan",
        credit=credit,
        bonus=0,
        total=max(0, fact.total),
        reference=plan.id,
        credit_expires_at=ends_at,
        currency=fact.currency,
        subscription=fact.subscription,
        starts_at=starts_at,
        parts=_parts(credit, _sum([each for each in present if each[0].ends_at < ends_at]), starts_at, ends_at),
        back=back,
    )


def _products_of(subscription: Mapping[str, Any] | None) -> tuple[Sequence[str], Sequence[str]]:
    """What a subscription was heard to sell as its plan's, and beside it."""
    known = subscription or {}
    return known.get("products", ()), known.get("beside", ())


def _sum(granted: Sequence[_Granted]) -> Fraction:
    return sum((credit for _, _, credit in granted), Fraction(0))


def _time_back(granted: Sequence[_Granted], *, is_past: bool) -> TimeBack:
    """What lines that come to less than nothing give back."""
    gives = [(line, plan) for line, plan, credit in granted if credit < 0]
    _, plan = min(gives, key=lambda each: (each[0].amount, each[1].id))
    starts_at = min(line.starts_at for line, _ in gives)
    return TimeBack(-int(_sum(granted)), plan.id, starts_at, max(line.ends_at for line, _ in gives), is_past)


def _rate(currency: str, catalogue: PlanCatalogue, subscription: Mapping[str, Any] | None) -> Fraction | None:
    """What a dollar of a plan's price is in a currency, by a subscription whose price is known in it."""
    if currency == USD:
        return Fraction(1)
    if subscription is None or subscription.get("currency") != currency or not subscription.get("price"):
        return None
    plan = catalogue.plans.get(subscription["plan"])
    price = 0 if plan is None else plan.price_for(subscription["months"])
    return Fraction(subscription["price"], price) if price else None


def _told(line: Line, plan: Plan, provider: str, currency: str, subscription: Mapping[str, Any] | None) -> Line:
    """A proration with the price that it is a part of, as its subscription was heard to cost, where it does not say."""
    if not line.is_proration:
        return line
    known, shortest = price_of(subscription, line.product), months_between(line.starts_at, line.ends_at)
    if known is not None and subscription is not None and subscription["currency"] == currency and known[1] >= shortest:
        return replace(line, unit=line.unit or known[0], months=line.months or known[1])
    is_years = line.product is not None and line.product == plan.yearly_product_at(provider)
    return replace(line, months=line.months or MONTHS_A_YEAR) if is_years else line


def _granted(line: Line, plan: Plan, rate: Fraction | None) -> Fraction:
    months = line.months or months_between(line.starts_at, line.ends_at)
    unit = Fraction(line.unit or plan.price_for(months) * (rate or 0))
    if line.is_proration:
        if not unit and line.amount and plan.grant:
            raise UnknownPrice(f"what a part of {plan.id} is of its price, no subscription in that currency says")
        whole = max(unit, _worth(plan, months, rate))
        share = line.amount / whole if unit else Fraction(0)
        if unit and line.is_discounted and line.amount:
            share = _of_time(line, months) * unit / whole
    elif not line.amount and unit:
        share = Fraction(0)
    else:
        share = _full(line, plan, unit, _worth(plan, months, rate))
    return plan.grant * months * share


def _of_time(line: Line, months: int) -> Fraction:
    """The share that the time of a proration is of its period, which ends with it, for each seat; negative for what is
    given back."""
    tick = timedelta(microseconds=1)
    left, whole = line.ends_at - line.starts_at, line.ends_at - months_later(line.ends_at, -months)
    share = min(Fraction(left // tick, whole // tick), Fraction(1)) * (line.seats or 1)
    return share if line.amount > 0 else -share


def _full(line: Line, plan: Plan, unit: Fraction, worth: Fraction) -> Fraction:
    """The seats of a full line; in proportion, where they cost less than the plan does by now."""
    seats = Fraction(line.seats or _seats(line.amount, unit))
    if line.amount >= seats * worth:
        return seats
    log.warning(
        "a period of plan %s was sold for %s of its price, and is granted in proportion: its price was raised, or "
        "is another at the provider",
        plan.id,
        line.amount / (seats * worth),
    )
    return line.amount / worth


def _worth(plan: Plan, months: int, rate: Fraction | None) -> Fraction:
    """What a seat of a plan is sold for; 0 where it does not say, which is of a currency of its own price too."""
    is_told = rate == 1 and (months == 1 or (months == MONTHS_A_YEAR and plan.yearly_price is not None))
    return Fraction(plan.price_for(months) if is_told else 0)


def _seats(amount: int, unit: Fraction) -> int:
    seats, rest = divmod(amount, unit) if unit else (1, 0)
    return seats if seats > 0 and not rest else 1


def _parts(credit: int, other: Fraction, start: datetime, end: datetime) -> tuple[Part, ...]:
    """The months of a period that is longer than one; none where it is not. `other` of the credit is for time that ends
    sooner, and is given back where it is negative: that comes off the first months."""
    count = months_between(start, end)
    if end - start <= LONGEST_MONTH or count < 2 or credit <= 0:
        return ()
    moments = [*(months_later(start, number) for number in range(count)), end]
    gone = max(0, -int(other))
    shares = list(_split(credit + gone, count))
    for number, share in enumerate(shares):
        shares[number] = max(0, share - gone)
        gone -= share - shares[number]
    return tuple(Part(share, start, end) for share, (start, end) in zip(shares, pairwise(moments), strict=True))


def _split(credit: int, count: int) -> Sequence[int]:
    """An amount in equal shares; the first ones are a nano-USD larger where it does not go in."""
    share, rest = divmod(credit, count)
    return [share + (number < rest) for number in range(count)]
