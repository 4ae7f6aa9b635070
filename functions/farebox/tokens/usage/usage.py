"""What one answer took, in classes that are billed apart."""

from collections.abc import Mapping
from typing import Any, Self

from msgspec import Struct
from msgspec.structs import fields, replace

MAX_TOKENS = 100_000_000  # a count beyond this is malformed; the largest contexts are about a hundredth of it

Calls = tuple[tuple[str, int], ...]  # how often tools were called, by the names that they are priced by


class Usage(Struct, frozen=True):
    """Token counts of one answer, and its searches. The totals include the classes; the classes do not overlap.

    Raises `ValueError` for what is no whole number, negative, or larger than the total that it is part of.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0  # of the prompt
    cache_write_tokens: int = 0  # of the prompt: kept for five minutes, or for how long is not said
    audio_input_tokens: int = 0  # of the prompt
    reasoning_tokens: int = 0  # of the completion
    audio_output_tokens: int = 0  # of the completion
    cache_write_1h_tokens: int = 0  # of the prompt: kept for an hour
    image_input_tokens: int = 0  # of the prompt, where the vendor tells them apart
    image_output_tokens: int = 0  # of the completion
    searches: int = 0  # billed by the call: no tokens
    calls: Calls = ()  # likewise, of other tools that the vendor ran
    lifetimes_told: bool = False  # how long what was written into a cache is kept
    prompt_is_told: bool = True  # else `prompt_tokens` are the classes of it that were told, if any
    is_total: bool = False  # nothing but a total was told: `prompt_tokens` are also what was generated, to be parted

    def __post_init__(self) -> None:
        counts = (
            self.cached_tokens,
            self.cache_write_tokens,
            self.audio_input_tokens,
            self.reasoning_tokens,
            self.audio_output_tokens,
            self.cache_write_1h_tokens,
            self.image_input_tokens,
            self.image_output_tokens,
            self.searches,
            *[times for _, times in self.calls],
            self.plain_input_tokens,
            self.plain_output_tokens,
        )
        if type(sum(counts)) is not int:  # one fraction makes the sum one
            raise ValueError(f"tokens are counted in whole numbers: {self}")
        if min(counts) < 0:
            raise ValueError(f"no class of tokens may be negative or exceed its total: {self}")

    def to_data(self) -> dict[str, Any]:
        """For storage: what there is something of."""
        told = {name: getattr(self, name) for name, default in _DEFAULTS if getattr(self, name) != default}
        return {**told, "calls": dict(self.calls)} if self.calls else told

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """From storage."""
        return cls(**{**data, "calls": tuple(sorted(data.get("calls", {}).items()))})

    def comes_to(self, other: Self) -> bool:
        """Whether another is charged the same, whether or not it told how long what was written is kept."""
        return self == replace(other, lifetimes_told=self.lifetimes_told)

    @property
    def plain_input_tokens(self) -> int:
        """Prompt tokens that are in none of its classes."""
        return (
            self.prompt_tokens
            - self.cached_tokens
            - self.cache_write_tokens
            - self.cache_write_1h_tokens
            - self.audio_input_tokens
            - self.image_input_tokens
        )

    @property
    def plain_output_tokens(self) -> int:
        """Completion tokens that are in none of its classes."""
        return self.completion_tokens - self.reasoning_tokens - self.audio_output_tokens - self.image_output_tokens

    @property
    def cache_writes(self) -> int:
        """Prompt tokens that were written into a cache, for however long."""
        return self.cache_write_tokens + self.cache_write_1h_tokens

    @property
    def total_tokens(self) -> int:
        """Prompt and completion."""
        return self.prompt_tokens + self.completion_tokens


_DEFAULTS = tuple((each.name, each.default) for each in fields(Usage))


def with_prompt(usage: Usage, prompt_tokens: int) -> Usage:
    """The same with a prompt that was not told, and has so many tokens, or those of the classes that were. Of a total
    it has no more than that has, and the rest was generated."""
    if not usage.is_total:
        return replace(usage, prompt_tokens=max(usage.prompt_tokens, prompt_tokens), prompt_is_told=True)
    classes = usage.prompt_tokens - usage.plain_input_tokens
    prompt = min(max(prompt_tokens, classes), usage.prompt_tokens)
    completion = usage.completion_tokens + usage.prompt_tokens - prompt
    return replace(usage, prompt_tokens=prompt, completion_tokens=completion, prompt_is_told=True, is_total=False)


def within_prompt(usage: Usage, prompt_tokens: int) -> Usage:
    """The same with a prompt of no more tokens: of its classes, what is left after those before it, the cheapest
    first."""
    left = prompt_tokens
    classes = {}
    for name in _PROMPT_CLASSES:
        classes[name] = min(getattr(usage, name), left)
        left -= classes[name]
    return replace(usage, prompt_tokens=prompt_tokens, **classes)


_PROMPT_CLASSES = (
    *("cached_tokens", "image_input_tokens", "audio_input_tokens"),
    *("cache_write_tokens", "cache_write_1h_tokens"),
)
