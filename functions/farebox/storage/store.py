"""The store: single reads, queries, batches, and transactions that are retried until they fit."""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Generator, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from functions.farebox.errors import StoreUnavailable
from functions.farebox.observability.metrics import STORE_RETRIES
from functions.farebox.observability.telemetry import count
from functions.farebox.storage.model import (
    AlreadyExists,
    Contended,
    Document,
    Engine,
    Filter,
    Query,
    Queued,
    Unreachable,
    Write,
)
from functions.farebox.storage.transaction import Transaction

T = TypeVar("T")

GIVE_UP_AFTER_S = 25.0
FIRST_PAUSE_S = 0.005
LONGEST_PAUSE_S = 0.25


class Sent:
    """A commit that is on its way. Whoever began it need not be there at its end."""

    def __init__(self, commit: Coroutine[Any, Any, list[str | None]]) -> None:
        self._task = asyncio.ensure_future(commit)
        self._task.add_done_callback(_retrieve)

    def amend(self, _writes: Sequence[Write]) -> bool:
        """See `Queued`."""
        return False

    def __await__(self) -> Generator[Any, None, list[str | None]]:
        return self._task.__await__()


class Store:
    """What the domain sees of the database. `rng` makes the pauses between attempts; simulations seed it."""

    def __init__(self, engine: Engine, *, rng: random.Random | None = None) -> None:
        self.engine = engine
        self._rng = rng or random.Random()

    async def get(self, path: str) -> Document | None:
        """The document at a path."""
        return (await self.engine.read([path]))[0]

    async def get_many(self, *paths: str) -> list[Document | None]:
        """Several documents in one round trip, from one moment."""
        return await self.engine.read(paths)

    async def query(self, query: Query) -> list[Document]:
        """The documents that a query finds: one page."""
        return await self.engine.query(query)

    async def scan(self, query: Query) -> AsyncGenerator[Document]:
        """Every document that a query finds, read in pages of its `limit`."""
        after = query.after
        while True:
            page = await self.engine.query(replace(query, after=after))
            for document in page:
                yield document
            if len(page) < query.limit:
                return
            after = query.position_of(page[-1])

    def walk(self, query: Query) -> AsyncGenerator[Document]:
        """The same as `scan`, for what goes through whole collections: an engine that has a `stream` answers all of it
        at once, and looks for it once. Whoever does not read it to its end closes it."""
        stream: Callable[[Query], AsyncGenerator[Document]] | None = getattr(self.engine, "stream", None)
        return self.scan(query) if stream is None else stream(query)

    async def count(self, collection: str, *where: Filter) -> int:
        """How many documents match."""
        return (await self.engine.aggregate(Query(collection, where)))["count"]

    async def sums(self, collection: str, fields: Sequence[str], *where: Filter) -> dict[str, int]:
        """`count` and the sum of each field over all documents that match."""
        return await self.engine.aggregate(Query(collection, where), fields)

    async def write(self, *writes: Write) -> list[str | None]:
        """One atomic batch, not retried: the caller knows what a second try would mean. Raises as `Engine.commit`."""
        return await self.engine.commit(writes)

    def begin(self, *writes: Write) -> Queued:
        """One atomic batch like `write`'s, begun now or as soon as its turn comes. An engine that has no `queue` of its
        own, as SQLite's has, sends it off at once."""
        queue: Callable[[Sequence[Write]], Queued] | None = getattr(self.engine, "queue", None)
        return queue(writes) if queue is not None else Sent(self.engine.commit(writes))

    async def transact(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run `work` in a transaction and commit it; again, from the start, when somebody else wrote in between.

        `work` runs at least once and may run after an earlier attempt was in fact applied (a lost acknowledgement),
        so it must recognise its own effect: read the marker that it creates, or only set what is already decided.
        Raises what `work` raises over reads of one moment, `AlreadyExists` or `Missing` where no further attempt could
        help, and `StoreUnavailable` after `GIVE_UP_AFTER_S` seconds.
        """
        clock = asyncio.get_running_loop().time
        deadline = clock() + GIVE_UP_AFTER_S
        pause_s = FIRST_PAUSE_S
        while True:
            transaction = Transaction(self.engine)
            try:
                result = await _run(work, transaction)
                await transaction.commit()
                return result
            except (AlreadyExists, Contended, Unreachable) as error:
                if isinstance(error, AlreadyExists) and not transaction.creates_only_what_it_read:
                    raise
                if clock() >= deadline:
                    raise StoreUnavailable("The database is busy. Try again in a few seconds.") from error
            count(STORE_RETRIES, 1)
            await asyncio.sleep(self._rng.uniform(pause_s / 2, pause_s))
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)

    async def close(self) -> None:
        """Let go of the engine."""
        await self.engine.close()


def _retrieve(task: asyncio.Task[Any]) -> None:
    """An end that nobody waited for is no fault of the event loop's."""
    if not task.cancelled():
        task.exception()


async def _run(work: Callable[[Transaction], Awaitable[T]], transaction: Transaction) -> T:
    try:
        return await work(transaction)
    except Exception as refusal:
        if not isinstance(refusal, Unreachable):
            await transaction.check_moment()
        raise
