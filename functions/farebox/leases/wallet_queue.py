"""The queue of one wallet on this instance: where requests wait that no lease covers, and share the steps that help.

A refusal for want of money is final only after what others hold in reserve has had its chance to come back: a
refused request waits for one look, shared by all that wait for the same key, and is then refused for good.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from functions.farebox.errors import FareboxError, StoreUnavailable
from functions.farebox.leases.allocation import Ask, Share
from functions.farebox.leases.held_lease import HeldLease
from functions.farebox.leases.key_leases import KeyLeases
from functions.farebox.leases.protocol import LeaseClosed, Outcome
from functions.farebox.leases.refusals import could_come_back, refusal

LOOK_AFTER_S = 0.8  # a look comes this long after the first refusal
MOST_ASKS = 500  # requests that one step serves
MOST_ROUNDS = 6  # steps that one request waits for before the store is called busy

Grant = tuple[HeldLease, Share]


@dataclass(eq=False, slots=True)
class Waiter:
    """A request that waits for its share."""

    key_leases: KeyLeases
    ask: Ask
    patient: bool  # whether to wait for the look, or to be told at once
    future: "asyncio.Future[Grant]"
    due_s: float = 0.0
    looked: bool = False
    rounds: int = 0


class WalletQueue:
    """One wallet's waiting requests, and the lock under which this instance steps on the wallet."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.keys: dict[str, KeyLeases] = {}
        self.lock = asyncio.Lock()
        self._now = now
        self._waiters: list[Waiter] = []
        self._worker: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()

    @property
    def waiting(self) -> bool:
        """Whether any request waits."""
        return bool(self._waiters)

    def try_take(self, key_leases: KeyLeases, ask: Ask) -> Grant | None:
        """A share from the lease in hand, without waiting; nothing if others of this key wait before."""
        lease = key_leases.current
        if lease is None or any(waiter.key_leases is key_leases for waiter in self._waiters):
            return None
        return self._give(key_leases, lease, ask)

    async def take(self, key_leases: KeyLeases, ask: Ask, *, patient: bool) -> Grant:
        """Wait for a share. Raises `OutOfMoney`, `RateLimited` or `StoreUnavailable`."""
        waiter = Waiter(key_leases, ask, patient, asyncio.get_running_loop().create_future())
        if asyncio.get_running_loop().time() < key_leases.look_until_s and patient:
            waiter.due_s, waiter.looked = key_leases.look_until_s, True
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

    def notify(self) -> None:
        """Say that something changed: a request came, or money came back."""
        self._changed.set()

    async def _serve(self) -> None:
        try:
            while self._waiters:
                self._changed.clear()
                for key_leases in self._keys():
                    self._hand_out(key_leases)
                at = asyncio.get_running_loop().time()
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
        async with self.lock:
            for key_leases in dict.fromkeys(waiter.key_leases for waiter in due):
                self._hand_out(key_leases)
                group = [waiter for waiter in due if waiter.key_leases is key_leases and waiter in self._waiters]
                if not group:
                    continue
                try:
                    lease = key_leases.current or key_leases.open_lease()
                    outcome = await key_leases.step(lease, [waiter.ask for waiter in group])
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
        at = asyncio.get_running_loop().time()
        for waiter in group:
            gate = outcome.room.gate(waiter.ask)
            if gate is None or outcome.stale:
                self._count_round([waiter])
            elif waiter.looked or not waiter.patient or not could_come_back(gate, waiter.ask, outcome):
                self._fail([waiter], refusal(gate, waiter.ask, outcome, self._now()))
            else:
                waiter.looked = True
                if waiter.key_leases.look_until_s <= at:
                    waiter.key_leases.look_until_s = at + LOOK_AFTER_S
                waiter.due_s = waiter.key_leases.look_until_s

    async def _return_idle(self) -> None:
        """Give back what this instance itself holds idle for other keys of the wallet."""
        busy = {waiter.key_leases for waiter in self._waiters}
        for key_leases in list(self.keys.values()):
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
        lease = key_leases.current
        if lease is None:
            return
        for waiter in [waiter for waiter in self._waiters if waiter.key_leases is key_leases]:
            grant = self._give(key_leases, lease, waiter.ask)
            if grant is not None:
                self._waiters.remove(waiter)
                waiter.future.set_result(grant)

    def _give(self, key_leases: KeyLeases, lease: HeldLease, ask: Ask) -> Grant | None:
        share = lease.take(ask, self._now())
        if share is None:
            return None
        key_leases.note_taken(lease, share.tokens)
        return lease, share

    def _fail(self, group: list[Waiter], error: Exception) -> None:
        for waiter in group:
            if waiter in self._waiters:
                self._waiters.remove(waiter)
                waiter.future.set_exception(_copy(error))

    def _keys(self) -> list[KeyLeases]:
        return list(dict.fromkeys(waiter.key_leases for waiter in self._waiters))


def _copy(error: Exception) -> Exception:
    """An error that several requests raise is one object a request, so that tracebacks do not grow together."""
    if not isinstance(error, FareboxError):
        return error
    twin = error.__class__.__new__(error.__class__)
    twin.__dict__.update(error.__dict__)
    twin.args = error.args
    return twin
