"""Copies a whole database into an empty one, from either engine to the other.

It may be cut off at any moment, and run again: when what was read is there, a document of the target says how far that
is, and whole documents are written, so that writing one twice changes nothing. Whoever copies sees to it that
nobody writes to either side meanwhile; at the end both sides are compared, and what differs is named.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Final

import orjson

from functions.farebox.errors import StoreUnavailable
from functions.farebox.storage.expiring import EXPIRING
from functions.farebox.storage.model import MAX_WRITES, Data, Delete, Document, Query
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
COMMIT_TRIES = 8  # each as long as a store waits: some three minutes in all, as its reads have, for what takes hours
UNDER_WAY = 4  # commits at one time; twice as many are in memory, while the next are read


class NotCopied(ValueError):
    """The target is no place for this copy, or differs from its source in the end: the message says where."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a copy has come: everything before `collection`, and of that what lies up to the path `after`."""

    origin: str
    collection: str = COLLECTIONS[0]
    after: str | None = None
    documents: int = 0


async def copy_store(source: Store, target: Store, origin: str) -> AsyncGenerator[Progress]:
    """Copy everything; yields how far it is after each round of commits, which are under way together while the next
    round is read. `origin` names the source, so that a copy that was cut off is only gone on with from where it began.
    Raises `NotCopied`."""
    if not await source.query(Query("users", limit=1)):
        raise NotCopied(f"there is nobody in {origin}: is that its address?")
    progress = await _begin(target, origin)
    for collection in COLLECTIONS[COLLECTIONS.index(progress.collection) :]:
        if collection != progress.collection:
            progress = replace(progress, collection=collection, after=None)
        under_way: asyncio.Task[Progress] | None = None
        async with aclosing(_rounds(_documents(source, collection, progress.after))) as rounds:
            try:
                async for chunks_of_round in rounds:
                    if under_way is not None:
                        progress = await under_way
                        yield progress
                    under_way = asyncio.create_task(_write(target, chunks_of_round, progress))
                if under_way is not None:
                    progress = await under_way
                    yield progress
            finally:
                if under_way is not None:
                    under_way.cancel()
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


async def chunks(documents: AsyncGenerator[Document]) -> AsyncGenerator[list[Document]]:
    """As many at once as one commit takes, with a document more that says how far it came."""
    chunk: list[Document] = []
    size = 0
    async with aclosing(documents):
        async for document in documents:
            length = len(orjson.dumps(document.data))
            if chunk and (size + length > MOST_BYTES or len(chunk) == MOST_WRITES):
                yield chunk
                chunk, size = [], 0
            chunk.append(document)
            size += length
    if chunk:
        yield chunk


async def _rounds(documents: AsyncGenerator[Document]) -> AsyncGenerator[list[list[Document]]]:
    """As many chunks as are written at one time."""
    taken: list[list[Document]] = []
    async with aclosing(chunks(documents)) as each:
        async for chunk in each:
            taken.append(chunk)
            if len(taken) == UNDER_WAY:
                yield taken
                taken = []
    if taken:
        yield taken


async def _write(target: Store, chunks_of_round: Sequence[Sequence[Document]], before: Progress) -> Progress:
    """Write a round, and when all of it is there, how far that is."""
    await asyncio.gather(*(_set(target, {each.path: each.data for each in chunk}) for chunk in chunks_of_round))
    documents = sum(map(len, chunks_of_round))
    progress = replace(before, after=chunks_of_round[-1][-1].path, documents=before.documents + documents)
    await _set(target, {MARKER: asdict(progress)})
    return progress


async def _set(target: Store, documents: Mapping[str, Data]) -> None:
    async def work(transaction: Transaction) -> None:
        for path, data in documents.items():
            transaction.set(path, data)

    for _ in range(COMMIT_TRIES - 1):
        with suppress(StoreUnavailable):
            await target.transact(work)
            return
    await target.transact(work)


async def _compare(source: Store, target: Store) -> None:
    """Read both sides once more, side by side: a count of millions may take longer than a database lets it.

    A database takes away by itself what has expired, at any moment, so either side may lack that.
    """
    for collection in COLLECTIONS:
        may_go = collection in EXPIRING
        async with aclosing(_documents(source, collection)) as there, aclosing(_documents(target, collection)) as here:
            async for document, counterpart in _side_by_side(there, here):
                is_well = (
                    may_go and _has_expired(document) if counterpart is None else document.data == counterpart.data
                )
                if not is_well:
                    raise NotCopied(
                        f"{document.path} is not the same in the source and in the target: did somebody write?"
                    )


async def _side_by_side(
    there: AsyncGenerator[Document], here: AsyncGenerator[Document]
) -> AsyncGenerator[tuple[Document, Document | None]]:
    """Each document of two sides that come by path, with its counterpart; `None` where one side alone has it."""
    left, right = await anext(there, None), await anext(here, None)
    while left is not None or right is not None:
        if left is not None and right is not None and left.path == right.path:
            yield left, right
            left, right = await anext(there, None), await anext(here, None)
        elif right is None or (left is not None and left.path.split("/") < right.path.split("/")):
            assert left is not None
            yield left, None
            left = await anext(there, None)
        else:
            yield right, None
            right = await anext(here, None)


def _has_expired(document: Document) -> bool:
    at = document.data.get("expires_at")
    return isinstance(at, datetime) and at <= datetime.now(UTC)


async def _documents(store: Store, collection: str, after: str | None = None) -> AsyncGenerator[Document]:
    """Those of a collection, by path, but for what a copy says of itself, which is no part of it."""
    async with aclosing(store.walk(whole(collection, after))) as documents:
        async for document in documents:
            if document.path != MARKER:
                yield document


def whole(collection: str, after: str | None) -> Query:
    """Finds all documents of a collection, wherever they lie, from behind a path on."""
    limit = LARGE_PAGE if collection in LARGE else MOST_WRITES
    return Query(collection, limit=limit, after=None if after is None else (after,), group=True)
