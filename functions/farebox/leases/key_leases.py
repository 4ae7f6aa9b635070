"""The leases that one instance holds for one key, and the steps it takes with them in the store."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from functions.farebox.errors import StoreUnavailable
from functions.farebox.leases.allocation import Ask
from functions.farebox.leases.held_lease import HeldLease
from functions.farebox.leases.late_charges import charge_late
from functions.farebox.leases.lease import WindowSlice
from functions.farebox.leases.protocol import LeaseClosed, Outcome, Step, take_step
from functions.farebox.leases.sliding_window import SlidingWindow
from functions.farebox.limits.key_counters import KeyTerms
from functions.farebox.limits.rate_windows import Slice
from functions.farebox.observability.metrics import LEASE_STEPS
from functions.farebox.observability.telemetry import background_span, count, span
from functions.farebox.storage import Store

SCARCE = 8  # a lease is exact while less than this many times its largest request is free behind it
OLDEST_LEASE_S = 600.0  # a lease takes no new requests after this, so that sweeping one is bounded work
YOUNG_FACTOR = 3  # what was spent in less than one settlement interval is taken for what the next few will take
REFILL_PAUSE_S = 1.0  # a lease that runs low is not refilled ahead of need more often than this


class KeyLeases:
    """One key's leases on this instance. Steps on one wallet are serialised by its queue."""

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
        self.uid = uid
        self.terms = terms
        self.leases: list[HeldLease] = []
        self.look_until_s = 0.0  # refused requests wait until then for money to come back
        self._store = store
        self._instance = instance
        self._now = now
        self._new_id = new_id
        self._ttl_s = ttl_s
        self._interval_s = interval_s
        self._spent = SlidingWindow(1.5 * interval_s)
        self._held = SlidingWindow(1.5 * interval_s)
        self._began_s = _clock()
        self._requests = SlidingWindow(interval_s)
        self._tokens = SlidingWindow(interval_s)

    @property
    def current(self) -> HeldLease | None:
        """The lease that new requests spend from."""
        if self.leases and not self.leases[-1].retiring and not self.leases[-1].closed:
            return self.leases[-1]
        return None

    def open_lease(self) -> HeldLease:
        """A new lease, to be granted by its first step."""
        lease = HeldLease(self._new_id("lease_"), opened_s=_clock())
        self.leases.append(lease)
        return lease

    def note_taken(self, lease: HeldLease, tokens: int) -> None:
        """Remember a request for the size of the next slices."""
        at = _clock()
        if not self._spent.sum(at):
            self._began_s = at
        lease.used_s = at
        self._held.reach(at, lease.held)
        self._requests.add(at, 1)
        self._tokens.add(at, tokens)
        if at - lease.opened_s > OLDEST_LEASE_S:
            lease.retiring = True

    def note_spent(self, lease: HeldLease, charged: int) -> None:
        """Remember what a request cost for the size of the next slices."""
        lease.used_s = _clock()
        self._spent.add(lease.used_s, charged)

    async def step(
        self, lease: HeldLease, asks: Sequence[Ask] = (), *, close: bool = False, overrun: int = 0
    ) -> Outcome:
        """Settle a lease, and grow, shrink or close it. Under the queue's lock, and never in a request's own task.

        Raises `LeaseClosed` where a sweep was first; what it missed has then been charged late. Raises
        `StoreUnavailable` where it is not known whether the step was applied; the lease then hands out nothing until
        a later step has told.
        """
        at, now = _clock(), self._now()
        extra, give_back = self._size(lease, asks, at)
        unused = lease.hand_in_window() if asks or close or lease.exact else WindowSlice()
        window = Slice(self._requests.sum(at), self._tokens.sum(at))
        records, lease.unsettled = lease.unsettled, []
        step = Step(
            uid=self.uid,
            key=self.terms,
            lease_id=lease.id,
            instance=self._instance,
            number=lease.number + 1,
            spent=lease.spent,
            totals=lease.totals.copy(),
            expires_at=now + timedelta(seconds=self._ttl_s),
            asks=asks,
            extra=0 if close else extra,
            extra_window=window,
            overrun=overrun,
            give_back=0 if close else give_back,
            unused=unused,
            close=close,
        )
        lease.granted -= step.give_back
        lease.retiring |= close  # nobody may take from it any more while the step is under way
        lease.stepped_s = at
        kind = "grant" if asks else "close" if close else "settle"
        try:
            with (span if asks or overrun else background_span)("lease step", kind=kind, requests=len(asks)):
                outcome = await self._store.transact(lambda tx: take_step(tx, step, now))
        except LeaseClosed:
            lease.closed = True
            self._forget(lease)
            await self._charge_missed(records + lease.unsettled)
            raise
        except BaseException as error:
            lease.certain = False
            lease.unsettled = records + lease.unsettled
            if isinstance(error, StoreUnavailable) and lease.number == 0 and not lease.in_flight:
                self._forget(lease)  # if it was opened after all, nothing is spent under it and the sweep returns it
            raise
        count(LEASE_STEPS, 1, kind=kind)
        lease.number = step.number
        lease.apply(outcome)
        lease.exact = outcome.room.money < SCARCE * max((ask.ideal for ask in asks), default=self._held.peak(at))
        # It may be an earlier step of this number that was recognised: one that was cancelled and applied all the same.
        if outcome.settled < step.spent:
            lease.unsettled = records + lease.unsettled
        if outcome.closed:
            lease.closed = True
            self._forget(lease)
        elif close:
            return await self.step(lease, close=True)
        return outcome

    def due(self, lease: HeldLease) -> bool:
        """Whether it is time for a step that nobody waits for."""
        at = _clock()
        since_step = at - lease.stepped_s
        if not lease.certain:
            return since_step >= REFILL_PAUSE_S
        if self.idle(lease):
            return True
        if lease.dirty and (lease.number == 1 or since_step >= self._interval_s):
            return True
        if self._runs_low(lease, at) and since_step >= REFILL_PAUSE_S:
            return True
        return lease.expires_within(self._now(), self._ttl_s / 2)

    def idle(self, lease: HeldLease) -> bool:
        """Whether a lease is of no more use here, and should be closed."""
        if lease.in_flight:
            return False
        return lease.retiring or lease.exact or _clock() - lease.used_s >= self._interval_s

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

    async def _charge_missed(self, records: Sequence[str]) -> None:
        for record_id in records:
            await charge_late(self._store, record_id, self._now())

    def _forget(self, lease: HeldLease) -> None:
        if lease in self.leases:
            self.leases.remove(lease)


def _clock() -> float:
    return asyncio.get_running_loop().time()
