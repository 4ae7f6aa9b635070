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


LOGINS = Allowance("login", tries=10, window=timedelta(minutes=5))
MAILS = Allowance("mail", tries=5, window=timedelta(hours=1))


class Attempts:
    """Counts tries by who or what they are aimed at."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    async def take(self, allowance: Allowance, target: str) -> None:
        """Count a try. `RateLimited` if the window's are used up; those are not counted."""
        now = self._now()
        path = _path(allowance, target)

        async def work(tx: Transaction) -> float | None:
            document = await tx.get(path)
            tries, expires_at = 0, now + allowance.window
            if document is not None and document.data["expires_at"] > now:
                tries, expires_at = document.data["tries"], document.data["expires_at"]
            if tries >= allowance.tries:
                return float((expires_at - now).total_seconds())
            tx.set(path, {"tries": tries + 1, "expires_at": expires_at})
            return None

        wait_s = await self._store.transact(work)
        if wait_s is not None:
            raise RateLimited("That was tried too often. Wait a little, then try again.", retry_after_s=wait_s)

    async def forget(self, allowance: Allowance, target: str) -> None:
        """Start over: the try succeeded."""

        async def work(tx: Transaction) -> None:
            tx.delete(_path(allowance, target))

        await self._store.transact(work)


def _path(allowance: Allowance, target: str) -> str:
    return f"attempts/{allowance.action}_{target}"
