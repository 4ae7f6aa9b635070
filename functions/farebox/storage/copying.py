"""Copies a whole database into an empty one, from either engine to the other.

It may be cut off at any moment, and run again: each commit says in a document of the target how far it came, in the
same commit, and whole documents are written, so that doing one twice changes nothing. Whoever copies sees to it that
nobody writes to either side meanwhile; at the end both sides are compared, and what differs is named.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final

import orjson

from functions.farebox.storage.model import MAX_WRITES, Delete, Document, Query
from functions.farebox.storage.store import Store
from functions.farebox.storage.transaction import Transaction

# Every collection, and every subcollection: they are read as groups, wherever they lie. A test holds this to the code.
COLLECTIONS: Final = (
    "admin_calls", "alerts", "answer_cache", "api_keys", "attempts", "audit", "authorizations", "billing", "codes",
    "credentials", "emails", "events", "factors", "idempotency", "identities", "invitations", "jobs", "key_windows",
    "keys", "leases", "mail", "member_budgets", "members", "orgs", "parts", "passes", "payments", "plans", "pricing",
    "project_budgets", "provisions", "sandbox_charges", "sandbox_customers", "sandbox_events", "sandbox_payments",
    "sandbox_sessions", "sandbox_subscriptions", "seeds", "sessions", "sign_ins", "span_budgets", "system_days",
    "tenants", "trail", "transactions", "trials", "unmatched", "upstream_changes", "upstream_health", "upstreams",
    "usage", "usage_days", "users", "versions", "wallets", "welcome_days", "welcomed",
)  # fmt: skip

MARKER: Final = "seeds/copy"  # in the target, until everything is there
MOST_WRITES = MAX_WRITES - 1  # and the marker
MOST_BYTES = 4_000_000  # of a commit's documents; Firestore takes 10 MiB of its own form of them
LARGE: Final = frozenset({"answer_cache", "idempotency", "parts"})  # whose documents may have most of a MiB
LARGE_PAGE = 20


class NotCopied(ValueError):
    """The target is no place for this copy, or differs from its source in the end: the message says where."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a copy has come: everything before `collection`, and of that what lies up to the path `after`."""

    origin: str
    collection: str = COLLECTIONS[0]
    after: str | None = None
    documents: int = 0


async def copy_store(source: Store, target: Store, origin: str) -> AsyncIterator[Progress]:
    """Copy everything; yields how far it is after each commit. `origin` names the source, so that a copy that was cut
    off is only gone on with from where it began. Raises `NotCopied`."""
    if not await source.query(Query("users", limit=1)):
        raise NotCopied(f"there is nobody in {origin}: is that its address?")
    progress = await _begin(target, origin)
    for collection in COLLECTIONS[COLLECTIONS.index(progress.collection) :]:
        if collection != progress.collection:
            progress = replace(progress, collection=collection, after=None)
        after = None if progress.after is None else (progress.after,)
        page = Query(collection, limit=page_of(collection), after=after, group=True)
        async for documents in pages(source, page):
            for chunk in chunks([each for each in documents if each.path != MARKER]):
                progress = replace(progress, after=chunk[-1].path, documents=progress.documents + len(chunk))
                await _write(target, chunk, progress)
                yield progress
    await _compare(source, target)
    await target.write(Delete(MARKER))


async def _begin(target: Store, origin: str) -> Progress:
    marker = await target.get(MARKER)
    if marker is None:
        for collection in COLLECTIONS:
            if await target.query(Query(collection, limit=1, group=True)):
                raise NotCopied(f"the target is not empty: it has {collection}. Copy into a new database")
        return Progress(origin)
    progress = Progress(**marker.data)
    if progress.origin != origin:
        raise NotCopied(f"the target holds the beginning of a copy from {progress.origin}: go on from there")
    return progress


async def pages(store: Store, query: Query) -> AsyncIterator[list[Document]]:
    """What a query of a group finds, by path, in pages of its `limit`."""
    while True:
        page = await store.query(query)
        yield page
        if len(page) < query.limit:
            return
        query = replace(query, after=(page[-1].path,))


def chunks(documents: Sequence[Document]) -> Iterator[list[Document]]:
    """As many at once as one commit takes."""
    chunk: list[Document] = []
    size = 0
    for document in documents:
        length = len(orjson.dumps(document.data))
        if chunk and size + length > MOST_BYTES:
            yield chunk
            chunk, size = [], 0
        chunk.append(document)
        size += length
    if chunk:
        yield chunk


async def _write(target: Store, chunk: Sequence[Document], progress: Progress) -> None:
    async def work(transaction: Transaction) -> None:
        for document in chunk:
            transaction.set(document.path, document.data)
        transaction.set(MARKER, asdict(progress))

    await target.transact(work)


async def _compare(source: Store, target: Store) -> None:
    """Read both sides once more, side by side: a count of millions may take longer than a database lets it."""
    for collection in COLLECTIONS:
        there, here = _documents(source, collection), _documents(target, collection)
        while True:
            copied, copy = await anext(there, None), await anext(here, None)
            if copied is None and copy is None:
                break
            if copied is None or copy is None or (copied.path, copied.data) != (copy.path, copy.data):
                paths = sorted({each.path for each in (copied, copy) if each is not None})
                raise NotCopied(f"{paths[0]} is not the same in the source and in the target: did somebody write?")


async def _documents(store: Store, collection: str) -> AsyncIterator[Document]:
    """Those of a collection, by path, but for what a copy says of itself, which is no part of it."""
    async for page in pages(store, Query(collection, limit=page_of(collection), group=True)):
        for document in page:
            if document.path != MARKER:
                yield document


def page_of(collection: str) -> int:
    """How many documents of a collection are read at once."""
    return LARGE_PAGE if collection in LARGE else MOST_WRITES
