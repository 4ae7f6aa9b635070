"""Routing: the order in which the upstreams of a model are tried."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from functions.farebox.gateway.health import Health
from functions.farebox.gateway.load import Load
from functions.farebox.gateway.policy.affinity import affinity, distance
from functions.farebox.gateway.policy.strategies import BUILTIN, Strategies, Strategy
from functions.farebox.gateway.upstream import Routes, Upstream, priced_as
from functions.farebox.kit.wildcards import Wildcards, fill, is_pattern
from functions.farebox.request.checked import Checked


@dataclass(frozen=True, slots=True)
class Candidate:
    """An upstream that may answer, the name it has for the model, the name of the price it is charged by, and the name
    that clients know the model by."""

    upstream: Upstream
    model: str
    price: str
    public: str


class Router:
    """The candidates of each model. A new configuration is a new router; the health and load it looks at stay."""

    def __init__(
        self,
        upstreams: Sequence[Upstream],
        health: Health,
        load: Load,
        rng: random.Random,
        strategies: Strategies = BUILTIN,
    ) -> None:
        self.routes = Routes(upstreams)
        self._health = health
        self._load = load
        self._rng = rng
        self._strategies = strategies
        self._candidates: dict[str, list[Candidate]] = defaultdict(list)
        for upstream in upstreams:
            for public_name, upstream_name in upstream.models.items():
                self._candidates[public_name].append(
                    Candidate(upstream, upstream_name, priced_as(upstream, public_name), public_name)
                )
        self._patterns = Wildcards(self._candidates)

    def candidates(
        self, model: str, *, stream: bool = False, caller: str = "", asked: Checked | None = None
    ) -> list[Candidate]:
        """Who may answer a caller for a model, best first; none if nobody has it. `asked` is the request, where its
        words may matter.

        Lower priority first, within one as the model's strategy says, and what that leaves equal in weighted random
        order. Those that cool down come last, the one that is over soonest first; whether they may be called at all
        is `Health.claim`'s to say. Upstreams that name the model come alone; else those of the pattern that it matches.
        """
        candidates = self.answering(model)
        if len(candidates) < 2:
            return list(candidates)
        strategy = self._strategies.of(model)
        group = (
            affinity(asked, caller) if strategy == "sticky" and asked is not None and _has_equals(candidates) else None
        )
        return sorted(
            candidates, key=lambda candidate: self._rank(candidate, strategy, group, stream=stream, caller=caller)
        )

    def answering(self, model: str) -> list[Candidate]:
        """The same in no order, which is not to be changed."""
        return [] if is_pattern(model) else self._candidates.get(model) or self._matching(model)

    def is_named(self, model: str) -> bool:
        """Whether an upstream names a model itself, and not only a pattern that it matches."""
        return model in self._candidates and not is_pattern(model)

    def _matching(self, model: str) -> list[Candidate]:
        found = self._patterns.match(model)
        if found is None:
            return []
        candidates, part = found
        return [Candidate(each.upstream, fill(each.model, part), fill(each.price, part), model) for each in candidates]

    def _rank(
        self, candidate: Candidate, strategy: Strategy, group: bytes | None, *, stream: bool, caller: str
    ) -> tuple[float, int, float, float]:
        """Exponential variates with the weights as rates fall in weighted random order (Efraimidis and Spirakis,
        Weighted random sampling with a reservoir, 2006)."""
        upstream = candidate.upstream
        until_s = self._health.cools_until(upstream.id, candidate.model, caller)
        return (
            float("-inf") if until_s is None else until_s,
            upstream.priority,
            self._burden(candidate, strategy, stream=stream),
            self._rng.expovariate(upstream.weight) if group is None else distance(group, upstream.id, upstream.weight),
        )

    def _burden(self, candidate: Candidate, strategy: Strategy, *, stream: bool) -> float:
        """What speaks against a candidate, by a strategy."""
        upstream = candidate.upstream
        if strategy == "least_latency":
            return self._load.expected_s(upstream.id, candidate.model, stream=stream)
        if strategy == "least_busy":
            return self._load.under_way(upstream.id) / upstream.weight
        return 0.0


def _has_equals(candidates: Sequence[Candidate]) -> bool:
    return len({each.upstream.priority for each in candidates}) < len(candidates)
