"""A membership: a person's place in an organisation. Found by both: the path names the organisation and the person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from functions.farebox.accounts.account import user_path
from functions.farebox.organisations.rights import Role
from functions.farebox.storage import Data, Document


@dataclass(frozen=True, slots=True)
class Membership:
    """Who is what in which organisation, since when. `monthly_budget` in nano-USD; `None` is no cap."""

    org: str
    user: str
    role: Role
    monthly_budget: int | None
    created_at: datetime

    @classmethod
    def from_document(cls, document: Document) -> "Membership":
        """From storage."""
        data: Mapping[str, Any] = document.data
        org = document.path.split("/")[1]
        return cls(org, document.id, data["role"], data["monthly_budget"], data["created_at"])

    def to_data(self) -> Data:
        """For storage; the path tells the organisation, and `user` is there for the person to be looked for."""
        return {
            "user": self.user,
            "role": self.role,
            "monthly_budget": self.monthly_budget,
            "created_at": self.created_at,
        }


def membership_path(org: str, uid: str) -> str:
    """Where a person's place in an organisation is kept. The owner of their own has none: it is implied."""
    return f"{user_path(org)}/members/{uid}"


def role_in(org: str, uid: str, membership: Document | None) -> Role | None:
    """A person's role, given what is kept at `membership_path`; `None` for who does not belong."""
    if org == uid:
        return "owner"
    return None if membership is None else Membership.from_document(membership).role
