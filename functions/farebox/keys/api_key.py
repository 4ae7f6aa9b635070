"""The API key: its format, its keyed hash, and its document.

    fb-live-<id>-<secret>

The id finds the record. The secret is 40 random characters of base 62, 238 bits. The record holds only an HMAC-SHA256
of it, keyed with a key of the server's, so a leaked database gives nothing to try guesses against.
"""

import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

from functions.farebox.errors import Unauthenticated
from functions.farebox.kit.party import Party
from functions.farebox.limits.rate_windows import Limits
from functions.farebox.limits.span_budgets import SpanCaps
from functions.farebox.organisations.rights import INFERENCE, KeyScope
from functions.farebox.storage import Data

PREFIX = "fb-live"
ID_LENGTH = 16
SECRET_LENGTH = 40
_KEY = re.compile(rf"{PREFIX}-([0-9A-Za-z]{{{ID_LENGTH}}})-([0-9A-Za-z]{{{SECRET_LENGTH}}})", re.ASCII)

KeyState = Literal["live", "revoked"]


MAX_GRACES = 8  # secrets of one key that still work beside its own


@dataclass(frozen=True, slots=True)
class Grace:
    """A secret that a key had before, and until when it works."""

    hash: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key's record. Amounts in nano-USD; `None` is no limit, no end, never."""

    id: str
    user: str  # who pays: a person, or an organisation
    name: str
    prefix: str  # what may be shown: enough to tell one's keys apart
    hash: str
    created_at: datetime
    previous_hash: str | None = None
    previous_expires_at: datetime | None = None
    models: tuple[str, ...] | None = None
    rpm: int | None = None
    tpm: int | None = None
    rpd: int | None = None
    monthly_budget: int | None = None
    expires_at: datetime | None = None
    state: KeyState = "live"
    revoked_at: datetime | None = None
    scopes: tuple[KeyScope, ...] = (INFERENCE,)
    member: str | None = None  # whose key it is: it stops when they leave, and their budget counts
    service_account: str | None = None  # that holds it instead
    project: str | None = None  # whose budget counts as well
    made_by: str | None = None  # the key that has made it
    allowed_ips: tuple[str, ...] | None = None  # networks that it may be used from; `None`: any
    daily_budget: int | None = None  # in a day, as the month's; likewise those that follow
    weekly_budget: int | None = None  # in an ISO week
    total_budget: int | None = None  # ever
    total_before: int = 0  # of it, what was spent before it was counted
    total_since_at: datetime | None = None  # from when on everything counts in it; `None`: from when it was set
    earlier: tuple[Grace, ...] = ()  # secrets from before the previous one, whose graces were promised as well

    @property
    def graces(self) -> tuple[Grace, ...]:
        """The secrets from before, the latest first."""
        if self.previous_hash is None or self.previous_expires_at is None:
            return self.earlier
        return (Grace(self.previous_hash, self.previous_expires_at), *self.earlier)

    def with_graces(self, graces: Iterable[Grace]) -> "ApiKey":
        """The same key with these. None outlives the key."""
        kept = [
            grace
            if self.expires_at is None or grace.expires_at < self.expires_at
            else Grace(grace.hash, self.expires_at)
            for grace in graces
        ]
        latest = kept[0] if kept else None
        return replace(
            self,
            previous_hash=None if latest is None else latest.hash,
            previous_expires_at=None if latest is None else latest.expires_at,
            earlier=tuple(kept[1:]),
        )

    @property
    def party(self) -> Party:
        """Who is on the other side of the key."""
        return party_of(self.user, self.id, member=self.member, is_minted=self.made_by is not None)

    @property
    def limits(self) -> Limits:
        """The key's rate windows."""
        return Limits(self.rpm, self.tpm, self.rpd)

    @property
    def caps(self) -> SpanCaps:
        """The caps of other spans than a month."""
        caps = self.daily_budget, self.weekly_budget, self.total_budget
        return SpanCaps(*caps, self.total_before, self.total_since_at)

    @classmethod
    def from_data(cls, key_id: str, data: Mapping[str, Any]) -> "ApiKey":
        """From storage."""
        models, scopes = data["models"], data.get("scopes", (INFERENCE,))
        ips = data.get("allowed_ips")
        lists: Data = {
            "models": None if models is None else tuple(models),
            "scopes": tuple(scopes),
            "allowed_ips": None if ips is None else tuple(ips),
            "earlier": tuple(Grace(**grace) for grace in data.get("earlier", ())),
        }
        return cls(id=key_id, **{**data, **lists})

    def to_data(self) -> Data:
        """For storage; the id is the document's."""
        return {
            "user": self.user,
            "name": self.name,
            "prefix": self.prefix,
            "hash": self.hash,
            "previous_hash": self.previous_hash,
            "previous_expires_at": self.previous_expires_at,
            "models": None if self.models is None else list(self.models),
            "rpm": self.rpm,
            "tpm": self.tpm,
            "rpd": self.rpd,
            "monthly_budget": self.monthly_budget,
            "expires_at": self.expires_at,
            "state": self.state,
            "created_at": self.created_at,
            "revoked_at": self.revoked_at,
            "scopes": list(self.scopes),
            "member": self.member,
            "service_account": self.service_account,
            "project": self.project,
            "made_by": self.made_by,
            **self.caps.to_data(),
            **({} if self.allowed_ips is None else {"allowed_ips": list(self.allowed_ips)}),
            **({"earlier": [_grace_data(grace) for grace in self.earlier]} if self.earlier else {}),
        }


