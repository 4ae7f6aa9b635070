"""The local identity provider: passwords and tokens of our own, for the embedded run."""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from functions.farebox.accounts.account import Accounts
from functions.farebox.errors import Conflict, NotFound, Unauthenticated
from functions.farebox.identity import SOMEWHERE, OutsideIdentity, Person, Session, SessionFacts, Shown, Visitor
from functions.farebox.identity.factors.enrolment import Enrolment, factors_path
from functions.farebox.identity.factors.second_factors import SecondFactors
from functions.farebox.identity.guards import Guards
from functions.farebox.identity.local.credentials import (
    Credentials,
    counts,
    credentials_path,
    email_path,
    email_taken,
    is_admin,
    new_credentials,
)
from functions.farebox.identity.local.mails import IdentityMails
from functions.farebox.identity.local.passwords import Passwords
from functions.farebox.identity.local.signed_tokens import SignedTokens
from functions.farebox.identity.sessions import Sessions, session_path
from functions.farebox.identity.step_up import StepUp
from functions.farebox.kit.emails import normalise_email
from functions.farebox.kit.ids import Ids
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
        mails: IdentityMails,
        factors: SecondFactors,
        *,
        token_key: bytes,
        admin_emails: frozenset[str],
        now: Callable[[], datetime],
        ids: Ids,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._mails = mails
        self._factors = factors
        self._admin_emails = admin_emails
        self._now = now
        self._ids = ids
        self._token_key = token_key
        self._passwords = Passwords()
        self._tokens = SignedTokens(token_key, now)
        self._credentials = Credentials(store, now)
        self._sessions = Sessions(store, now=now, ids=ids)
        self._guards = Guards(store, now)
        self._step_up = StepUp(factors, self._guards, self._sessions)

    async def register(
        self, email: str, password: str, full_name: str | None = None, *, visitor: Visitor = SOMEWHERE
    ) -> Session:
        """The first session begins with the account."""
        began_at = self._now()
        person = await self.create_user(email, password, full_name)
        return await self._open(person, began_at, visitor)

    async def create_user(
        self, email: str, password: str | None, full_name: str | None = None, *, uid: str | None = None
    ) -> Person:
        """The address, the credentials, the account, its wallet and its bonus appear together or not at all."""
        email = normalise_email(email)
        uid = uid or self._ids.new("u")
        owner = await self._store.get(email_path(email))
        if owner is not None and owner.data["user"] != uid:
            raise email_taken()  # before a hash is computed; the transaction decides
        password_hash = None if password is None else await self._passwords.hash(password)
        credentials = new_credentials(email, password_hash, self._now())

        async def work(tx: Transaction) -> None:
            owner, _ = await tx.get_many(email_path(email), credentials_path(uid))
            if owner is not None:
                if owner.data["user"] == uid:
                    return  # an earlier attempt of ours arrived
                raise email_taken()
            await self._accounts.open(tx, uid, email, full_name)
            tx.create(email_path(email), {"user": uid})
            tx.create(credentials_path(uid), credentials)

        await self._store.transact(work)
        return self._person(uid, credentials, self._now())

    async def login(
        self, email: str, password: str, *, visitor: Visitor = SOMEWHERE, factor: Shown | None = None
    ) -> Session:
        """Takes as long, and answers the same, whether the address or the password is wrong."""
        began_at = self._now()  # before the password is read: a reset that comes in between ends this session
        credentials = await self._open_door(email, password, visitor)
        has_shown = await self._step_up.at_sign_in(credentials.id, factor)
        await self._guards.guessed(email, visitor)
        person = self._person(credentials.id, credentials.data, began_at)
        return await self._open(person, began_at, visitor, proved_at=began_at if has_shown else None)

    async def enter(self, uid: str, began_at: datetime, *, visitor: Visitor, factor: Shown | None) -> Session:
        """A session for somebody whom another provider has proved, which began before that was looked at: what ends
        sessions ends this one, too, if it came in between. The second factor is asked for all the same."""
        credentials = await self._credentials.get(uid)
        if credentials is None:
            raise _session_ended()
        has_shown = await self._step_up.at_sign_in(uid, factor)
        person = self._person(uid, credentials.data, began_at)
        return await self._open(person, began_at, visitor, proved_at=self._now() if has_shown else None)

    async def check_password(self, email: str, password: str, *, visitor: Visitor = SOMEWHERE) -> str:
        """The count of guesses goes on: it is a part of a sign-in."""
        return (await self._open_door(email, password, visitor)).id

    async def person_of_password(self, email: str, password: str, *, visitor: Visitor = SOMEWHERE) -> Person:
        """In no session, and so no administrator."""
        credentials = await self._open_door(email, password, visitor)
        await self._guards.guessed(email, visitor)
        return Person(credentials.id, credentials.data["email"], credentials.data["email_verified"], is_admin=False)

    async def refresh(self, refresh_token: str, *, trade: str | None = None) -> Session:
        """A session that began before a password reset has ended with it."""
        session_id, session, new_token = await self._sessions.rotate(refresh_token, trade)
        uid, began_at = session.data["user"], session.data["began_at"]
        credentials = await self._credentials.get(uid)
        if credentials is None or not counts(credentials.data, began_at):
            raise _session_ended()
        return self._session(self._person(uid, credentials.data, began_at), session_id, new_token)

    async def verify(self, token: str, *, live: bool = False, visitor: Visitor = SOMEWHERE) -> Person:
        """One read, `live` or not: an end counts at once and not within the hour that a token lives."""
        claims = self._tokens.read("access", token)
        uid, session_id = claims["sub"], str(claims.get("sid", "none"))
        credentials, session, factors = await self._store.get_many(
            credentials_path(uid), session_path(session_id), factors_path(uid)
        )
        if "began" in claims:
            session = await self._sessions.find(uid, datetime.fromtimestamp(claims["began"], UTC))
        if credentials is None or session is None or session.data["user"] != uid:
            raise _session_ended()
        began_at = session.data["began_at"]
        if not counts(credentials.data, began_at):
            raise _session_ended()
        enrolment = Enrolment.from_document(factors)
        return self._person(uid, credentials.data, began_at, session, enrolment)

    async def sessions(self, person: Person) -> Sequence[SessionFacts]:
        """Those that a reset has ended are still there for a while, and not listed."""
        credentials = await self._credentials.get(person.uid)
        listed = await self._sessions.list(person.uid)
        return [each for each in listed if credentials is not None and counts(credentials.data, each.began_at)]

    async def end_session(self, person: Person, session: str) -> None:
        """Its access tokens end with it."""
        await self._sessions.end(person.uid, session)

    async def end_other_sessions(self, person: Person) -> None:
        """One after the other: who signs in meanwhile stays."""
        await self._sessions.end_all(person.uid, but=person.session)

    async def send_verification(self, token: str, *, visitor: Visitor = SOMEWHERE) -> None:
        """The mailed token says which address of which account it proves."""
        person = await self.verify(token)
        await self._guards.mail("verify", person.email, visitor)
        proof = self._tokens.sign("verify-email", person.uid, VERIFICATION_LIFETIME, email=person.email)
        await self._mails.verification(person.email, proof)

    async def confirm_verification(self, proof: str, person: Person) -> None:
        """Repeating it changes nothing."""
        claims = self._own_proof("verify-email", proof, person)
        await self._credentials.prove(person.uid, claims["email"])

    async def has_proved(self, uid: str) -> bool:
        """By their credentials."""
        credentials = await self._credentials.get(uid)
        return credentials is not None and bool(credentials.data["email_verified"])

    async def send_password_reset(self, email: str, *, visitor: Visitor = SOMEWHERE) -> None:
        """The token is tied to the present password, so it works once."""
        await self._guards.mail("reset", email, visitor)
        credentials = await self._credentials.find(email)
        if credentials is not None:
            mark = self._mark_of_password(credentials.data)
            proof = self._tokens.sign("reset-password", credentials.id, RESET_LIFETIME, password=mark)
            await self._mails.reset(credentials.data["email"], proof)

    async def owner_of_reset(self, proof: str) -> str:
        """Of a token that was not used yet."""
        return (await self._reset(proof)).id

    async def confirm_password_reset(self, proof: str, password: str) -> None:
        """Proves the address as well: the token came there. Second factors stay, unless whoever enrolled them had never
        proved the address: they would keep its owner out."""
        credentials = await self._reset(proof)
        new_hash = await self._passwords.hash(password)
        now = self._now()
        proved = {"email_verified": True, "verified_at": credentials.data.get("verified_at") or now}
        if not credentials.data["email_verified"]:
            await self._factors.erase(credentials.id)
        await self._credentials.set_password(credentials, new_hash, **proved, sessions_from_at=now)
        await self._sessions.end_all(credentials.id)  # what is left of them; none counts any more

    async def change_password(
        self, person: Person, password: str, new_password: str, *, visitor: Visitor = SOMEWHERE
    ) -> Session:
        """As with a reset, all end at once. The person's own goes on as one that begins now."""
        credentials = await self._open_door(person.email, password, visitor)
        await self._guards.guessed(person.email, visitor)
        new_hash = await self._passwords.hash(new_password)
        now = self._now()
        await self._credentials.set_password(credentials, new_hash, sessions_from_at=now)
        await self._sessions.end_all(person.uid, but=person.session)
        changed = self._person(person.uid, credentials.data, now)
        refresh_token = await self._sessions.begin_anew(person.session, now)
        if refresh_token is None:
            return await self._open(changed, now, visitor, proved_at=person.proved_at)
        return self._session(changed, person.session, refresh_token)

    async def send_email_change(
        self, token: str, password: str, new_email: str, *, visitor: Visitor = SOMEWHERE
    ) -> None:
        """Whether the new address has an account is not told before it is proved theirs."""
        person = await self.verify(token)
        await self._open_door(person.email, password, visitor)
        await self._guards.guessed(person.email, visitor)
        new_email = normalise_email(new_email)
        await self._guards.mail("change", new_email, visitor)
        await self._guards.mail("notice", person.email, visitor)
        claims = {"former": person.email, "email": new_email}
        proof = self._tokens.sign("change-email", person.uid, RESET_LIFETIME, **claims)
        await self._mails.new_address(new_email, proof, person.uid)
        await self._mails.address_changes(person.email, new_email)
        await self.end_other_sessions(person)

    async def confirm_email_change(self, proof: str, person: Person) -> None:
        """The account, its credentials and the address's owner change together."""
        claims = self._own_proof("change-email", proof, person)
        await self._credentials.move(person.uid, claims["former"], claims["email"])
        await self._sessions.end_all(person.uid, but=person.session)

    async def make_admin(self, email: str, password: str) -> Person:
        """The grant counts for sessions that begin after it."""
        with suppress(Conflict):
            await self.create_user(email, password)
        credentials = await self._credentials.find(normalise_email(email))
        assert credentials is not None, "it is there, or was made"
        now = self._now()
        await self._factors.erase(credentials.id)
        proved = {"email_verified": True, "verified_at": now, "admin_at": now}
        new_hash = await self._passwords.hash(password)
        await self._credentials.set_password(credentials, new_hash, **proved, sessions_from_at=now)
        await self._sessions.end_all(credentials.id)
        return self._person(credentials.id, {**credentials.data, **proved}, now)

    async def unmake_admin(self, email: str) -> Person:
        """Their sessions go on, as those of anybody."""
        credentials = await self._credentials.find(normalise_email(email))
        if credentials is None:
            raise NotFound("This address has no account.")
        await self._credentials.amend(credentials.id, admin_at=None)
        return self._person(credentials.id, {**credentials.data, "admin_at": None}, self._now())

    async def outside(self, uid: str) -> Sequence[OutsideIdentity]:
        """None: `providers/` lets in by those that there are."""
        return ()

    async def end_outside(self, uid: str, outside: OutsideIdentity) -> None:
        """There is none."""

    async def erase(self, uid: str) -> None:
        """The address is free again."""
        await self._sessions.erase(uid)
        await self._factors.erase(uid)
        await self._credentials.erase(uid)

    async def _open_door(self, email: str, password: str, visitor: Visitor) -> Document:
        """The credentials that a password opens; the guess counts until `guessed`."""
        credentials = await self._credentials.find(email)
        is_known = credentials is not None and await self._sessions.knows(credentials.id, visitor.network)
        await self._guards.guess(email, visitor, is_known=is_known)
        stored = credentials.data["password_hash"] if credentials else None
        if not await self._passwords.check(password, stored) or credentials is None:
            raise Unauthenticated("The e-mail address or the password is wrong.", code="invalid_credentials")
        if self._passwords.is_outdated(stored):
            with suppress(Conflict):  # another login was first
                await self._credentials.set_password(credentials, await self._passwords.hash(password))
        return credentials

    async def _reset(self, proof: str) -> Document:
        claims = self._tokens.read("reset-password", proof)
        credentials = await self._credentials.get(claims["sub"])
        if credentials is None or not hmac.compare_digest(claims["password"], self._mark_of_password(credentials.data)):
            raise Unauthenticated("This token was used before. Ask for a new mail.", code="invalid_token")
        return credentials

    def _own_proof(self, purpose: str, proof: str, person: Person) -> dict[str, Any]:
        claims = self._tokens.read(purpose, proof)
        if claims["sub"] != person.uid:
            raise Unauthenticated(
                "This token is for another account. Sign in to that one first, then open the link again.",
                code="invalid_token",
            )
        return claims

    async def _open(
        self, person: Person, began_at: datetime, visitor: Visitor, *, proved_at: datetime | None = None
    ) -> Session:
        session_id, refresh_token = await self._sessions.open(person.uid, began_at, visitor, proved_at=proved_at)
        return self._session(person, session_id, refresh_token)

    def _session(self, person: Person, session_id: str, refresh_token: str) -> Session:
        token = self._tokens.sign("access", person.uid, TOKEN_LIFETIME, sid=session_id)
        return Session(person, token, refresh_token, int(TOKEN_LIFETIME.total_seconds()))

    def _person(
        self,
        uid: str,
        credentials: Data,
        began_at: datetime,
        session: Document | None = None,
        enrolment: Enrolment | None = None,
    ) -> Person:
        return Person(
            uid,
            credentials["email"],
            credentials["email_verified"],
            is_admin(credentials, began_at, self._admin_emails),
            session="" if session is None else session.id,
            has_second_factor=enrolment is not None and enrolment.is_enrolled,
            has_password=credentials["password_hash"] is not None,
            proved_at=None if session is None else session.data.get("proved_at"),
        )

    def _mark_of_password(self, credentials: Data) -> str:
        """Changes with the password, and gives nothing of it away."""
        text = f"{credentials['email']} {credentials['password_hash']}"
        return hmac.new(self._token_key, text.encode(), hashlib.sha256).hexdigest()


def _session_ended() -> Unauthenticated:
    return Unauthenticated("This session has ended. Sign in again.", code="invalid_token")
