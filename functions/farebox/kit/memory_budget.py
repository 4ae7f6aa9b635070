"""Memory that all requests of a process share."""


class MemoryBudget:
    """Bytes that are taken until they are given back. Nobody waits for any: who gets none has to be refused."""

    __slots__ = ("_taken", "_total")

    def __init__(self, total_bytes: int) -> None:
        self._total = total_bytes
        self._taken = 0

    @property
    def taken_bytes(self) -> int:
        """What is taken now."""
        return self._taken

    def take(self, count_bytes: int) -> bool:
        """Take so many bytes, or none: answers whether they were there."""
        if self._taken + count_bytes > self._total:
            return False
        self._taken += count_bytes
        return True

    def give_back(self, count_bytes: int) -> None:
        """Give back what was taken before."""
        assert count_bytes <= self._taken
        self._taken -= count_bytes
