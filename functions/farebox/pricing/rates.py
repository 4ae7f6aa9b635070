"""Rates: what a token of each class costs, and what a prompt's length or a service tier makes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from functions.farebox.kit.money import ceil_div

# Every rate has these: one that was given none costs what its side does, `input` or `output`.
CLASSES = ("input", "cached_input", "cache_write", "audio_input", "output", "reasoning", "audio_output")
# These are `None` where they have no rate of their own, and cost what another class does.
STAND_INS = {"cache_write_1h": "cache_write", "image_input": "input", "image_output": "output"}
ALL_CLASSES = (*CLASSES, *STAND_INS)
# Dearer than their side wherever they are sold: a request that asks for one is served where it has a price of its own.
DEAR_CLASSES = ("audio_input", "audio_output", "image_output", "cache_write_1h")
INPUT_SIDE = frozenset({"input", "cached_input", "cache_write", "audio_input", "cache_write_1h", "image_input"})
NO_CLASSES: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Unit prices in nano-USD per 1,000,000 tokens of a class.

    They are for requests of a `service_tier` (`""` is the standard one) whose prompt has more than
    `above_prompt_tokens` tokens; all of such a request is charged by them. `dearest_input` and `dearest_output` are
    the most that a token of a side can cost, and `dearest_input_5m` where no cache is written for an hour.

    `level` are the dear classes that somebody gave the very rate that they would have had without one.
    """

    input: int
    output: int
    cached_input: int
    cache_write: int
    audio_input: int
    reasoning: int
    audio_output: int
    cache_write_1h: int | None = None
    image_input: int | None = None
    image_output: int | None = None
    service_tier: str = ""
    above_prompt_tokens: int = 0
    level: frozenset[str] = NO_CLASSES
    dearest_input: int = field(init=False, repr=False, compare=False)
    dearest_input_5m: int = field(init=False, repr=False, compare=False)
    dearest_output: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        dearest = max(self.input, self.cached_input, self.cache_write, self.audio_input, self.image_input or 0)
        object.__setattr__(self, "dearest_input_5m", dearest)
        object.__setattr__(self, "dearest_input", max(dearest, self.cache_write_1h or 0))
        object.__setattr__(
            self, "dearest_output", max(self.output, self.reasoning, self.audio_output, self.image_output or 0)
        )

    def dearest_text(self, *, hour_cache: bool) -> int:
        """The most that a token of the prompt's text can cost."""
        return max(self.input, self.cached_input, self.cache_write, (self.cache_write_1h or 0) if hour_cache else 0)

    @property
    def media_input(self) -> int:
        """The most that a token of the prompt's sounds and images can cost."""
        return max(self.audio_input, self.image_input or 0)

    @property
    def media_output(self) -> int:
        """The most that a token of sounds and images which are generated can cost."""
        return max(self.audio_output, self.image_output or 0)

    def rate(self, token_class: str) -> int:
        """What a class costs, by its own rate or by that of the class that it falls back to."""
        own: int | None = getattr(self, token_class)
        return self.rate(STAND_INS[token_class]) if own is None else own

    def side(self, token_class: str) -> int:
        """What a plain token of a class's side costs."""
        return self.input if token_class in INPUT_SIDE else self.output

    def has_own(self, dear_class: str, outside: "Rates | None" = None) -> bool:
        """Whether a dear class has a price of its own here, and not only one for want of it: that of its side or,
        within a tier, the one that follows from what it costs `outside`."""
        own: int | None = getattr(self, dear_class)
        if own is None or dear_class in self.level:
            return own is not None
        if outside is None:
            return dear_class in STAND_INS or own != self.side(dear_class)
        stand_in = self.rate(STAND_INS[dear_class]) if dear_class in STAND_INS else 0
        return own != without_own(dear_class, outside, self.side(dear_class), stand_in)

    def to_data(self) -> dict[str, Any]:
        """The rates of its classes, for storage: a class without its own is left out."""
        values = {name: getattr(self, name) for name in ALL_CLASSES}
        data = {name: value for name, value in values.items() if value is not None}
        return {**data, "level": sorted(self.level)} if self.level else data

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Rates":
        """From storage, together with the rest of what varies."""
        return cls(**{**data, "level": frozenset(data.get("level", ()))})


def without_own(token_class: str, outside: Rates, side: int, stand_in: int = 0) -> int:
    """What a class costs within a tier that gives it no rate, and in which its side costs `side`: as many times its
    side as it does `outside`, for that is how vendors make tiers.

    A dear class costs no less than `outside`, than its side and than what stands in for it. One that is cheaper than
    its side, such as what a cache gives, costs no less than `outside` either, but never more than its side: there are
    vendors that halve a tier's tokens and leave those of caches alone.
    """
    cost, before = outside.rate(token_class), outside.side(token_class)
    if not before:
        return max(cost, side, stand_in)
    in_proportion = ceil_div(cost * side, before)
    if token_class in DEAR_CLASSES:
        return max(cost, side, stand_in, in_proportion if cost > before else 0)
    if cost < before and token_class in INPUT_SIDE:
        return min(side, max(cost, in_proportion))
    return in_proportion


def dearest(rates: Sequence[Rates]) -> dict[str, Any]:
    """The highest of each class, as the fields of `Rates`. A class that none has of its own stays without."""
    return {
        name: None if all(getattr(each, name) is None for each in rates) else max(each.rate(name) for each in rates)
        for name in ALL_CLASSES
    }
