"""The upstream that takes its time, started."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.paced.server import PAUSE_S
from benchmarks.processes import running
from benchmarks.upstream import Upstream
from tests.support.processes import free_port


@contextmanager
def paced_upstream(pause_s: float = PAUSE_S) -> Iterator[Upstream]:
    """It, with so much between the events of a stream."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.paced.server", str(port), str(pause_s)]
    with running(command, f"http://127.0.0.1:{port}") as process:
        yield Upstream(process.url)
