"""A ledger that is read in any order: whether its entries are one chain, each from the balance another ends with."""

from hashlib import blake2b

from functions.farebox.storage import Data


class Chain:
    """The entries of one wallet, added up as they come.

    Each is an edge between two points, of a number and a balance, and the number grows along it. Where the points that
    are arrived at are those that are left, but for the first and the last, all edges lie on one path: circles there are
    none. Both sides are compared by sums of their digests, so that a million entries take no more memory than one.
    """

    def __init__(self) -> None:
        self.entries = 0
        self.total = 0  # nano-USD
        self._sound = True
        self._difference = 0

    def add(self, entry: Data) -> None:
        """Add a stored entry."""
        before, after = entry["balance_before"], entry["balance_after"]
        self._sound &= 0 <= after == before + entry["amount"]
        self.entries += 1
        self.total += entry["amount"]
        self._difference += _point(entry["seq"] + 1, after) - _point(entry["seq"], before)

    @property
    def is_whole(self) -> bool:
        """Whether they are one chain, from number 1 and nothing on."""
        return self._sound and self._difference == _point(self.entries + 1, self.total) - _point(1, 0)


def _point(number: int, balance: int) -> int:
    return int.from_bytes(blake2b(b"%d %d" % (number, balance), digest_size=16).digest())
