"""The pool of this instance's leases: taken from wallets, spent in memory, settled now and then.

A warm request takes its share from a lease without any storage call. Only when a lease does not cover it does it wait
at its wallet's queue, where all that wait together share one step in the store. Leases are stepped each settlement
interval of use, before they expire, when they have gone idle, and at `close`. Nothing depends on these timers: what
an idle or dead instance leaves behind, the sweep settles.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial

from msgspec import Struct

from functions.farebox.errors import StoreUnavailable
from functions.farebox.leases.allocation import Ask, Share
from functions.farebox.leases.held_lease import HeldLease
from functions.farebox.leases.key_leases import KeyLeases, clock_s
from functions.farebox.leases.wallet_queue import WalletQueue
from functions.farebox.ledger.funds import Scope
from functions.farebox.limits.key_counters import KeyTerms
from functions.farebox.storage import Store
from functions.farebox.usage.record import UsageRecord

TICKS_AN_INTERVAL = 5
GRACE_S = 2.0  # well below what a shutdown may take: one request that hangs is not to keep all leases from being closed


class Hold(Struct, eq=False):
    """A request's share of a lease: `amount` nano-USD that it may spend, and tokens of the minute."""

    uid: str
    queue: WalletQueue
    key_leases: KeyLeases
    lease: HeldLease
    share: Share  # which cannot be made of anything but whole numbers
    minute: str

    def __post_init__(self) -> None:
        if type(self.share) is not Share:
            raise ValueError(f"a request holds a share, not {self.share!r}")

    @property
    def amount(self) -> int:
        """What the request may spend at most."""
        return self.share.amount

    @property
    def scope(self) -> Scope:
        """The budgets that the spend counts in."""
        assert self.lease.outcome is not None
        return self.lease.outcome.scope


