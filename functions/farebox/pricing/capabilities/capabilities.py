"""What a model can do: what it reads and writes, and which parameters it takes.

It is no price, and nothing is charged by it. What an operator writes into the entry of a model's price counts before
what is known publicly; of a model that nobody says anything of, its prices tell. Names are those of OpenRouter's list
of models (https://openrouter.ai/docs/api/reference/overview, of 2026-11).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Self

from functions.farebox.pricing.entry import Entry

INPUTS = ("text", "image", "file", "audio", "video")
OUTPUTS = ("text", "image", "audio", "embeddings")
PARAMETERS = (
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "reasoning",
    "include_reasoning",
    "response_format",
    "structured_outputs",
    "max_tokens",
    "temperature",
    "top_p",
    "top_k",
    "stop",
    "seed",
    "frequency_penalty",
    "presence_penalty",
    "logit_bias",
    "logprobs",
    "top_logprobs",
    "web_search_options",
)

Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What is said of a model; `None` is nothing."""

    input_modalities: Names | None = None
    output_modalities: Names | None = None
    supported_parameters: Names | None = None

    def over(self, other: "Capabilities") -> "Capabilities":
        """What this says, and of what it says nothing, the other."""
        return Capabilities(
            *(own if own is not None else theirs for own, theirs in zip(self._each(), other._each(), strict=True))
        )

    def to_data(self) -> dict[str, list[str]]:
        """What is said, as it is written in configuration and storage."""
        told = zip(FIELDS, self._each(), strict=True)
        return {name: list(names) for name, names in told if names is not None}

    @classmethod
    def from_data(cls, data: Mapping[str, Sequence[str]]) -> Self:
        """What was written by `to_data`."""
        return cls(**{name: tuple(data[name]) for name in FIELDS if name in data})

    @classmethod
    def read(cls, entry: Entry) -> Self:
        """What an entry of a price says. Raises `InvalidRequest`."""
        return cls(*(entry.names(name, known) for name, known in _KNOWN.items()))

    def _each(self) -> tuple[Names | None, ...]:
        return self.input_modalities, self.output_modalities, self.supported_parameters


FIELDS = tuple(field.name for field in fields(Capabilities))
UNTOLD = Capabilities()
_KNOWN = dict(zip(FIELDS, (INPUTS, OUTPUTS, PARAMETERS), strict=True))


def common(models: Iterable[Capabilities]) -> Capabilities:
    """What all of them can do. What nobody says of one of them is not said of all."""
    first, *others = models
    for other in others:
        pairs = zip(first._each(), other._each(), strict=True)
        first = Capabilities(*(_both(one, two) for one, two in pairs))
    return first


def _both(one: Names | None, two: Names | None) -> Names | None:
    return None if one is None or two is None else tuple(name for name in one if name in two)
