"""A real engine that can be watched, held up and cut off."""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import TypeVar

from functions.farebox.storage import Document, Engine, Query, Write
from functions.farebox.storage.model import Unreachable

T = TypeVar("T")


class WatchedEngine:
    """Notes what is asked of the engine behind it in `calls`; `broken`, it does not answer."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._gate = asyncio.Event()
        self._gate.set()
        self.calls: list[str] = []
        self.broken = False

    def close_gate(self) -> None:
        """Hold back every answer from now on: what was asked is done, but nobody hears of it."""
        self._gate.clear()

    def open_gate(self) -> None:
        """Let all answers out again."""
        self._gate.set()

    async def read(self, paths: Sequence[str]) -> list[Document | None]:
        return await self._pass(f"read {' '.join(paths)}", self._engine.read(paths))

    async def commit(self, writes: Sequence[Write]) -> list[str | None]:
        return await self._pass("commit", self._engine.commit(writes))

    async def query(self, query: Query) -> list[Document]:
        return await self._pass(f"query {query.collection}", self._engine.query(query))

    async def aggregate(self, query: Query, sums: Sequence[str] = ()) -> dict[str, int]:
        return await self._pass(f"aggregate {query.collection}", self._engine.aggregate(query, sums))

    async def close(self) -> None:
        await self._engine.close()

    async def _pass(self, call: str, answer: Awaitable[T]) -> T:
        self.calls.append(call)
        answered = await answer
        await self._gate.wait()
        if self.broken:
            raise Unreachable("cut off by the test")
        return answered
