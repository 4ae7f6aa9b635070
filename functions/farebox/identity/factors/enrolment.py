"""What a person has enrolled as second factors, in memory and in `factors/{uid}`."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from functions.farebox.storage import Data, Document

MOST_PASSKEYS = 20


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey. `id` and `public_key` are base64url (WebAuthn, section 5.8.3); `sign_count` is what it last told."""

    id: str
    public_key: str
    sign_count: int
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A person's second factors. Secrets are sealed, codes for recovery hashed."""

    totp: str | None = None
    totp_step: int = 0  # the latest 30 seconds whose code was used: none is taken twice
    pending_totp: str | None = None  # shown to the person, who has not answered with its code yet
    recovery: tuple[str, ...] = ()
    passkeys: tuple[Passkey, ...] = ()
    challenge: str | None = None  # of WebAuthn, base64url: the one that was asked last
    challenge_ends_at: datetime | None = None

    @property
    def is_enrolled(self) -> bool:
        """Whether a second factor is asked for."""
        return self.totp is not None or bool(self.passkeys)

    @classmethod
    def from_document(cls, document: Document | None) -> "Enrolment":
        """From storage; a blank one where there is none."""
        if document is None:
            return cls()
        data: Mapping[str, Any] = document.data
        passkeys = tuple(Passkey(**each) for each in data["passkeys"])
        return cls(**{**data, "recovery": tuple(data["recovery"]), "passkeys": passkeys})

    def to_data(self) -> Data:
        """For storage."""
        return {**asdict(self), "recovery": list(self.recovery), "passkeys": [asdict(each) for each in self.passkeys]}


def factors_path(uid: str) -> str:
    """Where a person's second factors are kept."""
    return f"factors/{uid}"
