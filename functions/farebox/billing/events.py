"""Payment events: what a provider's event says, in no provider's words.

Facts are cumulative or carry their own time, never differences: "4 USD of this payment are refunded by now", not
"4 USD more". That is what lets them be joined in any order, any number of times. Amounts in nano-USD.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

SaleKind = Literal["topup", "auto_recharge", "plan"]
RefundStatus = Literal["live", "failed"]
DisputeStatus = Literal["open", "won", "lost"]
SubscriptionStatus = Literal["active", "past_due", "ended"]


@dataclass(frozen=True, slots=True)
class Sale:
    """What a user bought. `credit` and `bonus` are before tax; `total` is what was paid, tax included."""

    user: str
    kind: SaleKind
    credit: int
    bonus: int
    total: int
    reference: str = ""  # a package, a plan, or an attempt of auto-recharge
    credit_expires_at: datetime | None = None  # of a plan's grant


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment has arrived."""

    payment: str
    sale: Sale
    receipt_url: str | None = None
    customer: str | None = None  # what the provider calls the payer, where only its events say so


@dataclass(frozen=True, slots=True)
class PaymentFailed:
    """A payment was declined, or given up. It may still succeed later."""

    payment: str
    reason: str
    user: str | None = None
    attempt: str | None = None  # of auto-recharge


@dataclass(frozen=True, slots=True)
class Refunded:
    """This much of a payment is refunded by now, over all its refunds."""

    payment: str
    amount: int


@dataclass(frozen=True, slots=True)
class RefundChanged:
    """How one refund of a payment stands. A failed one gives the money back to us."""

    payment: str
    refund: str
    amount: int
    status: RefundStatus


@dataclass(frozen=True, slots=True)
class Disputed:
    """How a dispute of a payment stood at a moment."""

    payment: str
    dispute: str
    amount: int
    status: DisputeStatus
    at: datetime


@dataclass(frozen=True, slots=True)
class SubscriptionChanged:
    """How a subscription stood at a moment."""

    subscription: str
    user: str
    plan: str
    status: SubscriptionStatus
    at: datetime
    started_at: datetime
    renews_at: datetime | None
    ends_at_renewal: bool = False


PaymentFact = Paid | PaymentFailed | Refunded | RefundChanged | Disputed
Fact = PaymentFact | SubscriptionChanged


@dataclass(frozen=True, slots=True)
class PaymentEvent:
    """An event whose signature was checked. `fact` is `None` where it tells nothing that Farebox acts on."""

    provider: str
    id: str
    type: str
    fact: Fact | None