def _grace_data(grace: Grace) -> Data:
    return {"hash": grace.hash, "expires_at": grace.expires_at}


def party_of(payer: str, key_id: str, *, member: str | None, is_minted: bool) -> Party:
    """Who is on the other side of a key: what one party has asked for, another does not hear of, though the same wallet
    pays for both. Of a key that a key has made, it is nobody else; of a member's, the member."""
    if is_minted:
        return Party(f"{payer}~{key_id}")
    return Party(payer if member is None else f"{payer}~{member}")


def key_path(key_id: str) -> str:
    """Where a key's record is kept."""
    return f"api_keys/{key_id}"


def write_key(key_id: str, secret: str) -> str:
    """A key as its holder gets it."""
    return f"{PREFIX}-{key_id}-{secret}"


def parse_key(text: str) -> tuple[str, str] | None:
    """`(id, secret)` of a key as it was sent; `None` for anything else."""
    match = _KEY.fullmatch(text)
    return (match[1], match[2]) if match else None


def hash_secret(key_id: str, secret: str, pepper: bytes) -> str:
    """What the record keeps of a secret. `pepper` is the server's key for this purpose."""
    keyed = _keyed(pepper).copy()
    keyed.update(f"{key_id}-{secret}".encode())
    return keyed.hexdigest()


@lru_cache(4)
def _keyed(pepper: bytes) -> hmac.HMAC:
    """The beginning of every such hash: to set a key up takes OpenSSL several times as long as the rest."""
    return hmac.new(pepper, digestmod="sha256")


def matches(record: ApiKey, secret: str, pepper: bytes, now: datetime) -> bool:
    """Whether a secret is the record's, or an earlier one within its grace. Takes the same time either way."""
    given = hash_secret(record.id, secret, pepper)
    is_current = hmac.compare_digest(given, record.hash)
    earlier = [hmac.compare_digest(given, grace.hash) and now < grace.expires_at for grace in record.graces]
    return is_current or any(earlier)


def check_key(record: ApiKey | None, secret: str, pepper: bytes, now: datetime) -> ApiKey:
    """The record, if this secret opens it now.

    Raises `Unauthenticated` with `invalid_api_key` (unknown, wrong, revoked) or `expired_api_key`.
    """
    if record is None or record.state != "live" or not matches(record, secret, pepper, now):
        raise Unauthenticated("This API key is not valid. Check it, or make a new one.", code="invalid_api_key")
    if record.expires_at is not None and now >= record.expires_at:
        raise Unauthenticated("This API key has expired. Make a new one.", code="expired_api_key")
    return record
