"""Farebox as `main.py` starts it, with an engine that counts. On SIGUSR1 it writes the counts to a file."""

import json
import os
import signal
import sys
from pathlib import Path
from types import FrameType

from functions.edge.standalone.server import run
from functions.farebox.storage import Engine, connect
from tests.support.storage.instrumented_engines import CountingEngine

_open_engine = connect.open_engine
_engines: list[CountingEngine] = []


def _open_counting(url: str) -> Engine:
    counting = CountingEngine(_open_engine(url))
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
