"""Circuit breaking: what fails is left alone for a while, longer each time, and probed back.

It is kept by `Target`: a model at an upstream, or an upstream as a whole where there is no connection to it or it does
not take our key. A cool-down lasts 1 s after the first failure and doubles with each further one, up to 60 s; a rate
limit's `Retry-After` counts instead where it is given: up to an hour for the one caller who met it, and 60 s for all.
A success ends it. When it is over, one call
goes in as a probe, in the target's natural place, while the others still pass by; a probe that is never heard of again
delays the next by the same cool-down. Failures of calls that were under way together are one incident: otherwise one
blip under load would look like a long outage.

While a target that had fewer than `FAILURES_TO_SHUT` incidents in a row cools down it is still a last resort, so that a
single bad answer never turns into refusals where there is no other upstream. After that it is shut.

**Nobody shuts anything for others.** A request may fail because of what is in it, or because its sender has used up a
vendor's patience, and accounts are cheap. So a failure is its caller's own. It is everybody's where no request can have
caused it (a lost connection), and where two callers met one of a kind that servers have (`is_shared`) while for
`FRESH_S` nobody was answered. Whoever has a cool-down of his own is not the one to probe for all.

A success is worth more than what others say: a target that lately answered here is not marked down by a probe, nor by
what another instance met before.

The state is this process's own. `on_change` hears of every target that is shut, or opens again, by what happened here;
`mark_down` and `mark_up` take in what others found out. Times are seconds of an injected monotonic clock.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeVar

FIRST_COOL_DOWN_S = 1.0
LONGEST_COOL_DOWN_S = 60.0
LONGEST_RETRY_AFTER_S = 3600.0
FAILURES_TO_SHUT = 3
FRESH_S = 10.0  # an answer so young shows that what fails one caller is not everybody's
MAX_TARGETS = 10_000  # that are ill at a time: of a pattern, clients choose the models

K = TypeVar("K")


class Target(NamedTuple):
    """What may be ill: a model at an upstream, by the upstream's name for it; without one, the upstream."""

    upstream: str
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Shut:
    """A target is left alone for `lasts_s` from now, after so many failures in a row, the last of them for this reason.
    `is_shared`: for everybody, and not for the one caller whose calls failed."""

    lasts_s: float
    failures: int
    why: str = ""
    is_shared: bool = True


OnChange = Callable[[Target, Shut | None], None]  # `None`: it is well again


Lack = Literal["said", "shown"] | None  # that there is no such model: in words, or by a status that may mean it


@dataclass(slots=True)
class _CoolDown:
    failures: int
    since_s: float
    until_s: float
    lasts_s: float
    shut: bool
    only: str | None = None  # of what is to be everybody's: the one caller who has met it so far
    lacks: Lack = None


def _tell_nobody(_target: Target, _shut: Shut | None) -> None:
    """For a process that is on its own."""


