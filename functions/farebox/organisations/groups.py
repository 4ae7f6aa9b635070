"""What a key may belong to beside a member: a project, which is a group of keys with a budget, or a service account,
which is a holder of keys that is nobody, so that its keys outlive people.

Both are a name that is made, changed and removed, and both end their keys with themselves.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal

from functions.farebox.accounts.account import user_path
from functions.farebox.errors import Conflict, NotFound
from functions.farebox.kit.ids import Ids
from functions.farebox.organisations.acting import Acting
from functions.farebox.organisations.trail import Change, Trail
from functions.farebox.storage import Data, Document, Query, Store, Transaction
from functions.farebox.storage.pages import Page, read_page

Kind = Literal["projects", "service_accounts"]
MOST: Final = 1000  # of a kind, in one organisation
CHANGEABLE = frozenset({"name", "monthly_budget"})

_ID: Final[Mapping[Kind, str]] = {"projects": "prj_", "service_accounts": "sva_"}
_CALLED: Final[Mapping[Kind, str]] = {"projects": "project", "service_accounts": "service account"}


@dataclass(frozen=True, slots=True)
class Group:
    """A project or a service account. `monthly_budget` in nano-USD, of a project alone; `None` is no cap."""

    id: str
    name: str
    monthly_budget: int | None
    created_at: datetime

    @classmethod
    def from_document(cls, document: Document) -> "Group":
        """From storage."""
        data: Mapping[str, Any] = document.data
        return cls(document.id, data["name"], data["monthly_budget"], data["created_at"])

    def to_data(self) -> Data:
        """For storage; the id is the document's."""
        return {"name": self.name, "monthly_budget": self.monthly_budget, "created_at": self.created_at}


def group_path(org: str, kind: Kind, group_id: str) -> str:
    """Where a project or a service account is kept."""
    return f"{user_path(org)}/{kind}/{group_id}"


class Groups:
    """The projects, or the service accounts, of all organisations."""

    def __init__(self, store: Store, trail: Trail, kind: Kind, *, now: Callable[[], datetime], ids: Ids) -> None:
        self._store = store
        self._trail = trail
        self._kind = kind
        self._now = now
        self._ids = ids

    async def create(self, acting: Acting, name: str, monthly_budget: int | None = None) -> Group:
        """Make one. Raises `Conflict` at `MOST`."""
        group = Group(self._ids.new(_ID[self._kind]), name, monthly_budget, self._now())

        async def work(tx: Transaction) -> Change:
            account, _ = await tx.get_many(user_path(acting.org), self._path(acting.org, group.id))
            assert account is not None, "whoever acts for an organisation has found it"
            made = account.data.get(self._kind, 0)
            if made >= MOST:
                raise Conflict(f"An organisation has at most {MOST} {_CALLED[self._kind]}s.", code="too_many")
            tx.update(account.path, {self._kind: made + 1})
            tx.create(self._path(acting.org, group.id), group.to_data())
            return self._change("create", group.id, None, group)

        await self._trail.change(acting.org, acting.actor, work)
        return group

    async def get(self, org: str, group_id: str) -> Group:
        """One. Raises `NotFound`."""
        return self._found(await self._store.get(self._path(org, group_id)))

    async def page(self, org: str, *, limit: int, after: tuple[Any, ...] | None) -> Page[Group]:
        """An organisation's, by their ids."""
        query = Query(f"users/{org}/{self._kind}", limit=limit, after=after)
        return await read_page(self._store, query, Group.from_document)

    async def change(self, acting: Acting, group_id: str, changes: Mapping[str, Any]) -> Group:
        """Change its `name` or `monthly_budget`. Raises `NotFound`."""
        assert changes.keys() <= CHANGEABLE

        async def work(tx: Transaction) -> Change | None:
            before = self._found(await tx.get(self._path(acting.org, group_id)))
            after = replace(before, **changes)
            if before == after:
                return None
            tx.set(self._path(acting.org, group_id), after.to_data())
            return self._change("change", group_id, before, after)

        await self._trail.change(acting.org, acting.actor, work)
        return await self.get(acting.org, group_id)

    async def remove(self, acting: Acting, group_id: str) -> bool:
        """Remove one: its keys stop within seconds. Answers whether it was there."""

        async def work(tx: Transaction) -> Change | None:
            account, document = await tx.get_many(user_path(acting.org), self._path(acting.org, group_id))
            if account is None or document is None:
                return None
            tx.update(account.path, {self._kind: account.data.get(self._kind, 0) - 1})
            tx.delete(document.path)
            return self._change("remove", group_id, Group.from_document(document), None)

        return await self._trail.change(acting.org, acting.actor, work) is not None

    def no_such(self) -> NotFound:
        """What is told of one that is not there."""
        return NotFound(f"There is no such {_CALLED[self._kind]}.", param="id")

    def _found(self, document: Document | None) -> Group:
        if document is None:
            raise self.no_such()
        return Group.from_document(document)

    def _path(self, org: str, group_id: str) -> str:
        if not (group_id.isascii() and group_id.replace("_", "").isalnum()):
            raise self.no_such()
        return group_path(org, self._kind, group_id)

    def _change(self, what: str, group_id: str, before: Group | None, after: Group | None) -> Change:
        told = [
            None if each is None else {"name": each.name, "monthly_budget": each.monthly_budget}
            for each in (before, after)
        ]
        return Change(f"{self._kind}.{what}", f"{self._kind}/{group_id}", *told)
