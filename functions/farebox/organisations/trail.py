"""The audit trail of an organisation: who did what, from where, with what it was before and after.

Of members, keys and the like an entry is written in the transaction of the change itself, so there is no change
without an entry and no entry without its change. Its id is fixed before: a change whose acknowledgement was lost is
known by its entry, and not made again. Entries are immutable. What operators do is in their own trail,
`admin/audit_trail.py`.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from functions.farebox.accounts.account import user_path
from functions.farebox.kit.ids import Ids
from functions.farebox.organisations.names import names_of
from functions.farebox.storage import Data, Query, Store, Transaction
from functions.farebox.storage.pages import Page, TimeRange, read_page


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: a person's id, `key:` and the id of an API key, or `system`; and from where."""

    id: str
    address: str | None = None
    request_id: str | None = None


SYSTEM = Actor("system")


@dataclass(frozen=True, slots=True)
class Change:
    """What was done: an action such as `keys.create`, its target such as `keys/abc`, and the target before and after.
    `None` is that it was not there. `about` is the id of the e-mail address that they tell of, if any (`email_id`): by
    it, whoever is erased is found in them."""

    action: str
    target: str
    before: Data | None
    after: Data | None
    about: str | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class TrailEntry:
    """A line of the trail."""

    id: str
    actor: str
    address: str | None
    request_id: str | None
    action: str
    target: str
    before: Data | None
    after: Data | None
    created_at: datetime

    @classmethod
    def from_data(cls, entry_id: str, data: Mapping[str, Any]) -> "TrailEntry":
        """From storage."""
        return cls(id=entry_id, **{name: value for name, value in data.items() if name != "about"})


@dataclass(frozen=True, slots=True)
class NamedEntry:
    """An entry, with what people are called now whom it names: who did it, and the member whom it was done to. `None`
    is no person, one who was erased, or one who has left and told no full name."""

    entry: TrailEntry
    actor_name: str | None
    target_name: str | None


Work = Callable[[Transaction], Awaitable[Change | None]]


class Trail:
    """Makes the changes of organisations, each once, each with its entry."""

    def __init__(self, store: Store, *, now: Callable[[], datetime], ids: Ids) -> None:
        self._store = store
        self._now = now
        self._ids = ids

    async def change(self, org: str, by: Actor, work: Work) -> TrailEntry | None:
        """Run `work` in a transaction and write its entry with it. Where it has nothing to change it answers `None`,
        and so does this. Raises what `work` raises."""
        entry_id, now = self._ids.new("aud_"), self._now()
        at = f"{user_path(org)}/trail/{entry_id}"

        async def attempt(tx: Transaction) -> TrailEntry | None:
            own = await tx.get(at)
            if own is not None:  # an earlier attempt of ours arrived
                return TrailEntry.from_data(entry_id, own.data)
            change = await work(tx)
            if change is None:
                return None
            data: Data = {
                "actor": by.id,
                "address": by.address,
                "request_id": by.request_id,
                "action": change.action,
                "target": change.target,
                "before": change.before,
                "after": change.after,
                "created_at": now,
            }
            if change.about is not None:
                data["about"] = change.about
            tx.create(at, data)
            return TrailEntry.from_data(entry_id, data)

        return await self._store.transact(attempt)

    async def tell(self, org: str, by: Actor, action: str, target: str, after: Data | None = None) -> None:
        """Leave an entry of what was done elsewhere: behind it, since it is no change of this store alone."""

        async def work(_tx: Transaction) -> Change:
            return Change(action, target, None, after)

        await self.change(org, by, work)

    async def page(self, org: str, span: TimeRange, *, limit: int, after: tuple[Any, ...] | None) -> Page[NamedEntry]:
        """An organisation's trail, newest first."""
        query = Query(
            f"users/{org}/trail", span.filters(), order_by="created_at", descending=True, limit=limit, after=after
        )
        page = await read_page(self._store, query, lambda document: TrailEntry.from_data(document.id, document.data))
        named = {uid for entry in page.items for uid in (entry.actor, _member_of(entry))}
        people = await names_of(self._store, org, (uid for uid in named if uid and ":" not in uid))
        names = {uid: person.name for uid, person in people.items()}
        return Page(
            [NamedEntry(each, names.get(each.actor), names.get(_member_of(each))) for each in page.items], page.after
        )


def _member_of(entry: TrailEntry) -> str:
    """The id of the member that something was done to, if it was one."""
    kind, _, uid = entry.target.partition("/")
    return uid if kind == "members" else ""
