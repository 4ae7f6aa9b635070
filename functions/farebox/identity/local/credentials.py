"""Credentials: what the local provider keeps of somebody, beside their sessions and second factors.

emails/{SHA-256 of the address}   user: makes an address unique
credentials/{uid}                 address, since when it is proved theirs, password hash, since when sessions count,
                                  since when they are an administrator by an operator's word
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from functions.farebox.accounts.account import moved, user_path
from functions.farebox.errors import Conflict, Unauthenticated
from functions.farebox.kit.emails import email_id
from functions.farebox.storage import Data, Document, Store, Transaction


class Credentials:
    """The credentials of all people."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    async def get(self, uid: str) -> Document | None:
        """Somebody's, by id."""
        return await self._store.get(credentials_path(uid))

    async def find(self, email: str) -> Document | None:
        """Whoever has this address."""
        owner = await self._store.get(email_path(email))
        return None if owner is None else await self.get(owner.data["user"])

    async def set_password(self, seen: Document, new_hash: str | None, **changes: Any) -> None:
        """Replace the password that was seen; one that somebody else has set meanwhile stays, with `Conflict`."""

        async def work(tx: Transaction) -> None:
            credentials = await tx.get(seen.path)
            assert credentials is not None
            if credentials.data["password_hash"] == new_hash and new_hash is not None:
                return  # an earlier attempt of ours arrived
            if credentials.data["password_hash"] != seen.data["password_hash"]:
                raise Conflict("The password was changed meanwhile. Try again.")
            tx.update(seen.path, {"password_hash": new_hash, **changes})

        await self._store.transact(work)

    async def amend(self, uid: str, **changes: Any) -> None:
        """Change something else of somebody's than the password."""

        async def work(tx: Transaction) -> None:
            tx.update(credentials_path(uid), changes)

        await self._store.transact(work)

    async def prove(self, uid: str, email: str) -> None:
        """Note that the address is proved theirs now. Repeating it changes nothing."""
        now = self._now()

        async def work(tx: Transaction) -> None:
            credentials = await tx.get(credentials_path(uid))
            if credentials is None or credentials.data["email"] != email:
                raise Unauthenticated("This token is for another address.", code="invalid_token")
            if credentials.data.get("verified_at") is None:
                tx.update(credentials.path, {"email_verified": True, "verified_at": now})

        await self._store.transact(work)

    async def move(self, uid: str, former: str, email: str, **changes: Any) -> None:
        """Give somebody another address, which is proved theirs. `Conflict` with `email_taken` where it has an account,
        `Unauthenticated` where theirs is not the former one any more."""
        now = self._now()

        async def work(tx: Transaction) -> None:
            credentials, owner, user = await tx.get_many(credentials_path(uid), email_path(email), user_path(uid))
            if owner is not None and owner.data["user"] != uid:
                raise email_taken()
            if credentials is None or user is None or credentials.data["email"] not in (former, email):
                raise Unauthenticated("This token is for another address.", code="invalid_token")
            if credentials.data["email"] == email:
                return  # an earlier attempt of ours arrived
            tx.delete(email_path(former))
            tx.create(email_path(email), {"user": uid})
            tx.update(credentials.path, {"email": email, "email_verified": True, "verified_at": now, **changes})
            tx.update(user.path, moved(user.data, email))

        await self._store.transact(work)

    async def erase(self, uid: str) -> None:
        """Remove somebody's."""

        async def work(tx: Transaction) -> None:
            credentials = await tx.get(credentials_path(uid))
            if credentials is not None:
                tx.delete(email_path(credentials.data["email"]))
                tx.delete(credentials.path)

        await self._store.transact(work)


def new_credentials(email: str, password_hash: str | None, now: datetime) -> Data:
    """What is kept of somebody at first."""
    return {
        "email": email,
        "email_verified": False,
        "verified_at": None,
        "admin_at": None,
        "password_hash": password_hash,
        "sessions_from_at": None,
        "created_at": now,
    }


def counts(credentials: Mapping[str, Any], began_at: datetime) -> bool:
    """Whether a session that began then has not been ended with all the others since."""
    ended_at: datetime | None = credentials["sessions_from_at"]
    return ended_at is None or began_at >= ended_at


def is_admin(credentials: Mapping[str, Any], began_at: datetime, listed: frozenset[str]) -> bool:
    """Whether somebody is an administrator in a session that began then: by an operator's word, or because their
    address is listed and was proved theirs.

    The session must have begun after that: whoever had an account under the address before its owner came is not to
    become one by the owner's proof. A proof of the versions before, which noted no moment, has to be given again.
    """
    proved_at: datetime | None = credentials.get("verified_at")
    granted_at: datetime | None = credentials.get("admin_at")
    is_listed = proved_at is not None and began_at >= proved_at and credentials["email"] in listed
    return is_listed or (granted_at is not None and began_at >= granted_at)


def email_path(email: str) -> str:
    """Where an address says whose it is."""
    return f"emails/{email_id(email)}"


def credentials_path(uid: str) -> str:
    """Where somebody's credentials are kept."""
    return f"credentials/{uid}"


def email_taken() -> Conflict:
    """The address has an account."""
    return Conflict(
        "This e-mail address has an account. Sign in, or reset its password.", code="email_taken", param="email"
    )
