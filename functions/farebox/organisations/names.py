"""What people are called to the members of an organisation, also once they have left it."""

from collections.abc import Iterable
from dataclasses import dataclass

from functions.farebox.accounts.account import user_path
from functions.farebox.organisations.membership import membership_path, role_in
from functions.farebox.storage import Data, Store

AT_ONCE = 500  # people: a database takes so many ids and no more


@dataclass(frozen=True, slots=True)
class PersonName:
    """What a person is called: their full name, or, while they belong to the organisation, their address. `None` is one
    who was erased, or has left and told no full name: addresses are for those that they are members with."""

    name: str | None
    is_member: bool


async def names_of(store: Store, org: str, uids: Iterable[str]) -> dict[str, PersonName]:
    """What people are called who did something in an organisation, by their ids; an id of nobody has no name."""
    people = sorted(set(uids))
    names = {}
    for start in range(0, len(people), AT_ONCE):
        part = people[start : start + AT_ONCE]
        paths = [path for uid in part for path in (user_path(uid), membership_path(org, uid))]
        found = {each.path: each for each in await store.get_many(*paths) if each is not None}
        for uid in part:
            account = found.get(user_path(uid))
            belongs = role_in(org, uid, found.get(membership_path(org, uid))) is not None
            names[uid] = PersonName(None if account is None else _name_in(account.data, belongs), belongs)
    return names


def _name_in(account: Data, belongs: bool) -> str | None:
    """Some are called by their address: sign-in providers tell it where they know no name."""
    name, email = account.get("full_name"), account.get("email")
    if belongs:
        return name or email or None
    return name if name and name.casefold() != (email or "").casefold() else None
