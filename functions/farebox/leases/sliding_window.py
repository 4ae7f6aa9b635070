"""A sliding window in constant memory: sums and peaks over a span of one to two windows."""


class SlidingWindow:
    """A sum and a peak over the last `window_s` to `2 * window_s` seconds. Times are monotonic seconds."""

    def __init__(self, window_s: float) -> None:
        self._window_s = window_s
        self._started = 0.0
        self._sum = self._previous_sum = 0
        self._peak = self._previous_peak = 0

    def add(self, at: float, amount: int) -> None:
        """Count an amount into the sum."""
        self._turn(at)
        self._sum += amount

    def reach(self, at: float, level: int) -> None:
        """Note a level for the peak."""
        self._turn(at)
        self._peak = max(self._peak, level)

    def sum(self, at: float) -> int:
        """The amounts of the last windows."""
        self._turn(at)
        return self._sum + self._previous_sum

    def peak(self, at: float) -> int:
        """The highest level of the last windows."""
        self._turn(at)
        return max(self._peak, self._previous_peak)

    def _turn(self, at: float) -> None:
        age = at - self._started
        if age < self._window_s:
            return
        follows = age < 2 * self._window_s
        self._previous_sum = self._sum if follows else 0
        self._previous_peak = self._peak if follows else 0
        self._sum = self._peak = 0
        self._started = self._started + self._window_s if follows else at
