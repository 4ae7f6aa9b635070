"""How many steps one key's lease takes on one instance, by how often it is used: `leases/key_leases.py`, as rules.

A lease is opened by the first request, settled after it, then once in a settlement interval of use, and closed when it
has not been used for one.
"""

import random
from dataclasses import dataclass
from functools import lru_cache

from benchmarks.scale.limits import CLOSE, GRANT, RECORD, SETTLE, Documents

INTERVAL_S = 5.0  # FAREBOX_SETTLE_INTERVAL_S
REQUESTS = 8_000  # that are played
SEED = 23


@dataclass(frozen=True, slots=True)
class LeaseUse:
    """What one request comes to, on the average."""

    grants: float
    settles: float
    closes: float

    @property
    def steps(self) -> float:
        """Steps of leases for each request."""
        return self.grants + self.settles + self.closes

    @property
    def documents(self) -> Documents:
        """What each request reads, writes and deletes, its record included."""
        leases = GRANT.times(self.grants).plus(SETTLE.times(self.settles)).plus(CLOSE.times(self.closes))
        return RECORD.plus(leases)


@lru_cache
def play(requests_s: float) -> LeaseUse:
    """Play requests of one key that come to one instance by chance, so many a second."""
    rng = random.Random(SEED)
    grants = settles = closes = 0
    at_s = used_s = stepped_s = 0.0
    is_dirty = False
    for _ in range(REQUESTS):
        at_s += rng.expovariate(requests_s)
        if at_s - used_s >= INTERVAL_S:  # it was closed meanwhile, and settled by that
            settles, closes = (settles + 1, closes) if is_dirty else (settles, closes + 1)
            grants, settles = grants + 1, settles + 1
            stepped_s, is_dirty = at_s, False
        elif at_s - stepped_s >= INTERVAL_S:
            settles, stepped_s, is_dirty = settles + 1, at_s, False
        else:
            is_dirty = True
        used_s = at_s
    return LeaseUse(grants / REQUESTS, settles / REQUESTS, closes / REQUESTS)
