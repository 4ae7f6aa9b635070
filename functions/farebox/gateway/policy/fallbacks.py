"""Fallback models: who answers instead where a model's own upstreams can't, as an operator sets it for each model.

Each model has a list for each reason, of public names in order. The reason is why the model that was asked for gave no
answer, whatever its fallbacks then say: the first of them that answers does. Their own fallbacks are not looked at, and
each is asked once, so that nothing goes around in circles.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from functions.farebox.kit.wildcards import is_pattern

FallbackReason = Literal[
    "context",  # the prompt is too long for it
    "refused",  # its content filter
    "unavailable",  # nobody who has it could answer, and nothing was paid for
]
REASONS: tuple[FallbackReason, ...] = get_args(FallbackReason)
MAX_FALLBACKS = 10  # of a model for one reason

_FORM = f"write a list of models, or an object with lists of them for {', '.join(REASONS)}"


@dataclass(frozen=True, slots=True)
class Fallbacks:
    """Of one model: the names of those that answer instead, in order, for each reason."""

    context: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    unavailable: tuple[str, ...] = ()

    def of(self, reason: FallbackReason) -> tuple[str, ...]:
        """The list for a reason."""
        names: tuple[str, ...] = getattr(self, reason)
        return names

    def models(self) -> list[str]:
        """All of them, each once."""
        return list(dict.fromkeys((*self.context, *self.refused, *self.unavailable)))


NO_FALLBACKS: Mapping[str, Fallbacks] = {}  # where nothing is configured


def parse_fallbacks(document: Mapping[str, Any]) -> Mapping[str, Fallbacks]:
    """The fallbacks in `{model: [other, ...]}` or `{model: {reason: [other, ...]}}`, by model. Raises `ValueError` that
    names the model."""
    return {_name(model, model): _fallbacks(model, entry) for model, entry in document.items()}


def unknown_models(fallbacks: Mapping[str, Fallbacks], known: Mapping[str, object]) -> Iterator[str]:
    """The models that are named in it and that nobody routes."""
    for model, chain in fallbacks.items():
        yield from (name for name in (model, *chain.models()) if name not in known)


def _fallbacks(model: str, entry: object) -> Fallbacks:
    if isinstance(entry, list):
        names = _names(model, entry)
        return Fallbacks(names, names, names)
    if not isinstance(entry, dict) or not entry.keys() <= set(REASONS):
        raise ValueError(f"{model}: {_FORM}")
    return Fallbacks(**{reason: _names(model, names) for reason, names in entry.items()})


def _names(model: str, names: object) -> tuple[str, ...]:
    if not isinstance(names, list) or not 1 <= len(names) <= MAX_FALLBACKS:
        raise ValueError(f"{model}: {_FORM}, 1 to {MAX_FALLBACKS} in each")
    found = tuple(_name(model, name) for name in names)
    if model in found or len(set(found)) < len(found):
        raise ValueError(f"{model}: name each other model once, and not {model} itself")
    return found


def _name(model: str, name: object) -> str:
    if not isinstance(name, str) or not name or is_pattern(name):
        raise ValueError(f"{model}: {name!r} is no name of a model")
    return name
