"""A mark in the store of the secret key that its data was made with: another key is refused.

API keys are stored as hashes, and upstreams' keys sealed, under keys that derive from `FAREBOX_SECRET_KEY`. With
another one every API key would be refused as if it were wrong. So the store bears a mark of its key, which tells
nothing about it, and a start with another key is refused.

Beside it stands who knows the passwords of the store's people. With another identity provider nobody could sign in, an
erasure would leave the account where it is, and an administrator would be made where nobody looks for one.
"""

import hmac

from functions.farebox.errors import BadConfig
from functions.farebox.secrets.root_key import SecretKey
from functions.farebox.secrets.seal import Unopened
from functions.farebox.storage import AlreadyExists, Create, Data, Store, Transaction

MARK = "seeds/secret-key"
NEXT = "next"  # the mark of the key that the store is being brought to
IDENTITY = "identity"


def mark_of(key: SecretKey) -> str:
    """What a store bears of a key."""
    return key.derive("mark").hex()


async def check_mark(store: Store, key: SecretKey, identity: str | None = None) -> Data:
    """Mark a store that has no mark, a new one as `identity`'s too, and give the key what the store keeps of an earlier
    one. Answers what stands at the mark. Raises `BadConfig` where it is another key's."""
    mark = mark_of(key)
    document = await store.get(MARK)
    if document is None:
        try:
            fresh = {"mark": mark} if identity is None else {"mark": mark, IDENTITY: identity}
            await store.write(Create(MARK, fresh))
            return fresh
        except AlreadyExists:  # another instance was first
            document = await store.get(MARK)
    if document is not None and document.data.get(NEXT) == mark:
        raise BadConfig(
            "FAREBOX_SECRET_KEY", "the change to this key was cut off: run change-secret-key again, with the same two"
        )
    if document is None or not hmac.compare_digest(document.data["mark"], mark):
        raise BadConfig(
            "FAREBOX_SECRET_KEY",
            "the store was made with another one, and every API key in it is worthless with this. Where "
            "change-secret-key was cut off, run it again",
        )
    keep_former(key, document.data)
    return document.data


def keep_former(key: SecretKey, data: Data) -> None:
    """Give a key what the store keeps of those before it. Raises `BadConfig`."""
    try:
        key.keep(data.get("kept"))
    except Unopened as error:
        raise BadConfig(
            "FAREBOX_SECRET_KEY",
            f"it does not open what {MARK} keeps of the key before, without which no API key is known: bring that "
            "document back from a backup",
        ) from error


def check_identity(marked: Data, identity: str) -> None:
    """Hold that the store's people are this provider's (`Config.identity`), or nobody's yet; `marked` is what
    `check_mark` answered. Raises `BadConfig`."""
    known: str | None = marked.get(IDENTITY)
    if known is not None and known != identity:
        name, _, project = known.partition(":")
        whole = f"{name}, FIREBASE_PROJECT={project} and FIREBASE_API_KEY" if project else name
        raise BadConfig(
            "FAREBOX_IDENTITY",
            f"the people of this store are known by {known}, and not by {identity}: set FAREBOX_IDENTITY={whole}, or "
            "hand them over with change-identity",
        )


async def change_identity(store: Store, identity: str) -> str | None:
    """Have this provider know the store's people from now on; answers who did. Their passwords don't come along."""

    async def work(tx: Transaction) -> str | None:
        document = await tx.get(MARK)
        assert document is not None, "the store was opened"
        former: str | None = document.data.get(IDENTITY)
        tx.set(MARK, {**document.data, IDENTITY: identity})
        return former

    return await store.transact(work)


async def note_identity(store: Store, identity: str) -> None:
    """Write down who knows the store's people, where nothing says so yet: a version that did not know this made it."""

    async def work(tx: Transaction) -> None:
        document = await tx.get(MARK)
        if document is not None and IDENTITY not in document.data:
            tx.set(MARK, {**document.data, IDENTITY: identity})

    await store.transact(work)
