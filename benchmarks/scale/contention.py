"""What becomes of steps that many instances take on one wallet: `storage/store.py`'s optimistic transactions, played.

Each reads the wallet, then commits over the version that it read. The database takes commits of one document one after
the other; one that finds another version is refused, and tried again after a short random pause that grows.
"""

import heapq
import math
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from benchmarks.scale.limits import COMMIT_S, READ_S
from functions.farebox.storage.store import FIRST_PAUSE_S, GIVE_UP_AFTER_S, LONGEST_PAUSE_S

SECONDS = 30.0  # that are played
SEED = 23


@dataclass(frozen=True, slots=True)
class Contention:
    """How it went. Times in seconds, from a step's beginning to its end."""

    asked_s: float  # steps a second that were begun
    done_s: float  # and ended well
    attempts: float  # of each
    p50_s: float
    p99_s: float
    given_up: int


class _World:
    """A wallet, and a clock with what is to happen."""

    def __init__(self, read_s: float, commit_s: float) -> None:
        self.now_s = 0.0
        self.read_s, self.commit_s = read_s, commit_s
        self.version = 0
        self.rng = random.Random(SEED)
        self.took_s: list[float] = []
        self.attempts = 0
        self.given_up = 0
        self._coming: list[tuple[float, int, Callable[[], None]]] = []
        self._number = 0
        self._commits: deque[_Step] = deque()
        self._is_busy = False

    def later(self, seconds: float, then: Callable[[], None]) -> None:
        self._number += 1
        heapq.heappush(self._coming, (self.now_s + seconds, self._number, then))

    def run(self, until_s: float) -> None:
        while self._coming and self._coming[0][0] <= until_s:
            self.now_s, _, then = heapq.heappop(self._coming)
            then()

    def commit(self, step: "_Step") -> None:
        """Take a commit in its turn."""
        self._commits.append(step)
        self._go_on()

    def _go_on(self) -> None:
        while self._commits and not self._is_busy:
            step = self._commits.popleft()
            if step.seen != self.version:
                step.refused()
            else:
                self._is_busy = True
                self.later(self.commit_s, partial(self._apply, step))

    def _apply(self, step: "_Step") -> None:
        self.version += 1
        self._is_busy = False
        step.done()
        self._go_on()


class _Step:
    """One step, until it ends."""

    def __init__(self, world: _World, ended: Callable[[], None]) -> None:
        self._world = world
        self._ended = ended
        self._began_s = world.now_s
        self._pause_s = FIRST_PAUSE_S
        self.seen = 0  # the version that it read
        self._try()

    def _try(self) -> None:
        self._world.attempts += 1
        self._world.later(self._world.read_s / 2, self._look)

    def _look(self) -> None:
        self.seen = self._world.version
        self._world.later(self._world.read_s / 2, lambda: self._world.commit(self))

    def done(self) -> None:
        """The commit was applied."""
        self._world.took_s.append(self._world.now_s - self._began_s)
        self._ended()

    def refused(self) -> None:
        """Somebody else was first."""
        world = self._world
        if world.now_s - self._began_s >= GIVE_UP_AFTER_S:
            world.given_up += 1
            self._ended()
            return
        world.later(world.rng.uniform(self._pause_s / 2, self._pause_s), self._try)
        self._pause_s = min(self._pause_s * 2, LONGEST_PAUSE_S)


def play(
    instances: int, interval_s: float, *, read_s: float = READ_S, commit_s: float = COMMIT_S, seconds: float = SECONDS
) -> Contention:
    """Have instances take a step each, on one wallet, once in an interval; never two at a time."""
    world = _World(read_s, commit_s)
    begun = 0

    def begin() -> None:
        nonlocal begun
        begun += 1
        began_s = world.now_s
        _Step(world, lambda: world.later(max(0.0, interval_s - (world.now_s - began_s)), begin))

    for _ in range(instances):
        world.later(world.rng.uniform(0, interval_s), begin)
    world.run(seconds)
    took_s = sorted(world.took_s) or [math.inf]
    return Contention(
        asked_s=instances / interval_s if interval_s else math.inf,
        done_s=len(world.took_s) / seconds,
        attempts=world.attempts / max(1, begun),
        p50_s=took_s[len(took_s) // 2],
        p99_s=took_s[int(0.99 * len(took_s))],
        given_up=world.given_up,
    )
