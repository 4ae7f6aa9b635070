"""The life of API keys: made, listed, changed, rotated and revoked. What a key is: `api_key.py`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from functions.farebox.accounts.account import user_path
from functions.farebox.errors import Conflict, InvalidRequest, NotFound
from functions.farebox.keys.api_key import (
    ID_LENGTH,
    MAX_GRACES,
    PREFIX,
    SECRET_LENGTH,
    ApiKey,
    Grace,
    hash_secret,
    key_path,
    write_key,
)
from functions.farebox.kit.ids import Ids
from functions.farebox.storage import Filter, Query, Store, Transaction
from functions.farebox.storage.pages import Page, read_page

MAX_LIVE_KEYS = 100
MAX_GRACE_S = 7 * 24 * 3600
CHANGEABLE = frozenset({"name", "expires_at", "models", "rpm", "tpm", "rpd", "monthly_budget"})


@dataclass(frozen=True, slots=True)
class KeyUse:
    """What a key has been used for: when last, and its spend of the current budget period in nano-USD.

    Written when leases are settled, so it lags behind by a settlement interval.
    """

    last_used_at: datetime | None
    period: str | None
    spent: int


class Keys:
    """The keys of all users. `pepper` is the server's key for their hashes."""

    def __init__(self, store: Store, pepper: bytes, *, now: Callable[[], datetime], ids: Ids) -> None:
        self._store = store
        self._pepper = pepper
        self._now = now
        self._ids = ids

    async def create(self, uid: str, terms: Mapping[str, Any]) -> tuple[ApiKey, str]:
        """A new key of a user, and its full text, which nobody can tell again.

        `terms` are `name` and any of `CHANGEABLE`. Raises `Conflict` at `MAX_LIVE_KEYS`.
        """
        assert terms.keys() <= CHANGEABLE
        assert "name" in terms
        now = self._now()
        _check_expiry(terms.get("expires_at"), now)
        key_id, secret = self._ids.text(ID_LENGTH), self._ids.text(SECRET_LENGTH)
        key = ApiKey(
            id=key_id,
            user=uid,
            name=terms["name"],
            prefix=f"{PREFIX}-{key_id}-{secret[:4]}",
            hash=hash_secret(key_id, secret, self._pepper),
            previous_hash=None,
            previous_expires_at=None,
            models=terms.get("models"),
            rpm=terms.get("rpm"),
            tpm=terms.get("tpm"),
            rpd=terms.get("rpd"),
            monthly_budget=terms.get("monthly_budget"),
            expires_at=terms.get("expires_at"),
            state="live",
            created_at=now,
            revoked_at=None,
        )

        async def work(tx: Transaction) -> None:
            user, existing = await tx.get_many(user_path(uid), key_path(key_id))
            if existing is not None:
                return  # an earlier attempt of ours arrived: ids are never used twice
            if user is None:
                raise NotFound("There is no such account.")
            if user.data["live_keys"] >= MAX_LIVE_KEYS:
                raise Conflict(
                    f"An account has at most {MAX_LIVE_KEYS} live keys. Revoke one first.", code="too_many_keys"
                )
            tx.update(user.path, {"live_keys": user.data["live_keys"] + 1})
            tx.create(key_path(key_id), key.to_data())

        await self._store.transact(work)
        return key, write_key(key_id, secret)

    async def get(self, uid: str, key_id: str) -> ApiKey:
        """One of a user's keys. `NotFound` for anybody else's."""
        document = await self._store.get(_path(key_id))
        if document is None or document.data["user"] != uid:
            raise _not_found()
        return ApiKey.from_data(document.id, document.data)

    async def page(self, uid: str, *, limit: int, after: tuple[Any, ...] | None) -> Page[ApiKey]:
        """A user's keys, revoked ones too, newest first."""
        query = Query(
            "api_keys",
            (Filter("user", "==", uid),),
            order_by="created_at",
            descending=True,
            limit=limit,
            after=after,
        )
        return await read_page(self._store, query, lambda document: ApiKey.from_data(document.id, document.data))

    async def use_of(self, *key_ids: str) -> list[KeyUse]:
        """What keys have been used for, in their order."""
        documents = await self._store.get_many(*(f"key_windows/{key_id}" for key_id in key_ids))
        return [_read_use({} if document is None else document.data) for document in documents]

    async def change(self, uid: str, key_id: str, changes: Mapping[str, Any]) -> ApiKey:
        """Change a live key's terms; `None` lifts a limit. Instances heed it within seconds."""
        assert changes.keys() <= CHANGEABLE
        _check_expiry(changes.get("expires_at"), self._now())

        def changed(key: ApiKey) -> ApiKey:
            key = replace(key, **changes)
            return key.with_graces(key.graces)

        return await self._change_live(uid, key_id, changed)

    async def rotate(self, uid: str, key_id: str, grace_s: int) -> tuple[ApiKey, str]:
        """Give a live key a new secret; answers the new full text.

        The old secret works for `grace_s` seconds more (0 to `MAX_GRACE_S`), but not longer than its key; one from
        before that as long as was promised when it was replaced. Raises `Conflict` where `MAX_GRACES` secrets from
        before would still work.
        """
        assert 0 <= grace_s <= MAX_GRACE_S
        now = self._now()
        secret = self._ids.text(SECRET_LENGTH)
        new_hash = hash_secret(key_id, secret, self._pepper)

        def rotated(key: ApiKey) -> ApiKey:
            if key.hash == new_hash:
                return key  # an earlier attempt of ours arrived
            graces = [grace for grace in key.graces if now < grace.expires_at]
            if grace_s:
                graces.insert(0, Grace(key.hash, now + timedelta(seconds=grace_s)))
            if len(graces) > MAX_GRACES:
                raise Conflict(
                    f"{MAX_GRACES} earlier secrets of this key still work, as was promised. Wait until one ends, "
                    "rotate without a grace, or make a new key and revoke this one.",
                    code="too_many_secrets",
                )
            return replace(key, prefix=f"{PREFIX}-{key_id}-{secret[:4]}", hash=new_hash).with_graces(graces)

        return await self._change_live(uid, key_id, rotated), write_key(key_id, secret)

    async def revoke(self, uid: str, key_id: str) -> ApiKey:
        """End a key, for good; its record stays. Revoking twice changes nothing."""
        now = self._now()

        async def work(tx: Transaction) -> ApiKey:
            user, document = await tx.get_many(user_path(uid), _path(key_id))
            if document is None or user is None or document.data["user"] != uid:
                raise _not_found()
            key = ApiKey.from_data(key_id, document.data)
            if key.state == "revoked":
                return key
            key = replace(key, state="revoked", revoked_at=now).with_graces(())
            tx.set(document.path, key.to_data())
            tx.update(user.path, {"live_keys": user.data["live_keys"] - 1})
            return key

        return await self._store.transact(work)

    async def revoke_all(self, uid: str) -> None:
        """End every key of a user's, for good. Safe to repeat."""
        live = (Filter("user", "==", uid), Filter("state", "==", "live"))
        while found := await self._store.query(Query("api_keys", live, limit=MAX_LIVE_KEYS)):
            for document in found:
                await self.revoke(uid, document.id)

    async def _change_live(self, uid: str, key_id: str, change: Callable[[ApiKey], ApiKey]) -> ApiKey:
        async def work(tx: Transaction) -> ApiKey:
            document = await tx.get(_path(key_id))
            if document is None or document.data["user"] != uid:
                raise _not_found()
            key = ApiKey.from_data(key_id, document.data)
            if key.state != "live":
                raise Conflict("This key is revoked, for good. Make a new one.", code="key_revoked")
            changed = change(key)
            tx.set(document.path, changed.to_data())
            return changed

        return await self._store.transact(work)


def _path(key_id: str) -> str:
    """Where a key's record is, for an id that a client sent."""
    if len(key_id) != ID_LENGTH or not (key_id.isascii() and key_id.isalnum()):
        raise _not_found()
    return key_path(key_id)


def _check_expiry(expires_at: datetime | None, now: datetime) -> None:
    if expires_at is not None and expires_at <= now:
        raise InvalidRequest(
            "expires_at lies in the past. Choose a later moment.", code="invalid_value", param="expires_at"
        )


def _read_use(data: Mapping[str, Any]) -> KeyUse:
    budget = data.get("budget") or {}
    return KeyUse(data.get("last_used_at"), budget.get("period"), budget.get("spent", 0))


def _not_found() -> NotFound:
    return NotFound("There is no such key.", param="id")