class LeasePool:
    """The leases of this instance. `ttl_s` is a lease's life unless renewed, `interval_s` the settlement interval."""

    def __init__(
        self,
        store: Store,
        *,
        instance: str,
        now: Callable[[], datetime],
        new_id: Callable[[str], str],
        ttl_s: float = 60.0,
        interval_s: float = 5.0,
    ) -> None:
        self._store = store
        self._instance = instance
        self._now = now
        self._new_id = new_id
        self._ttl_s = ttl_s
        self._interval_s = interval_s
        self._queues: dict[str, WalletQueue] = {}
        self._keeper: asyncio.Task[None] | None = None
        self._steps: set[asyncio.Task[None]] = set()
        self._closing = self._closed = False
        self._landed = asyncio.Event()  # a request has ended

    async def take(self, uid: str, terms: KeyTerms, ask: Ask, *, patient: bool = True) -> Hold:
        """Hold a share for a request: at once from a lease in hand, or after a step at the wallet's queue.

        Raises `OutOfMoney`, `RateLimited` or `StoreUnavailable`. With `patient=False` a want of money is told at
        once, without the look that makes it final.
        """
        if self._closing:
            raise StoreUnavailable("This server is shutting down. Try again.")
        queue = self._queues.get(uid) or self._open_queue(uid)
        key_leases = queue.of_key(terms)
        taken = queue.try_take(key_leases, ask)
        if taken is None:
            taken = await queue.take(key_leases, ask, patient=patient)
        if self._keeper is None:
            self._keeper = asyncio.create_task(self._keep())
        lease, share = taken
        return Hold(uid, queue, key_leases, lease, share, lease.window.minute)

    def has_money_for(self, uid: str, key_id: str) -> bool:
        """Whether a lease in hand has something left for a key, as far as this instance knows."""
        queue, now = self._queues.get(uid), self._now()
        return queue is not None and any(
            lease.free > 0 and lease.usable(now) for each, lease in queue.leases() if each.terms.id == key_id
        )

    async def extend(self, hold: Hold, more: int) -> int:
        """Add to a hold what an upstream reported beyond it: from the lease, then from what the wallet has left.

        Answers the hold's amount then; less than wished for where there is no more, in the wallet or in a budget.
        """
        lease = hold.lease
        if lease.free < more and lease.usable(self._now()):
            await hold.queue.extend(hold.key_leases, lease, more)
        hold.share = lease.extend(hold.share, more)
        return hold.amount

    def cancel(self, hold: Hold) -> None:
        """Give a hold back unspent: nothing was journalled under it, or its record was lost to a sweep."""
        hold.lease.return_tokens(hold.minute, hold.share.tokens)
        hold.lease.let_go(hold.share)
        hold.queue.notify()
        self._after_use(hold)

    async def spend(self, hold: Hold, record_id: str, record: UsageRecord) -> bool:
        """Count a request whose completed record is durable; what it was charged is at most the hold.

        Answers `False` if the lease has been swept: then the charge is the caller's to make late. Where money is
        short this returns after the wallet is settled, so that the next request finds it.
        """
        lease = hold.lease
        if lease.closed:
            lease.let_go(hold.share)
            return False
        tokens, charged, at_s = record.outcome.tokens, record.outcome.charged, clock_s()
        assert tokens is not None, "a request that was served is measured"
        lease.return_tokens(hold.minute, max(0, hold.share.tokens - tokens.prompt - tokens.completion))
        lease.finish(hold.share, at_s, record_id, charged, record.counted_as, record.counts())
        hold.key_leases.note_spent(at_s, charged)
        hold.queue.notify()
        stepping = self._after_use(hold)
        if lease.exact and stepping is not None:
            await asyncio.shield(stepping)
        return True

    def balance(self, hold: Hold) -> int | None:
        """What the holder of a key is told to have, as far as this instance knows, in nano-USD: the wallet's balance
        less what was spent and is not settled. Of a key that a key made, what is left of its own budget, if it has one:
        the wallet is not its holder's."""
        if hold.key_leases.terms.is_minted:
            return hold.key_leases.budget_left(hold.lease)
        return hold.queue.balance(hold.lease)

    async def settle(self, uid: str) -> None:
        """Settle what this instance has spent of a wallet, so that a reader sees it."""
        queue = self._queues.get(uid)
        if queue is not None:
            await asyncio.gather(*(queue.settle(each, lease) for each, lease in queue.leases() if lease.dirty))

    async def close(self, grace_s: float = GRACE_S) -> None:
        """Let requests in flight finish for a while, then settle and return every lease."""
        self._closing = True
        with suppress(TimeoutError):
            async with asyncio.timeout(grace_s):
                await self._until_idle()
        if self._keeper is not None:
            self._keeper.cancel()
        for queue, key_leases, lease in self._all():
            lease.retire()
            await queue.settle(key_leases, lease, close=not lease.in_flight)
        self._closed = True  # what ends later is the sweep's
        await asyncio.gather(*self._steps, return_exceptions=True)

    async def _until_idle(self) -> None:
        while any(lease.in_flight for _, _, lease in self._all()):
            self._landed.clear()
            await self._landed.wait()

    def _open_queue(self, uid: str) -> WalletQueue:
        queue = self._queues[uid] = WalletQueue(self._now, partial(self._open_key, uid))
        return queue

    def _open_key(self, uid: str, terms: KeyTerms) -> KeyLeases:
        return KeyLeases(
            self._store,
            uid,
            terms,
            instance=self._instance,
            now=self._now,
            new_id=self._new_id,
            ttl_s=self._ttl_s,
            interval_s=self._interval_s,
        )

    def _all(self) -> list[tuple[WalletQueue, KeyLeases, HeldLease]]:
        return [(queue, *each) for queue in self._queues.values() for each in queue.leases()]

    def _after_use(self, hold: Hold) -> "asyncio.Task[None] | None":
        self._landed.set()
        if self._closed or not (hold.lease.exact or hold.key_leases.due(hold.lease)):
            return None
        return self._begin_step(hold.queue, hold.key_leases, hold.lease)

    def _begin_step(self, queue: WalletQueue, key_leases: KeyLeases, lease: HeldLease) -> "asyncio.Task[None]":
        task = asyncio.create_task(queue.settle(key_leases, lease))
        self._steps.add(task)
        task.add_done_callback(self._steps.discard)
        return task

    async def _keep(self) -> None:
        """Step the leases that are due, until there are none. They are due together, as the requests of a moment ago
        came together: between the beginnings of any two of them whoever is ready has a turn."""
        try:
            while self._all():
                await asyncio.sleep(min(self._interval_s, self._ttl_s / 4) / TICKS_AN_INTERVAL)
                due = [each for each in self._all() if each[1].due(each[2])]
                steps = []
                for queue, key_leases, lease in due:
                    steps.append(self._begin_step(queue, key_leases, lease))
                    await asyncio.sleep(0)
                await asyncio.gather(*steps)
                self._queues = {uid: queue for uid, queue in self._queues.items() if not queue.is_idle}
        finally:
            self._keeper = None
