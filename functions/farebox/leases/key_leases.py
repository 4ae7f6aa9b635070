"""The leases that one instance holds for one key, and the steps it takes with them in the store."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from functions.farebox.errors import StoreUnavailable
from functions.farebox.leases.allocation import Ask, Share
from functions.farebox.leases.held_lease import HeldLease
from functions.farebox.leases.late_charges import charge_late
from functions.farebox.leases.lease import WindowSlice
from functions.farebox.leases.protocol import LeaseClosed, Outcome, Step, take_step
from functions.farebox.leases.sliding_window import SlidingWindow
from functions.farebox.ledger.gates import OF_KEYS
from functions.farebox.limits.key_counters import KeyTerms
from functions.farebox.limits.rate_windows import Slice
from functions.farebox.observability.metrics import LEASE_STEPS
from functions.farebox.observability.telemetry import background_span, count, span
from functions.farebox.storage import Store

SCARCE = 8  # a lease is exact while less than this many times its largest request is free behind it
YOUNG_FACTOR = 3  # what was spent in less than one settlement interval is taken for what the next few will take
REFILL_PAUSE_S = 1.0  # a lease that runs low is not refilled ahead of need more often than this

Taken = tuple[HeldLease, Share]


class KeyLeases:
    """One key's leases on this instance. Its wallet's `WalletQueue` has its steps taken one at a time."""

    def __init__(
        self,
        store: Store,
        uid: str,
        terms: KeyTerms,
        *,
        instance: str,
        now: Callable[[], datetime],
        new_id: Callable[[str], str],
        ttl_s: float,
        interval_s: float,
    ) -> None:
        self.terms = terms
        self._leases: list[HeldLease] = []
        self._store = store
        self._uid = uid
        self._instance = instance
        self._now = now
        self._new_id = new_id
        self._ttl_s = ttl_s
        self._interval_s = interval_s
        self._spent = SlidingWindow(1.5 * interval_s)
        self._held = SlidingWindow(1.5 * interval_s)
        self._began_s = clock_s()
        self._requests = SlidingWindow(interval_s)
        self._tokens = SlidingWindow(interval_s)

    @property
    def leases(self) -> Sequence[HeldLease]:
        """Those that are open, the oldest first; new requests spend from the last."""
        return self._leases

    @property
    def window(self) -> WindowSlice:
        """What the lease in hand has left of the key's windows."""
        lease = self._current
        return WindowSlice() if lease is None else lease.window

    def change_terms(self, terms: KeyTerms) -> None:
        """Go by what the key's record says now. What was granted with a budget of a day, a week or in total, or without
        one, is spent no further where such a one has come or gone: it would count where it should not."""
        if terms.spans != self.terms.spans:
            for lease in self._leases:
                lease.retire()
        self.terms = terms

    def take(self, ask: Ask) -> Taken | None:
        """A share for a request from the lease in hand, or nothing if that does not cover its least wish."""
        lease = self._current
        if lease is None:
            return None
        at_s = clock_s()
        share = lease.take(ask, self._now(), at_s)
        if share is None:
            return None
        if not self._spent.sum(at_s):
            self._began_s = at_s
        self._held.reach(at_s, lease.held)
        self._requests.add(at_s, 1)
        self._tokens.add(at_s, share.tokens)
        return lease, share

    def budget_left(self, held: HeldLease) -> int | None:
        """What is left of the narrowest of the key's own budgets in nano-USD as far as this instance knows, who has
        `held` a lease of it: what running requests hold is not spent. `None` where it has no budget."""
        known = max((lease for lease in [*self._leases, held] if lease.outcome), key=lambda lease: lease.stepped_s)
        assert known.outcome is not None
        room, reserved = known.outcome.room.budgets, known.outcome.reserved
        left = min((free + reserved[gate] for gate, free in room.items() if gate in OF_KEYS), default=None)
        return None if left is None else left - sum(lease.spent - lease.settled for lease in self._leases)

    def note_spent(self, at_s: float, charged: int) -> None:
        """Remember what a request cost for the size of the next slices."""
        self._spent.add(at_s, charged)

    async def grant(self, asks: Sequence[Ask]) -> Outcome:
        """Have what requests ask for added to the lease in hand, or to a new one. As `step`."""
        return await self.step(self._current or self._open(), asks)

    async def step(
        self, lease: HeldLease, asks: Sequence[Ask] = (), *, close: bool = False, overrun: int = 0
    ) -> Outcome:
        """Settle a lease, and grow, shrink or close it. On one wallet, one step at a time.

        Raises `LeaseClosed` where a sweep was first; what it missed has then been charged late. Raises
        `StoreUnavailable` where it is not known whether the step was applied; the lease then hands out nothing until
        a later step has told.
        """
        now = self._now()
        step = self._begin(lease, now, asks, close=close, overrun=overrun)
        try:
            outcome = await self._take_step(step, now)
        except LeaseClosed:
            self._forget(lease)
            await self._charge_missed(lease.give_up())
            raise
        except BaseException as error:
            lease.doubt_step()
            if isinstance(error, StoreUnavailable) and lease.number == 0 and not lease.in_flight:
                self._forget(lease)  # if it was opened after all, nothing is spent under it and the sweep returns it
            raise
        largest = max((ask.ideal for ask in asks), default=self._held.peak(lease.stepped_s))
        lease.end_step(step, outcome, is_exact=outcome.room.money < SCARCE * largest)
        if outcome.closed:
            self._forget(lease)
        elif close:
            return await self.step(lease, close=True)
        return outcome

    def due(self, lease: HeldLease) -> bool:
        """Whether it is time for a step that nobody waits for."""
        at = clock_s()
        since_step = at - lease.stepped_s
        if not lease.certain:
            return since_step >= REFILL_PAUSE_S
        if self._is_idle(lease, at):
            return True
        if lease.dirty and (lease.number == 1 or since_step >= self._interval_s):
            return True
        if self._runs_low(lease, at) and since_step >= REFILL_PAUSE_S:
            return True
        return lease.expires_within(self._now(), self._ttl_s / 2)

    def idle(self, lease: HeldLease) -> bool:
        """Whether a lease is of no more use here, and should be closed."""
        return self._is_idle(lease, clock_s())

    def _is_idle(self, lease: HeldLease, at: float) -> bool:
        if lease.in_flight:
            return False
        return lease.retiring or lease.exact or at - lease.used_s >= self._interval_s

    @property
    def _current(self) -> HeldLease | None:
        """The lease that new requests spend from."""
        if self._leases and not self._leases[-1].retiring and not self._leases[-1].closed:
            return self._leases[-1]
        return None

    def _is_young(self, at: float) -> bool:
        """Whether the use that is remembered began less than a settlement interval ago: there is more to come."""
        return at - self._began_s < self._interval_s

    def _runs_low(self, lease: HeldLease, at: float) -> bool:
        return not lease.retiring and lease.free + lease.held < self._held.peak(at)

    def _size(self, lease: HeldLease, asks: Sequence[Ask], at: float) -> tuple[int, int]:
        """How much to ask beyond what waits, and to give back: as much as was lately held and spent is kept.

        Where requests wait, all that is idle goes back first, so that they are served from the whole that is free.
        """
        if lease.exact or lease.retiring:
            return 0, lease.free
        wanted = self._held.peak(at) + self._spent.sum(at) * (YOUNG_FACTOR if self._is_young(at) else 1)
        if asks:
            return max(0, wanted - lease.held - sum(ask.ideal for ask in asks)), lease.free
        have = lease.free + lease.held
        if have > 2 * wanted:
            return 0, min(lease.free, have - wanted)
        return max(0, wanted - have), 0

    def _open(self) -> HeldLease:
        """A new lease, to be granted by its first step."""
        lease = HeldLease(self._new_id("lease_"), opened_s=clock_s())
        self._leases.append(lease)
        return lease

    def _begin(self, lease: HeldLease, now: datetime, asks: Sequence[Ask], *, close: bool, overrun: int) -> Step:
        """The next step of a lease, with what the lease sets aside for it."""
        at_s = clock_s()
        extra, give_back = (0, 0) if close else self._size(lease, asks, at_s)
        unused = lease.hand_in_window() if asks or close or lease.exact else WindowSlice()
        lease.begin_step(at_s, give_back=give_back, close=close)
        return Step(
            uid=self._uid,
            key=self.terms,
            lease_id=lease.id,
            instance=self._instance,
            number=lease.number + 1,
            spent=lease.spent,
            totals=lease.totals.copy(),
            expires_at=now + timedelta(seconds=self._ttl_s),
            asks=asks,
            extra=extra,
            extra_window=Slice(self._requests.sum(at_s), self._tokens.sum(at_s)),
            overrun=overrun,
            give_back=give_back,
            unused=unused,
            close=close,
        )

    async def _take_step(self, step: Step, now: datetime) -> Outcome:
        kind = "grant" if step.asks else "close" if step.close else "settle"
        is_awaited = step.asks or step.overrun
        with (span if is_awaited else background_span)("lease step", kind=kind, requests=len(step.asks)):
            outcome = await self._store.transact(lambda tx: take_step(tx, step, now))
        count(LEASE_STEPS, 1, kind=kind)
        return outcome

    async def _charge_missed(self, records: Sequence[str]) -> None:
        for record_id in records:
            await charge_late(self._store, record_id, self._now())

    def _forget(self, lease: HeldLease) -> None:
        if lease in self._leases:
            self._leases.remove(lease)


def clock_s() -> float:
    """The loop's monotonic clock, in seconds."""
    return asyncio.get_running_loop().time()
