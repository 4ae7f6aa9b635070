"""Farebox at some size: how many requests a second, on how many instances, paid by how many wallets."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.scale import contention, lease_use
from benchmarks.scale.contention import Contention
from benchmarks.scale.lease_use import LeaseUse
from benchmarks.scale.limits import DOCUMENT_WRITES_S, SEQUENTIAL_WRITES_S, Documents

AN_INSTANCE_S: Final = 80.0  # requests a second of one: each is under way for five seconds, and it holds 400 at once
DAY_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class Load:
    """What falls on one place, and what that carries, by Firestore's guidance."""

    place: str
    writes_s: float
    limit_s: float

    @property
    def times(self) -> float:
        """How many times what it carries."""
        return self.writes_s / self.limit_s


@dataclass(frozen=True, slots=True)
class Layout:
    """A size. Each wallet has one key, all ask for one model, and any instance gets anybody's requests."""

    requests_s: float
    instances: int
    wallets: int

    @property
    def use(self) -> LeaseUse:
        """How leases are used at it."""
        return lease_use.play(self.requests_s / (self.instances * self.wallets))

    @property
    def steps_s(self) -> float:
        """Steps of all leases in a second."""
        return self.requests_s * self.use.steps

    @property
    def documents(self) -> Documents:
        """What one request reads, writes and deletes."""
        return self.use.documents

    @property
    def usd_a_day(self) -> float:
        """What the database costs."""
        return self.documents.usd * self.requests_s * DAY_S

    @property
    def loads(self) -> Sequence[Load]:
        """What falls on the places that are written the most, the heaviest first."""
        loads = [
            Load("a wallet", self.steps_s / self.wallets, DOCUMENT_WRITES_S),
            Load("the index of pending records", self.requests_s, SEQUENTIAL_WRITES_S),
            Load("the index of leases by their end", self.steps_s, SEQUENTIAL_WRITES_S),
            Load("a payer's index of records", self.requests_s / self.wallets, SEQUENTIAL_WRITES_S),
        ]
        return sorted(loads, key=lambda load: -load.times)

    def contend(self) -> Contention:
        """What becomes of the steps on one wallet. At most so many instances are at it at a time as there are steps in
        a second, which is more than there will be."""
        steps_s = self.steps_s / self.wallets
        instances = max(1, min(self.instances, round(steps_s * lease_use.INTERVAL_S)))
        return contention.play(instances, instances / steps_s)


def for_requests(requests_s: float, wallets: int) -> Layout:
    """As many instances as so many requests take."""
    return Layout(requests_s, -(-int(requests_s) // int(AN_INSTANCE_S)), wallets)
