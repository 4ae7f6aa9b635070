"""Passwords: argon2id hashes, computed off the event loop, two at a time.

The parameters are OWASP's for argon2id (Password Storage Cheat Sheet): 19 MiB, two passes, one lane. Two at a time take
40 MiB and one core each, which a small instance has to spare.
"""

import asyncio
from functools import partial

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerifyMismatchError

CONCURRENCY = 2


class Passwords:
    """Hashes and checks passwords."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)
        self._slots = asyncio.Semaphore(CONCURRENCY)
        self._decoy: str | None = None

    async def hash(self, password: str) -> str:
        """A salted hash in the PHC string format, which names its own parameters."""
        async with self._slots:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def check(self, password: str, stored: str | None) -> bool:
        """Whether a password belongs to a hash. Takes as long for `None`, which is no account or no password."""
        if stored is None:
            if self._decoy is None:
                self._decoy = await self.hash("nobody's password")
            await self._check(password, self._decoy)
            return False
        return await self._check(password, stored)

    def is_outdated(self, stored: str | None) -> bool:
        """Whether a hash was made with other parameters than today's."""
        return stored is not None and self._hasher.check_needs_rehash(stored)

    async def _check(self, password: str, stored: str) -> bool:
        async with self._slots:
            return await asyncio.to_thread(partial(_matches, self._hasher, stored, password))


def _matches(hasher: PasswordHasher, stored: str, password: str) -> bool:
    try:
        return hasher.verify(stored, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
