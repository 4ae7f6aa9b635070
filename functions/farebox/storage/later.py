"""What is still to be written when the store has not answered for so long that whoever wanted it was told so.

It is tried now and then until it is done, or this process ends: nothing may rest on it that a sweep does not make good.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from functions.farebox.errors import StoreUnavailable
from functions.farebox.storage.model import Contended, Unreachable

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 15.0

log = logging.getLogger("farebox.store")


class Later:
    """Work that waits for the store. Each is asked for once more until it raises nothing that the store is to blame
    for."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, work: Callable[[], Awaitable[None]]) -> None:
        """Have something done once the store answers."""
        task = asyncio.create_task(self._repeat(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def stop(self) -> None:
        """Have nothing more done."""
        for task in self._tasks:
            task.cancel()

    async def _repeat(self, work: Callable[[], Awaitable[None]]) -> None:
        pause_s = FIRST_PAUSE_S
        while True:
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
            try:
                return await work()
            except (StoreUnavailable, Unreachable, Contended):
                continue
            except Exception:
                log.exception("what had waited for the database failed")
                return None
