"""The members of an organisation: listed, given another role or budget, removed.

A person's own organisation has its owner without a document; others may be invited to it as to any other. An
organisation that was made has an owner at every moment.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from functions.farebox.accounts.account import ORGANISATION, is_active, user_path
from functions.farebox.errors import Conflict, Forbidden, NotFound
from functions.farebox.limits.budget import Budget
from functions.farebox.limits.group_budget import read_group_budgets
from functions.farebox.organisations.acting import Acting, no_such_organisation
from functions.farebox.organisations.membership import Membership, membership_path
from functions.farebox.organisations.trail import Change, Trail
from functions.farebox.storage import Data, Document, Query, Store, Transaction
from functions.farebox.storage.pages import Page, read_page

MOST_MEMBERS = 1000
MOST_TOLD = 20
PAGE = 200
CHANGEABLE = frozenset({"role", "monthly_budget"})


@dataclass(frozen=True, slots=True)
class Member:
    """A membership with who it is, and what their keys have spent."""

    membership: Membership
    email: str
    full_name: str | None
    budget: Budget


class Members:
    """The members of all organisations."""

    def __init__(self, store: Store, trail: Trail) -> None:
        self._store = store
        self._trail = trail

    async def page(self, org: str, *, limit: int, after: tuple[Any, ...] | None) -> Page[Member]:
        """An organisation's members, by their ids; the implied owner of a person's own is not among them."""
        query = Query(f"users/{org}/members", limit=limit, after=after)
        found = await read_page(self._store, query, Membership.from_document)
        return Page(await self._with_names(org, found.items), found.after)

    async def get(self, org: str, uid: str) -> Member:
        """One member. Raises `NotFound`."""
        document = await self._store.get(membership_path(org, uid))
        if document is None:
            raise no_such_member()
        return (await self._with_names(org, [Membership.from_document(document)]))[0]

    async def _with_names(self, org: str, memberships: Sequence[Membership]) -> list[Member]:
        uids = [each.user for each in memberships]
        people = await self._store.get_many(*map(user_path, uids))
        budgets = await read_group_budgets(self._store, org, "member", uids)
        return [_named(*each) for each in zip(memberships, people, budgets, strict=True)]

    async def change(self, acting: Acting, uid: str, changes: Mapping[str, Any]) -> Member:
        """Change a member's `role` or `monthly_budget` (nano-USD; `None` lifts it).

        Raises `NotFound`, `Forbidden` where owners are concerned and the caller is none, `Conflict` for the last owner.
        """
        assert changes.keys() <= CHANGEABLE

        async def work(tx: Transaction) -> Change | None:
            account, document = await tx.get_many(user_path(acting.org), membership_path(acting.org, uid))
            if account is None or document is None:
                raise no_such_member()
            before = Membership.from_document(document)
            after = replace(before, **changes)
            if before == after:
                return None
            owners = _owners_after(acting, account, before, after)
            tx.set(document.path, after.to_data())
            tx.update(account.path, {"owners": owners})
            return Change("members.change", f"members/{uid}", _terms(before), _terms(after))

        await self._trail.change(acting.org, acting.actor, work)
        return await self.get(acting.org, uid)

    async def remove(self, acting: Acting, uid: str) -> bool:
        """End a membership: nobody acts by it from now on, and its keys stop within seconds. Answers whether there was
        one. Raises as `change`."""

        async def work(tx: Transaction) -> Change | None:
            account, document = await tx.get_many(user_path(acting.org), membership_path(acting.org, uid))
            if account is None or document is None:
                return None
            before = Membership.from_document(document)
            owners = _owners_after(acting, account, before, None)
            tx.delete(document.path)
            tx.update(account.path, {"owners": owners, "members": account.data.get("members", 0) - 1})
            return Change("members.remove", f"members/{uid}", _terms(before), None)

        return await self._trail.change(acting.org, acting.actor, work) is not None


async def billing_addresses(store: Store, org: str) -> dict[str, str]:
    """Whom to write to about an organisation's money, with their addresses: its owners, and who looks after billing;
    `MOST_TOLD` at most."""
    members = [Membership.from_document(each) async for each in store.scan(Query(f"users/{org}/members", limit=PAGE))]
    uids = [each.user for each in members if each.role in ("owner", "billing")][:MOST_TOLD]
    people = await store.get_many(*map(user_path, uids))
    return {each.id: each.data["email"] for each in people if each is not None and is_active(each.data)}


def add_member(tx: Transaction, account: Document | None, membership: Membership) -> None:
    """Write a new membership with the account of its organisation, which was read in the same transaction."""
    if account is None or account.data.get("closed_at") is not None:
        raise no_such_organisation()
    members = account.data.get("members", 0)
    if members >= MOST_MEMBERS:
        raise Conflict(f"An organisation has at most {MOST_MEMBERS} members.", code="too_many_members")
    owners = account.data.get("owners", 0) + (membership.role == "owner")
    tx.update(account.path, {"members": members + 1, "owners": owners})
    tx.create(membership_path(membership.org, membership.user), membership.to_data())


def _owners_after(acting: Acting, account: Document, before: Membership, after: Membership | None) -> int:
    """How many owners there are once a membership has changed, or ended. Raises `Forbidden` or `Conflict`."""
    was, becomes = before.role == "owner", after is not None and after.role == "owner"
    if (was or becomes) and "owners.change" not in acting.rights:
        raise Forbidden("Only an owner makes owners, changes them, or removes them.")
    owners: int = account.data.get("owners", 0) - was + becomes
    is_open = account.data.get("kind") == ORGANISATION and account.data.get("closed_at") is None
    if was and not owners and is_open:  # one that is closed needs nobody
        raise Conflict("This is the last owner. Make somebody else an owner first.", code="last_owner")
    return owners


def _terms(membership: Membership) -> Data:
    return {"role": membership.role, "monthly_budget": membership.monthly_budget}


def _named(membership: Membership, person: Document | None, budget: Budget) -> Member:
    data: Mapping[str, Any] = {} if person is None else person.data
    return Member(membership, data.get("email", ""), data.get("full_name"), budget)


def no_such_member() -> NotFound:
    """What is told of one that is not there."""
    return NotFound("There is no such member.", param="uid")
