"""The identity provider over Firebase, which keeps passwords, sends mails and ends sessions; Farebox keeps accounts.

An identity may come from elsewhere, such as a Firebase client SDK or a sign-in with Google: whoever shows a valid ID
token of the project gets their account, with its wallet and bonus, at the first use. So registering need not be one
piece: what was cut off between the identity and its account goes on wherever it is tried next.
"""

import time
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any, TypeVar

from functions.farebox.accounts.account import Accounts, user_path
from functions.farebox.errors import Forbidden, Unauthenticated
from functions.farebox.identity import Person, Session
from functions.farebox.identity.firebase.errors import (
    UNKNOWN_EMAIL,
    account_disabled,
    email_taken,
    refusal,
    session_ended,
)
from functions.farebox.identity.firebase.known_users import KnownUsers
from functions.farebox.identity.firebase.rest import FirebaseRest, Refused, Tokens
from functions.farebox.identity.firebase.users import FirebaseUser, FirebaseUsers
from functions.farebox.kit.emails import email_id, normalise_email
from functions.farebox.kit.ids import Ids
from functions.farebox.limits.throttle import LOGINS, MAILS, Attempts
from functions.farebox.storage import Store

T = TypeVar("T")


class FirebaseIdentity:
    """Implements `Identity`. Administrators have the custom claim `admin`, or a verified address from the list."""

    def __init__(
        self,
        store: Store,
        accounts: Accounts,
        users: FirebaseUsers,
        rest: FirebaseRest,
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
        self._admin_emails = admin_emails
        self._continue_url = f"{public_url}/"
        self._attempts = Attempts(store, now)
        self._ids = ids
        self._known = KnownUsers(clock)

    async def register(self, email: str, password: str, full_name: str | None = None) -> Session:
        """Goes on with an identity that has no account yet, if the password is its own."""
        email = normalise_email(email)
        if not await self._users.create(self._ids.new("u"), email, password, full_name):
            user = await self._users.find_by_email(email)
            if user is None or await self._store.get(user_path(user.uid)) is not None:
                raise email_taken()
            await self._attempts.take(LOGINS, email_id(email))
        try:
            return await self._session(await self._sign_in(email, password), full_name)
        except Unauthenticated as error:  # the identity is somebody else's, or has another password
            raise email_taken() from error

    async def create_user(
        self, email: str, password: str | None, full_name: str | None = None, *, uid: str | None = None
    ) -> Person:
        """The identity first, then its account: with the same `uid` it goes on where it was cut off."""
        email, uid = normalise_email(email), uid or self._ids.new("u")
        await self._users.create(uid, email, password, full_name)
        user = await self._users.find_by_email(email)
        if user is None or user.uid != uid:
            raise email_taken()
        await self._open_account(user, full_name)
        return self._person(user)

    async def login(self, email: str, password: str) -> Session:
        """Firebase answers the same whether the address or the password is wrong; so does this."""
        target = email_id(email)
        # All of Farebox's calls come from few addresses, which Firebase would shut out for one account's sake.
        await self._attempts.take(LOGINS, target)
        session = await self._session(await self._sign_in(normalise_email(email), password))
        await self._attempts.forget(LOGINS, target)
        return session

    async def refresh(self, refresh_token: str) -> Session:
        """Firebase's refresh tokens work until the session is ended: by a new password, an operator, or disabling."""
        return await self._session(await _checked(self._rest.refresh(refresh_token)))

    async def verify(self, token: str, *, live: bool = False) -> Person:
        """The signature is checked here; what became of the user since is remembered for a minute, unless `live`."""
        return self._person(await self._admit(token, live=live))

    async def send_verification(self, token: str) -> None:
        """Firebase mails the link, from the address and in the words that the project has set."""
        person = await self.verify(token)
        await self._attempts.take(MAILS, email_id(person.email))
        await _checked(self._rest.mail_verification(token, self._continue_url))

    async def send_password_reset(self, email: str) -> None:
        """Firebase mails the link, too."""
        await self._attempts.take(MAILS, email_id(email))
        try:
            await self._rest.mail_reset(normalise_email(email), self._continue_url)
        except Refused as refused:
            if refused.reason != UNKNOWN_EMAIL:
                raise refusal(refused.reason, refused.detail) from refused

    async def confirm_verification(self, token: str) -> None:
        """The token is the `oobCode` of the link. It works once."""
        await _checked(self._rest.confirm_verification(token))
        self._known.forget()

    async def confirm_password_reset(self, token: str, password: str) -> None:
        """The token is the `oobCode` of the link. Other instances notice within a minute that sessions ended."""
        await _checked(self._rest.confirm_reset(token, password))
        self._known.forget()

    async def _sign_in(self, email: str, password: str) -> Tokens:
        tokens = await _checked(self._rest.sign_in(email, password))
        if tokens is None:
            raise Forbidden(
                "This account asks for a second factor. Sign in with a client of Firebase's own, and send its token.",
                code="second_factor_required",
            )
        return tokens

    async def _session(self, tokens: Tokens, full_name: str | None = None) -> Session:
        user = await self._admit(tokens.id_token, live=True, full_name=full_name)
        return Session(self._person(user), tokens.id_token, tokens.refresh_token, tokens.expires_in_s)

    async def _admit(self, token: str, *, live: bool, full_name: str | None = None) -> FirebaseUser:
        """The owner of a token that counts, who has an account from now on at the latest."""
        uid, began_at_s = await self._users.read_token(token)
        user = None if live else self._known.get(uid)
        if user is None:
            user = await self._users.find(uid)
            if user is None:
                raise session_ended()
            self._known.put(user)
        if user.disabled:
            raise account_disabled()
        if began_at_s < user.valid_from_s:
            raise session_ended()
        await self._open_account(user, full_name)
        return user

    async def _open_account(self, user: FirebaseUser, full_name: str | None = None) -> None:
        """An account under the user's address, unless there is one. Each is looked for once."""
        if user.email is None:
            raise Forbidden("This account has no e-mail address, which is needed here. Sign in with one that has.")
        if not self._known.has_account(user):
            await self._accounts.ensure(user.uid, user.email, full_name or user.full_name)
            self._known.note_account(user.uid, user.email)

    def _is_admin(self, user: FirebaseUser) -> bool:
        listed = user.email_verified and normalise_email(user.email or "") in self._admin_emails
        return user.has_admin_claim or listed

    def _person(self, user: FirebaseUser) -> Person:
        return Person(user.uid, normalise_email(user.email or ""), user.email_verified, self._is_admin(user))


async def _checked(call: Coroutine[Any, Any, T]) -> T:
    """What a call answers; what Firebase refuses, in our words."""
    try:
        return await call
    except Refused as refused:
        raise refusal(refused.reason, refused.detail) from refused
