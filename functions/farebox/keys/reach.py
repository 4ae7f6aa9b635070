"""Which of a wallet's keys somebody sees and changes: all of them, a member's own, or those that a key has made."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from functions.farebox.organisations.acting import Acting


@dataclass(frozen=True, slots=True)
class KeyReach:
    """Keys of one payer: all, or those of a `member`, or those that the key `made_by` has made."""

    payer: str
    member: str | None = None
    made_by: str | None = None

    @classmethod
    def of(cls, acting: Acting) -> "KeyReach":
        """What somebody reaches who may read or change keys."""
        if acting.key is not None:
            return cls(acting.org, made_by=acting.key)
        return cls(acting.org, member=None if "keys.of_others" in acting.rights else acting.uid)

    def __str__(self) -> str:
        """As cursors name the list that they belong to: a fixed text, so that a cursor outlives a deploy."""
        return f"{self.payer} of {self.member} by {self.made_by}" if self.member or self.made_by else self.payer

    def covers(self, key: Mapping[str, Any]) -> bool:
        """Whether a key, as it is stored, is among them."""
        return (
            key["user"] == self.payer
            and (self.member is None or key.get("member") == self.member)
            and (self.made_by is None or key.get("made_by") == self.made_by)
        )
