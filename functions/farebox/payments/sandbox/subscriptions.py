"""Subscriptions of the sandbox, through their whole life: trial, renewal, change of plan, seats and period,
cancellation, failed payment. Each function is a part of a `Move`.

What costs more is billed at once: a line gives the rest of the period back at the old price, one sells it at the new.
What costs less begins with the next period. A change does not undo a cancellation: one that would begin after it is
refused, and so is any while nothing is paid for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from functions.farebox.accounts.plans import MONTHS_A_YEAR, Plan
from functions.farebox.billing.packages import CENT
from functions.farebox.billing.provider import Quote
from functions.farebox.errors import Conflict
from functions.farebox.payments.sandbox.moves import Move, net_of, nothing_here, taxed
from functions.farebox.storage import Data

MONTH, YEAR = timedelta(days=30), timedelta(days=365)
MOST_FAILURES = 3  # of one period
CHANGEABLE = ("plan", "credit", "price", "seats", "months")


def terms_of(plan: Plan, *, seats: int, is_yearly: bool) -> Data:
    """What is sold: a plan for a month or a year, for so many seats. `credit` a month and seat, `price` a period and
    seat, in nano-USD."""
    months = MONTHS_A_YEAR if is_yearly else 1
    return {
        "plan": plan.id,
        "credit": plan.grant,
        "price": plan.price_for(months),
        "seats": seats,
        "months": months,
    }


def begin(move: Move, customer_id: str, customer: Data, subscription_id: str, session: Data) -> None:
    """Begin what a checkout has sold: with its trial, if it has one, else with its first period."""
    sale = session["sale"]
    subscription: Data = {
        "customer": customer_id,
        "sale": sale,
        "started_at": move.now,
        "created_at": move.now,
        **_defaults(sale),
        **session.get("terms", {}),
    }
    days = session.get("trial_days", 0)
    if not days:
        renew(move, subscription_id, subscription, customer)
        return
    ends_at = move.now + timedelta(days=days)
    _save(move, subscription_id, {**subscription, "status": "trialing", "renews_at": ends_at, "trial_ends_at": ends_at})


async def running(move: Move, customer_id: str, subscription_id: str) -> Data:
    """A subscription that has not ended. Raises `NotFound` or `Conflict`."""
    subscription = await move.get(f"sandbox_subscriptions/{subscription_id}")
    if subscription["customer"] != customer_id:
        raise nothing_here()
    if subscription["status"] == "ended":
        raise Conflict("This subscription has ended.")
    return {**_defaults(subscription["sale"]), **subscription}


def renew(move: Move, subscription_id: str, subscription: Data, customer: Data) -> None:
    """Begin the next period now, as it was changed for it; or end it there, if it was cancelled."""
    if subscription["cancels"]:
        end(move, subscription_id, subscription)
        return
    subscription = {**subscription, **(subscription["next"] or {}), "next": None}
    renews_at = move.now + _length(subscription)
    line = _line(subscription, _price(subscription), move.now, renews_at)
    _bill(move, subscription_id, subscription, customer, [line], is_renewal=True)
    begun = {"status": "active", "failures": 0, "renews_at": renews_at, "trial_ends_at": None}
    _save(move, subscription_id, {**subscription, **begun})


@dataclass(frozen=True, slots=True)
class _Change:
    """What a change comes to: the subscription as it is from now on, and what of it is billed now."""

    subscription: Data
    lines: Sequence[Data] = ()


def change(move: Move, subscription_id: str, subscription: Data, customer: Data, terms: Data) -> None:
    """Sell something else from now on, if it costs more or was not paid for yet, or else from the next period on.

    Raises `Conflict` where that would never begin, or nothing is paid as things are.
    """
    status = subscription["status"]
    if status in ("unpaid", "paused"):
        raise Conflict(f"This subscription is {status}. Have it go on, or be paid, before it is changed.")
    changed = _changed(subscription, terms, move.now)
    if changed.subscription["cancels"] and changed.subscription["next"] is not None:
        raise Conflict("This subscription ends before that would begin. Keep it after all, and change it then.")
    if changed.lines:
        _bill(move, subscription_id, changed.subscription, customer, changed.lines, is_renewal=False)
    _save(move, subscription_id, changed.subscription)


def quote(subscription: Data, customer: Data, terms: Data, now: datetime) -> Quote:
    """What the same change comes to if it is made now."""
    subscription = {**_defaults(subscription["sale"]), **subscription}
    changed = _changed(subscription, terms, now)
    today = max(0, _total(changed.lines, customer))
    renews_at: datetime = changed.subscription["renews_at"]
    begins_at = None if changed.subscription["next"] is None else renews_at
    return Quote(today, begins_at, _price(terms), renews_at).ending(renews_at if subscription["cancels"] else None)


def _changed(former: Data, terms: Data, now: datetime) -> _Change:
    changed = {**former, **terms, "next": None}
    if all(former[name] == changed[name] for name in CHANGEABLE) or former["status"] == "trialing":
        return _Change(changed)
    if _price(changed) <= _price(former) and changed["months"] <= former["months"]:
        return _Change({**former, "next": terms})
    ends_at = former["renews_at"]
    back = _line(former, -_rest(_price(former), former, now), now, ends_at, is_proration=True)
    if changed["months"] != former["months"]:
        changed = {**changed, "renews_at": now + _length(changed)}
        sold = _line(changed, _price(changed), now, changed["renews_at"])
    else:
        sold = _line(changed, _rest(_price(changed), former, now), now, ends_at, is_proration=True)
    return _Change(changed, [back, sold])


def fail(move: Move, subscription_id: str, subscription: Data) -> None:
    """Have the payment of the next period fail; the third time the provider gives up."""
    failures = subscription["failures"] + 1
    status = "past_due" if failures < MOST_FAILURES else "unpaid"
    _save(move, subscription_id, {**subscription, "status": status, "failures": failures})


def cancel_later(move: Move, subscription_id: str, subscription: Data, *, cancels: bool) -> None:
    """Have it end with its period, or go on after all."""
    _save(move, subscription_id, {**subscription, "cancels": cancels})


def pause(move: Move, subscription_id: str, subscription: Data) -> None:
    """Pause it, or go on with it."""
    status = "active" if subscription["status"] == "paused" else "paused"
    _save(move, subscription_id, {**subscription, "status": status})


def end(move: Move, subscription_id: str, subscription: Data) -> None:
    """End it now."""
    _save(move, subscription_id, {**subscription, "status": "ended"})


def _bill(
    move: Move, subscription_id: str, subscription: Data, customer: Data, lines: Sequence[Data], *, is_renewal: bool
) -> None:
    total = _total(lines, customer)
    sale = {**subscription["sale"], "credit": subscription["credit"] * subscription["seats"], "total": max(0, total)}
    told = {
        "user": sale["user"],
        "subscription": subscription_id,
        "plan": subscription["plan"],
        "lines": lines,
        "total": total,
        "told": move.now.isoformat(),
        "is_renewal": is_renewal,
    }
    shown = {**sale, "reference": subscription["plan"]}
    move.charge(f"sbx_pay_{move.id}", subscription["customer"], shown, "period.paid", told)


def _total(lines: Sequence[Data], customer: Data) -> int:
    """What lines come to, less the customer's coupon, with their tax."""
    return taxed(net_of(sum(line["amount"] for line in lines), customer), customer)


