"""Places that takers share so that none of them, nor a few together, takes them from all others.

Each may have so many as stand in a proportion to what is free (a dynamic threshold, after Choudhury and Hahne, 1998):
one alone three fourths of all, a second three fourths of the rest, and so on. Whoever comes anew finds some.
"""

PROPORTION = 3  # places that one taker may have for each that is free


class FairShare:
    """The places. Nobody waits for one: who gets none has to be refused."""

    __slots__ = ("_free", "_taken_by")

    def __init__(self, places: int) -> None:
        self._free = places
        self._taken_by: dict[str, int] = {}

    def take(self, whose: str) -> bool:
        """Take a place, or none: answers whether enough are free for somebody who has so many."""
        taken = self._taken_by.get(whose, 0)
        if taken >= PROPORTION * self._free:
            return False
        self._taken_by[whose] = taken + 1
        self._free -= 1
        return True

    def leave(self, whose: str) -> None:
        """Give one back that was taken before."""
        left = self._taken_by.pop(whose) - 1
        if left:
            self._taken_by[whose] = left
        self._free += 1
