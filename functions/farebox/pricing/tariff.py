"""A tariff: every price that a request may be charged by, before it is known who answers it.

Upstreams of one public model may serve different models under that name: a fallback that is smaller, or dearer. Each
attempt is priced as the model that answered; what is held beforehand covers whichever it turns out to be.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from functions.farebox.pricing.answered_price import answered_price, is_same_model
from functions.farebox.pricing.ceiling import ceiling
from functions.farebox.pricing.price import Price

MAX_ANSWERED = 100  # names that are remembered: an upstream may make them up
NOBODY: Mapping[str, Price] = {}


@dataclass(frozen=True, slots=True)
class Tariff:
    """The prices of everybody who may answer, by name, and a `ceiling` that no bill of theirs exceeds.

    `listed` is the whole price list: whoever answers may turn out to be somebody else.
    """

    prices: Mapping[str, Price]
    ceiling: Price
    listed: Mapping[str, Price] = field(default_factory=dict, repr=False)
    _answered: dict[tuple[str, str, str], tuple[Price, bool]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @classmethod
    def of(cls, prices: Iterable[Price], listed: Mapping[str, Price] = NOBODY) -> "Tariff":
        """The tariff of one price or more."""
        by_name = {price.model: price for price in prices}
        return cls(by_name, ceiling(list(by_name.values())), listed)

    @property
    def longest_context(self) -> int | None:
        """The longest context in tokens of them all; `None` where one is not known."""
        contexts = [price.context_tokens for price in self.prices.values()]
        known = [each for each in contexts if each is not None]
        return max(known) if known and len(known) == len(contexts) else None

    def price_of(self, name: str) -> Price:
        """The price of whoever answered. Somebody who was configured after the request was paid for is charged by the
        ceiling, since that is what was held."""
        return self.prices.get(name, self.ceiling)

    def answered(self, name: str, upstream_model: str, answered: str | None) -> tuple[Price, bool]:
        """The price of an answer that names the model which it is by, and whether that is another than was asked for.
        `name` is the name of the price of whoever was asked, `upstream_model` what was asked for there."""
        asked = self.price_of(name)
        if answered is None or answered == upstream_model:
            return asked, False
        key = (name, upstream_model, answered)
        found = self._answered.get(key)
        if found is None:
            price = answered_price(self.listed, asked, upstream_model, answered)
            found = price, not is_same_model(answered, upstream_model, asked.model)
            if len(self._answered) < MAX_ANSWERED:
                self._answered[key] = found
        return found

    def lacks(self, features: Collection[str]) -> str | None:
        """The first of these features that somebody who may answer has no price for, as `Price.lacks` tells it."""
        return next((lack for price in self.prices.values() if (lack := price.lacks(features))), None)
