"""Load of each upstream, as this process sees it: calls under way, and how quickly it answered lately.

An answer's latency is the time to its first byte, averaged with exponentially falling weights. An average that nothing
has been added to for `STALE_S` seconds counts as unknown, so that an upstream which was slow once is looked at again.
Times are seconds of an injected monotonic clock.
"""

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

WEIGHT_OF_NEWEST = 0.2
STALE_S = 60.0
MAX_AVERAGES = 10_000  # kept at once: where a pattern is routed, clients choose the names of models


@dataclass(slots=True)
class _Average:
    latency_s: float
    updated_s: float


class Load:
    """The load of all upstreams, by id; latencies also by the upstream's name of the model, and streams apart."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._under_way: Counter[str] = Counter()
        self._averages: dict[tuple[str, str, bool], _Average] = {}

    def begin(self, upstream_id: str) -> None:
        """A call goes in. It counts as under way until `end`."""
        self._under_way[upstream_id] += 1

    def end(self, upstream_id: str) -> None:
        """A call is over: answered to its last byte, failed, or given up."""
        self._under_way[upstream_id] -= 1
        if not self._under_way[upstream_id]:
            del self._under_way[upstream_id]

    def under_way(self, upstream_id: str) -> int:
        """How many calls are under way."""
        return self._under_way[upstream_id]

    def answered(self, upstream_id: str, model: str, *, stream: bool, latency_s: float) -> None:
        """A call was answered, its first byte after `latency_s`."""
        key = (upstream_id, model, stream)
        known = self._fresh(key)
        if known is None:
            if len(self._averages) >= MAX_AVERAGES:
                self._averages.clear()
            self._averages[key] = _Average(latency_s, self._clock())
            return
        known.latency_s += WEIGHT_OF_NEWEST * (latency_s - known.latency_s)
        known.updated_s = self._clock()

    def expected_s(self, upstream_id: str, model: str, *, stream: bool) -> float:
        """What a call would have to wait: the average latency, 0 where it is unknown and nobody is finding it out,
        and infinite where somebody is: one call is enough for that."""
        known = self._fresh((upstream_id, model, stream))
        if known is not None:
            return known.latency_s
        return math.inf if self._under_way[upstream_id] else 0.0

    def _fresh(self, key: tuple[str, str, bool]) -> _Average | None:
        known = self._averages.get(key)
        return None if known is None or self._clock() - known.updated_s >= STALE_S else known
