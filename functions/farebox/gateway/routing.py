"""In which order the upstreams of a model are tried."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from functions.farebox.gateway.health import Health
from functions.farebox.gateway.upstreams import Upstream, models_of


@dataclass(frozen=True, slots=True)
class Candidate:
    """An upstream that may answer, and the name it has for the model."""

    upstream: Upstream
    model: str


class Router:
    """The candidates of each model. A new configuration is a new router; the health it looks at stays."""

    def __init__(self, upstreams: Sequence[Upstream], health: Health, rng: random.Random) -> None:
        self.models = models_of(upstreams)
        self._health = health
        self._rng = rng
        self._candidates: dict[str, list[Candidate]] = defaultdict(list)
        for upstream in upstreams:
            for public_name, upstream_name in upstream.models.items():
                self._candidates[public_name].append(Candidate(upstream, upstream_name))

    def candidates(self, model: str) -> list[Candidate]:
        """Who may answer for a model, best first; none if nobody has it.

        Lower priority first, in weighted random order within one. Those that cool down come last, the one that is
        over soonest first; whether they may be called at all is `Health.claim`'s to say.
        """
        candidates = self._candidates.get(model, [])
        if len(candidates) < 2:
            return list(candidates)
        return sorted(candidates, key=self._rank)

    def _rank(self, candidate: Candidate) -> tuple[float, int, float]:
        """Exponential variates with the weights as rates fall in weighted random order (Efraimidis and Spirakis,
        Weighted random sampling with a reservoir, 2006)."""
        upstream = candidate.upstream
        until_s = self._health.cools_until(upstream.id)
        return (
            float("-inf") if until_s is None else until_s,
            upstream.priority,
            self._rng.expovariate(upstream.weight),
        )
