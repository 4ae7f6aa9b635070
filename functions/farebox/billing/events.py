"""Payment events: what a provider's event says, in no provider's words.

Facts are cumulative or carry their own time, never differences: "4 USD of this payment are refunded by now", not
"4 USD more". That is what lets them be joined in any order, any number of times. Amounts are in nano-USD; where a
fact has a `currency`, in a thousand-millionth of its unit.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from functions.farebox.billing.sale import USD, Line, Sale

RefundStatus = Literal["live", "failed"]
DisputeStatus = Literal["open", "won", "lost"]
SubscriptionStatus = Literal["active", "trialing", "past_due", "unpaid", "paused", "ended"]
# Whether a provider was asked how a subscription stands, because its events contradict each other, and whether it said.
Asked = Literal["no", "answered", "unanswered"]
UnmatchedReason = Literal[
    "not_ours",
    "unknown_kind",
    "unreadable",
    "currency",
    "nobody",
    "no_plan",
    "no_payment",
    "second_subscription",
    "account_gone",
    "second_trial",
]


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment has arrived. One that is not `is_exact` knows what was taken, and not what of it was tax, discount or
    shipping: what an exact one says takes its place. `also` are the payments that paid for the same beside it, a part
    each: what is heard of one of them is about this one."""

    payment: str
    sale: Sale
    receipt_url: str | None = None
    customer: str | None = None  # what the provider calls the payer, where only its events say so
    invoice_url: str | None = None
    is_exact: bool = True
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PeriodPaid:
    """A period of a subscription is paid for, by whatever means. What that grants, the plans say that its lines name.

    `plan` is the plan that was subscribed to at first, for lines whose price no plan names. `total` is what was to be
    paid, tax included, less discounts. `is_renewal`: it begins a period, and does not change one that runs. `standing`
    is how the subscription stood then, where the same event tells it. `also`: see `Paid`."""

    payment: str
    user: str
    subscription: str
    plan: str
    lines: tuple[Line, ...]
    total: int
    at: datetime
    currency: str = USD
    invoice_url: str | None = None
    customer: str | None = None
    is_renewal: bool = True
    standing: "SubscriptionChanged | None" = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PaymentPending:
    """A checkout is complete, and its money is on its way. `credit` is what it will bring, before tax."""

    payment: str
    user: str
    credit: int


@dataclass(frozen=True, slots=True)
class PaymentFailed:
    """A payment was declined, or given up. It may still succeed later."""

    payment: str
    reason: str
    user: str | None = None
    attempt: str | None = None  # of auto-recharge


@dataclass(frozen=True, slots=True)
class Documented:
    """The provider's papers about a payment, and what was taken in all, in the currency in which it was."""

    payment: str
    receipt_url: str | None = None
    invoice_url: str | None = None
    amount: int | None = None
    currency: str = USD


@dataclass(frozen=True, slots=True)
class Refunded:
    """This much of a payment is refunded by now, over all its refunds. `whole` is the payment in that currency, where
    the provider says so."""

    payment: str
    amount: int
    currency: str = USD
    whole: int | None = None


@dataclass(frozen=True, slots=True)
class RefundChanged:
    """How one refund of a payment stands. A failed one gives the money back to us."""

    payment: str
    refund: str
    amount: int
    status: RefundStatus
    currency: str = USD
    whole: int | None = None


@dataclass(frozen=True, slots=True)
class Disputed:
    """How a dispute of a payment stood at a moment."""

    payment: str
    dispute: str
    amount: int
    status: DisputeStatus
    at: datetime
    currency: str = USD
    whole: int | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One of the things that a subscription sells. `product` is the provider's name of it, `price` what each of its
    seats costs for `months` months, before tax, and `renews_at` its own, where it has one."""

    product: str | None = None
    seats: int = 1
    price: int | None = None
    months: int = 1
    renews_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Coming:
    """What a subscription was agreed to become at a moment. `product` is the provider's name of what is sold then;
    `price` and `months` are as in `SubscriptionChanged`."""

    product: str
    begins_at: datetime
    seats: int = 1
    price: int | None = None
    months: int = 1


@dataclass(frozen=True, slots=True)
class SubscriptionChanged:
    """How a subscription stood at a moment.

    `plan` is what was subscribed to at first. `items` are all that it sells now: which of them is the plan's, and which
    is sold beside it, the plans say (`subscriptions.plans_own`)."""

    subscription: str
    user: str
    plan: str
    status: SubscriptionStatus
    at: datetime
    started_at: datetime
    renews_at: datetime | None
    ends_at_renewal: bool = False
    ends_at: datetime | None = None  # it was cancelled, and runs until then
    trial_ends_at: datetime | None = None
    items: tuple[Item, ...] = ()
    currency: str = USD
    coming: tuple[Coming, ...] = ()  # the next first; some of it may be sold beside the plan
    card: str | None = None  # of a trial: what the provider calls the card itself, whoever's customer has it
    is_first: bool = False  # it was told when the subscription was made, before anything else of that second
    asked: Asked = "no"


@dataclass(frozen=True, slots=True)
class CustomerChanged:
    """What the provider knows of a payer by now. `email` is where it sends receipts; `is_deleted`: it knows them no
    more."""

    customer: str
    user: str
    email: str | None
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class Unmatched:
    """Something that Farebox can make nothing of, for an operator to look at. `about` is what the provider calls it:
    several events about one thing are one case."""

    reason: UnmatchedReason
    about: str
    detail: str = ""
    amount: int | None = None
    currency: str | None = None
    user: str | None = None
    is_payment: bool = False  # `about` is a payment: if it turns out to be ours after all, the case is closed


PaymentFact = Paid | PaymentPending | PaymentFailed | Documented | Refunded | RefundChanged | Disputed
Fact = PaymentFact | PeriodPaid | SubscriptionChanged | CustomerChanged | Unmatched


@dataclass(frozen=True, slots=True)
class PaymentEvent:
    """An event whose signature was checked. `fact` is `None` where it tells nothing that Farebox acts on."""

    provider: str
    id: str
    type: str
    fact: Fact | None
