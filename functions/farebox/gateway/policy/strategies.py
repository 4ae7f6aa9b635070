"""Load-balancing strategies: how upstreams of one priority share a model's calls, by weight, latency, load or affinity.

Priorities and cool-downs come first whatever the strategy; it decides among upstreams of one priority.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Strategy = Literal[
    "weighted",  # at random, in the proportion of the weights
    "least_latency",  # whoever lately gave its first byte soonest
    "least_busy",  # whoever has the fewest calls of this instance under way for its weight
    "sticky",  # calls that begin alike to the same one, in the proportion of the weights
]
DEFAULT: Strategy = "weighted"
ALL_MODELS = "*"


@dataclass(frozen=True, slots=True)
class Strategies:
    """A strategy for each model that has its own, by public name, and one for all others."""

    others: Strategy = DEFAULT
    by_model: Mapping[str, Strategy] = field(default_factory=dict)

    def of(self, model: str) -> Strategy:
        """The strategy of a model."""
        return self.by_model.get(model, self.others)


BUILTIN = Strategies()  # where nothing is configured


def parse_strategies(document: Mapping[str, Any]) -> Strategies:
    """The strategies that `{model: strategy, "*": strategy}` names. Raises `ValueError` that names the model."""
    for model, name in document.items():
        if name not in get_args(Strategy):
            raise ValueError(f"{model}: write one of {', '.join(get_args(Strategy))}")
    others = document.get(ALL_MODELS, DEFAULT)
    return Strategies(others, {model: name for model, name in document.items() if model != ALL_MODELS})
