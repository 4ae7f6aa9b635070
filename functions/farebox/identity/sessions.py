"""Sessions: who is signed in where, and until when.

A session of the local provider is opened and renewed with refresh tokens: opaque, kept as hashes, traded at every use.
It knows the hash of its newest refresh token alone. A token of the session that is not the newest has been used
before: somebody else holds a copy, so the whole session ends (RFC 9700, section 4.14.2), its access tokens with it:
they name the session, and it is looked at whenever one is shown.
Whoever never got the answer may ask again: a trade that its client has named makes the same new token each time, as
long as that one is the newest. What it makes depends on a key of the session's own: who has an old token, and the names
of the trades since, cannot tell it.
Of a session that another provider keeps there is a note (`note`), so that it can be listed and ended as well.
"""

import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime, timedelta

from functions.farebox.errors import NotFound, Unauthenticated
from functions.farebox.identity import SessionFacts, Visitor
from functions.farebox.kit.ids import Ids
from functions.farebox.storage import Create, Data, Document, Filter, Query, Store, Transaction, Update

IDLE_LIFETIME = timedelta(days=30)
ENDED_FOR = timedelta(days=3650)  # how long it is remembered that a session of another provider's was ended here
SECRET_LENGTH = 43  # 256 bits of base 62
PREFIX = "fbr"
MOST_LISTED = 200
LONGEST_DEVICE = 200


class Sessions:
    """The sessions of all users."""

    def __init__(self, store: Store, *, now: Callable[[], datetime], ids: Ids) -> None:
        self._store = store
        self._now = now
        self._ids = ids

    async def open(
        self, uid: str, began_at: datetime, visitor: Visitor, *, proved_at: datetime | None = None
    ) -> tuple[str, str]:
        """A new session of a user: `(its id, its first refresh token)`."""
        session_id, secret = self._ids.new(), self._ids.text(SECRET_LENGTH)
        data = {
            **_facts(uid, began_at, visitor),
            "hash": _hash(secret),
            "proved_at": proved_at,
            "trade_key": self._key(),
        }
        await self._store.write(Create(session_path(session_id), data))
        return session_id, _write(session_id, secret)

    async def rotate(self, refresh_token: str, trade: str | None = None) -> tuple[str, Document, str]:
        """Trade a refresh token: `(session id, the session, new refresh token)`.

        The same token in a trade of the same name is the same trade, as long as what it made has not been used.

        `Unauthenticated` with `invalid_token` if it is unknown, expired or was used before; the last ends the session.
        """
        session_id, secret = _parse(refresh_token)
        random_secret, first_key = self._ids.text(SECRET_LENGTH), self._key()
        now = self._now()

        async def work(tx: Transaction) -> tuple[Document, str] | None:
            document = await tx.get(session_path(session_id))
            if document is None:
                return None
            session = document.data
            key = session.get("trade_key", first_key)  # those of the versions before have none
            new_secret = random_secret if trade is None else _successor(key, secret, trade)
            new_hash = _hash(new_secret)
            is_made = hmac.compare_digest(session["hash"], new_hash)
            if session["expires_at"] <= now or not (is_made or hmac.compare_digest(session["hash"], _hash(secret))):
                tx.delete(document.path)
                return None
            if not is_made:
                renewed = {"hash": new_hash, "used_at": now, "expires_at": now + IDLE_LIFETIME, "trade_key": key}
                tx.update(document.path, renewed)
            return document, new_secret

        found = await self._store.transact(work)
        if found is None:
            raise Unauthenticated("This refresh token is not valid any more. Sign in again.", code="invalid_token")
        document, new_secret = found
        return session_id, document, _write(session_id, new_secret)

    async def begin_anew(self, session_id: str, began_at: datetime) -> str | None:
        """Have a session go on as if it had begun then, when its owner signed in anew: its new refresh token. `None`
        where it has ended meanwhile."""
        secret = self._ids.text(SECRET_LENGTH)

        async def work(tx: Transaction) -> bool:
            document = await tx.get(session_path(session_id))
            if document is None:
                return False
            renewed = {"hash": _hash(secret), "began_at": began_at, "used_at": began_at}
            tx.update(document.path, {**renewed, "expires_at": began_at + IDLE_LIFETIME})
            return True

        return _write(session_id, secret) if await self._store.transact(work) else None

    async def note(self, session_id: str, uid: str, began_at: datetime, visitor: Visitor) -> Data:
        """What is noted of a session that another provider keeps, and that nothing was noted of before."""
        data = {**_facts(uid, began_at, visitor), "proved_at": None, "ended_at": None}

        async def work(tx: Transaction) -> Data:
            known = await tx.get(session_path(session_id))
            if known is not None:
                return known.data
            tx.create(session_path(session_id), data)
            return data

        return await self._store.transact(work)

    async def list(self, uid: str) -> list[SessionFacts]:
        """A user's sessions that have not ended, the latest used first."""
        mine = (Filter("user", "==", uid),)
        found = await self._store.query(Query("sessions", mine, limit=MOST_LISTED))
        running = [
            each for each in found if each.data.get("ended_at") is None and each.data["expires_at"] > self._now()
        ]
        return sorted(map(_show, running), key=lambda session: session.used_at, reverse=True)

    async def find(self, uid: str, began_at: datetime) -> Document | None:
        """A user's session by its beginning, which is how access tokens of the versions before name theirs."""
        mine = (Filter("user", "==", uid),)
        found = await self._store.query(Query("sessions", mine, limit=MOST_LISTED))
        former = (each for each in found if "network" not in each.data)  # those versions did not note where from
        return next((each for each in former if each.data["began_at"] == began_at), None)

    async def knows(self, uid: str, network: str) -> bool:
        """Whether a user has a session from a network."""
        mine = (Filter("user", "==", uid), Filter("network", "==", network))
        return bool(network) and bool(await self._store.query(Query("sessions", mine, limit=1)))

    async def end(self, uid: str, session_id: str) -> None:
        """End one of a user's sessions. `NotFound` where there is none of this id."""
        if not session_id.replace("_", "").isalnum() or not session_id.isascii() or len(session_id) > 200:
            raise _not_found()

        async def work(tx: Transaction) -> None:
            document = await tx.get(session_path(session_id))
            if document is None or document.data["user"] != uid:
                raise _not_found()
            self._end(tx, document)

        await self._store.transact(work)

    async def end_all(self, uid: str, *, but: str | None = None) -> None:
        """End every session of a user, or all but one."""
        mine = (Filter("user", "==", uid),)
        async for document in self._store.scan(Query("sessions", mine, limit=MOST_LISTED)):
            if document.id != but:

                async def work(tx: Transaction, path: str = document.path) -> None:
                    current = await tx.get(path)
                    if current is not None:
                        self._end(tx, current)

                await self._store.transact(work)

    async def erase(self, uid: str) -> None:
        """Forget where a user was signed in. Sessions that another provider keeps stay ended."""
        await self.end_all(uid)
        mine = (Filter("user", "==", uid),)
        async for document in self._store.scan(Query("sessions", mine, limit=MOST_LISTED)):
            await self._store.write(Update(document.path, {"address": "", "network": "", "device": ""}))

    async def prove(self, session_id: str) -> None:
        """Note that a second factor was shown in a session just now. `NotFound` where it has ended meanwhile."""

        async def work(tx: Transaction) -> None:
            if await tx.get(session_path(session_id)) is None:
                raise _not_found()
            tx.update(session_path(session_id), {"proved_at": self._now()})

        await self._store.transact(work)

    def _key(self) -> str:
        return self._ids.text(SECRET_LENGTH)

    def _end(self, tx: Transaction, document: Document) -> None:
        if "hash" in document.data:
            tx.delete(document.path)
            return
        now = self._now()
        tx.update(document.path, {"ended_at": now, "expires_at": now + ENDED_FOR})


