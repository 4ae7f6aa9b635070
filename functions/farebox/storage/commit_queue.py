"""Commits that wait for their turn: for company, and for what amends them. Both engines take them from here in groups.

A commit is *wanted* once somebody awaits it, and in any case when it has waited for `PATIENCE_S`. Only what is wanted
is taken. All of it is callbacks and no task, so that nothing is half done when somebody cancels one.
"""

import asyncio
from collections.abc import Callable, Generator, Sequence
from typing import Any, Generic, TypeVar

from functions.farebox.storage.model import Write

PATIENCE_S = 0.002  # how long a commit that nobody waits for yet may wait for company, or for what amends it
CLOCK_S = 0.001  # the event loop's clock is that coarse

Versions = list[str | None]


class QueuedCommit:
    """A commit in a queue. Awaiting it raises as `Engine.commit`."""

    def __init__(self, writes: Sequence[Write], on_wanted: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()
        self.writes = writes
        self.since_s = loop.time()
        self.is_begun = False
        self.is_wanted = False  # somebody waits for it, or it has waited long enough
        self._done: asyncio.Future[Versions] = loop.create_future()
        self._on_wanted = on_wanted

    def amend(self, writes: Sequence[Write]) -> bool:
        """See `Queued`."""
        if not self.is_begun:
            self.writes = writes
        return not self.is_begun

    def end(self, outcome: Versions | Exception) -> None:
        """Tell whoever waits, or will, what has become of it."""
        if self._done.done():  # whoever waited was cancelled
            return
        if isinstance(outcome, Exception):
            self._done.set_exception(outcome)
            self._done.exception()  # retrieved here, for nobody may be waiting
        else:
            self._done.set_result(outcome)

    def __await__(self) -> Generator[Any, None, Versions]:
        if not self.is_begun:
            self.is_wanted = True
            self._on_wanted()
        return self._done.__await__()


C = TypeVar("C", bound=QueuedCommit)


class CommitQueue(Generic[C]):
    """What waits. `on_wanted` is called whenever there is something to be taken."""

    def __init__(self, on_wanted: Callable[[], None]) -> None:
        self.waiting: list[C] = []
        self._on_wanted = on_wanted
        self._loop = asyncio.get_running_loop()
        self._patience: asyncio.TimerHandle | None = None

    def add(self, commit: C) -> None:
        """Let a commit wait."""
        self.waiting.append(commit)
        if self._patience is None:
            self._patience = self._loop.call_later(PATIENCE_S, self._lose_patience)

    @property
    def has_wanted(self) -> bool:
        """Whether there is something to be taken."""
        return any(commit.is_wanted for commit in self.waiting)

    def take(self, most: int, fits: Callable[[C], bool] = lambda _commit: True) -> list[C]:
        """Up to `most` of what is wanted and fits, oldest first. It is begun now, and not to be amended any more."""
        taken: list[C] = []
        left: list[C] = []
        for commit in self.waiting:
            if commit.is_wanted and len(taken) < most and fits(commit):
                commit.is_begun = True
                taken.append(commit)
            else:
                left.append(commit)
        self.waiting = left
        return taken

    def want_all(self) -> None:
        """Nothing more will amend what waits."""
        self._want(self.waiting)

    def stop(self) -> None:
        """Nothing more will come."""
        if self._patience is not None:
            self._patience.cancel()

    def _lose_patience(self) -> None:
        """What has waited long enough is wanted now. But what has arrived in the meantime is looked at first: where the
        loop is behind, that may be an answer which amends it. It takes two turns: one reads it, and wakes somebody."""
        self._patience = None
        until_s = self._loop.time() - PATIENCE_S + CLOCK_S
        old = [commit for commit in self.waiting if commit.since_s <= until_s]
        if old:
            self._loop.call_soon(self._loop.call_soon, self._want, old)
        if len(old) < len(self.waiting):
            self._patience = self._loop.call_at(self.waiting[len(old)].since_s + PATIENCE_S, self._lose_patience)

    def _want(self, commits: Sequence[C]) -> None:
        waiting = [commit for commit in commits if not commit.is_begun]
        for commit in waiting:
            commit.is_wanted = True
        if waiting:
            self._on_wanted()
