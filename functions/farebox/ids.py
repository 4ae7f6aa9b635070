"""Ids and secrets: random, opaque, safe in a path, an address and a double click."""

import random
import secrets
import string
from typing import Final

ALPHABET: Final = string.digits + string.ascii_letters  # base 62: 5.95 bits a character


class Ids:
    """Where new ids and secrets come from: the system's randomness, or a simulation's seeded source."""

    def __init__(self, source: random.Random | None = None) -> None:
        self._source = source or secrets.SystemRandom()

    def new(self, prefix: str = "") -> str:
        """A new id: a prefix that says what it names, and 119 random bits."""
        return prefix + self.text(20)

    def text(self, length: int, alphabet: str = ALPHABET) -> str:
        """`length` random characters, of base 62 unless an alphabet is given."""
        size = len(alphabet)
        # One draw for the whole text; 64 bits more than it needs leave no bias that anybody could ever see.
        number = self._source.getrandbits(length * size.bit_length() + 64)
        characters = []
        for _ in range(length):
            number, digit = divmod(number, size)
            characters.append(alphabet[digit])
        return "".join(characters)
