"""A tariff: every price that a request may be charged by, before it is known who answers it.

Upstreams of one public model may serve different models under that name: a fallback that is smaller, or dearer. Each
attempt is priced as the model that answered; what is held beforehand covers whichever it turns out to be.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from functions.farebox.pricing.answered_price import answered_price
from functions.farebox.pricing.price import Price
from functions.farebox.pricing.rates import Rates, dearest

NOBODY: Mapping[str, Price] = {}


@dataclass(frozen=True, slots=True)
class Tariff:
    """The prices of everybody who may answer, by name, and a `ceiling` that no bill of theirs exceeds.

    `listed` is the whole price list: whoever answers may turn out to be somebody else.
    """

    prices: Mapping[str, Price]
    ceiling: Price
    listed: Mapping[str, Price] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, prices: Iterable[Price], listed: Mapping[str, Price] = NOBODY) -> "Tariff":
        """The tariff of one price or more."""
        by_name = {price.model: price for price in prices}
        return cls(by_name, _ceiling(list(by_name.values())), listed)

    def price_of(self, name: str) -> Price:
        """The price of whoever answered. Somebody who was configured after the request was paid for is charged by the
        ceiling, since that is what was held."""
        return self.prices.get(name, self.ceiling)

    def answered_price(self, name: str, upstream_model: str, answered: str | None) -> Price:
        """The price of an answer that names the model which it is by, given the name of the price that whoever was
        asked has, and the name of the model that was asked for there."""
        return answered_price(self.listed, self.price_of(name), upstream_model, answered)

    def lacks(self, features: Collection[str]) -> str | None:
        """The first of these features that somebody who may answer has no price for, as `Price.lacks` tells it."""
        return next((lack for price in self.prices.values() if (lack := price.lacks(features))), None)


def _ceiling(prices: list[Price]) -> Price:
    """The dearest of each class, at each length of a prompt and in each service tier, and of each call; and the limits
    that every one of them keeps."""
    first, *others = prices
    if not others:
        return first
    varied = [price for price in prices if price.variants]
    lengths = sorted({0, *(rates.above_prompt_tokens for price in varied for rates in price.variants)})
    tiers = ["", *sorted({tier for price in varied for tier in price.service_tiers})]
    variants = (
        Rates(
            **dearest([price.rates(above + 1, tier) for price in prices]), service_tier=tier, above_prompt_tokens=above
        )
        for tier in tiers
        for above in lengths
        if tier or above
    )
    calls = {name: max(price.calls.get(name, 0) for price in prices) for price in prices for name in price.calls}
    return replace(
        first,
        **dearest(prices),
        variants=tuple(variants),
        calls=calls,
        request=max(price.request for price in prices),
        context_tokens=_least(price.context_tokens for price in prices),
        max_output_tokens=_least(price.max_output_tokens for price in prices),
    )


def _least(limits: Iterable[int | None]) -> int | None:
    return min((limit for limit in limits if limit is not None), default=None)
