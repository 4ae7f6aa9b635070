"""One subscription, as its events tell of it. They may come in any order, any number of times: what is kept of them is
a function of the set of those that were heard.

Kept as data in the payer's document, by the subscription's id. Those of earlier versions lack the newer fields.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from functions.farebox.billing.events import Item, SubscriptionChanged, SubscriptionStatus
from functions.farebox.billing.sale import USD
from functions.farebox.billing.subscriptions.grace import Grace
from functions.farebox.storage import Data

MOST_REMEMBERED = 20  # of one user; those that ended first are forgotten first
MOST_PRODUCTS = 20  # of one subscription

Problem = Literal["past_due", "unpaid", "paused"]
PAID_FOR = frozenset({"active", "trialing"})


@dataclass(frozen=True, slots=True)
class Paid:
    """The latest period of a subscription that was paid for, and the plan that it bought."""

    plan: str
    starts_at: datetime
    ends_at: datetime
    told_at: datetime


@dataclass(frozen=True, slots=True)
class NextTerms:
    """The plan that a subscription was agreed to have from a moment on. `price`, `months`: see `Subscription`."""

    plan: str
    begins_at: datetime
    seats: int
    price: int | None
    months: int


@dataclass(frozen=True, slots=True)
class Subscription:
    """How a subscription stands. `price` is what a seat costs for `months` months, in a thousand-millionth of its
    currency's unit; `None` where nobody said. `products` are those that the plan's item has had at the provider, by
    which the lines of its invoices are known."""

    id: str
    plan: str
    status: SubscriptionStatus
    told_at: datetime
    started_at: datetime
    renews_at: datetime | None
    ends_at: datetime | None = None
    trial_ends_at: datetime | None = None
    provider: str = ""
    seats: int = 1
    price: int | None = None
    currency: str = USD
    months: int = 1
    is_older: bool = False  # an earlier version heard of it, which let a payer have several
    paid: Paid | None = None
    products: Sequence[str] = ()
    next: NextTerms | None = None

    @classmethod
    def from_data(cls, subscription_id: str, data: Mapping[str, Any], paid: Mapping[str, Any] | None) -> "Subscription":
        """From storage."""
        fields = {name: value for name, value in data.items() if name in cls.__slots__}
        fields.setdefault("is_older", "provider" not in data)
        if data.get("ends_at_renewal"):
            fields["ends_at"] = data.get("ends_at") or data["renews_at"]
        if "next" in data:
            fields["next"] = NextTerms(**data["next"])
        return cls(id=subscription_id, paid=None if paid is None else Paid(**paid), **fields)

    def is_over(self, now: datetime) -> bool:
        """Whether it has ended. Its end may be told late, or never: it was agreed on."""
        return self.status == "ended" or (self.ends_at is not None and self.ends_at <= now)

    @property
    def problem(self) -> Problem | None:
        """What is wrong with its payment."""
        return self.status if self.status in ("past_due", "unpaid", "paused") else None

    def terms_end_at(self, grace: Grace) -> datetime | None:
        """When the plan's terms end because it is not paid for; `None` where it is."""
        if self.problem is None:
            return None
        lasts = grace.get(self.problem, timedelta())
        unpaid_since = min(self.told_at, self.paid.ends_at) if self.paid is not None else self.told_at
        return unpaid_since + lasts if lasts else min(unpaid_since, self.started_at)


def join(
    known: Mapping[str, Data],
    fact: SubscriptionChanged,
    item: Item,
    plan: str,
    provider: str,
    marks: Sequence[str] = (),
    coming: NextTerms | None = None,
) -> Mapping[str, Data]:
    """The known subscriptions with one more event heard. `item` is the plan's of what it sells, `plan` what that is,
    by the provider's price, and `coming` what it will be; `marks` are those of who began it, as were heard with its
    first event."""
    told: Data = {
        "plan": plan,
        "status": fact.status,
        "told_at": fact.at,
        "started_at": fact.started_at,
        "renews_at": item.renews_at or fact.renews_at,
        "ends_at_renewal": fact.ends_at_renewal,
        "ends_at": fact.ends_at,
        "trial_ends_at": fact.trial_ends_at,
        "provider": provider,
        "seats": item.seats or 1,
        "price": item.price,
        "currency": fact.currency,
        "months": item.months,
    }
    if coming is not None:
        told["next"] = asdict(coming)
    if marks:
        told["trial_marks"] = list(marks)
    former = known.get(fact.subscription)
    if former is not None and ("provider" not in former or former.get("is_older")):
        told["is_older"] = True
    latest = told if former is None else max(former, told, key=_order)
    products = {*({} if former is None else former).get("products", ()), *filter(None, [item.product])}
    kept = {**known, fact.subscription: {**latest, "products": sorted(products)[:MOST_PRODUCTS]}}
    while len(kept) > MOST_REMEMBERED:
        oldest = min(kept, key=lambda each: (kept[each]["status"] != "ended", kept[each]["told_at"], each))
        del kept[oldest]
    return kept


def join_paid(known: Mapping[str, Data], subscription: str, paid: Paid) -> Mapping[str, Data]:
    """The latest paid period by subscription, with one more heard of."""
    told = asdict(paid)
    former = known.get(subscription)
    latest = told if former is None else max(former, told, key=_paid_order)
    kept = {**known, subscription: latest}
    while len(kept) > MOST_REMEMBERED:
        del kept[min(kept, key=lambda each: (kept[each]["ends_at"], each))]
    return kept


_STATUS_ORDER = ("trialing", "active", "past_due", "unpaid", "paused", "ended")


def _order(told: Mapping[str, Any]) -> tuple[Any, ...]:
    """Which of two accounts of one subscription counts: its end, then the later, then the one further on. Of what was
    told in one second, the order is arbitrary, and always the same."""
    further = told["status"] == "ended", told["told_at"], _STATUS_ORDER.index(told["status"]), told["ends_at_renewal"]
    return *further, sorted((name, repr(value)) for name, value in told.items() if name != "products")


def _paid_order(told: Mapping[str, Any]) -> tuple[datetime, datetime, datetime, str]:
    return told["starts_at"], told["told_at"], told["ends_at"], told["plan"]