def _save(move: Move, subscription_id: str, subscription: Data) -> None:
    last = subscription.get("told_at") or move.now  # what happens at one moment is told in its order
    told_at = max(move.now, last + timedelta(microseconds=1))
    move.tx.set(f"sandbox_subscriptions/{subscription_id}", {**subscription, "told_at": told_at})
    trial_ends_at, renews = subscription.get("trial_ends_at"), subscription["renews_at"].isoformat()
    coming = (
        None if subscription["cancels"] else subscription["next"]
    )  # it is taken up again where it is kept after all
    told: dict[str, Any] = {
        "subscription": subscription_id,
        "user": subscription["sale"]["user"],
        "plan": subscription["plan"],
        "status": subscription["status"],
        "told": told_at.isoformat(),
        "started": subscription["started_at"].isoformat(),
        "renews": renews,
        "ends": renews if subscription["cancels"] else None,
        "trial_ends": trial_ends_at.isoformat() if trial_ends_at else None,
        "seats": subscription["seats"],
        "price": subscription["price"],
        "months": subscription["months"],
        "next": coming and {name: coming[name] for name in CHANGEABLE if name != "credit"},
    }
    move.queue_event(subscription["customer"], "subscription.changed", told)


def _defaults(sale: Data) -> Data:
    """What subscriptions that an earlier version kept do not say."""
    sold = {"plan": sale["reference"], "credit": sale["credit"], "price": sale["total"], "seats": 1, "months": 1}
    return {**sold, "next": None, "cancels": False, "failures": 0, "trial_ends_at": None}


def _price(subscription: Data) -> int:
    price: int = subscription["price"] * subscription["seats"]
    return price


def _length(subscription: Data) -> timedelta:
    return YEAR if subscription["months"] == MONTHS_A_YEAR else MONTH


def _rest(price: int, subscription: Data, now: datetime) -> int:
    """The share of a price that the rest of the present period is, in whole cents."""
    renews_at: datetime = subscription["renews_at"]
    left, tick = max(timedelta(), renews_at - now), timedelta(microseconds=1)
    return price * (left // tick) // (_length(subscription) // tick) // CENT * CENT


def _line(subscription: Data, amount: int, start: datetime, end: datetime, *, is_proration: bool = False) -> Data:
    return {
        "product": subscription["plan"],
        "amount": amount,
        "unit": subscription["price"],
        "seats": subscription["seats"],
        "months": subscription["months"],
        "start": start.isoformat(),
        "end": end.isoformat(),
        "is_proration": is_proration,
    }
