"""Identity: the port that an identity provider implements. `local/` and `firebase/` do.

Owns `credentials/`, `sessions/` and `factors/`. Accounts and their terms are `accounts`'. May import: the floor of
`config` and below.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from functions.farebox.errors import UpstreamUnavailable
from functions.farebox.kit.networks import caller_network

MIN_PASSWORD_LENGTH = 8  # NIST SP 800-63B: at least eight, and no rules about which
MAX_PASSWORD_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Visitor:
    """Where a call comes from: the client's network address, or nothing where that is not known, and what the client
    calls itself."""

    address: str = ""
    device: str = ""

    @property
    def network(self) -> str:
        """What one caller has at will; see `caller_network`."""
        return caller_network(self.address)


SOMEWHERE = Visitor()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has proved who they are, and the session in which they did.

    `proved_at` is when they last showed a second factor in it, if they have one. Whoever has no password signs in with
    another provider, or chooses one by mail.
    """

    uid: str
    email: str
    email_verified: bool
    is_admin: bool
    session: str = field(default="", compare=False)
    has_second_factor: bool = field(default=False, compare=False)
    has_password: bool = field(default=False, compare=False)
    proved_at: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class OutsideIdentity:
    """Who somebody is elsewhere, where the identity provider itself lets them in by that. `issuer` is its name of the
    provider there (`google.com`), `subject` that one's id of them, `name` what people call the provider, and `email`
    the address that they have there, if it is known."""

    issuer: str
    subject: str
    name: str = ""
    email: str | None = None

    @property
    def id(self) -> str:
        """What it is called here."""
        return hashlib.sha256(f"{self.issuer} {self.subject}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in person with what to show on the next calls. `token` lives for `expires_in_s` seconds."""

    person: Person
    token: str
    refresh_token: str
    expires_in_s: int


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """A session as its owner sees it. `used_at` moves when the session is renewed, so within the hour."""

    id: str
    device: str
    address: str
    began_at: datetime
    used_at: datetime


@dataclass(frozen=True, slots=True)
class Shown:
    """A second factor as it was shown: a code of an app or for recovery, or a passkey's answer, in JSON."""

    code: str | None = None
    passkey: str | None = None


class IdentityUnavailable(UpstreamUnavailable):
    """The identity provider did not answer, or not as it should. Safe to try again."""

    code = "identity_provider_unavailable"


class Identity(Protocol):
    """Registers people, signs them in, and knows them again. E-mail addresses are compared in one spelling.

    Wrong credentials raise `Unauthenticated` with `invalid_credentials`, unusable tokens with `invalid_token`, a second
    factor that is missing or wrong with `second_factor_required` or `invalid_second_factor`; too many attempts raise
    `RateLimited`, an identity that was disabled where it is kept `Forbidden` with `account_suspended`, and a provider
    that does not answer `IdentityUnavailable`. Nothing tells whether an address has an account, but registering it:
    that must.
    """

    async def register(
        self, email: str, password: str, full_name: str | None = None, *, visitor: Visitor = SOMEWHERE
    ) -> Session:
        """Make an identity and its account, and sign in. Raises as `create_user`.

        What was cut off before the account was there can be called again.
        """

    async def create_user(
        self, email: str, password: str | None, full_name: str | None = None, *, uid: str | None = None
    ) -> Person:
        """Make an identity and its account. `Conflict` with `email_taken` where the address has one, `InvalidRequest`
        with `weak_password` where the provider wants a better one.

        Without a password nobody can sign in until one is set through `send_password_reset`. With a `uid` of the
        caller's choice it may be called again: the second time changes nothing and answers the same person. `Conflict`
        where the account of that id was erased or has another address by now.
        """

    async def login(
        self, email: str, password: str, *, visitor: Visitor = SOMEWHERE, factor: Shown | None = None
    ) -> Session:
        """Sign in, with a second factor where the account has one."""

    async def check_password(self, email: str, password: str, *, visitor: Visitor = SOMEWHERE) -> str:
        """The id of the account that a password opens. Guesses are counted as those of `login` are."""

    async def refresh(self, refresh_token: str, *, trade: str | None = None) -> Session:
        """Trade a refresh token for a new session, and use that one's refresh token from then on.

        Who has named the trade and got no answer makes it again under the same name.
        """

    async def verify(self, token: str, *, live: bool = False, visitor: Visitor = SOMEWHERE) -> Person:
        """Whose token this is. That its session was ended here counts at once, that its owner was disabled elsewhere
        within a minute; `live`, at once."""

    async def sessions(self, person: Person) -> Sequence[SessionFacts]:
        """The sessions of a person that have not ended, the latest used first."""

    async def end_session(self, person: Person, session: str) -> None:
        """End one session of a person, their own perhaps. `NotFound` where there is none of this id."""

    async def end_other_sessions(self, person: Person) -> None:
        """End every session of a person but the one that they are in."""

    async def send_verification(self, token: str, *, visitor: Visitor = SOMEWHERE) -> None:
        """Mail the owner of a token a link that proves the address theirs."""

    async def confirm_verification(self, proof: str, person: Person) -> None:
        """Take the token of a verification mail as proof, from a person of the very account that asked for it.

        Whoever else holds it proves nothing: `Unauthenticated` with `invalid_token`.
        """

    async def person_of_password(self, email: str, password: str, *, visitor: Visitor = SOMEWHERE) -> Person:
        """A person who shows their password in place of a session. It opens none. Raises as `check_password`."""

    async def has_proved(self, uid: str) -> bool:
        """Whether somebody's address is proved theirs; not that of who is not there."""

    async def send_password_reset(self, email: str, *, visitor: Visitor = SOMEWHERE) -> None:
        """Mail a link to choose a new password to an address, if it has an account."""

    async def owner_of_reset(self, proof: str) -> str:
        """The id of the account that the token of a reset mail is for. It stays usable."""

    async def confirm_password_reset(self, proof: str, password: str) -> None:
        """Set a new password with the token of a reset mail, and end every session."""

    async def change_password(
        self, person: Person, password: str, new_password: str, *, visitor: Visitor = SOMEWHERE
    ) -> Session:
        """Set a new password in the place of the present one. Every other session ends; answers the person's own as
        it goes on, or a new one where the provider ends that as well."""

    async def send_email_change(
        self, token: str, password: str, new_email: str, *, visitor: Visitor = SOMEWHERE
    ) -> None:
        """Mail a new address a link that proves it the token owner's, and tell the former one. Every session but the
        token's ends, as whoever is in one of them may be why."""

    async def confirm_email_change(self, proof: str, person: Person) -> None:
        """Have the address of an account be the one that the token came to. Every session but the person's own ends.

        As with a verification, the token counts for nobody but the person who asked.
        """

    async def make_admin(self, email: str, password: str) -> Person:
        """Make the owner of an address an administrator, with this password, and make the account where there is none.

        Whoever was in the account before is put out: every session ends, and second factors go; `recovery.py` ends
        what else lets others in.
        """

    async def unmake_admin(self, email: str) -> Person:
        """Have an administrator whom `make_admin` made be none. `NotFound` where the address has no account."""

    async def outside(self, uid: str) -> Sequence[OutsideIdentity]:
        """Those by which somebody is let in without `providers/` knowing of them; none where it keeps them all."""

    async def end_outside(self, uid: str, outside: OutsideIdentity) -> None:
        """Let somebody in by one of them no more."""

    async def erase(self, uid: str) -> None:
        """Remove all that is kept of somebody as an identity. Safe to repeat."""
