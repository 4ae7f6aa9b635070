"""An event loop whose time passes only when nothing else is left to do: seconds of waiting cost nothing."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Waiting(selectors.SelectSelector):
    """Selects nothing, and lets virtual time pass instead of waiting."""

    passed_s = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise RuntimeError("the simulation is stuck: every task waits, and for no time")
        self.passed_s += max(0.0, timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """Deterministic: the same coroutine with the same seeds takes the same turns."""

    def __init__(self) -> None:
        self._waiting = _Waiting()
        super().__init__(self._waiting)

    def time(self) -> float:
        return self._waiting.passed_s


def run_virtually(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end on a loop of its own, and then cancel what is left, the dead among it."""
    loop = VirtualLoop()
    try:
        return loop.run_until_complete(main)
    finally:
        while left := asyncio.all_tasks(loop):  # a task may wait again while it is being cancelled
            for task in left:
                task.cancel()
            loop.run_until_complete(asyncio.wait(left, timeout=0.001))
        loop.close()
