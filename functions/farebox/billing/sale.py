"""The sale: what a user bought, what of it is credit, and when that credit begins and lapses. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from functions.farebox.storage import Data

SaleKind = Literal["topup", "auto_recharge", "plan"]
USD = "usd"
# Currencies without cents, and with a thousand of them to the unit (https://docs.stripe.com/currencies).
_WHOLE_UNITS = frozenset(
    ("bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf")
)
_THOUSANDTHS = frozenset(["bhd", "jod", "kwd", "omr", "tnd"])


def in_units(amount: int, currency: str | None) -> int:
    """An amount of a currency to show, in a thousand-millionth of its unit. Kept is each as if a hundred of what the
    provider counts in made one."""
    if currency in _WHOLE_UNITS:
        return amount * 100
    return amount // 10 if currency in _THOUSANDTHS else amount


@dataclass(frozen=True, slots=True)
class Part:
    """A month of a plan that was paid for several at once. `credit` in nano-USD."""

    credit: int
    starts_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an invoice: what was sold for how much, before tax and discount; negative where time is given back.

    `product` is the provider's name of what was sold, `unit` the price of one seat for the whole of `months` months.
    The amount of a proration may be less a discount: where nobody says how much that was, it `is_discounted`."""

    amount: int
    starts_at: datetime
    ends_at: datetime
    product: str | None = None
    unit: int | None = None
    seats: int | None = None
    months: int | None = None
    is_proration: bool = False
    is_discounted: bool = False


@dataclass(frozen=True, slots=True)
class TimeBack:
    """Time of a plan that was paid for and is given back. `credit` in nano-USD is what was granted for it."""

    credit: int
    plan: str
    starts_at: datetime
    ends_at: datetime
    is_past: bool  # it is over: what of its credit was not spent by then has lapsed


@dataclass(frozen=True, slots=True)
class Sale:
    """What a user bought, in nano-USD. `credit` and `bonus` are before tax; `total` is what was paid, tax included.

    A plan's credit comes in `parts` where several months were paid for; `credit` is their sum. `back` is what a change
    of plan gave back beyond it; earlier versions had a negative credit instead."""

    user: str
    kind: SaleKind
    credit: int
    bonus: int
    total: int
    reference: str = ""  # a package, a plan, or an attempt of auto-recharge
    credit_expires_at: datetime | None = None  # of a plan's grant
    currency: str = USD  # of `total`
    subscription: str | None = None
    starts_at: datetime | None = None  # of a plan's period
    parts: tuple[Part, ...] = ()
    credit_days: int | None = None  # how long a top-up's credit lasts; `None`: for ever
    bonus_days: int | None = None
    back: TimeBack | None = None

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Sale":
        """From storage."""
        fields = dict(data)
        fields["parts"] = tuple(Part(**part) for part in data.get("parts", ()))
        back = data.get("back")
        fields["back"] = None if back is None else TimeBack(**back)
        return cls(**fields)

    def to_data(self) -> Data:
        """For storage."""
        return {**asdict(self), "parts": [asdict(part) for part in self.parts]}
