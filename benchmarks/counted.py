"""Farebox as `main.py` starts it, with an engine that counts. On SIGUSR1 it writes the counts to a file."""

import json
import os
import signal
import sys
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from functions.edge.standalone.server import run
from functions.farebox.storage import Engine, Queued, Write, connect
from tests.support.storage.instrumented_engines import CountingEngine

_open_engine = connect.open_engine
_engines: list[CountingEngine] = []


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


class _QueueingEngine(CountingEngine):
    """One whose commits wait for company, as they do in production."""

    def __init__(self, engine: Engine, queue: Callable[[Sequence[Write]], Queued]) -> None:
        super().__init__(engine)
        self._queue = queue

    def queue(self, writes: Sequence[Write]) -> _Counted:
        """As the engine's own."""
        return _Counted(self, self._queue(writes), writes)


def _open_counting(url: str) -> Engine:
    engine = _open_engine(url)
    queue: Callable[[Sequence[Write]], Queued] | None = getattr(engine, "queue", None)
    counting = CountingEngine(engine) if queue is None else _QueueingEngine(engine, queue)
    _engines.append(counting)
    return counting


def _write(_signum: int, _frame: FrameType | None) -> None:
    counts = {
        name: sum(getattr(engine, name).total() for engine in _engines) for name in ("reads", "writes", "deletes")
    }
    path = Path(os.environ["FAREBOX_COUNTS"])
    part = path.with_suffix(".part")
    part.write_text(json.dumps(counts))
    part.rename(path)


if __name__ == "__main__":
    connect.open_engine = _open_counting
    signal.signal(signal.SIGUSR1, _write)
    sys.exit(run())
