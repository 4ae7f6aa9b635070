"""Changes the root key of a store: what was sealed with the old one is sealed with the new, and keys that stored hashes
hang on are kept, sealed as well.

An API key is stored as a hash under a key that derives from the root, and nobody could hash it anew without knowing it.
So the derived key stays as it is: whoever has learnt the old root could at most try out secrets of 192 random bits.
What only lives for hours, sessions and cursors, ends.
"""

from collections.abc import AsyncIterator
from typing import Any, Final

from cryptography.fernet import InvalidToken

from functions.farebox.secrets.root_key import SecretKey
from functions.farebox.secrets.seal import Seal
from functions.farebox.secrets.store_mark import MARK, mark_of
from functions.farebox.storage import Data, Document, Query, Set, Store, Transaction

# Where texts are sealed, and with the key of which purpose. A test seals one of each and looks through everything.
SEALED: Final = {"upstreams": "upstream-keys", "billing": "webhook-secrets", "factors": "second-factors"}
# What hashes are made with that cannot be made again.
HASHED: Final = ("api-keys", "invitations", "recovery-codes", "trials", "welcomed")
PAGE = 200


class WrongKey(ValueError):
    """The store bears the mark of neither key."""


async def reseal(store: Store, old: SecretKey, new: SecretKey) -> AsyncIterator[int]:
    """Bring a store from one root key to another; yields how many documents were sealed anew so far. Cut off, it is
    run again with the same keys; twice, it changes nothing. Servers with the old key cannot read what was sealed with
    the new one, so they are stopped, or replaced at once. Raises `WrongKey`."""
    document = await store.get(MARK)
    marks = {mark_of(old): old, mark_of(new): new}
    if document is None or document.data["mark"] not in marks:
        raise WrongKey("the store was made with neither of these keys")
    is_old = document.data["mark"] == mark_of(old)
    if is_old:
        old.keep(document.data.get("kept"))
    done = 0
    for place in (Query("upstreams", limit=PAGE), Query("billing", limit=PAGE), Query("factors", limit=PAGE)):
        purpose = SEALED[place.collection]
        former, latter = Seal(old.derive(purpose)), Seal(new.derive(purpose))
        async for found in store.scan(place):
            if _resealed(found.data, former, latter) != found.data:
                await _write(store, found, former, latter)
                done += 1
                yield done
    if is_old:  # last, so that a run that was cut off before is known as one
        kept = Seal(new.derive("kept"))
        sealed = {purpose: kept.close(old.derive(purpose).hex()) for purpose in HASHED}
        await store.write(Set(MARK, {"mark": mark_of(new), "kept": sealed}, document.version))
    yield done


async def _write(store: Store, found: Document, former: Seal, latter: Seal) -> None:
    async def work(transaction: Transaction) -> None:
        document = await transaction.get(found.path)
        if document is not None:
            transaction.set(found.path, _resealed(document.data, former, latter))

    await store.transact(work)


def _resealed(data: Data, former: Seal, latter: Seal) -> Data:
    """A document whose texts that the former seal opens are closed with the latter; the same one where none is."""

    def again(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: again(each) for name, each in value.items()}
        if isinstance(value, list):
            return [again(each) for each in value]
        if not isinstance(value, str) or not value.startswith("gAAAA"):  # what Fernet's version and time begin with
            return value
        try:
            return latter.close(former.open(value))
        except InvalidToken:
            return value

    changed: Data = again(data)
    return changed
