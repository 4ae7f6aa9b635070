"""Ids and secrets: random, opaque, safe in a path, an address and a double click."""

import random
import secrets
import string
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Final

ALPHABET: Final = string.digits + string.ascii_letters  # base 62: 5.95 bits a character
TICKS_A_SECOND: Final = 10_000  # twelve hexadecimal digits of them last until the year 2861


class Ids:
    """Where new ids and secrets come from: the system's randomness, or a simulation's seeded source."""

    def __init__(self, source: random.Random | None = None, clock: Callable[[], float] = time.time) -> None:
        self._source = source or secrets.SystemRandom()
        self._clock = clock  # Unix time
        self._series = self.text(12)
        self._last_tick = 0

    def new(self, prefix: str = "") -> str:
        """A new id: a prefix that says what it names, and 119 random bits."""
        return prefix + self.text(20)

    def next(self, prefix: str = "") -> str:
        """A new id behind the last one of this process, for what is written with every request: 71 random bits of the
        process's own, and a count that begins with the time. Who has seen one can guess others, so it opens nothing.

        A store keeps ids in order: beside each other they touch few of its pages, which is most of what a commit
        writes. Those of different processes lie apart, since many writes in one place are more than Firestore takes
        (https://firebase.google.com/docs/firestore/best-practices#hotspots).
        """
        self._last_tick = max(self._last_tick + 1, int(self._clock() * TICKS_A_SECOND))
        return f"{prefix}{self._series}{self._last_tick:012x}"

    def text(self, length: int, alphabet: str = ALPHABET) -> str:
        """`length` random characters, of base 62 unless an alphabet is given, each as likely as any other."""
        letters, unfair = _tables(alphabet)
        text = b""
        while len(text) < length:
            text += self._source.randbytes(length + length // 4 + 8).translate(letters, unfair)
        return text[:length].decode()


@lru_cache
def _tables(alphabet: str) -> tuple[bytes, bytes]:
    """The letter of each byte, and the last bytes, which would favour the first letters: they are passed over."""
    size = len(alphabet)
    letters = bytes(ord(alphabet[byte % size]) for byte in range(256))
    return letters, bytes(range(256 - 256 % size, 256))
