"""A value that is made by whoever asks for it first, while others wait."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Once(Generic[T]):
    """A value that is made for whoever asks first, while others wait. A failure is not remembered.

    Making it goes on when those who wait give up: what takes longer than they would wait is there for the next ones.
    """

    def __init__(self, make: Callable[[], Awaitable[T]]) -> None:
        self.made: T | None = None  # the value, once it is there
        self._make = make
        self._making: asyncio.Future[T] | None = None

    async def __call__(self) -> T:
        """The value."""
        if self.made is not None:
            return self.made
        if self._making is None or self._making.done():
            self._making = asyncio.ensure_future(self._keep())
        return await asyncio.shield(self._making)

    async def _keep(self) -> T:
        self.made = await self._make()
        return self.made
