"""The wallet and the ledger entry, in memory and in storage. Only `book.py` changes them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from functions.farebox.ledger.grants import Grant, Grants
from functions.farebox.limits.budget import Budget
from functions.farebox.limits.rate_windows import Limits, Windows
from functions.farebox.storage import Data

EntryType = Literal["topup", "usage", "bonus", "refund", "adjustment", "grant", "expiry"]


def wallet_path(uid: str) -> str:
    """Where a user's wallet is kept."""
    return f"wallets/{uid}"


def entry_path(uid: str, entry_id: str) -> str:
    """Where a ledger entry is kept; its id is the idempotency key of the operation that made it."""
    return f"wallets/{uid}/transactions/{entry_id}"


@dataclass(frozen=True, slots=True)
class Wallet:
    """A user's prepaid credit, in nano-USD."""

    balance: int = 0
    reserved: int = 0  # promised to requests in flight, by leases and holds
    debt: int = 0  # taken back by a payment provider after it was spent; the next credit pays it first
    seq: int = 0  # the number of the latest ledger entry
    frozen: bool = False  # a payment is disputed: nothing more is promised
    time_zone: str = "UTC"
    tenant: str | None = None  # whose budget counts as well
    budget: Budget = field(default_factory=Budget)
    limits: Limits = field(default_factory=Limits)  # the plan's, over all keys
    windows: Windows = field(default_factory=Windows)
    grants: Grants = ()  # the part of the balance that lapses

    @property
    def available(self) -> int:
        """What is neither spent nor promised to requests in flight."""
        return self.balance - self.reserved

    @property
    def spendable(self) -> int:
        """What may be promised: the available credit, unless a dispute or a debt stands in the way."""
        return 0 if self.frozen or self.debt else self.available

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Wallet":
        """From storage."""
        return cls(
            balance=data["balance"],
            reserved=data["reserved"],
            debt=data["debt"],
            seq=data["seq"],
            frozen=data["frozen"],
            time_zone=data["time_zone"],
            tenant=data.get("tenant"),
            budget=Budget.from_data(data["budget"]),
            limits=Limits.from_data(data["limits"]),
            windows=Windows.from_data(data["windows"]),
            grants=tuple(Grant.from_data(grant) for grant in data.get("grants", ())),
        )

    def to_data(self) -> Data:
        """For storage."""
        return {
            "balance": self.balance,
            "reserved": self.reserved,
            "debt": self.debt,
            "seq": self.seq,
            "frozen": self.frozen,
            "time_zone": self.time_zone,
            "tenant": self.tenant,
            "budget": self.budget.to_data(),
            "limits": self.limits.to_data(),
            "windows": self.windows.to_data(),
            "grants": [grant.to_data() for grant in self.grants],
        }


@dataclass(frozen=True, slots=True)
class Posting:
    """A change of a balance that is to become a ledger entry. `amount` in nano-USD, negative to take."""

    id: str
    type: EntryType
    amount: int
    description: str
    reference: str = ""
    actor: str = "system"
    metadata: Data = field(default_factory=dict)

    def __post_init__(self) -> None:
        if type(self.amount) is not int:
            raise ValueError(f"a ledger holds whole amounts, not {self.amount!r}")


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the ledger. Immutable."""

    id: str
    type: EntryType
    amount: int
    balance_before: int
    balance_after: int
    seq: int
    description: str
    reference: str
    actor: str
    metadata: Data
    created_at: datetime

    @classmethod
    def from_data(cls, entry_id: str, data: Mapping[str, Any]) -> "Entry":
        """From storage."""
        return cls(id=entry_id, **data)

    def to_data(self) -> Data:
        """For storage; the id is the document's."""
        return {
            "type": self.type,
            "amount": self.amount,
            "balance_before": self.balance_before,
            "balance_after": self.balance_after,
            "seq": self.seq,
            "description": self.description,
            "reference": self.reference,
            "actor": self.actor,
            "metadata": self.metadata,
            "created_at": self.created_at,
        }
