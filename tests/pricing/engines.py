"""A real engine that can be watched, held up and cut off."""

import asyncio
from collections.abc import Sequence

from functions.farebox.storage import Document, Engine, Query, Write
from functions.farebox.storage.model import Unreachable


class WatchedEngine:
    """Notes what is asked of the engine behind it in `calls`; `broken`, it does not answer."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._gate = asyncio.Event()
        self._gate.set()
        self.calls: list[str] = []
        self.broken = False

    def close_gate(self) -> None:
        """Let nothing through from now on."""
        self._gate.clear()

    def open_gate(self) -> None:
        """Let everything through again."""
        self._gate.set()

    async def read(self, paths: Sequence[str]) -> list[Document | None]:
        await self._pass(f"read {' '.join(paths)}")
        return await self._engine.read(paths)

    async def commit(self, writes: Sequence[Write]) -> list[str | None]:
        await self._pass("commit")
        return await self._engine.commit(writes)

    async def query(self, query: Query) -> list[Document]:
        await self._pass(f"query {query.collection}")
        return await self._engine.query(query)

    async def aggregate(self, query: Query, sums: Sequence[str] = ()) -> dict[str, int]:
        await self._pass(f"aggregate {query.collection}")
        return await self._engine.aggregate(query, sums)

    async def close(self) -> None:
        await self._engine.close()

    async def _pass(self, call: str) -> None:
        self.calls.append(call)
        await self._gate.wait()
        if self.broken:
            raise Unreachable("cut off by the test")
