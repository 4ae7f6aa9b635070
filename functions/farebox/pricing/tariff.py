"""A tariff: every price that a request may be charged by, before it is known who answers it.

Upstreams of one public model may serve different models under that name: a fallback that is smaller, or dearer. Each
attempt is priced as the model that answered; what is held beforehand covers whichever it turns out to be.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from functions.farebox.pricing.price import Price
from functions.farebox.pricing.rates import CLASSES


@dataclass(frozen=True, slots=True)
class Tariff:
    """The prices of everybody who may answer, by name, and a `ceiling` that no bill of theirs exceeds."""

    prices: Mapping[str, Price]
    ceiling: Price

    @classmethod
    def of(cls, prices: Iterable[Price]) -> "Tariff":
        """The tariff of one price or more."""
        by_name = {price.model: price for price in prices}
        return cls(by_name, _ceiling(list(by_name.values())))

    def price_of(self, name: str) -> Price:
        """The price of whoever answered. Somebody who was configured after the request was paid for is charged by the
        ceiling, since that is what was held."""
        return self.prices.get(name, self.ceiling)


def _ceiling(prices: list[Price]) -> Price:
    """The dearest of each class, and the limits that every one of them keeps."""
    first, *others = prices
    if not others:
        return first
    dearest: Any = {name: max(getattr(price, name) for price in prices) for name in (*CLASSES, "request")}
    return replace(
        first,
        **dearest,
        context_tokens=_least(price.context_tokens for price in prices),
        max_output_tokens=_least(price.max_output_tokens for price in prices),
    )


def _least(limits: Iterable[int | None]) -> int | None:
    return min((limit for limit in limits if limit is not None), default=None)