def session_path(session_id: str) -> str:
    """Where a session is kept."""
    return f"sessions/{session_id}"


def _facts(uid: str, began_at: datetime, visitor: Visitor) -> Data:
    return {
        "user": uid,
        "began_at": began_at,
        "used_at": began_at,
        "expires_at": began_at + IDLE_LIFETIME,
        "address": visitor.address,
        "network": visitor.network,
        "device": visitor.device[:LONGEST_DEVICE],
    }


def _show(session: Document) -> SessionFacts:
    """Sessions of the versions before know neither device nor address."""
    data = session.data
    return SessionFacts(session.id, data.get("device", ""), data.get("address", ""), data["began_at"], data["used_at"])


def _write(session_id: str, secret: str) -> str:
    return f"{PREFIX}-{session_id}-{secret}"


def _parse(refresh_token: str) -> tuple[str, str]:
    prefix, _, rest = refresh_token.partition("-")
    session_id, _, secret = rest.partition("-")
    if prefix != PREFIX or not (session_id.isascii() and session_id.isalnum()) or len(refresh_token) > 100:
        raise Unauthenticated("This refresh token is not valid any more. Sign in again.", code="invalid_token")
    return session_id, secret


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _successor(key: str, secret: str, trade: str) -> str:
    """The secret that a trade makes of another one, of a fixed length, in a session of a key."""
    return hmac.digest(key.encode(), f"{secret} {trade}".encode(), "sha256").hex()


def _not_found() -> NotFound:
    return NotFound("You have no such session.", param="id")
