"""Leaving everything: what becomes of the organisations of a person who is erased.

Whether somebody is the last owner is decided by the transaction that ends the membership, so that of two owners who
are erased at once one is told so. Asking before is for whoever would otherwise be half erased when it is told.
"""

from functions.farebox.accounts.account import user_path
from functions.farebox.errors import Conflict
from functions.farebox.organisations.acting import Acting
from functions.farebox.organisations.members import Members
from functions.farebox.organisations.membership import Membership
from functions.farebox.organisations.rights import ROLE_RIGHTS
from functions.farebox.organisations.trail import Actor, Trail
from functions.farebox.storage import Delete, Document, Filter, Query, Store

PAGE = 200


async def leave_all(store: Store, trail: Trail, uid: str) -> None:
    """End every membership of a person.

    Raises `Conflict` with `last_owner` where an organisation would be left to nobody. Safe to repeat.
    """
    members = Members(store, trail)
    for place in sorted(await _places(store, uid), key=lambda each: each.role != "owner"):  # what may fail, first
        acting = Acting(place.org, Actor(uid), ROLE_RIGHTS["owner"], "owner", uid)
        try:
            await members.remove(acting, uid)
        except Conflict as error:  # the last but one has gone since it was looked at
            raise _last_owner(await store.get(user_path(place.org))) from error


async def drop_own(store: Store, uid: str) -> None:
    """Drop the members, invitations and trail of a person's own organisation, after the last change that leaves an
    entry there. Safe to repeat."""
    own = (
        Query(f"users/{uid}/members", limit=PAGE),
        Query(f"users/{uid}/invitations", limit=PAGE),
        Query(f"users/{uid}/trail", limit=PAGE),
    )
    for query in own:
        async for document in store.scan(query):
            await store.write(Delete(document.path))


async def check_may_leave(store: Store, uid: str) -> None:
    """Raises `Conflict` with `last_owner` where an organisation would be left to nobody."""
    owned = [place.org for place in await _places(store, uid) if place.role == "owner"]
    for account in await store.get_many(*map(user_path, owned)):
        is_open = account is not None and account.data.get("closed_at") is None
        if account is not None and is_open and account.data.get("owners") == 1:
            raise _last_owner(account)


async def _places(store: Store, uid: str) -> list[Membership]:
    mine = Query("members", (Filter("user", "==", uid),), order_by="created_at", limit=PAGE, group=True)
    return [Membership.from_document(each) async for each in store.scan(mine)]


def _last_owner(account: Document | None) -> Conflict:
    name = "an organisation" if account is None else account.data["full_name"]
    return Conflict(
        f"You are the last owner of {name}. Make another member an owner of it, or close it, and then erase your "
        "account.",
        code="last_owner",
    )
