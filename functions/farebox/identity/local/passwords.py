"""Password hashing: argon2id, computed off the event loop, two at a time.

The parameters are OWASP's for argon2id (Password Storage Cheat Sheet): 19 MiB, two passes, one lane. Two at a time take
40 MiB and some hundredths of a second, which a small instance has to spare. Who comes when many wait is turned away.
"""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from functions.farebox.errors import RateLimited

P = ParamSpec("P")
T = TypeVar("T")

CONCURRENCY = 2
MOST_WAITING = 50  # a second or two of work


class Passwords:
    """Hashes and checks passwords."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)
        self._slots = asyncio.Semaphore(CONCURRENCY)
        self._decoy: str | None = None
        self._waiting = 0

    async def hash(self, password: str) -> str:
        """A salted hash in the PHC string format, which names its own parameters."""
        return await self._run(self._hasher.hash, password)

    async def check(self, password: str, stored: str | None) -> bool:
        """Whether a password belongs to a hash. Takes as long for `None`, which is no account or no password."""
        if stored is None:
            if self._decoy is None:
                self._decoy = await self.hash("nobody's password")
            await self._run(_matches, self._hasher, self._decoy, password)
            return False
        return await self._run(_matches, self._hasher, stored, password)

    def is_outdated(self, stored: str | None) -> bool:
        """Whether a hash was made with other parameters than today's."""
        return stored is not None and self._hasher.check_needs_rehash(stored)

    async def _run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self._waiting >= MOST_WAITING:
            raise RateLimited("Too many people are signing in. Try again in a moment.", retry_after_s=2)
        self._waiting += 1
        try:
            async with self._slots:
                return await asyncio.to_thread(work, *args, **kwargs)
        finally:
            self._waiting -= 1


def _matches(hasher: PasswordHasher, stored: str, password: str) -> bool:
    try:
        return hasher.verify(stored, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
