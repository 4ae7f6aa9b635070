"""Who may sign up: everybody, addresses of some domains, or whoever was invited; never throw-away addresses."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from functions.farebox.errors import Forbidden
from functions.farebox.kit.emails import email_id, normalise_email
from functions.farebox.kit.ids import Ids
from functions.farebox.storage import Create, Store, Transaction

SignUpMode = Literal["open", "invitation"]
CaptchaName = Literal["turnstile", "recaptcha", "hcaptcha"]
INVITATION_LENGTH = 32
INVITATION_LIFETIME = timedelta(days=14)
MOST_DOMAINS_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class SignUpRules:
    """What an operator has set. No `domains` are all of them; a domain stands for its subdomains as well."""

    mode: SignUpMode = "open"
    domains: frozenset[str] = frozenset()
    blocked_domains: frozenset[str] = frozenset()

    def check(self, email: str, *, is_invited: bool) -> None:
        """Raises `Forbidden` with `sign_up_closed` or `email_domain_refused`. An invitation stands above domains."""
        if is_invited:
            return
        if self.mode == "invitation":
            raise Forbidden(
                "An account takes an invitation here. Ask whoever runs this service.", code="sign_up_closed"
            )
        named = _with_parents(normalise_email(email).rpartition("@")[2])
        if (self.domains and not named & self.domains) or named & self.blocked_domains:
            raise Forbidden("Accounts with addresses of this domain can't be made here.", code="email_domain_refused")


class Invitations:
    """Invitations to sign up: each makes one account. `invitations/{hash of the code}`."""

    def __init__(self, store: Store, *, now: Callable[[], datetime], ids: Ids) -> None:
        self._store = store
        self._now = now
        self._ids = ids

    async def make(self, email: str | None) -> str:
        """A code for anybody, or for one address alone."""
        code, now = self._ids.text(INVITATION_LENGTH), self._now()
        address = None if email is None else normalise_email(email)
        data = {"email": address, "used_at": None, "created_at": now, "expires_at": now + INVITATION_LIFETIME}
        await self._store.write(Create(_path(code), data))
        return code

    async def use(self, code: str, email: str) -> None:
        """Use a code for an address. For the same one it may be used again: what was cut off goes on.

        Raises `Forbidden` with `invitation_invalid`.
        """
        now, address = self._now(), normalise_email(email)

        async def work(tx: Transaction) -> bool:
            found = await tx.get(_path(code))
            if found is None or found.data["expires_at"] <= now or found.data["email"] not in (None, address):
                return False
            if found.data["used_at"] is None:
                tx.update(found.path, {"email": address, "used_at": now})
            return True

        if not await self._store.transact(work):
            raise Forbidden("This invitation is used, expired or for another address.", code="invitation_invalid")


def read_domains(text: str) -> frozenset[str]:
    """Domains between commas or, where the text is the path of a file, one a line; `#` begins a remark.

    Raises `ValueError`.
    """
    words = text.split(",")
    if "/" in text or text.endswith((".txt", ".conf", ".list")):
        path = Path(text)
        try:
            if path.stat().st_size > MOST_DOMAINS_BYTES:
                raise ValueError(f"{path} is larger than {MOST_DOMAINS_BYTES} bytes")
            words = [line.partition("#")[0] for line in path.read_text(encoding="utf-8").splitlines()]
        except OSError as error:
            raise ValueError(f"cannot read {path}: {error.strerror}") from error
    domains = frozenset(word.strip().lower().lstrip("@.") for word in words) - {""}
    for domain in sorted(domains):
        if "." not in domain or not all(part and "@" not in part and " " not in part for part in domain.split(".")):
            raise ValueError(f"{domain!r} is no domain such as example.com")
    return domains


def _with_parents(domain: str) -> frozenset[str]:
    parts = domain.split(".")
    return frozenset(".".join(parts[start:]) for start in range(len(parts)))


def _path(code: str) -> str:
    return f"invitations/{email_id(code)}"