class Health:
    """The cool-downs of all targets."""

    def __init__(self, clock: Callable[[], float], on_change: OnChange = _tell_nobody) -> None:
        self._clock = clock
        self._on_change = on_change
        self._shared: dict[Target, _CoolDown] = {}
        self._own: dict[tuple[Target, str], _CoolDown] = {}  # of one caller each
        self._answered_s: dict[str, dict[str, float]] = {}  # when it last did, by upstream and model

    def cools_until(self, upstream_id: str, model: str, caller: str) -> float | None:
        """Until when a caller's call should rather go elsewhere; `None` for what is well or due for a probe."""
        if not self._shared and not self._own:
            return None
        now_s = self._clock()
        untils_s = [state.until_s for state in self._states(upstream_id, model, caller) if now_s < state.until_s]
        return max(untils_s, default=None)

    def claim(self, upstream_id: str, model: str, caller: str) -> bool:
        """Whether a call may go in now; ask right before it does, for this may be the one probe."""
        if not self._shared and not self._own:
            return True
        states, now_s = self._states(upstream_id, model, caller), self._clock()
        if any(state.shut and now_s < state.until_s for state in states):
            return False
        for state in states:
            if now_s >= state.until_s:
                state.until_s = now_s + min(state.lasts_s, LONGEST_COOL_DOWN_S)
        return True

    def succeeded(self, upstream_id: str, model: str, caller: str) -> None:
        """A caller's call was answered: all is well there."""
        answered_s = self._answered_s.setdefault(upstream_id, {})
        if len(answered_s) >= MAX_TARGETS:
            answered_s.clear()
        answered_s[model] = self._clock()
        for target in (Target(upstream_id), Target(upstream_id, model)) if self._shared or self._own else ():
            self._open(target)
            self._own.pop((target, caller), None)

    def lack(self, upstream_id: str, model: str, caller: str) -> Lack:
        """Whether a model that cools down does so because it is not there, by what a caller's call met last."""
        own = self._own.get((Target(upstream_id, model), caller))
        return None if own is None else own.lacks

    def reached(self, upstream_id: str) -> None:
        """It refused a request as such, so there is a way to it, and that is all that is known."""
        if self._shared:
            self._open(Target(upstream_id))

    def failed(
        self,
        target: Target,
        *,
        caller: str | None,
        started_s: float,
        retry_after_s: float | None = None,
        why: str = "",
        is_shared: bool = True,
        lacks: Lack = None,
    ) -> None:
        """A call that began at `started_s` was not answered; with `retry_after_s`, because of its rate limit. `caller`
        is whose it was, `None` where that can't have made a difference; `is_shared`: it may befall others as well;
        `lacks`: its model is not there."""
        if caller is not None:
            own = self._own.get((target, caller))
            failed = self._next(own, started_s, retry_after_s, LONGEST_RETRY_AFTER_S)
            if failed is not None:
                failed.lacks = lacks
                _keep(self._own, (target, caller), failed)
                self._tell_if_shut(target, failed, why, is_shared=False)
            if not is_shared or self._clock() - self._last_answer_s(target) < FRESH_S:
                return
        known = self._shared.get(target)
        failed = self._next(known, started_s, retry_after_s, LONGEST_COOL_DOWN_S)
        state = failed or known
        assert state is not None, "what came before it is known"
        was_everybodys = known is not None and known.only is None
        state.only = caller if known is None or (not was_everybodys and known.only == caller) else None
        _keep(self._shared, target, state)
        if state.only is None and (failed is not None or not was_everybodys):
            self._tell_if_shut(target, state, why, is_shared=True)

    def _next(
        self, known: _CoolDown | None, started_s: float, retry_after_s: float | None, longest_s: float
    ) -> _CoolDown | None:
        """The cool-down after a failure; `None` where that belongs to an incident that is known."""
        if known is not None and started_s < known.since_s and retry_after_s is None:
            return None
        now_s = self._clock()
        failures = 1 if known is None else known.failures + (started_s >= known.since_s)
        lasts_s = min(FIRST_COOL_DOWN_S * 2.0 ** min(failures - 1, 10), LONGEST_COOL_DOWN_S)
        if retry_after_s is not None:
            lasts_s = min(max(retry_after_s, FIRST_COOL_DOWN_S), longest_s)
        shut = failures >= FAILURES_TO_SHUT or retry_after_s is not None
        return _CoolDown(failures, now_s, now_s + lasts_s, lasts_s, shut)

    def mark_down(self, target: Target, shut: Shut, *, ago_s: float = 0.0) -> None:
        """Others found it failing, so long ago: leave it alone as long as they do. What is known here to last longer
        stays, and so does that it has answered since."""
        now_s = self._clock()
        if now_s - self._last_answer_s(target) < max(ago_s, LONGEST_COOL_DOWN_S):
            return
        known = self._shared.get(target)
        if known is None or known.only is not None or not known.shut or known.until_s < now_s + shut.lasts_s:
            failures = max(shut.failures, known.failures if known else 0)
            lasts_s = min(shut.lasts_s, LONGEST_COOL_DOWN_S)
            _keep(self._shared, target, _CoolDown(failures, now_s, now_s + shut.lasts_s, lasts_s, shut=True))

    def mark_up(self, target: Target) -> None:
        """Others found it well: the next call here is a probe."""
        known = self._shared.get(target)
        if known is not None:
            known.until_s = min(known.until_s, self._clock())

    def _open(self, target: Target) -> None:
        state = self._shared.pop(target, None)
        if state is not None and state.shut and state.only is None:
            self._on_change(target, None)

    def _last_answer_s(self, target: Target) -> float:
        answered_s = self._answered_s.get(target.upstream, {})
        if target.model is None:
            return max(answered_s.values(), default=-math.inf)
        return answered_s.get(target.model, -math.inf)

    def _states(self, upstream_id: str, model: str, caller: str) -> list[_CoolDown]:
        """What speaks against a caller's call."""
        found = []
        for target in (Target(upstream_id), Target(upstream_id, model)):
            shared, own = self._shared.get(target), self._own.get((target, caller))
            if shared is not None and shared.only is None:
                found.append(shared)
            if own is not None:
                found.append(own)
        return found

    def _tell_if_shut(self, target: Target, state: _CoolDown, why: str, *, is_shared: bool) -> None:
        if state.shut:
            self._on_change(target, Shut(state.lasts_s, state.failures, why, is_shared=is_shared))


def _keep(states: dict[K, _CoolDown], key: K, state: _CoolDown) -> None:
    if key not in states and len(states) >= MAX_TARGETS:
        del states[next(iter(states))]
    states[key] = state
