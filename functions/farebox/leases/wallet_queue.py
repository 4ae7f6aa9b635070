"""The queue of one wallet on this instance: where requests wait that no lease covers, and share the steps that help.

Every step that this instance takes on a wallet goes through its queue, which takes them one at a time.

A refusal for want of money is final only after what others hold in reserve has had its chance to come back: a
refused request waits for one look, shared by all that wait for the same key, and is then refused for good.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from functions.farebox.errors import FareboxError, StoreUnavailable
from functions.farebox.leases.allocation import Ask
from functions.farebox.leases.held_lease import HeldLease
from functions.farebox.leases.key_leases import KeyLeases, Taken, clock_s
from functions.farebox.leases.protocol import LeaseClosed, Outcome
from functions.farebox.leases.refusals import could_come_back, refusal
from functions.farebox.limits.key_counters import KeyTerms

LOOK_AFTER_S = 0.8  # a look comes this long after the first refusal
MOST_ASKS = 500  # requests that one step serves
MOST_ROUNDS = 6  # steps that one request waits for before the store is called busy


@dataclass(eq=False, slots=True)
class Waiter:
    """A request that waits for its share."""

    key_leases: KeyLeases
    ask: Ask
    patient: bool  # whether to wait for the look, or to be told at once
    future: "asyncio.Future[Taken]"
    due_s: float = 0.0
    looked: bool = False
    rounds: int = 0


class WalletQueue:
    """One wallet's leases on this instance, by key, and the requests that wait for more of it."""

    def __init__(self, now: Callable[[], datetime], open_key: Callable[[KeyTerms], KeyLeases]) -> None:
        self._now = now
        self._open_key = open_key
        self._keys: dict[str, KeyLeases] = {}
        self._lock = asyncio.Lock()  # under which this instance steps on the wallet
        self._waiters: list[Waiter] = []
        self._look_s: dict[KeyLeases, float] = {}  # when what others hold is looked for again, for those it refused
        self._worker: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()

    @property
    def is_idle(self) -> bool:
        """Whether nobody waits, nothing is under way and no lease is open: it can be forgotten."""
        return not self._waiters and not self._lock.locked() and not any(each.leases for each in self._keys.values())

    def of_key(self, terms: KeyTerms) -> KeyLeases:
        """The leases of one key, on the terms that its record has now."""
        key_leases = self._keys.get(terms.id)
        if key_leases is None:
            key_leases = self._keys[terms.id] = self._open_key(terms)
        elif key_leases.terms is not terms:
            key_leases.change_terms(terms)
        return key_leases

    def leases(self) -> list[tuple[KeyLeases, HeldLease]]:
        """All that are open, each with those of its key."""
        return [(key_leases, lease) for key_leases in self._keys.values() for lease in key_leases.leases]

    def balance(self, held: HeldLease) -> int:
        """The wallet's balance in nano-USD as far as this instance knows, who has `held` a lease on it."""
        leases = [lease for key_leases in self._keys.values() for lease in key_leases.leases]
        known = max((lease for lease in [*leases, held] if lease.outcome), key=lambda lease: lease.stepped_s)
        assert known.outcome is not None
        return known.outcome.balance - sum(lease.spent - lease.settled for lease in leases)

    def try_take(self, key_leases: KeyLeases, ask: Ask) -> Taken | None:
        """A share from the lease in hand, without waiting; nothing if others of this key wait before."""
        if any(waiter.key_leases is key_leases for waiter in self._waiters):
            return None
        return key_leases.take(ask)

    async def take(self, key_leases: KeyLeases, ask: Ask, *, patient: bool) -> Taken:
        """Wait for a share. Raises `OutOfMoney`, `RateLimited` or `StoreUnavailable`."""
        waiter = Waiter(key_leases, ask, patient, asyncio.get_running_loop().create_future())
        look_s = self._look_s.get(key_leases, 0.0)
        if clock_s() < look_s and patient:
            waiter.due_s, waiter.looked = look_s, True
        self._waiters.append(waiter)
        self.notify()
        if self._worker is None:
            self._worker = asyncio.create_task(self._serve())
        try:
            return await waiter.future
        except asyncio.CancelledError:
            if waiter in self._waiters:
                self._waiters.remove(waiter)
            elif waiter.future.done() and not waiter.future.cancelled() and waiter.future.exception() is None:
                lease, share = waiter.future.result()
                lease.let_go(share)
            raise

    async def extend(self, key_leases: KeyLeases, lease: HeldLease, more: int) -> None:
        """Have a lease grow by what a request needs beyond all that is free in it, if that is to be had."""
        with suppress(LeaseClosed, StoreUnavailable):
            async with self._lock:
                await key_leases.step(lease, overrun=more - max(0, lease.free))

    async def settle(self, key_leases: KeyLeases, lease: HeldLease, *, close: bool = False) -> None:
        """Settle a lease, and fill it up, renew or close it, as its use asks: a step that nobody's answer depends on.
        If it fails, a later one or the sweep makes it good."""
        async with self._lock:
            if lease.closed or (lease.exact and not close and not lease.dirty and not lease.free):
                return
            with suppress(LeaseClosed, StoreUnavailable):
                await key_leases.step(lease, close=close or (key_leases.idle(lease) and not self._waiters))
        self.notify()

    def notify(self) -> None:
        """Say that something changed: a request came, or money came back."""
        self._changed.set()

    async def _serve(self) -> None:
        try:
            while self._waiters:
                self._changed.clear()
                for key_leases in dict.fromkeys(waiter.key_leases for waiter in self._waiters):
                    self._hand_out(key_leases)
                at = clock_s()
                due = [waiter for waiter in self._waiters if waiter.due_s <= at][:MOST_ASKS]
                if due:
                    await self._step_for(due)
                elif self._waiters:
                    await self._pause(min(waiter.due_s for waiter in self._waiters) - at)
        finally:
            self._worker = None

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), max(0.001, seconds))

    async def _step_for(self, due: list[Waiter]) -> None:
        """One step for each key with requests that are due; who got nothing is told, or waits for a look."""
        async with self._lock:
            for key_leases in dict.fromkeys(waiter.key_leases for waiter in due):
                self._hand_out(key_leases)
                group = [waiter for waiter in due if waiter.key_leases is key_leases and waiter in self._waiters]
                if not group:
                    continue
                try:
                    outcome = await key_leases.grant([waiter.ask for waiter in group])
                except LeaseClosed:
                    self._count_round(group)
                    continue
                except Exception as error:
                    self._fail(group, error)
                    continue
                self._hand_out(key_leases)
                self._decide([waiter for waiter in group if waiter in self._waiters], outcome)
            if any(waiter.looked for waiter in self._waiters):
                await self._return_idle()

    def _decide(self, group: list[Waiter], outcome: Outcome) -> None:
        for waiter in group:
            gate = outcome.room.gate(waiter.ask)
            if gate is None or outcome.stale:
                self._count_round([waiter])
            elif waiter.patient and not waiter.looked and could_come_back(gate, waiter.ask, outcome):
                waiter.looked, waiter.due_s = True, self._next_look(waiter.key_leases)
            else:
                key = waiter.key_leases
                self._fail([waiter], refusal(gate, waiter.ask, outcome, key.terms, key.window, self._now()))

    def _next_look(self, key_leases: KeyLeases) -> float:
        """When the requests of a key that were refused look again: all at the same time."""
        at = clock_s()
        if self._look_s.get(key_leases, 0.0) <= at:
            self._look_s[key_leases] = at + LOOK_AFTER_S
        return self._look_s[key_leases]

    async def _return_idle(self) -> None:
        """Give back what this instance itself holds idle for other keys of the wallet."""
        busy = {waiter.key_leases for waiter in self._waiters}
        for key_leases in list(self._keys.values()):
            for lease in list(key_leases.leases):
                if key_leases not in busy and not lease.in_flight and lease.free:
                    with suppress(LeaseClosed, StoreUnavailable):
                        await key_leases.step(lease, close=True)

    def _count_round(self, group: list[Waiter]) -> None:
        for waiter in group:
            waiter.rounds += 1
            if waiter.rounds >= MOST_ROUNDS:
                self._fail([waiter], StoreUnavailable("The database is busy. Try again in a few seconds."))

    def _hand_out(self, key_leases: KeyLeases) -> None:
        for waiter in [waiter for waiter in self._waiters if waiter.key_leases is key_leases]:
            taken = key_leases.take(waiter.ask)
            if taken is not None:
                self._waiters.remove(waiter)
                waiter.future.set_result(taken)

    def _fail(self, group: list[Waiter], error: Exception) -> None:
        for waiter in group:
            if waiter in self._waiters:
                self._waiters.remove(waiter)
                waiter.future.set_exception(_copy(error))


def _copy(error: Exception) -> Exception:
    """An error that several requests raise is one object a request, so that tracebacks do not grow together."""
    if not isinstance(error, FareboxError):
        return error
    twin = error.__class__.__new__(error.__class__)
    twin.__dict__.update(error.__dict__)
    twin.args = error.args
    return twin
