"""The identity provider over Firebase, which keeps passwords, sends mails and ends sessions; Farebox keeps accounts.

An identity may come from elsewhere, such as a Firebase client SDK or a sign-in with Google: whoever shows a valid ID
token of the project gets their account, with its wallet and bonus, at the first use. So registering need not be one
piece: what was cut off between the identity and its account goes on wherever it is tried next.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from functions.farebox.accounts.account import Accounts, check_not_gone, user_path
from functions.farebox.accounts.sign_up import SignUpRules
from functions.farebox.errors import Forbidden, NotFound, Unauthenticated
from functions.farebox.identity import SOMEWHERE, OutsideIdentity, Person, Session, SessionFacts, Shown, Visitor
from functions.farebox.identity.factors.enrolment import Enrolment, factors_path
from functions.farebox.identity.factors.second_factors import SecondFactors
from functions.farebox.identity.firebase.errors import (
    SESSION_ENDED,
    UNKNOWN_EMAIL,
    account_disabled,
    email_taken,
    refusal,
    session_ended,
)
from functions.farebox.identity.firebase.known_users import KnownUsers
from functions.farebox.identity.firebase.marks import Marks, is_ended, is_proved, marks_path
from functions.farebox.identity.firebase.rest import CodeFacts, FirebaseRest, Refused, Tokens
from functions.farebox.identity.firebase.users import FirebaseUser, FirebaseUsers
from functions.farebox.identity.guards import Guards
from functions.farebox.identity.sessions import Sessions, session_path
from functions.farebox.identity.step_up import StepUp
from functions.farebox.kit.emails import normalise_email
from functions.farebox.kit.ids import Ids
from functions.farebox.storage import Data, Document, Store

T = TypeVar("T")
WHOLE_S = 1.0  # by which Firebase dates, and so tells apart, the sessions of somebody


class FirebaseIdentity:
    """Implements `Identity`. Administrators have the custom claim `admin`, or an address from the list that they have
    proved theirs in a session of theirs.

    A session is known by its beginning, which each of its ID tokens tells: `sessions/{uid}_{auth_time}`.
    """

    def __init__(
        self,
        store: Store,
        accounts: Accounts,
        users: FirebaseUsers,
        rest: FirebaseRest,
        factors: SecondFactors,
        sign_up: SignUpRules,
        *,
        admin_emails: frozenset[str],
        public_url: str,
        now: Callable[[], datetime],
        ids: Ids,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._users = users
        self._rest = rest
        self._factors = factors
        self._sign_up = sign_up
        self._admin_emails = admin_emails
        self._continue_url = f"{public_url}/"
        self._guards = Guards(store, now)
        self._sessions = Sessions(store, now=now, ids=ids)
        self._step_up = StepUp(factors, self._guards, self._sessions)
        self._marks = Marks(store, now)
        self._ids = ids
        self._known = KnownUsers(clock)

    async def register(
        self, email: str, password: str, full_name: str | None = None, *, visitor: Visitor = SOMEWHERE
    ) -> Session:
        """Goes on with an identity that has no account yet, if the password is its own."""
        email = normalise_email(email)
        if not await self._users.create(self._ids.new("u"), email, password, full_name):
            user = await self._users.find_by_email(email)
            if user is None or await self._store.get(user_path(user.uid)) is not None:
                raise email_taken()
            await self._guards.guess(email, visitor, is_known=False)
        try:
            tokens = await self._sign_in(email, password)
            user = await self._look((await self._users.read_token(tokens.id_token))[0], live=True)
            await self._open_account(user, full_name, is_invited=True)  # who may register was seen to before
            return await self._session(tokens, visitor)
        except Unauthenticated as error:  # the identity is somebody else's, or has another password
            raise email_taken() from error

    async def create_user(
        self, email: str, password: str | None, full_name: str | None = None, *, uid: str | None = None
    ) -> Person:
        """The identity first, then its account: with the same `uid` it goes on where it was cut off."""
        email, uid = normalise_email(email), uid or self._ids.new("u")
        account = await self._store.get(user_path(uid))
        if account is not None:
            check_not_gone(account.data)  # before there is an identity that would sign in as it
        await self._users.create(uid, email, password, full_name)
        user = await self._users.find_by_email(email)
        if user is None or user.uid != uid:
            raise email_taken()
        await self._open_account(user, full_name, is_invited=True)
        return _plain(user)

    async def login(
        self, email: str, password: str, *, visitor: Visitor = SOMEWHERE, factor: Shown | None = None
    ) -> Session:
        """Firebase answers the same whether the address or the password is wrong; so does this."""
        tokens, user = await self._open_door(email, password, visitor)
        has_shown = await self._step_up.at_sign_in(user.uid, factor)
        await self._guards.guessed(email, visitor)
        session = await self._begin(tokens, email, password, visitor)
        if has_shown:
            await self._sessions.prove(session.person.session)
        return session

    async def check_password(self, email: str, password: str, *, visitor: Visitor = SOMEWHERE) -> str:
        """The count of guesses goes on: it is a part of a sign-in."""
        return (await self._open_door(email, password, visitor))[1].uid

    async def person_of_password(self, email: str, password: str, *, visitor: Visitor = SOMEWHERE) -> Person:
        """In no session, and so no administrator."""
        user = (await self._open_door(email, password, visitor))[1]
        await self._guards.guessed(email, visitor)
        return _plain(user)

    async def refresh(self, refresh_token: str, *, trade: str | None = None) -> Session:
        """Firebase's refresh tokens work until the session is ended: by a new password, an operator, or disabling."""
        return await self._session(await _checked(self._rest.refresh(refresh_token)), SOMEWHERE)

    async def verify(self, token: str, *, live: bool = False, visitor: Visitor = SOMEWHERE) -> Person:
        """The signature is checked here; what became of the user since is remembered for a minute, unless `live`."""
        return await self._admit(token, live=live, visitor=visitor)

    async def sessions(self, person: Person) -> Sequence[SessionFacts]:
        """Those that were seen here."""
        marks = _data(await self._store.get(marks_path(person.uid)))
        listed = await self._sessions.list(person.uid)
        return [each for each in listed if not is_ended(marks, each.id, each.began_at)]

    async def end_session(self, person: Person, session: str) -> None:
        """Here; Firebase itself ends all or none."""
        await self._sessions.end(person.uid, session)

    async def end_other_sessions(self, person: Person) -> None:
        """Also those that were not seen here yet."""
        await self._marks.end_others(person.uid, person.session)
        await self._sessions.end_all(person.uid, but=person.session)

    async def send_verification(self, token: str, *, visitor: Visitor = SOMEWHERE) -> None:
        """Firebase mails the link, from the address and in the words that the project has set."""
        person = await self.verify(token)
        await self._guards.mail("verify", person.email, visitor)
        await _checked(self._rest.mail_verification(token, self._continue_url))

    async def confirm_verification(self, proof: str, person: Person) -> None:
        """The token is the `oobCode` of the link. It works once."""
        await self._own_code(proof, person)
        await _checked(self._rest.confirm_verification(proof))
        await self._marks.prove(person.uid, person.email)
        self._known.forget()

    async def has_proved(self, uid: str) -> bool:
        """As Firebase says, whichever way they have done so."""
        user = await _checked(self._users.find(uid))
        return user is not None and user.email_verified

    async def send_password_reset(self, email: str, *, visitor: Visitor = SOMEWHERE) -> None:
        """Firebase mails the link, too."""
        await self._guards.mail("reset", email, visitor)
        try:
            await self._rest.mail_reset(normalise_email(email), self._continue_url)
        except Refused as refused:
            if refused.reason != UNKNOWN_EMAIL:
                raise refusal(refused.reason, refused.detail) from refused

    async def owner_of_reset(self, proof: str) -> str:
        """Of a code that was not used yet."""
        return (await self._owner(await _checked(self._rest.read_code(proof)))).uid

    async def confirm_password_reset(self, proof: str, password: str) -> None:
        """The token is the `oobCode` of the link. Other instances notice within a minute that sessions ended.

        Second factors stay, unless whoever enrolled them had never proved the address.
        """
        user = await self._owner(await _checked(self._rest.read_code(proof)))
        await _checked(self._rest.confirm_reset(proof, password))
        if not user.email_verified:
            await self._factors.erase(user.uid)
        await self._marks.end_others(user.uid, "")
        await self._sessions.end_all(user.uid)
        self._known.forget()

    async def change_password(
        self, person: Person, password: str, new_password: str, *, visitor: Visitor = SOMEWHERE
    ) -> Session:
        """Firebase ends every session with a new password: the answer's is a new one."""
        await self._open_door(person.email, password, visitor)
        await self._guards.guessed(person.email, visitor)
        await self._users.set_password(person.uid, new_password)
        await self._sessions.end_all(person.uid)
        self._known.drop(person.uid)
        tokens = await self._sign_in(person.email, new_password)
        session = await self._begin(tokens, person.email, new_password, visitor)
        await self._marks.end_others(person.uid, session.person.session)
        if person.proved_at is not None:
            await self._sessions.prove(session.person.session)
        return session

    async def send_email_change(
        self, token: str, password: str, new_email: str, *, visitor: Visitor = SOMEWHERE
    ) -> None:
        """Firebase mails both addresses."""
        person = await self.verify(token, live=True)
        await self._open_door(person.email, password, visitor)
        await self._guards.guessed(person.email, visitor)
        await self._guards.mail("change", new_email, visitor)
        await self._guards.mail("notice", person.email, visitor)
        await _checked(self._rest.mail_email_change(token, normalise_email(new_email), self._continue_url))
        await self.end_other_sessions(person)

    async def confirm_email_change(self, proof: str, person: Person) -> None:
        """Firebase ends every session with it. The account has the new address from the next sign-in on."""
        facts = await self._own_code(proof, person)
        await _checked(self._rest.confirm_verification(proof))
        await self._marks.prove(person.uid, normalise_email(facts.new_email or person.email))
        await self._marks.end_others(person.uid, person.session)
        await self._sessions.end_all(person.uid, but=person.session)
        self._known.drop(person.uid)

    async def make_admin(self, email: str, password: str) -> Person:
        """By the claim, which Firebase keeps."""
        email = normalise_email(email)
        await self._users.create(self._ids.new("u"), email, password, None)
        user = await self._users.find_by_email(email)
        assert user is not None, "it is there, or was made"
        await self._factors.erase(user.uid)
        await self._users.make_admin(user.uid, password)
        await self._marks.end_others(user.uid, "")
        await self._sessions.end_all(user.uid)
        await self._open_account(user, is_invited=True)
        self._known.drop(user.uid)
        return _plain(user)

    async def unmake_admin(self, email: str) -> Person:
        """Their sessions go on, as those of anybody."""
        user = await self._users.find_by_email(normalise_email(email))
        if user is None:
            raise NotFound("This address has no account.")
        await self._users.unmake_admin(user.uid)
        self._known.drop(user.uid)
        return _plain(user)

    async def outside(self, uid: str) -> Sequence[OutsideIdentity]:
        """Those that Firebase has linked with a user."""
        user = await _checked(self._users.find(uid))
        return () if user is None else user.outside

    async def end_outside(self, uid: str, outside: OutsideIdentity) -> None:
        """Firebase unlinks every identity at that provider: a user has one there."""
        await _checked(self._users.unlink(uid, outside.issuer))
        self._known.drop(uid)

    async def erase(self, uid: str) -> None:
        """At Firebase as well."""
        await self._users.delete(uid)
        await self._sessions.erase(uid)
        await self._factors.erase(uid)
        await self._marks.erase(uid)
        self._known.drop(uid)

    async def _open_door(self, email: str, password: str, visitor: Visitor) -> tuple[Tokens, FirebaseUser]:
        """What a password opens at Firebase; the guess counts until it is called right."""
        # All of Farebox's calls come from few addresses, which Firebase would shut out for one account's sake.
        await self._guards.guess(email, visitor, is_known=False)
        tokens = await self._sign_in(normalise_email(email), password)
        uid, _ = await self._users.read_token(tokens.id_token)
        return tokens, await self._look(uid, live=True)

    async def _sign_in(self, email: str, password: str) -> Tokens:
        tokens = await _checked(self._rest.sign_in(email, password))
        if tokens is None:
            raise Forbidden(
                "This account asks for a second factor. Sign in with a client of Firebase's own, and send its token.",
                code="second_factor_required",
            )
        return tokens

    async def _begin(self, tokens: Tokens, email: str, password: str, visitor: Visitor) -> Session:
        """The session of a sign-in. One that begins in the second in which others ended is known by the same beginning
        as those, and so as ended: then it begins anew in the next."""
        try:
            return await self._session(tokens, visitor)
        except Unauthenticated as error:
            if error.code != SESSION_ENDED:
                raise
        await asyncio.sleep(WHOLE_S)
        return await self._session(await self._sign_in(normalise_email(email), password), visitor)

    async def _session(self, tokens: Tokens, visitor: Visitor) -> Session:
        person = await self._admit(tokens.id_token, live=True, visitor=visitor)
        return Session(person, tokens.id_token, tokens.refresh_token, tokens.expires_in_s)

    async def _admit(self, token: str, *, live: bool, visitor: Visitor) -> Person:
        """The owner of a token that counts, who has an account from now on at the latest."""
        uid, began_at_s = await self._users.read_token(token)
        user = await self._look(uid, live=live)
        began_at, session_id = datetime.fromtimestamp(began_at_s, UTC), f"{uid}_{int(began_at_s)}"
        seen, factors, marks = await self._store.get_many(session_path(session_id), factors_path(uid), marks_path(uid))
        noted = seen.data if seen is not None else await self._sessions.note(session_id, uid, began_at, visitor)
        if began_at_s < user.valid_from_s or noted["ended_at"] or is_ended(_data(marks), session_id, began_at):
            raise session_ended()
        await self._open_account(user)
        email = normalise_email(user.email or "")
        is_listed = user.email_verified and email in self._admin_emails and is_proved(_data(marks), email, began_at)
        return Person(
            uid,
            email,
            user.email_verified,
            is_admin=user.has_admin_claim or is_listed,
            session=session_id,
            has_second_factor=Enrolment.from_document(factors).is_enrolled,
            has_password=user.has_password,
            proved_at=noted["proved_at"],
        )

    async def _look(self, uid: str, *, live: bool) -> FirebaseUser:
        user = None if live else self._known.get(uid)
        if user is None:
            user = await self._users.find(uid)
            if user is None:
                raise session_ended()
            self._known.put(user)
        if user.disabled:
            raise account_disabled()
        return user

    async def _own_code(self, code: str, person: Person) -> CodeFacts:
        facts = await _checked(self._rest.read_code(code))
        if normalise_email(facts.email) != person.email:
            raise Unauthenticated(
                "This token is for another account. Sign in to that one first, then open the link again.",
                code="invalid_token",
            )
        return facts

    async def _owner(self, facts: CodeFacts) -> FirebaseUser:
        user = await self._users.find_by_email(normalise_email(facts.email))
        if user is None:
            raise session_ended()
        return user

    async def _open_account(
        self, user: FirebaseUser, full_name: str | None = None, *, is_invited: bool = False
    ) -> None:
        """An account under the user's address, unless there is one. Each is looked for once. An identity that was made
        elsewhere has to be of those that may sign up."""
        if user.email is None:
            raise Forbidden("This account has no e-mail address, which is needed here. Sign in with one that has.")
        if not self._known.has_account(user):
            if not is_invited and await self._store.get(user_path(user.uid)) is None:
                self._sign_up.check(user.email, is_invited=False)
            await self._accounts.ensure(user.uid, user.email, full_name or user.full_name)
            self._known.note_account(user.uid, user.email)


def _plain(user: FirebaseUser) -> Person:
    """Somebody outside of any session."""
    return Person(user.uid, normalise_email(user.email or ""), user.email_verified, user.has_admin_claim)


def _data(document: Document | None) -> Data:
    return {} if document is None else document.data


async def _checked(call: Coroutine[Any, Any, T]) -> T:
    """What a call answers; what Firebase refuses, in our words."""
    try:
        return await call
    except Refused as refused:
        raise refusal(refused.reason, refused.detail) from refused
