"""A mark in the store of the secret key that its data was made with: another key is refused.

API keys are stored as hashes, and upstreams' keys sealed, under keys that derive from `FAREBOX_SECRET_KEY`. With
another one every API key would be refused as if it were wrong. So the store bears a mark of its key, which tells
nothing about it, and a start with another key is refused.
"""

import hmac

from functions.farebox.errors import BadConfig
from functions.farebox.secrets.root_key import SecretKey
from functions.farebox.storage import AlreadyExists, Create, Store

MARK = "seeds/secret-key"


def mark_of(key: SecretKey) -> str:
    """What a store bears of a key."""
    return key.derive("mark").hex()


async def check_mark(store: Store, key: SecretKey) -> None:
    """Mark a store that has no mark, and give the key what the store keeps of an earlier one. Raises `BadConfig` where
    it bears another key's."""
    mark = mark_of(key)
    document = await store.get(MARK)
    if document is None:
        try:
            await store.write(Create(MARK, {"mark": mark}))
            return
        except AlreadyExists:  # another instance was first
            document = await store.get(MARK)
    if document is None or not hmac.compare_digest(document.data["mark"], mark):
        raise BadConfig(
            "FAREBOX_SECRET_KEY", "the store was made with another one, and every API key in it is worthless with this"
        )
    key.keep(document.data.get("kept"))
