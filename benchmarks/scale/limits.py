"""What Firestore says that it carries and asks for, and what Farebox asks of it, as the model has them."""

import math
from dataclasses import dataclass
from typing import Final

# https://firebase.google.com/docs/firestore/quotas and .../best-practices, read in November 2026.
DOCUMENT_WRITES_S: Final = 1.0  # sustained, of one document; more is carried for a while, and slower
SEQUENTIAL_WRITES_S: Final = 500.0  # into an index whose values only grow, such as times
FIRST_TRAFFIC_S: Final = 500.0  # operations with which a new collection may begin, growing by half every five minutes
GROWTH: Final = 1.5
GROWTH_MINUTES: Final = 5

# us-central1, 2026: https://cloud.google.com/firestore/pricing
USD_A_READ: Final = 0.03 / 100_000
USD_A_WRITE: Final = 0.09 / 100_000
USD_A_DELETE: Final = 0.01 / 100_000

# Not published: round trips within a region, as people see them.
READ_S: Final = 0.010
COMMIT_S: Final = 0.020  # of which the document is held for all: commits of one document come one after the other


@dataclass(frozen=True, slots=True)
class Documents:
    """Documents that something reads, writes and deletes. A check of an absent document is billed as a delete."""

    reads: float = 0.0
    writes: float = 0.0
    deletes: float = 0.0

    def times(self, n: float) -> "Documents":
        """So many of them."""
        return Documents(n * self.reads, n * self.writes, n * self.deletes)

    def plus(self, other: "Documents") -> "Documents":
        """Both."""
        return Documents(self.reads + other.reads, self.writes + other.writes, self.deletes + other.deletes)

    @property
    def usd(self) -> float:
        """What they cost."""
        return self.reads * USD_A_READ + self.writes * USD_A_WRITE + self.deletes * USD_A_DELETE


# A test counts these on the product.
RECORD: Final = Documents(writes=2)  # of a request: pending, and complete
GRANT: Final = Documents(reads=4, writes=3, deletes=1)  # a lease is opened
SETTLE: Final = Documents(reads=4, writes=5)  # and settled
CLOSE: Final = Documents(reads=4, writes=3, deletes=1)  # with nothing spent since


def ramp_minutes(operations_s: float) -> float:
    """How long a new collection takes until it may carry so many operations a second."""
    steps = math.ceil(math.log(max(1.0, operations_s / FIRST_TRAFFIC_S), GROWTH))
    return steps * GROWTH_MINUTES
