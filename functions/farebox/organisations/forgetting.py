"""Forgetting: what the records of other organisations tell of a person who is erased goes. What was done stays."""

from collections.abc import AsyncIterator, Awaitable, Callable

from msgspec.structs import replace

from functions.farebox.kit.emails import email_id
from functions.farebox.organisations.invitations import mail_of
from functions.farebox.storage import Data, Delete, Document, Filter, Query, Store, Update

PAGE = 200


Also = Callable[[Document], Awaitable[None]]  # what else is to be done for an entry of a trail, as it is from now on


async def forget_address(store: Store, uid: str, email: str, *, also: Also) -> None:
    """Have no organisation tell from where a person has acted, nor this e-mail address of theirs: invitations to it and
    by them, the mails that name them, and the entries about it. Safe to repeat."""
    by = (Filter("actor", "==", uid),)
    async for entry in store.scan(Query("trail", by, order_by="created_at", limit=PAGE, group=True)):
        await _write(store, entry, {"address": None}, also)
        if entry.data["action"] == "invitations.create":
            await store.write(Delete(f"mail/{mail_of(entry.data['target'].rpartition('/')[2])}"))
    about = (Filter("about", "==", email_id(email)),)
    async for entry in store.scan(Query("trail", about, order_by="created_at", limit=PAGE, group=True)):
        await _write(store, entry, without(entry, "email"), also)
    to = (Filter("email", "==", email),)
    sent = (Filter("invited_by", "==", uid),)
    for query in (
        Query("invitations", to, order_by="created_at", limit=PAGE, group=True),
        Query("invitations", sent, order_by="created_at", limit=PAGE, group=True),
    ):
        async for invitation in store.scan(query):
            await store.write(Delete(invitation.path))


async def keys_of(store: Store, uid: str) -> AsyncIterator[Document]:
    """Every key that a person pays for, or holds in an organisation; each once."""
    async for key in store.scan(Query("api_keys", (Filter("user", "==", uid),), limit=PAGE)):
        yield key
    async for key in store.scan(Query("api_keys", (Filter("member", "==", uid),), limit=PAGE)):
        if key.data["user"] != uid:
            yield key


async def forget_key_names(store: Store, uid: str, instead: str, *, also: Also) -> None:
    """Have no record tell the names that a person's keys had, nor from where they have acted, of those that they held
    in organisations either. Safe to repeat."""
    async for key in keys_of(store, uid):
        await store.write(Update(key.path, {"name": instead}))
        of_key = (Filter("target", "==", f"keys/{key.id}"),)
        by_key = (Filter("actor", "==", f"key:{key.id}"),)
        async for entry in store.scan(Query(f"users/{key.data['user']}/trail", of_key, limit=PAGE)):
            await _write(store, entry, without(entry, "name"), also)
        async for entry in store.scan(Query(f"users/{key.data['user']}/trail", by_key, limit=PAGE)):
            await _write(store, entry, {"address": None}, also)


def without(entry: Document, name: str) -> Data:
    """What to write of an entry so that a field of what it tells is empty, before and after: nothing where it is."""
    told: dict[str, Data | None] = {side: entry.data[side] for side in ("before", "after")}
    return {side: {**each, name: ""} for side, each in told.items() if each is not None and each.get(name)}


async def _write(store: Store, entry: Document, emptied: Data, also: Also) -> None:
    if emptied:
        await store.write(Update(entry.path, emptied))
    await also(replace(entry, data={**entry.data, **emptied}))
