"""The port that a provider to sign in with implements."""

from dataclasses import dataclass
from typing import Protocol

from functions.farebox.errors import Unauthenticated

TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Returned:
    """What a browser has come back with, and what its page has kept."""

    code: str
    state: str
    flow: str


@dataclass(frozen=True, slots=True)
class SignInAttempt:
    """What a sign-in is begun with, all of it random: `state` comes back with the answer, `nonce` in the ID token, and
    `verifier` proves who asked (PKCE, RFC 7636)."""

    state: str
    nonce: str
    verifier: str
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class ProvedIdentity:
    """Who somebody is elsewhere. `subject` is theirs for good, the address may change."""

    issuer: str
    subject: str
    email: str | None
    email_verified: bool
    full_name: str | None


class SignInProvider(Protocol):
    """A provider. Raises `IdentityUnavailable` where it does not answer as it should."""

    async def begin(self, attempt: SignInAttempt) -> str:
        """The address to send the browser to."""

    async def finish(self, attempt: SignInAttempt, code: str) -> ProvedIdentity:
        """Who has signed in there, by the code that came back. `Unauthenticated` with `invalid_token`."""


def not_proved() -> Unauthenticated:
    """What came back proves nothing."""
    return Unauthenticated("This sign-in was not completed. Begin it again.", code="invalid_token")
