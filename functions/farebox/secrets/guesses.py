"""Wrong keys of machines, counted in memory by who sends them.

A key of enough characters is not found by guessing at any pace; what this is for is that whoever tries is told so, and
seen in the log.
"""

from collections import OrderedDict
from collections.abc import Callable

from functions.farebox.errors import RateLimited

FREE = 10
FIRST_S = 0.5
MOST_S = 10.0
FORGOTTEN_S = 600.0
MOST_KNOWN = 10_000


class Guesses:
    """Counts them. `clock` is in monotonic seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def admit(self, caller: str) -> None:
        """Raises `RateLimited` while a caller that has guessed wrong too often is to wait."""
        wrong, latest_s = self._wrong.get(caller, (0, 0.0))
        pause_s = min(FIRST_S * 2.0 ** min(wrong - FREE, 10), MOST_S) if wrong >= FREE else 0.0
        left_s = latest_s + pause_s - self._clock()
        if pause_s and left_s > 0:
            raise RateLimited("Wrong keys were sent from there. Wait a little.", retry_after_s=left_s)

    def note_wrong(self, caller: str) -> int:
        """Count a wrong guess; answers how many there were lately."""
        wrong, latest_s = self._wrong.pop(caller, (0, 0.0))
        wrong = 1 if self._clock() - latest_s > FORGOTTEN_S else wrong + 1
        self._wrong[caller] = (wrong, self._clock())
        if len(self._wrong) > MOST_KNOWN:
            self._wrong.popitem(last=False)
        return wrong
