"""Kept answers: what a person was told through their keys, for idempotency keys and by the cache of answers.

Both are kept by the party on the other side of a key (`ApiKey.party`), which is the person, or a member or a customer
of whoever pays. What a cache that all callers share has kept is nobody's.
"""

from collections.abc import AsyncIterator

from functions.farebox.caching.answers import kept_body
from functions.farebox.data_plane.idempotency import read_answer
from functions.farebox.keys.api_key import ApiKey
from functions.farebox.organisations.forgetting import keys_of
from functions.farebox.storage import Data, Delete, Document, Filter, Query, Store

PAGE = 100


async def kept_answers(store: Store, uid: str) -> AsyncIterator[tuple[Document, Data]]:
    """Each document that keeps an answer to a person, with the answer's text as `answer` where it is whole."""
    async for document in _found(store, uid, "idempotency"):
        is_whole = document.data.get("parts") is not None
        body = (await read_answer(store, document)).body if is_whole else None
        yield document, {} if body is None else {"answer": body.decode(errors="replace")}
    async for document in _found(store, uid, "answer_cache"):
        yield document, {"text": None, "answer": kept_body(document).decode(errors="replace")}


async def forget_answers(store: Store, uid: str) -> None:
    """Delete them, the parts that hold their text as well. Safe to repeat."""
    async for document in _found(store, uid, "idempotency"):
        async for part in store.scan(Query(f"{document.path}/parts", limit=PAGE)):
            await store.write(Delete(part.path))
        await store.write(Delete(document.path))
    async for document in _found(store, uid, "answer_cache"):
        await store.write(Delete(document.path))


async def _found(store: Store, uid: str, collection: str) -> AsyncIterator[Document]:
    parties = {uid} | {ApiKey.from_data(key.id, key.data).party async for key in keys_of(store, uid)}
    for party in sorted(parties):
        async for document in store.scan(Query(collection, (Filter("user", "==", party),), limit=PAGE)):
            yield document
