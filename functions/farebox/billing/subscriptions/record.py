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
# Not how one stands, but what was heard of it ever.
_EVER = frozenset(("products", "beside", "sold"))
_KEPT_OF_ALL = _EVER | {"trial_marks", "is_older"}

Problem = Literal["past_due", "unpaid", "paused"]
PAID_FOR = frozenset({"active", "trialing"})


class Contradicted(Exception):
    """What is heard of a subscription contradicts what was heard before, and no time says which of it is so: the
    provider has to be asked. `at` is the later of the times at which they were told."""

    def __init__(self, subscription: str, at: datetime) -> None:
        super().__init__(f"two accounts of the subscription {subscription} contradict each other")
        self.at = at


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
    first event. Raises `Contradicted` where the provider was not asked yet."""
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
    if fact.is_first:
        told["is_first"] = True
    if marks:
        told["trial_marks"] = list(marks)
    former = known.get(fact.subscription)
    if former is not None and ("provider" not in former or former.get("is_older")):
        told["is_older"] = True
    latest = told if former is None else _latest(former, told, fact)
    ever = {} if former is None else former
    products = {*ever.get("products", ()), *filter(None, [item.product])}
    others = {each.product for each in fact.items if each is not item and each.product is not None}
    heard: Data = {
        "products": sorted(products)[:MOST_PRODUCTS],
        "beside": sorted({*ever.get("beside", ()), *others} - products)[:MOST_PRODUCTS],
        "sold": _sold(ever.get("sold", ()), item),
    }
    kept = {**known, fact.subscription: {**latest, **heard}}
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


def price_of(known: Mapping[str, Any] | None, product: str | None) -> tuple[int, int] | None:
    """What a subscription, as it is kept, was heard to cost for each seat and how many months, by product."""
    sold = () if known is None else known.get("sold", ())
    return next(((each["price"], each["months"]) for each in sold if each["product"] == product), None)


def _sold(known: Sequence[Data], item: Item) -> list[Data]:
    """What the plan's item has cost, by product: a provider's price is never another."""
    if item.product is None or item.price is None:
        return list(known)
    told = {"product": item.product, "price": item.price, "months": item.months}
    former = next((each for each in known if each["product"] == item.product), told)
    others = [each for each in known if each["product"] != item.product]
    latest = max(former, told, key=lambda each: (each["price"], each["months"]))
    return sorted([*others, latest], key=lambda each: str(each["product"]))[:MOST_PRODUCTS]


def _latest(former: Data, told: Data, fact: SubscriptionChanged) -> Data:
    """Which of two accounts of one subscription counts: what the provider has answered, which knows them both; else
    one in a fixed order."""
    if fact.asked == "answered":
        return told if told["told_at"] >= former["told_at"] else former
    if fact.asked == "no" and _contradict(former, told):
        raise Contradicted(fact.subscription, max(former["told_at"], told["told_at"]))
    return max(former, told, key=_order)


def _contradict(one: Data, other: Data) -> bool:
    """Whether two accounts of one second differ, or one is alive after the other has ended. An end in the same second
    as anything else came after it."""
    ended = [each for each in (one, other) if each["status"] == "ended"]
    if len(ended) == 1:
        alive = other if ended[0] is one else one
        return bool(alive["told_at"] > ended[0]["told_at"])
    if one["told_at"] != other["told_at"] or one.get("is_first") or other.get("is_first"):
        return False
    names = (one.keys() | other.keys()) - _KEPT_OF_ALL
    return any(one.get(name) != other.get(name) for name in names)


_STATUS_ORDER = ("trialing", "active", "past_due", "unpaid", "paused", "ended")


def _order(told: Mapping[str, Any]) -> tuple[Any, ...]:
    """Which of two accounts of one subscription counts: its end, then the later, then the one further on. Of what was
    told in one second, but for how it was made, the order is arbitrary, and always the same."""
    later = told["status"] == "ended", told["told_at"], not told.get("is_first")
    further = _STATUS_ORDER.index(told["status"]), told["ends_at_renewal"]
    return (
        *later,
        *further,
        sorted((name, repr(value)) for name, value in told.items() if name not in _EVER),
    )


def _paid_order(told: Mapping[str, Any]) -> tuple[datetime, datetime, datetime, str]:
    return told["starts_at"], told["told_at"], told["ends_at"], told["plan"]
