"""Sessions by refresh tokens: opaque, kept as hashes, traded at every use.

A session is one document that knows the hash of its newest refresh token alone. A token of the session that is not the
newest has been used before: somebody else holds a copy, so the whole session ends (RFC 9700, section 4.14.2).
"""

import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime, timedelta

from functions.farebox.errors import Unauthenticated
from functions.farebox.kit.ids import Ids
from functions.farebox.storage import Create, Store, Transaction

IDLE_LIFETIME = timedelta(days=30)
SECRET_LENGTH = 43  # 256 bits of base 62
PREFIX = "fbr"


class Sessions:
    """The sessions of all users."""

    def __init__(self, store: Store, *, now: Callable[[], datetime], ids: Ids) -> None:
        self._store = store
        self._now = now
        self._ids = ids

    async def open(self, uid: str, began_at: datetime) -> str:
        """A new session of a user; answers its first refresh token."""
        session_id, secret = self._ids.new(), self._ids.text(SECRET_LENGTH)
        data = {
            "user": uid,
            "hash": _hash(secret),
            "began_at": began_at,
            "used_at": began_at,
            "expires_at": began_at + IDLE_LIFETIME,
        }
        await self._store.write(Create(_path(session_id), data))
        return _write(session_id, secret)

    async def rotate(self, refresh_token: str) -> tuple[str, datetime, str]:
        """Trade a refresh token: `(uid, when the session began, new refresh token)`.

        `Unauthenticated` with `invalid_token` if it is unknown, expired or was used before; the last ends the session.
        """
        session_id, secret = _parse(refresh_token)
        new_secret = self._ids.text(SECRET_LENGTH)
        old_hash, new_hash = _hash(secret), _hash(new_secret)
        now = self._now()

        async def work(tx: Transaction) -> tuple[str, datetime] | None:
            document = await tx.get(_path(session_id))
            if document is None:
                return None
            session = document.data
            if session["hash"] != new_hash:  # else an earlier attempt of ours arrived
                if session["expires_at"] <= now or not hmac.compare_digest(session["hash"], old_hash):
                    tx.delete(document.path)
                    return None
                renewed = {"hash": new_hash, "used_at": now, "expires_at": now + IDLE_LIFETIME}
                tx.update(document.path, renewed)
            return session["user"], session["began_at"]

        found = await self._store.transact(work)
        if found is None:
            raise _invalid()
        uid, began_at = found
        return uid, began_at, _write(session_id, new_secret)


def _write(session_id: str, secret: str) -> str:
    return f"{PREFIX}-{session_id}-{secret}"


def _parse(refresh_token: str) -> tuple[str, str]:
    prefix, _, rest = refresh_token.partition("-")
    session_id, _, secret = rest.partition("-")
    if prefix != PREFIX or not (session_id.isascii() and session_id.isalnum()) or len(refresh_token) > 100:
        raise _invalid()
    return session_id, secret


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _path(session_id: str) -> str:
    return f"sessions/{session_id}"


def _invalid() -> Unauthenticated:
    return Unauthenticated("This refresh token is not valid any more. Sign in again.", code="invalid_token")
