"""Grants: a plan's monthly credit, which expires. It is spent before paid credit, the soonest to expire first.

A wallet's balance is one number; its grants say which part of it will lapse. Each keeps what it was, and what was
used, lapsed and reclaimed of it, so what is left of it is the same whatever came first.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from functions.farebox.storage import Data

REMEMBERED_FOR = timedelta(days=180)  # after it lapsed: longer than a card payment can be disputed


@dataclass(frozen=True, slots=True)
class Grant:
    """One grant; amounts in nano-USD. Its id is that of the ledger entry that made it."""

    id: str
    amount: int
    expires_at: datetime
    used: int = 0
    lapsed: int = 0
    reclaimed: int = 0  # taken back because its payment was

    @property
    def left(self) -> int:
        """What may still be spent of it."""
        return max(0, self.amount - self.used - self.lapsed - self.reclaimed)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Grant":
        """From storage."""
        return cls(**data)

    def to_data(self) -> Data:
        """For storage."""
        return {
            "id": self.id,
            "amount": self.amount,
            "expires_at": self.expires_at,
            "used": self.used,
            "lapsed": self.lapsed,
            "reclaimed": self.reclaimed,
        }


Grants = tuple[Grant, ...]  # in the order in which they are spent


def with_grant(grants: Grants, grant: Grant, now: datetime) -> Grants:
    """These grants and one more; those that lapsed long ago are forgotten."""
    kept = (each for each in grants if each.left or each.expires_at + REMEMBERED_FOR > now)
    return tuple(sorted((*kept, grant), key=lambda each: (each.expires_at, each.id)))


def find(grants: Grants, grant_id: str) -> Grant | None:
    """One of these grants."""
    return next((grant for grant in grants if grant.id == grant_id), None)


def changed(grants: Grants, grant: Grant) -> Grants:
    """These grants, one of them as it is now."""
    return tuple(grant if each.id == grant.id else each for each in grants)


def use(grants: Grants, amount: int) -> Grants:
    """These grants after a charge: the soonest to expire pays first, and what none of them covers is paid credit."""
    done: list[Grant] = []
    for grant in grants:
        used = min(amount, grant.left)
        amount -= used
        done.append(replace(grant, used=grant.used + used) if used else grant)
    return tuple(done)


def fit(grants: Grants, balance: int) -> Grants:
    """These grants in a wallet that holds so much: no more can be left of them than there is."""
    return use(grants, max(0, sum(grant.left for grant in grants) - balance))


def due(grants: Iterable[Grant], now: datetime) -> list[Grant]:
    """Those with something left that has lapsed."""
    return [grant for grant in grants if grant.left and grant.expires_at <= now]
