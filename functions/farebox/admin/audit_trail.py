"""The audit trail: makes each change of an operator once, and keeps who did what to what, before and after.

The entry `audit/{id}` is written in the transaction of the change itself, so there is no change without an entry and
no entry without its change. It also makes a change idempotent: `admin_calls/{...}` remembers for a day which entry an
`Idempotency-Key` of an operator stands for, with a hash of the request, and what is answered is made from the entry's
`after` the first time and every time.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from functions.farebox.errors import IdempotencyMismatch
from functions.farebox.kit.ids import Ids
from functions.farebox.storage import Data, Filter, Query, Store, Transaction, Update
from functions.farebox.storage.pages import Page, read_page

PERSONAL = ("email", "full_name")
REMEMBERED_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class AdminCommand:
    """An operator's call. `request` is what was asked for, byte for byte; `key` its idempotency key, if it has one."""

    actor: str
    request: bytes
    key: str | None = None

    @property
    def fingerprint(self) -> str:
        """Differs when the request does."""
        return hashlib.sha256(self.request).hexdigest()


@dataclass(frozen=True, slots=True)
class Change:
    """What was done: an action such as `credits.bonus`, its target such as `users/u1`, and the target before and
    after. `None` is that it was not there."""

    action: str
    target: str
    before: Data | None
    after: Data | None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """A line of the trail. Immutable."""

    id: str
    actor: str
    action: str
    target: str
    before: Data | None
    after: Data | None
    created_at: datetime

    @classmethod
    def from_data(cls, entry_id: str, data: Mapping[str, Any]) -> "AuditEntry":
        """From storage."""
        return cls(id=entry_id, **data)


Work = Callable[[Transaction, str], Awaitable[Change]]


class AuditTrail:
    """Makes operators' changes, each once, each with its entry."""

    def __init__(self, store: Store, *, now: Callable[[], datetime], ids: Ids) -> None:
        self._store = store
        self._now = now
        self._ids = ids

    async def change(self, order: AdminCommand, work: Work) -> AuditEntry:
        """Run `work` in a transaction, with an id that is this change's own, and write its entry with it.

        `work` reads before it writes. A call that was made before changes nothing and answers the same entry. Raises
        `IdempotencyMismatch` where the key came with another request, and what `work` raises.
        """
        entry_id, now = self._ids.new("aud_"), self._now()
        call_at = None if order.key is None else _call_path(order.actor, order.key)

        async def attempt(tx: Transaction) -> AuditEntry:
            own, *calls = await tx.get_many(_entry_path(entry_id), *([call_at] if call_at else []))
            if own is not None:  # an earlier attempt of ours arrived
                return AuditEntry.from_data(entry_id, own.data)
            call = calls[0] if calls else None
            if call is not None and call.data["expires_at"] > now:
                return await _recall(tx, call.data, order)
            change = await work(tx, entry_id)
            data: Data = {
                "actor": order.actor,
                "action": change.action,
                "target": change.target,
                "before": change.before,
                "after": change.after,
                "created_at": now,
            }
            tx.create(_entry_path(entry_id), data)
            if call_at is not None:
                remembered = {"entry": entry_id, "fingerprint": order.fingerprint, "expires_at": now + REMEMBERED_FOR}
                tx.set(call_at, remembered)
            return AuditEntry.from_data(entry_id, data)

        return await self._store.transact(attempt)

    async def page(
        self,
        *,
        target: str | None,
        actor: str | None = None,
        action: str | None = None,
        limit: int,
        after: tuple[Any, ...] | None,
    ) -> Page[AuditEntry]:
        """The trail, of everything or of one target, actor or action, newest first."""
        of_target = () if target is None else (Filter("target", "==", target),)
        of_actor = () if actor is None else (Filter("actor", "==", actor),)
        of_action = () if action is None else (Filter("action", "==", action),)
        where = (*of_target, *of_actor, *of_action)
        query = Query("audit", where, order_by="created_at", descending=True, limit=limit, after=after)
        return await read_page(self._store, query, lambda document: AuditEntry.from_data(document.id, document.data))


async def forget_person(store: Store, uid: str) -> None:
    """Take what is personal out of the entries about a user. What was done, and by whom, stays."""
    async for entry in store.scan(Query("audit", (Filter("target", "==", user_target(uid)),))):
        told = {side: _without_person(entry.data[side]) for side in ("before", "after")}
        await store.write(Update(entry.path, told))


def user_target(uid: str) -> str:
    """How entries name a user."""
    return f"users/{uid}"


def _without_person(told: Data | None) -> Data | None:
    return (
        None
        if told is None
        else {name: value for name, value in told.items() if name not in PERSONAL}
        | {name: "" for name in PERSONAL if name in told}
    )


async def _recall(tx: Transaction, call: Data, order: AdminCommand) -> AuditEntry:
    if call["fingerprint"] != order.fingerprint:
        raise IdempotencyMismatch(
            "This Idempotency-Key was used with another request. Use a new key for a new request.",
            param="Idempotency-Key",
        )
    entry = await tx.get(_entry_path(call["entry"]))
    assert entry is not None, "a call is remembered with its entry"
    return AuditEntry.from_data(entry.id, entry.data)


def _entry_path(entry_id: str) -> str:
    return f"audit/{entry_id}"


def _call_path(actor: str, key: str) -> str:
    return f"admin_calls/{hashlib.sha256(f'{actor} {key}'.encode()).hexdigest()[:40]}"
