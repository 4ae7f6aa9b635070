"""Circuit breaking: an upstream that fails is left alone for a while, longer each time, and probed back.

A cool-down lasts 1 s after the first failure and doubles with each further one, up to 60 s; a rate limit's
`Retry-After` counts instead where it is given, up to an hour. A success ends it. When it is over, one call goes in as
a probe, in the upstream's natural place, while the others still pass by; a probe that is never heard of again delays
the next by the same cool-down, and by no more than 60 s. Failures of calls that were under way together are one
incident: otherwise one blip under load would look like a long outage.

While an upstream that had fewer than `FAILURES_TO_SHUT` incidents in a row cools down it is still a last resort,
so that a single bad answer never turns into refusals where there is no other upstream. After that it is shut.

The state is this process's own. `on_change` hears of every upstream that is shut, or opens again, by what happened
here; `mark_down` and `mark_up` take in what others found out. Times are seconds of an injected monotonic clock.
"""

from collections.abc import Callable
from dataclasses import dataclass

FIRST_COOL_DOWN_S = 1.0
LONGEST_COOL_DOWN_S = 60.0
LONGEST_RETRY_AFTER_S = 3600.0
FAILURES_TO_SHUT = 3


@dataclass(frozen=True, slots=True)
class Shut:
    """An upstream is left alone for `lasts_s` from now, after so many failures in a row."""

    lasts_s: float
    failures: int


OnChange = Callable[[str, Shut | None], None]  # the upstream's id; `None`: it is well again


@dataclass(slots=True)
class _CoolDown:
    failures: int
    since_s: float
    until_s: float
    lasts_s: float
    shut: bool


def _tell_nobody(_upstream_id: str, _shut: Shut | None) -> None:
    """For a process that is on its own."""


class Health:
    """The cool-downs of all upstreams, by id."""

    def __init__(self, clock: Callable[[], float], on_change: OnChange = _tell_nobody) -> None:
        self._clock = clock
        self._on_change = on_change
        self._cooling: dict[str, _CoolDown] = {}

    def cools_until(self, upstream_id: str) -> float | None:
        """Until when a call should rather go elsewhere; `None` for one that is well or due for a probe."""
        state = self._cooling.get(upstream_id)
        return None if state is None or self._clock() >= state.until_s else state.until_s

    def claim(self, upstream_id: str) -> bool:
        """Whether a call may go in now; ask right before it does, for this may be the one probe."""
        state = self._cooling.get(upstream_id)
        if state is None:
            return True
        now_s = self._clock()
        if now_s < state.until_s:
            return not state.shut
        state.until_s = now_s + min(state.lasts_s, LONGEST_COOL_DOWN_S)
        return True

    def succeeded(self, upstream_id: str) -> None:
        """A call was answered: the upstream is well."""
        state = self._cooling.pop(upstream_id, None)
        if state is not None and state.shut:
            self._on_change(upstream_id, None)

    def failed(self, upstream_id: str, *, started_s: float, retry_after_s: float | None = None) -> None:
        """A call that began at `started_s` was not answered; with `retry_after_s`, because of its rate limit."""
        state = self._cooling.get(upstream_id)
        if state is not None and started_s < state.since_s and retry_after_s is None:
            return
        now_s = self._clock()
        failures = 1 if state is None else state.failures + (started_s >= state.since_s)
        lasts_s = min(FIRST_COOL_DOWN_S * 2.0 ** min(failures - 1, 10), LONGEST_COOL_DOWN_S)
        if retry_after_s is not None:
            lasts_s = min(max(retry_after_s, FIRST_COOL_DOWN_S), LONGEST_RETRY_AFTER_S)
        shut = failures >= FAILURES_TO_SHUT or retry_after_s is not None
        self._cooling[upstream_id] = _CoolDown(failures, now_s, now_s + lasts_s, lasts_s, shut)
        if shut:
            self._on_change(upstream_id, Shut(lasts_s, failures))

    def mark_down(self, upstream_id: str, shut: Shut) -> None:
        """Others found an upstream failing: leave it alone as long as they do. What is known here to last longer
        stays."""
        now_s = self._clock()
        known = self._cooling.get(upstream_id)
        if known is None or not known.shut or known.until_s < now_s + shut.lasts_s:
            failures = max(shut.failures, known.failures if known else 0)
            self._cooling[upstream_id] = _CoolDown(failures, now_s, now_s + shut.lasts_s, shut.lasts_s, shut=True)

    def mark_up(self, upstream_id: str) -> None:
        """Others found an upstream well: the next call here is a probe."""
        known = self._cooling.get(upstream_id)
        if known is not None:
            known.until_s = min(known.until_s, self._clock())
