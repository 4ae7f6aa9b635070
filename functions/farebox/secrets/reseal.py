"""Changes the root key of a store: what was sealed with the old one is sealed with the new, and keys that stored hashes
hang on are kept, sealed as well.

An API key is stored as a hash under a key that derives from the root, and nobody could hash it anew without knowing it.
So the derived key stays as it is: whoever has learnt the old root could at most try out secrets of 192 random bits.
What only lives for hours, sessions and cursors, ends.

The store notes at the beginning which key it is being brought to. Cut off, nothing but that key finishes it: with a
third one, what was sealed with the second would never open again.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final

from functions.farebox.errors import BadConfig
from functions.farebox.secrets.root_key import SecretKey
from functions.farebox.secrets.seal import Seal
from functions.farebox.secrets.sealed_places import PLACES, Place, opens, sealed_documents, text_at, with_text
from functions.farebox.secrets.store_mark import MARK, NEXT, keep_former, mark_of
from functions.farebox.storage import Data, Store, Transaction

# What hashes are made with that cannot be made again.
HASHED: Final = ("api-keys", "invitations", "recovery-codes", "trials", "welcomed")
MOST_NAMED = 1000

Work = Callable[[Transaction], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Resealed:
    """How far it is: `documents` were sealed anew, `unopened` texts open with neither key and stay as they are; the
    first `MOST_NAMED` of those are in `named`, each as its document's path and its field."""

    documents: int = 0
    unopened: int = 0
    named: tuple[str, ...] = ()


async def reseal(store: Store, old: SecretKey, new: SecretKey, *, gives_up: bool = False) -> AsyncIterator[Resealed]:
    """Bring a store from one root key to another; yields how far it is. Cut off, it is run again with the same keys;
    twice, it changes nothing but what a server with the old key has sealed since.

    `gives_up`: a change to a third key was cut off, and that key is lost with all that it has sealed. Raises
    `BadConfig`, before anything is changed, where the store is neither key's or is being brought to a third one.
    """
    await _begin(store, old, new, gives_up=gives_up)
    seals = {place.purpose: (Seal(old.derive(place.purpose)), Seal(new.derive(place.purpose))) for place in PLACES}
    done = Resealed()
    async for place, found in sealed_documents(store):
        former, latter = seals[place.purpose]
        _, changed, closed = _again(found.data, place, former, latter)
        if changed:
            await store.transact(_writing(found.path, place, former, latter))
            done = replace(done, documents=done.documents + 1)
        for field in closed:
            named = (*done.named, f"{found.path}: {field}")[:MOST_NAMED]
            done = replace(done, unopened=done.unopened + 1, named=named)
        if changed or closed:
            yield done
    await store.transact(_ending(old, new))  # last, so that a run that was cut off before is known as one
    yield done


async def _begin(store: Store, old: SecretKey, new: SecretKey, *, gives_up: bool) -> None:
    """Note in the store which key it is brought to, and give the old one what the store keeps of those before."""
    if mark_of(old) == mark_of(new):
        raise BadConfig(
            "FAREBOX_NEW_SECRET_KEY", "it is the same as FAREBOX_SECRET_KEY: name in that one the key from before"
        )

    async def work(tx: Transaction) -> Data:
        document = await tx.get(MARK)
        if document is None or document.data["mark"] not in (mark_of(old), mark_of(new)):
            raise BadConfig("FAREBOX_SECRET_KEY", "the store was made neither with it nor with FAREBOX_NEW_SECRET_KEY")
        if document.data["mark"] == mark_of(new):
            return document.data
        if document.data.get(NEXT) not in (None, mark_of(new)) and not gives_up:
            raise BadConfig(
                "FAREBOX_NEW_SECRET_KEY",
                "a change to another key than this was begun and cut off; run it to its end with that one. Only where "
                "that key is lost, with all that it has sealed, begin anew with --give-up",
            )
        tx.set(MARK, {**document.data, NEXT: mark_of(new)})
        return document.data

    data = await store.transact(work)
    if data["mark"] == mark_of(old):
        keep_former(old, data)


def _writing(path: str, place: Place, former: Seal, latter: Seal) -> Work:
    async def work(tx: Transaction) -> None:
        document = await tx.get(path)
        if document is not None:
            tx.set(path, _again(document.data, place, former, latter)[0])

    return work


def _again(data: Data, place: Place, former: Seal, latter: Seal) -> tuple[Data, bool, list[str]]:
    """A document whose texts that the former seal opens are closed with the latter; whether there were any; and the
    fields of those that neither opens."""
    is_changed, closed = False, []
    for field in place.fields:
        text = text_at(data, field)
        if text is None:
            continue
        if opens(former, text):
            data, is_changed = with_text(data, field, latter.close(former.open(text))), True
        elif not opens(latter, text):
            closed.append(field)
    return data, is_changed, closed


def _ending(old: SecretKey, new: SecretKey) -> Work:
    """Give the store the new key's mark, or leave it where it has that."""

    async def work(tx: Transaction) -> None:
        document = await tx.get(MARK)
        assert document is not None, "nobody deletes it"
        data = {name: value for name, value in document.data.items() if name != NEXT}
        if data["mark"] == mark_of(old):
            kept = Seal(new.derive("kept"))
            data["kept"] = {purpose: kept.close(old.derive(purpose).hex()) for purpose in HASHED}
            tx.set(MARK, {**data, "mark": mark_of(new)})
        elif document.data.get(NEXT) == mark_of(old):  # a change to `old` that was cut off is taken back
            tx.set(MARK, data)

    return work
