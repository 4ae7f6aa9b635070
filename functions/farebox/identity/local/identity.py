"""The local identity provider: passwords and tokens of our own, for the embedded run.

emails/{SHA-256 of the address}   user: makes an address unique
credentials/{uid}                 address, whether it is verified, password hash, since when sessions count
sessions/{id}                     refresh tokens (`sessions.py`)
attempts/{action}_{target}        what limits guessing (`limits/throttle.py`)
"""

import hashlib
import hmac
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from functions.farebox.accounts.account import Accounts
from functions.farebox.errors import Conflict, Unauthenticated
from functions.farebox.identity import Person, Session
from functions.farebox.identity.local.passwords import Passwords
from functions.farebox.identity.local.sessions import Sessions
from functions.farebox.identity.local.signed_tokens import SignedTokens
from functions.farebox.kit.emails import email_id, normalise_email
from functions.farebox.kit.ids import Ids
from functions.farebox.limits.throttle import LOGINS, MAILS, Attempts
from functions.farebox.notifications.mail import Mailer
from functions.farebox.storage import Data, Document, Store, Transaction

TOKEN_LIFETIME = timedelta(hours=1)
VERIFICATION_LIFETIME = timedelta(hours=24)
RESET_LIFETIME = timedelta(hours=1)


class LocalIdentity:
    """Implements `Identity`. Addresses need not be verified to sign in, but an administrator's must be."""

    def __init__(
        self,
        store: Store,
        accounts: Accounts,
        mailer: Mailer,
        *,
        token_key: bytes,
        admin_emails: frozenset[str],
        public_url: str,
        now: Callable[[], datetime],
        ids: Ids,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._mailer = mailer
        self._admin_emails = admin_emails
        self._public_url = public_url
        self._now = now
        self._ids = ids
        self._token_key = token_key
        self._passwords = Passwords()
        self._tokens = SignedTokens(token_key, now)
        self._sessions = Sessions(store, now=now, ids=ids)
        self._attempts = Attempts(store, now)

    async def register(self, email: str, password: str, full_name: str | None = None) -> Session:
        """The first session begins with the account."""
        began_at = self._now()
        person = await self.create_user(email, password, full_name)
        return self._session(person, began_at, await self._sessions.open(person.uid, began_at))

    async def create_user(
        self, email: str, password: str | None, full_name: str | None = None, *, uid: str | None = None
    ) -> Person:
        """The address, the credentials, the account, its wallet and its bonus appear together or not at all."""
        email = normalise_email(email)
        uid = uid or self._ids.new("u")
        owner = await self._store.get(_email_path(email))
        if owner is not None and owner.data["user"] != uid:
            raise _taken()  # before a hash is computed; the transaction decides
        credentials = {
            "email": email,
            "email_verified": False,
            "password_hash": None if password is None else await self._passwords.hash(password),
            "sessions_from_at": None,
            "created_at": self._now(),
        }

        async def work(tx: Transaction) -> None:
            owner, _ = await tx.get_many(_email_path(email), _credentials_path(uid))
            if owner is not None:
                if owner.data["user"] == uid:
                    return  # an earlier attempt of ours arrived
                raise _taken()
            await self._accounts.open(tx, uid, email, full_name)
            tx.create(_email_path(email), {"user": uid})
            tx.create(_credentials_path(uid), credentials)

        await self._store.transact(work)
        return self._person(uid, credentials)

    async def login(self, email: str, password: str) -> Session:
        """Takes as long, and answers the same, whether the address or the password is wrong."""
        began_at = self._now()  # before the password is read: a reset that comes in between ends this session
        target = email_id(email)
        await self._attempts.take(LOGINS, target)
        credentials = await self._find(email)
        stored = credentials.data["password_hash"] if credentials else None
        if not await self._passwords.check(password, stored) or credentials is None:
            raise Unauthenticated("The e-mail address or the password is wrong.", code="invalid_credentials")
        await self._attempts.forget(LOGINS, target)
        if self._passwords.is_outdated(stored):
            with suppress(Conflict):  # another login was first
                await self._set_password(credentials, await self._passwords.hash(password))
        refresh_token = await self._sessions.open(credentials.id, began_at)
        return self._session(self._person(credentials.id, credentials.data), began_at, refresh_token)

    async def refresh(self, refresh_token: str) -> Session:
        """A session that began before a password reset has ended with it."""
        uid, began_at, new_token = await self._sessions.rotate(refresh_token)
        credentials = await self._store.get(_credentials_path(uid))
        if credentials is None or not _counts(credentials.data, began_at):
            raise Unauthenticated("This session has ended. Sign in again.", code="invalid_token")
        return self._session(self._person(uid, credentials.data), began_at, new_token)

    async def verify(self, token: str, *, live: bool = False) -> Person:
        """One read, `live` or not, so that a password reset ends tokens at once and not within the hour."""
        claims = self._tokens.read("access", token)
        credentials = await self._store.get(_credentials_path(claims["sub"]))
        began_at = datetime.fromtimestamp(claims["began"], UTC)
        if credentials is None or not _counts(credentials.data, began_at):
            raise Unauthenticated("This session has ended. Sign in again.", code="invalid_token")
        return self._person(credentials.id, credentials.data)

    async def send_verification(self, token: str) -> None:
        """The mailed token says which address it proves."""
        person = await self.verify(token)
        await self._attempts.take(MAILS, email_id(person.email))
        proof = self._tokens.sign("verify-email", person.uid, VERIFICATION_LIFETIME, email=person.email)
        await self._mailer.send(
            person.email,
            "Confirm your e-mail address",
            f"Open this link to confirm your address:\n\n{self._public_url}/verify-email#token={proof}\n\n"
            f"It works for 24 hours. For the API, the token is:\n\n{proof}\n",
        )

    async def confirm_verification(self, token: str) -> None:
        """Repeating it changes nothing."""
        claims = self._tokens.read("verify-email", token)

        async def work(tx: Transaction) -> None:
            credentials = await tx.get(_credentials_path(claims["sub"]))
            if credentials is None or credentials.data["email"] != claims["email"]:
                raise Unauthenticated("This token is for another address.", code="invalid_token")
            tx.update(credentials.path, {"email_verified": True})

        await self._store.transact(work)

    async def send_password_reset(self, email: str) -> None:
        """The token is tied to the present password, so it works once."""
        await self._attempts.take(MAILS, email_id(email))
        credentials = await self._find(email)
        if credentials is None:
            return
        token = self._tokens.sign(
            "reset-password", credentials.id, RESET_LIFETIME, password=self._mark_of_password(credentials.data)
        )
        await self._mailer.send(
            credentials.data["email"],
            "Choose a new password",
            f"Open this link to choose a new password:\n\n{self._public_url}/reset-password#token={token}\n\n"
            f"It works for one hour, once. For the API, the token is:\n\n{token}\n\n"
            "If you did not ask for this, do nothing: your password stays as it is.\n",
        )

    async def confirm_password_reset(self, token: str, password: str) -> None:
        """Proves the address as well: the token came there."""
        claims = self._tokens.read("reset-password", token)
        credentials = await self._store.get(_credentials_path(claims["sub"]))
        if credentials is None or not hmac.compare_digest(claims["password"], self._mark_of_password(credentials.data)):
            raise Unauthenticated("This token was used before. Ask for a new mail.", code="invalid_token")
        new_hash = await self._passwords.hash(password)
        await self._set_password(credentials, new_hash, email_verified=True, sessions_from_at=self._now())

    async def _find(self, email: str) -> Document | None:
        owner = await self._store.get(_email_path(email))
        return None if owner is None else await self._store.get(_credentials_path(owner.data["user"]))

    async def _set_password(self, seen: Document, new_hash: str, **changes: Any) -> None:
        """Replace the password that was seen; one that somebody else has set meanwhile stays."""

        async def work(tx: Transaction) -> None:
            credentials = await tx.get(seen.path)
            assert credentials is not None
            if credentials.data["password_hash"] == new_hash:
                return  # an earlier attempt of ours arrived
            if credentials.data["password_hash"] != seen.data["password_hash"]:
                raise Conflict("The password was changed meanwhile. Try again.")
            tx.update(seen.path, {"password_hash": new_hash, **changes})

        await self._store.transact(work)

    def _session(self, person: Person, began_at: datetime, refresh_token: str) -> Session:
        token = self._tokens.sign("access", person.uid, TOKEN_LIFETIME, began=began_at.timestamp())
        return Session(person, token, refresh_token, int(TOKEN_LIFETIME.total_seconds()))

    def _person(self, uid: str, credentials: Data) -> Person:
        email, verified = credentials["email"], credentials["email_verified"]
        return Person(uid, email, verified, is_admin=verified and email in self._admin_emails)

    def _mark_of_password(self, credentials: Data) -> str:
        """Changes with the password, and gives nothing of it away."""
        text = f"{credentials['email']} {credentials['password_hash']}"
        return hmac.new(self._token_key, text.encode(), hashlib.sha256).hexdigest()


def _counts(credentials: Data, began_at: datetime) -> bool:
    """Whether a session that began then has not been ended by a password reset since."""
    ended_at: datetime | None = credentials["sessions_from_at"]
    return ended_at is None or began_at >= ended_at


def _email_path(email: str) -> str:
    return f"emails/{email_id(email)}"


def _credentials_path(uid: str) -> str:
    return f"credentials/{uid}"


def _taken() -> Conflict:
    return Conflict(
        "This e-mail address has an account. Sign in, or reset its password.", code="email_taken", param="email"
    )
