"""Rates: what a token of each class costs, and what a prompt's length or a service tier makes of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

# Every rate has these: one that was given none costs what its side does, `input` or `output`.
CLASSES = ("input", "cached_input", "cache_write", "audio_input", "output", "reasoning", "audio_output")
# These are `None` where they have no rate of their own, and cost what another class does.
STAND_INS = {"cache_write_1h": "cache_write", "image_input": "input", "image_output": "output"}
ALL_CLASSES = (*CLASSES, *STAND_INS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Unit prices in nano-USD per 1,000,000 tokens of a class.

    They are for requests of a `service_tier` (`""` is the standard one) whose prompt has more than
    `above_prompt_tokens` tokens; all of such a request is charged by them. `dearest_input` and `dearest_output` are
    the most that a token of a side can cost, and `dearest_input_5m` where no cache is written for an hour.
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

    def rate(self, token_class: str) -> int:
        """What a class costs, by its own rate or by that of the class that it falls back to."""
        own: int | None = getattr(self, token_class)
        return self.rate(STAND_INS[token_class]) if own is None else own

    def to_data(self) -> dict[str, int]:
        """The rates of its classes, for storage: a class without its own is left out."""
        values = {name: getattr(self, name) for name in ALL_CLASSES}
        return {name: value for name, value in values.items() if value is not None}


def dearest(rates: Sequence[Rates]) -> dict[str, Any]:
    """The highest of each class, as the fields of `Rates`. A class that none has of its own stays without."""
    return {
        name: None if all(getattr(each, name) is None for each in rates) else max(each.rate(name) for each in rates)
        for name in ALL_CLASSES
    }
