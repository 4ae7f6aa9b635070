"""A lease as its holder sees it: money and windows spent in memory, without asking anybody.

No I/O happens here. `HeldLease` keeps, at every moment, `0 <= held` and `spent + held <= granted`: a request can take
no more than was granted, and what was taken is either spent (its record is durable) or comes back. Whoever has a lease
may read its fields, and changes them by its methods alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from functions.farebox.leases.allocation import NO_BUDGETS, Ask, Room, Share, share_of
from functions.farebox.leases.lease import WindowSlice
from functions.farebox.leases.protocol import Outcome, Step
from functions.farebox.limits.rate_windows import Slice, day_of, minute_of
from functions.farebox.usage.aggregates import Class, UsageAggregates

OLDEST_LEASE_S = 600.0  # a lease takes no new requests after this, so that sweeping one is bounded work


@dataclass(eq=False, slots=True)
class HeldLease:
    """One lease of this instance. Amounts in nano-USD; `*_s` on the monotonic clock, `*_at` on the wall clock."""

    id: str
    opened_s: float
    granted: int = 0
    spent: int = 0
    held: int = 0
    in_flight: int = 0
    totals: UsageAggregates = field(default_factory=UsageAggregates)
    number: int = 0  # of the last step
    settled: int = 0
    stepped_s: float = 0.0
    used_s: float = 0.0
    expires_at: datetime | None = None
    period_ends_at: datetime | None = None
    window: WindowSlice = field(default_factory=WindowSlice)
    outcome: Outcome | None = None
    exact: bool = False  # money is short: settle and return at the end of each request
    certain: bool = True  # the last step is known to be applied
    retiring: bool = False  # takes no more requests
    closed: bool = False
    _unsettled: list[str] = field(default_factory=list)  # completed records that no step has settled yet
    _settling: list[str] = field(default_factory=list)  # those that the step under way settles

    @property
    def free(self) -> int:
        """Granted, and neither spent nor held by a request."""
        return self.granted - self.spent - self.held

    @property
    def dirty(self) -> bool:
        """Whether there is something to settle."""
        return bool(self._unsettled) or self.spent != self.settled

    def usable(self, now: datetime) -> bool:
        """Whether new requests may spend from it."""
        return (
            self.certain
            and not self.retiring
            and not self.closed
            and self.expires_at is not None
            and self.period_ends_at is not None
            and now < self.expires_at
            and now < self.period_ends_at
        )

    def room(self, now: datetime) -> Room:
        """What the lease can still hand to requests."""
        assert self.outcome is not None
        if not self.outcome.limited:
            return Room(self.free, NO_BUDGETS)
        this_minute = self.window.minute >= minute_of(now)
        this_day = self.window.day >= day_of(now)
        return Room(
            self.free,
            NO_BUDGETS,
            minute=self.window.part if this_minute else Slice(),
            day_requests=self.window.day_requests if this_day else 0,
        )

    def take(self, ask: Ask, now: datetime, at_s: float) -> Share | None:
        """Hold a share for a request, or nothing if the lease does not cover its least wish. `now` is the wall clock's
        time, `at_s` the monotonic one's."""
        if not self.usable(now):
            return None
        share = share_of(self.room(now), ask)
        if share is None:
            return None
        self.held += share.amount
        self.in_flight += 1
        assert self.outcome is not None
        if self.outcome.limited:
            left = self.window
            part = left.part - Slice(1, share.tokens)
            self.window = WindowSlice(left.minute, part, left.day, left.day_requests - 1)
        assert self.free >= 0, "a lease never hands out more than it was granted"
        self.used_s = at_s
        if at_s - self.opened_s > OLDEST_LEASE_S:
            self.retire()
        return share

    def extend(self, share: Share, more: int) -> Share:
        """A request's share with as much more as is free, up to what is wished."""
        added = max(0, min(more, self.free)) if self.certain else 0
        self.held += added
        return Share(share.amount + added, share.tokens)

    def finish(
        self, share: Share, at_s: float, record_id: str, charged: int, counted_as: Class, counts: Mapping[str, int]
    ) -> None:
        """Count a request whose record is durable: spend what it was charged, take back the rest of its share."""
        assert 0 <= charged <= share.amount, "a request spends no more than it holds"
        self.let_go(share)
        self.spent += charged
        self.used_s = at_s
        self.totals.add(counted_as, counts)
        self._unsettled.append(record_id)

    def let_go(self, share: Share) -> None:
        """Take back a share of which nothing was spent under this lease."""
        self.held -= share.amount
        self.in_flight -= 1
        assert self.held >= 0
        assert self.in_flight >= 0

    def return_tokens(self, minute: str, tokens: int) -> None:
        """Give unused tokens back to the window they were taken from, if it is still open."""
        if minute == self.window.minute and self.outcome is not None and self.outcome.limited:
            self.window = replace(self.window, part=self.window.part + Slice(0, tokens))

    def hand_in_window(self) -> WindowSlice:
        """Take the unused windows out of the lease, to be returned with the next step."""
        unused = self.window
        self.window = WindowSlice(unused.minute, Slice(), unused.day, 0)
        return unused

    def expires_within(self, now: datetime, seconds: float) -> bool:
        """Whether it must be renewed before so many seconds have passed."""
        return self.expires_at is not None and self.expires_at - now < timedelta(seconds=seconds)

    def retire(self) -> None:
        """Take no more requests."""
        self.retiring = True

    def begin_step(self, at_s: float, *, give_back: int, close: bool) -> None:
        """Set aside what a step gives back and the records that it settles; one that closes takes no more requests."""
        assert 0 <= give_back <= self.free, "only what is free is given back"
        self.granted -= give_back
        self.retiring |= close
        self.stepped_s = at_s
        self._settling, self._unsettled = self._unsettled, []

    def doubt_step(self) -> None:
        """It is not known whether the step was applied: hand out nothing until a later one has told."""
        self.certain = False
        self._settle_later()

    def end_step(self, step: Step, outcome: Outcome, *, is_exact: bool) -> None:
        """Take over what a step came to: this one, or an earlier one of its number that was cut short and had been
        applied all the same."""
        if outcome.settled < step.spent:
            self._settle_later()
        self._settling = []
        self.number = step.number
        self.exact = is_exact
        self.closed = outcome.closed
        self._apply(outcome)

    def give_up(self) -> list[str]:
        """Close it, because a sweep has; answers the completed records that no step has settled."""
        self.closed = True
        self._settle_later()
        return self._unsettled

    def _settle_later(self) -> None:
        self._unsettled = self._settling + self._unsettled
        self._settling = []

    def _apply(self, outcome: Outcome) -> None:
        self.granted = outcome.granted
        self.settled = outcome.settled
        self.outcome = outcome
        self.expires_at = outcome.expires_at
        self.period_ends_at = outcome.scope.ends_at(outcome.time_zone)
        self.certain = True
        if outcome.stale:
            self.retiring = True
        added = outcome.window
        part = added.part + self.window.part if added.minute == self.window.minute else added.part
        day_requests = added.day_requests + (self.window.day_requests if added.day == self.window.day else 0)
        if added.minute:
            self.window = WindowSlice(added.minute, part, added.day, day_requests)
