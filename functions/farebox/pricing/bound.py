"""Bounds: the most that one request can be, in every tier that it may be served in."""

from collections.abc import Mapping

from msgspec import Struct

from functions.farebox.pricing.bill import NO_CALLS, ONE_BP, most
from functions.farebox.pricing.price import Price


class Bound(Struct, frozen=True):
    """The most tokens of a prompt and of all choices, and the most calls of each tool. `tiers` are those that it may be
    served in; `hour_cache`: it may be written into a cache for an hour; `found`: tokens of text that are read beside
    the prompt."""

    prompt: int
    output: int
    tiers: tuple[str | None, ...] = (None,)
    calls: Mapping[str, int] = NO_CALLS
    hour_cache: bool = False
    found: int = 0

    def cost(self, price: Price, multiplier_bp: int = ONE_BP) -> int:
        """The most nano-USD that this can cost at a price, in the dearest of its tiers."""
        cost = 0
        for tier in self.tiers:
            in_tier = most(
                price,
                self.prompt,
                self.output,
                tier=tier,
                calls=self.calls,
                hour_cache=self.hour_cache,
                found_tokens=self.found,
                multiplier_bp=multiplier_bp,
            )
            cost = max(cost, in_tier)
        return cost
