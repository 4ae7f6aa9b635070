"""Routes: which public models some upstream answers to, and the prices that its answers may be charged by."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from functions.farebox.gateway.upstream import Upstream
from functions.farebox.kit.wildcards import Wildcards, fill, is_pattern

_NAME = re.compile(r"[!-)+-~]{1,200}")  # what a name may be that an upstream is asked for


class Routes(Mapping[str, frozenset[str]]):
    """By public name of model, the names of the prices that its answers may be charged by.

    It has all models that some upstream names, and those that match a pattern of one and are named by none. It lists
    the former alone; the latter are in `patterns`, as they are written.
    """

    def __init__(self, upstreams: Iterable[Upstream]) -> None:
        found: dict[str, set[str]] = defaultdict(set)
        for upstream in upstreams:
            for name in upstream.models:
                found[name].add(priced_as(upstream, name))
        self._named = {name: frozenset(prices) for name, prices in found.items() if not is_pattern(name)}
        self.patterns: Mapping[str, frozenset[str]] = {
            name: frozenset(prices) for name, prices in found.items() if is_pattern(name)
        }
        self._matching = Wildcards(self.patterns)

    def __getitem__(self, model: str) -> frozenset[str]:
        named = self._named.get(model)
        if named is not None:
            return named
        found = self._matching.match(model)
        if found is None or _NAME.fullmatch(model) is None:
            raise KeyError(model)
        return frozenset(fill(price, found[1]) for price in found[0])

    def __iter__(self) -> Iterator[str]:
        return iter(self._named)

    def __len__(self) -> int:
        return len(self._named)


def priced_as(upstream: Upstream, public_name: str) -> str:
    """The name of the price that an upstream's answers for a public name are charged by; of a pattern, a pattern."""
    return upstream.priced_as.get(public_name, public_name)
