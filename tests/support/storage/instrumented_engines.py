"""Storage engines for tests: one counts what Firestore would bill, one can be told not to answer, one is far away."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Generator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from functions.farebox.storage import Check, Delete, Document, Engine, Query, Queued, Store, Write

TURNS_AFAR = 200  # of the event loop
INDEX_ENTRIES_A_READ = 1000  # of an aggregation; https://firebase.google.com/docs/firestore/pricing


class CountingEngine:
    """Passes everything on and counts documents: `reads`, `writes`, `deletes`, each by its collection.

    As Firestore bills them: a read of an absent document counts, a query counts its results and at least one, and so
    does each write of a commit that was applied. A check of a present document is sent as an update of none of its
    fields, one of an absent document as a delete (`storage/firestore/writes.py`).
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.reset()

    def reset(self) -> None:
        """Count from zero."""
        self.reads: Counter[str] = Counter()
        self.writes: Counter[str] = Counter()
        self.deletes: Counter[str] = Counter()
        self.written: Counter[str] = Counter()  # commits that have written a document, by its path
        self.calls = 0  # that only read

    async def read(self, paths: Sequence[str]) -> list[Document | None]:
        self.calls += 1
        self.reads.update(_collection(path) for path in dict.fromkeys(paths))
        return await self._engine.read(paths)

    async def commit(self, writes: Sequence[Write]) -> list[str | None]:
        versions = await self._engine.commit(writes)
        self.count(writes)
        return versions

    def queue(self, writes: Sequence[Write]) -> "_Counted":
        """As the engine's own, in company where it has any."""
        return _Counted(self, Store(self._engine).begin(*writes), writes)

    def count(self, writes: Sequence[Write]) -> None:
        """Count a commit that was applied."""
        for write in writes:
            deletes = isinstance(write, Delete) or (isinstance(write, Check) and write.version is None)
            (self.deletes if deletes else self.writes)[_collection(write.path)] += 1
            if not isinstance(write, Check):
                self.written[write.path] += 1

    async def query(self, query: Query) -> list[Document]:
        self.calls += 1
        found = await self._engine.query(query)
        self.reads[query.collection] += max(1, len(found))
        return found

    async def aggregate(self, query: Query, sums: Sequence[str] = ()) -> dict[str, int]:
        self.calls += 1
        found = await self._engine.aggregate(query, sums)
        self.reads[query.collection] += (1 + len(sums)) * max(1, -(-found["count"] // INDEX_ENTRIES_A_READ))
        return found

    async def close(self) -> None:
        await self._engine.close()


class _Counted:
    """A queued commit that is counted as what it has become."""

    def __init__(self, engine: CountingEngine, queued: Queued, writes: Sequence[Write]) -> None:
        self._engine = engine
        self._queued = queued
        self._writes = writes

    def amend(self, writes: Sequence[Write]) -> bool:
        """See `Queued`."""
        is_amended = self._queued.amend(writes)
        if is_amended:
            self._writes = writes
        return is_amended

    def __await__(self) -> Generator[Any, None, list[str | None]]:
        versions = yield from self._queued.__await__()
        self._engine.count(self._writes)
        return versions


class SilentEngine:
    """Passes everything on, or, while it is `silent`, holds it back until it no longer is."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._answers = asyncio.Event()
        self._answers.set()
        self.asked = 0  # calls that came while it was silent

    def fall_silent(self) -> None:
        """Answer nothing from now on."""
        self._answers.clear()
        self.asked = 0

    def answer(self) -> None:
        """Answer again, also what has come meanwhile."""
        self._answers.set()

    async def read(self, paths: Sequence[str]) -> list[Document | None]:
        await self._turn()
        return await self._engine.read(paths)

    async def commit(self, writes: Sequence[Write]) -> list[str | None]:
        await self._turn()
        return await self._engine.commit(writes)

    async def query(self, query: Query) -> list[Document]:
        await self._turn()
        return await self._engine.query(query)

    async def aggregate(self, query: Query, sums: Sequence[str] = ()) -> dict[str, int]:
        await self._turn()
        return await self._engine.aggregate(query, sums)

    async def close(self) -> None:
        await self._engine.close()

    async def _turn(self) -> None:
        self.asked += not self._answers.is_set()
        await self._answers.wait()


class DistantEngine:
    """Passes everything on, from afar: each call takes many turns of the loop. `round_trips` is how many there were in
    a row: those that go at the same time are one."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.round_trips = 0

    async def read(self, paths: Sequence[str]) -> list[Document | None]:
        async with self._trip():
            return await self._engine.read(paths)

    async def commit(self, writes: Sequence[Write]) -> list[str | None]:
        async with self._trip():
            return await self._engine.commit(writes)

    async def query(self, query: Query) -> list[Document]:
        async with self._trip():
            return await self._engine.query(query)

    async def aggregate(self, query: Query, sums: Sequence[str] = ()) -> dict[str, int]:
        async with self._trip():
            return await self._engine.aggregate(query, sums)

    async def close(self) -> None:
        await self._engine.close()

    @asynccontextmanager
    async def _trip(self) -> AsyncIterator[None]:
        mine = self.round_trips + 1
        for _ in range(TURNS_AFAR):
            await asyncio.sleep(0)
        yield
        self.round_trips = max(self.round_trips, mine)


def _collection(path: str) -> str:
    return path.rpartition("/")[0].rpartition("/")[2]
