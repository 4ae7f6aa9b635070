"""Disconnects: tells the code that serves a client that the client has hung up."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


class HungUp(Exception):
    """The client is gone."""


def _no_grace() -> float:
    return 0.0


class HangUp:
    """Set once, when the client goes; whoever is waiting for something on its behalf is told."""

    def __init__(self) -> None:
        self._happened = False
        self.by_server = False  # it is us who go: the server shuts down
        self._since_s = 0.0
        self._is_last_call = False  # the server goes: nothing is waited for any more
        self._grace: Callable[[], float] | None = None  # of the work at hand
        self._give_up: Callable[[], object] | None = None
        self._gave_up = False
        self._timer: asyncio.TimerHandle | None = None

    @property
    def happened(self) -> bool:
        """Whether the client is gone."""
        return self._happened

    def left_of(self, seconds: float) -> float:
        """How much is left of so many seconds since it went: nothing where the server must go."""
        if self._is_last_call or not self._happened:
            return 0.0
        return max(self._since_s + seconds - asyncio.get_running_loop().time(), 0.0)

    def set(self, *, by_server: bool = False) -> None:
        """The client has gone, or the server must, which gives up what still went on for a client that had gone."""
        is_news = not self._happened
        if is_news:
            self._happened, self.by_server = True, by_server
            self._since_s = asyncio.get_running_loop().time()
        if by_server:
            self._is_last_call = True
        if self._give_up is not None and (is_news or by_server):
            assert self._grace is not None
            self._wait(0.0 if by_server else self._grace())

    def guard(self, work: Callable[[], Awaitable[T]], grace: Callable[[], float] = _no_grace) -> Awaitable[T]:
        """What `work` comes to, unless the client goes first: then it is cancelled, once the seconds are over that
        `grace` is asked for in that moment, and `HungUp` raised.

        It runs in this task, so that guarding costs nothing while nobody hangs up.
        """
        if self._happened:
            raise HungUp
        return self._run(work, grace)

    def outlast(self, work: Callable[[], Awaitable[T]], seconds: float) -> Awaitable[T]:
        """What `work` comes to although the client has gone. `HungUp` once so many seconds are over since it went, or
        the server must go."""
        left_s = self.left_of(seconds)
        if not left_s:
            raise HungUp
        return self._run(work, _no_grace, left_s)

    async def _run(self, work: Callable[[], Awaitable[T]], grace: Callable[[], float], left_s: float = 0.0) -> T:
        task = asyncio.current_task()
        assert task is not None
        self._grace, self._give_up, self._gave_up = grace, task.cancel, False
        if left_s:
            self._wait(left_s)
        is_cancelled = False
        try:
            return await work()
        except asyncio.CancelledError:
            if not self._has_given_up():  # as a call: it changes while we wait
                raise
            is_cancelled = True
            task.uncancel()
            raise HungUp from None
        finally:
            self._give_up = None
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            if self._has_given_up() and not is_cancelled:
                await _take_back(task)

    def _wait(self, seconds: float) -> None:
        """Give the work at hand up after so many seconds."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if seconds > 0:
            self._timer = asyncio.get_running_loop().call_later(seconds, self._stop)
        else:
            self._stop()

    def _stop(self) -> None:
        if self._give_up is not None and not self._gave_up:
            self._gave_up = True
            self._give_up()

    def _has_given_up(self) -> bool:
        return self._gave_up


async def _take_back(task: "asyncio.Task[object]") -> None:
    """Be cancelled now, and not at whatever is awaited next, where the work that was to be ended it without a wait: it
    may have sent the client something, and learned of its going from that."""
    try:
        await asyncio.sleep(0)
    except asyncio.CancelledError:
        if task.uncancel():
            raise
    else:
        task.uncancel()
