"""Who somebody is: the port that an identity provider implements."""

from dataclasses import dataclass
from typing import Protocol


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


class Identity(Protocol):
    """Registers people, signs them in, and knows them again. E-mail addresses are compared in one spelling.

    Wrong credentials raise `Unauthenticated` with `invalid_credentials`, unusable tokens with `invalid_token`; too many
    attempts raise `RateLimited`. Nothing tells whether an address has an account, but registering it: that must.
    """

    async def register(self, email: str, password: str, full_name: str | None = None) -> Session:
        """Make an identity and its account, and sign in. Raises as `create_user`."""

    async def create_user(
        self, email: str, password: str | None, full_name: str | None = None, *, uid: str | None = None
    ) -> Person:
        """Make an identity and its account, in one piece. `Conflict` with `email_taken` where the address has one.

        Without a password nobody can sign in until one is set through `send_password_reset`. With a `uid` of the
        caller's choice it may be called again: the second time changes nothing and answers the same person.
        """

    async def login(self, email: str, password: str) -> Session:
        """Sign in."""

    async def refresh(self, refresh_token: str) -> Session:
        """Trade a refresh token for a new session. Each works once."""

    async def verify(self, token: str) -> Person:
        """Whose token this is."""

    async def send_verification(self, person: Person) -> None:
        """Mail the person a link that proves the address theirs."""

    async def send_password_reset(self, email: str) -> None:
        """Mail a link to choose a new password to an address, if it has an account."""

    async def confirm_verification(self, token: str) -> None:
        """Take the token of a verification mail as proof."""

    async def confirm_password_reset(self, token: str, password: str) -> None:
        """Set a new password with the token of a reset mail, and end every session."""
