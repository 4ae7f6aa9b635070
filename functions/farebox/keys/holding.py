"""Whether a key still stands by what it belongs to: its member or service account, and its project.

One door for whoever authenticates a key and whoever tells of it: a record may say `live` of a key that has stopped,
where what stopped it was done by an earlier version, which left records as they were, or by a call that was cut off.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from functions.farebox.accounts.account import user_path
from functions.farebox.keys.api_key import ApiKey
from functions.farebox.organisations.groups import group_path
from functions.farebox.organisations.membership import membership_path, role_in
from functions.farebox.organisations.rights import INFERENCE, may_spend
from functions.farebox.storage import Document


def paths_around(key: ApiKey) -> Mapping[str, str]:
    """Where what a key belongs to is kept. It must be there, or the key is one no more."""
    paths: dict[str, str] = {}
    if key.member is not None:
        paths |= {"member": membership_path(key.user, key.member), "person": user_path(key.member)}
    if key.service_account is not None:
        paths["service_account"] = group_path(key.user, "service_accounts", key.service_account)
    if key.project is not None:
        paths["project"] = group_path(key.user, "projects", key.project)
    return paths


def as_it_stands(key: ApiKey, around: Mapping[str, Document | None]) -> ApiKey:
    """A key as it is, given what was found at `paths_around`: revoked as well where that is no more, where its member
    has left since it was made, or may not spend any more."""
    membership = around.get("member")
    role = None if key.member is None else role_in(key.user, key.member, membership)
    has_stopped = (
        None in around.values()
        or (membership is not None and membership.data["created_at"] > key.created_at)
        or (role is not None and INFERENCE in key.scopes and not may_spend(role))
    )
    return replace(key, state="revoked") if has_stopped else key


async def as_they_stand(read: Callable[..., Awaitable[Sequence[Document | None]]], *keys: ApiKey) -> list[ApiKey]:
    """Keys as they are, whatever their records say. `read` is a store's `get_many`, or a transaction's."""
    paths = sorted({path for key in keys for path in paths_around(key).values()})
    found = dict(zip(paths, await read(*paths), strict=True)) if paths else {}
    around = ({name: found[path] for name, path in paths_around(key).items()} for key in keys)
    return [as_it_stands(key, each) for key, each in zip(keys, around, strict=True)]
