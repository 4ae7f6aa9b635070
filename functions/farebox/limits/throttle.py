"""A throttle: how often something may be tried in a while, counted in the store and so over all instances.

A try is counted before it is made: a burst of parallel guesses gets no further than a patient one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from functions.farebox.errors import RateLimited
from functions.farebox.storage import Store, Transaction


@dataclass(frozen=True, slots=True)
class Allowance:
    """At most `tries` of something named `action` in a fixed window."""

    action: str
    tries: int
    window: timedelta

    def wait(self, tries: int, first_at: datetime, _latest_at: datetime) -> datetime:
        """From when on one more may follow `tries`, the first of which was made at `first_at`."""
        return first_at if tries < self.tries else first_at + self.window

    def forgotten_at(self, first_at: datetime, _latest_at: datetime) -> datetime:
        """When the count starts over."""
        return first_at + self.window


@dataclass(frozen=True, slots=True)
class Backoff:
    """Something named `action`, of which the first `free` tries may follow each other at once. Before each one after
    them the pause doubles, from `first` to `most`. After `window` without a try, the count starts over."""

    action: str
    free: int
    first: timedelta
    most: timedelta
    window: timedelta

    def wait(self, tries: int, _first_at: datetime, latest_at: datetime) -> datetime:
        """From when on one more may follow `tries`, the latest of which was made at `latest_at`."""
        doublings = min(tries - self.free, 30)
        if doublings < 0:
            return latest_at
        return latest_at + min(self.first * (1 << doublings), self.most)

    def forgotten_at(self, _first_at: datetime, latest_at: datetime) -> datetime:
        """When the count starts over."""
        return latest_at + self.window


class Attempts:
    """Counts tries by who makes them, or what they are aimed at."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    async def take(self, *counted: tuple[Allowance | Backoff, str]) -> None:
        """Count one try under each rule and target. `RateLimited` if one of them says to wait; then none counts it."""
        now = self._now()

        async def work(tx: Transaction) -> float:
            documents = await tx.get_many(*(_path(rule, target) for rule, target in counted))
            wait_s, writes = 0.0, []
            for (rule, target), document in zip(counted, documents, strict=True):
                tries, first_at = 0, now
                if document is not None and document.data["expires_at"] > now:
                    tries = document.data["tries"]
                    latest_at = document.data.get("latest_at") or now
                    first_at = document.data.get("first_at") or now
                    wait_s = max(wait_s, (rule.wait(tries, first_at, latest_at) - now).total_seconds())
                counts = {"tries": tries + 1, "first_at": first_at, "latest_at": now}
                writes.append((_path(rule, target), {**counts, "expires_at": rule.forgotten_at(first_at, now)}))
            if wait_s <= 0:
                for path, data in writes:
                    tx.set(path, data)
            return wait_s

        wait_s = await self._store.transact(work)
        if wait_s > 0:
            raise RateLimited("That was tried too often. Wait a little, then try again.", retry_after_s=wait_s)

    async def forget(self, rule: Allowance | Backoff, target: str) -> None:
        """Start over: the try succeeded."""

        async def work(tx: Transaction) -> None:
            tx.delete(_path(rule, target))

        await self._store.transact(work)


def _path(rule: Allowance | Backoff, target: str) -> str:
    return f"attempts/{rule.action}_{target}"
