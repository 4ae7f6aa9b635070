"""Identity: the port that an identity provider implements. `local/` and `firebase/` do.

Owns `credentials/` and `sessions/`, both the local one's. Accounts and their terms are `accounts`'. May import: the
floor of `config` and below.
"""

from dataclasses import dataclass
from typing import Protocol

from functions.farebox.errors import UpstreamUnavailable

MIN_PASSWORD_LENGTH = 8  # NIST SP 800-63B: at least eight, and no rules about which
MAX_PASSWORD_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has proved who they are."""

    uid: str
    email: str
    email_verified: bool
    is_admin: bool


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in person with what to show on the next calls. `token` lives for `expires_in_s` seconds."""

    person: Person
    token: str
    refresh_token: str
    expires_in_s: int


class IdentityUnavailable(UpstreamUnavailable):
    """The identity provider did not answer, or not as it should. Safe to try again."""

    code = "identity_provider_unavailable"


class Identity(Protocol):
    """Registers people, signs them in, and knows them again. E-mail addresses are compared in one spelling.

    Wrong credentials raise `Unauthenticated` with `invalid_credentials`, unusable tokens with `invalid_token`; too many
    attempts raise `RateLimited`, an identity that was disabled where it is kept `Forbidden` with `account_suspended`,
    and a provider that does not answer `IdentityUnavailable`. Nothing tells whether an address has an account, but
    registering it: that must.
    """

    async def register(self, email: str, password: str, full_name: str | None = None) -> Session:
        """Make an identity and its account, and sign in. Raises as `create_user`.

        What was cut off before the account was there can be called again.
        """

    async def create_user(
        self, email: str, password: str | None, full_name: str | None = None, *, uid: str | None = None
    ) -> Person:
        """Make an identity and its account. `Conflict` with `email_taken` where the address has one, `InvalidRequest`
        with `weak_password` where the provider wants a better one.

        Without a password nobody can sign in until one is set through `send_password_reset`. With a `uid` of the
        caller's choice it may be called again: the second time changes nothing and answers the same person.
        """

    async def login(self, email: str, password: str) -> Session:
        """Sign in."""

    async def refresh(self, refresh_token: str) -> Session:
        """Trade a refresh token for a new session, and use that one's refresh token from then on."""

    async def verify(self, token: str, *, live: bool = False) -> Person:
        """Whose token this is. That it was ended, or its owner disabled, counts within a minute; `live`, at once."""

    async def send_verification(self, token: str) -> None:
        """Mail the owner of a token a link that proves the address theirs."""

    async def send_password_reset(self, email: str) -> None:
        """Mail a link to choose a new password to an address, if it has an account."""

    async def confirm_verification(self, token: str) -> None:
        """Take the token of a verification mail as proof."""

    async def confirm_password_reset(self, token: str, password: str) -> None:
        """Set a new password with the token of a reset mail, and end every session."""
