"""Leaving everything: what becomes of the organisations of a person who is erased."""

from contextlib import suppress

from functions.farebox.accounts.account import user_path
from functions.farebox.errors import Conflict
from functions.farebox.organisations.acting import Acting
from functions.farebox.organisations.members import Members
from functions.farebox.organisations.membership import Membership, membership_path
from functions.farebox.organisations.rights import ROLE_RIGHTS
from functions.farebox.organisations.trail import Actor, Trail
from functions.farebox.storage import Delete, Document, Filter, Query, Store

PAGE = 200


async def leave_all(store: Store, trail: Trail, uid: str) -> None:
    """End every membership of a person, and drop the members, invitations and trail of their own organisation.

    Raises `Conflict` with `last_owner`, before anything is ended, where an organisation would be left to nobody. Safe
    to repeat.
    """
    mine = Query("members", (Filter("user", "==", uid),), order_by="created_at", limit=PAGE, group=True)
    orgs = [Membership.from_document(each).org async for each in store.scan(mine)]
    accounts = await store.get_many(*map(user_path, orgs))
    places = await store.get_many(*(membership_path(org, uid) for org in orgs))
    for account, place in zip(accounts, places, strict=True):
        _check_not_last(account, place)
    members = Members(store, trail)
    for org in orgs:
        acting = Acting(org, Actor(uid), ROLE_RIGHTS["owner"], "owner", uid)
        with suppress(Conflict):  # of one that is closed, whose last owner nobody needs
            await members.remove(acting, uid)
    own = (
        Query(f"users/{uid}/members", limit=PAGE),
        Query(f"users/{uid}/invitations", limit=PAGE),
        Query(f"users/{uid}/trail", limit=PAGE),
    )
    for query in own:
        async for document in store.scan(query):
            await store.write(Delete(document.path))


def _check_not_last(account: Document | None, place: Document | None) -> None:
    if account is None or place is None or account.data.get("closed_at") is not None:
        return
    if place.data["role"] == "owner" and account.data.get("owners") == 1:
        name = account.data["full_name"]
        raise Conflict(f"You are the last owner of {name}. Hand it over, or end it, first.", code="last_owner")
