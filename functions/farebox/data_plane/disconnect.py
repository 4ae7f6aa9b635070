"""Disconnects: tells the code that serves a client that the client has hung up."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


class HungUp(Exception):
    """The client is gone."""


class HangUp:
    """Set once, when the client goes; whoever is waiting for something on its behalf is told."""

    def __init__(self) -> None:
        self._happened = False
        self.by_server = False  # it is us who go: the server shuts down
        self._tell: Callable[[], object] | None = None

    @property
    def happened(self) -> bool:
        """Whether the client is gone."""
        return self._happened

    def set(self, *, by_server: bool = False) -> None:
        """The client has gone, or the server must."""
        if not self._happened:
            self._happened, self.by_server = True, by_server
            if self._tell is not None:
                self._tell()

    async def guard(self, work: Callable[[], Awaitable[T]]) -> T:
        """What `work` comes to, unless the client goes first: then it is cancelled and `HungUp` raised.

        It runs in this task, so that guarding costs nothing while nobody hangs up.
        """
        task = asyncio.current_task()
        assert task is not None
        if self._is_set():
            raise HungUp
        self._tell = task.cancel
        try:
            return await work()
        except asyncio.CancelledError:
            if not self._is_set():
                raise
            task.uncancel()
            raise HungUp from None
        finally:
            self._tell = None

    def _is_set(self) -> bool:
        return self._happened  # as a call: it may change while we wait
