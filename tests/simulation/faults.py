"""What an instance sees of the shared database: slow, contended, forgetful of acknowledgements, and gone with it."""

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from functions.farebox.storage import AlreadyExists, Contended, Document, Missing, Query, Unreachable, Write
from functions.farebox.storage.store import Sent
from tests.simulation.memory_engine import MemoryEngine


@dataclass(frozen=True, slots=True)
class Weather:
    """How often what goes wrong: chances a call, and the longest delays in seconds."""

    abort: float = 0.0
    lost_request: float = 0.0
    lost_acknowledgement: float = 0.0
    late_delivery: float = 0.0
    outage_s: float = 0.0  # for so long an instance cannot tell whether anything it writes arrives
    slowest_s: float = 0.05
    slowest_delivery_s: float = 20.0


class Life:
    """Whether an instance lives. Whatever a dead one awaits never comes."""

    def __init__(self) -> None:
        self.alive = True
        self._never: list[asyncio.Future[None]] = []  # held here, or those who wait would be collected

    async def breathe(self, seconds: float = 0.0) -> None:
        """Pass a point at which the instance may have died."""
        await asyncio.sleep(seconds)
        if not self.alive:
            self._never.append(asyncio.get_running_loop().create_future())
            await self._never[-1]


class FaultyEngine:
    """One instance's connection to the shared database."""

    def __init__(self, shared: MemoryEngine, life: Life, weather: Weather, rng: random.Random) -> None:
        self._shared = shared
        self._life = life
        self._weather = weather
        self._rng = rng
        self._outage_begins_s = rng.uniform(0, 60)
        self._deliveries: set[asyncio.Task[None]] = set()

    async def read(self, paths: Sequence[str]) -> list[Document | None]:
        await self._pass()
        self._may_get_lost()
        found = await self._shared.read(paths)
        await self._pass()
        return found

    async def commit(self, writes: Sequence[Write]) -> list[str | None]:
        weather, rng = self._weather, self._rng
        await self._pass()
        if rng.random() < weather.abort:
            raise Contended("aborted")
        self._may_get_lost()
        if rng.random() < weather.late_delivery:
            self._deliver_late(list(writes), rng.uniform(0, weather.slowest_delivery_s))
            raise Unreachable("not answered; it is still under way")
        versions = await self._shared.commit(writes)
        await self._pass()
        if self._is_out() or rng.random() < weather.lost_acknowledgement:
            raise Unreachable("applied, but not acknowledged")
        return versions

    def queue(self, writes: Sequence[Write]) -> "_Turn":
        waits = self._rng.random() < 0.5
        return _Turn(self, self._life, writes, self._rng.uniform(0, self._weather.slowest_s) if waits else 0.0)

    async def query(self, query: Query) -> list[Document]:
        await self._pass()
        return await self._shared.query(query)

    async def aggregate(self, query: Query, sums: Sequence[str] = ()) -> dict[str, int]:
        await self._pass()
        return await self._shared.aggregate(query, sums)

    async def close(self) -> None:
        pass

    async def _pass(self) -> None:
        await self._life.breathe(self._rng.uniform(0, self._weather.slowest_s))

    def _is_out(self) -> bool:
        since_s = asyncio.get_running_loop().time() - self._outage_begins_s
        return 0 <= since_s < self._weather.outage_s

    def _may_get_lost(self) -> None:
        chance = 0.5 if self._is_out() else self._weather.lost_request
        if self._rng.random() < chance:
            raise Unreachable("lost on the way")

    def _deliver_late(self, writes: list[Write], after_s: float) -> None:
        async def deliver() -> None:
            await asyncio.sleep(after_s)
            with suppress(Contended, AlreadyExists, Missing):  # refused by its preconditions, as it should be
                await self._shared.commit(writes)

        task = asyncio.create_task(deliver())
        self._deliveries.add(task)
        task.add_done_callback(self._deliveries.discard)


class _Turn(Sent):
    """A commit whose turn comes after a while."""

    def __init__(self, engine: FaultyEngine, life: Life, writes: Sequence[Write], after_s: float) -> None:
        self._engine = engine
        self._life = life
        self._writes = writes
        self._is_begun = False
        super().__init__(self._commit(after_s))

    def amend(self, writes: Sequence[Write]) -> bool:
        if not self._is_begun:
            self._writes = writes
        return not self._is_begun

    async def _commit(self, after_s: float) -> list[str | None]:
        await self._life.breathe(after_s)
        self._is_begun = True
        return await self._engine.commit(self._writes)
