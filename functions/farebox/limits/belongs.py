"""What a key's spend belongs to beside the wallet: a member and a project of the organisation that pays, each if any.

A lease, a hold, a usage record and a ledger entry each remember it, so that what is spent is told of them, and what
is granted is given back, whatever has become of the key since.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from functions.farebox.storage import Data


@dataclass(frozen=True, slots=True)
class Belongs:
    """The ids of a member and of a project; `None` where there is none."""

    member: str | None = None
    project: str | None = None

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Belongs":
        """From the stored fields of what belongs to them; always the same object for what belongs to nobody."""
        member, project = data.get("member"), data.get("project")
        return NOBODYS if member is None and project is None else cls(member, project)

    def to_data(self) -> Data:
        """For storage, among the fields of what belongs to them: nothing where there is none."""
        named = (("member", self.member), ("project", self.project))
        return {name: value for name, value in named if value is not None}


NOBODYS = Belongs()
