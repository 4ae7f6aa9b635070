"""What people are called to the members of an organisation, also once they have left it."""

from collections.abc import Iterable
from dataclasses import dataclass

from functions.farebox.accounts.account import user_path
from functions.farebox.organisations.membership import membership_path, role_in
from functions.farebox.storage import Store


@dataclass(frozen=True, slots=True)
class PersonName:
    """What a person is called: their full name, or, while they belong to the organisation, their address. `None` is one
    who was erased, or has left and told no full name: addresses are for those that they are members with."""

    name: str | None
    is_member: bool


async def names_of(store: Store, org: str, uids: Iterable[str]) -> dict[str, PersonName]:
    """What people are called who did something in an organisation, by their ids; an id of nobody has no name."""
    people = sorted(set(uids))
    paths = [path for uid in people for path in (user_path(uid), membership_path(org, uid))]
    found = {each.path: each for each in await store.get_many(*paths) if each is not None}
    names = {}
    for uid in people:
        account = found.get(user_path(uid))
        belongs = role_in(org, uid, found.get(membership_path(org, uid))) is not None
        told = {} if account is None else account.data
        names[uid] = PersonName(told.get("full_name") or (told.get("email") if belongs else None) or None, belongs)
    return names
