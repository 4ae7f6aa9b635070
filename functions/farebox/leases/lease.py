"""A lease as it is kept: how much of a wallet an instance may spend, what it has settled, and how it ended.

    open ── stepped: settled, reduced, extended ──▶ open ──▶ closed by its holder
      └──── a sweep counts what it has decided ──▶ open ──▶ swept

Only the instance that holds a lease and the sweep that closes it ever write one. At every moment
`0 <= settled <= granted`; what lies between the two is reserved in the wallet, and nothing does once it is closed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from functions.farebox.ledger.funds import Scope
from functions.farebox.limits.rate_windows import Slice
from functions.farebox.storage import Data, Document, Update
from functions.farebox.usage.aggregates import UsageAggregates

LeaseState = Literal["open", "closed"]
Closer = Literal["holder", "sweep"]


@dataclass(frozen=True, slots=True)
class WindowSlice:
    """A part of one minute and of one day that a lease may hand to requests."""

    minute: str = ""
    part: Slice = field(default_factory=Slice)
    day: str = ""
    day_requests: int = 0

    def to_data(self) -> Data:
        """For storage."""
        return {
            "minute": self.minute,
            "requests": self.part.requests,
            "tokens": self.part.tokens,
            "day": self.day,
            "day_requests": self.day_requests,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "WindowSlice":
        """From storage."""
        return cls(data["minute"], Slice(data["requests"], data["tokens"]), data["day"], data["day_requests"])


@dataclass(frozen=True, slots=True)
class Lease:
    """One lease. Amounts in nano-USD, `totals` and `settled` cumulative."""

    id: str
    user: str
    key: str
    instance: str  # that holds it
    scope: Scope  # the budgets that it counts in
    expires_at: datetime
    state: LeaseState = "open"
    number: int = 0  # of the last step
    granted: int = 0
    settled: int = 0
    totals: UsageAggregates = field(default_factory=UsageAggregates)  # what `settled` was spent on
    window: WindowSlice | None = None  # what the last step added
    decided: int = 0  # records that sweeps have decided under it
    closed_by: Closer | None = None
    closed_at: datetime | None = None

    @classmethod
    def from_data(cls, lease_id: str, data: Mapping[str, Any]) -> "Lease":
        """From storage."""
        return cls(
            id=lease_id,
            user=data["user"],
            key=data["key"],
            instance=data["instance"],
            scope=Scope.from_data(data),
            expires_at=data["expires_at"],
            state=data["state"],
            number=data["seq"],
            granted=data["granted"],
            settled=data["settled"],
            totals=UsageAggregates.from_data(data["totals"]),
            window=WindowSlice.from_data(data["window"]) if "window" in data else None,
            decided=data.get("decided", 0),
            closed_by=data.get("closed_by"),
            closed_at=data.get("closed_at"),
        )

    @classmethod
    def from_document(cls, document: Document) -> "Lease":
        """From storage."""
        return cls.from_data(document.id, document.data)

    def to_data(self) -> Data:
        """For storage; the id is the document's. What has not happened to a lease has no field."""
        data: Data = {
            "user": self.user,
            "key": self.key,
            "instance": self.instance,
            "state": self.state,
            "seq": self.number,
            "granted": self.granted,
            "settled": self.settled,
            "totals": self.totals.to_data(),
            **self.scope.to_data(),
            "expires_at": self.expires_at,
        }
        if self.window is not None:
            data["window"] = self.window.to_data()
        if self.decided:
            data["decided"] = self.decided
        if self.closed_by is not None:
            data |= {"closed_by": self.closed_by, "closed_at": self.closed_at}
        return data

    @property
    def is_open(self) -> bool:
        """Whether it may still be spent from and settled."""
        return self.state == "open"

    @property
    def was_swept(self) -> bool:
        """Whether a sweep has closed it: its holder was taken for dead."""
        return self.closed_by == "sweep"

    @property
    def unspent(self) -> int:
        """What it keeps reserved in the wallet: granted, and not settled as spent."""
        return self.granted - self.settled

    def extended_by(self, amount: int) -> "Lease":
        """With more granted."""
        assert self.is_open and amount >= 0
        return replace(self, granted=self.granted + amount)

    def reduced_by(self, amount: int) -> "Lease":
        """With a part of the grant returned."""
        assert 0 <= amount <= self.unspent, "only what is unspent comes back"
        return replace(self, granted=self.granted - amount)

    def settled_at(self, spent: int, totals: UsageAggregates) -> "Lease":
        """With what it has spent by now, in all."""
        assert spent >= self.settled, "what a lease has spent never shrinks"
        assert spent <= self.granted, "nothing is spent that was not granted"
        return replace(self, settled=spent, totals=totals)

    def stepped(self, number: int, expires_at: datetime, window: WindowSlice) -> "Lease":
        """As a step of its holder leaves it, with the rate windows that the step has added."""
        assert number == self.number + 1, "steps are taken in their order"
        return replace(self, number=number, expires_at=expires_at, window=window)

    def closed(self, now: datetime) -> "Lease":
        """Closed by its holder, when all that was not spent has been returned."""
        return self._ended("holder", now)

    def swept(self, now: datetime) -> "Lease":
        """Closed by a sweep, in a step that its holder can no longer take."""
        return replace(self._ended("sweep", now), number=self.number + 1)

    def _ended(self, by: Closer, now: datetime) -> "Lease":
        assert self.is_open and not self.unspent, "nothing stays reserved for a lease that is closed"
        return replace(self, state="closed", closed_by=by, closed_at=now)


def lease_path(uid: str, lease_id: str) -> str:
    """Where a lease is kept."""
    return f"wallets/{uid}/leases/{lease_id}"


def count_decided(seen: Document, records: int) -> Update:
    """Note at a lease, as it was `seen`, that so many more records under it are decided.

    It is the change of the lease that matters: who has read it before can no longer close it.
    """
    return Update(seen.path, {"decided": Lease.from_document(seen).decided + records}, seen.version)
