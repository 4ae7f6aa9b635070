"""The upstream that takes its time, started."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.processes import running
from benchmarks.upstream import Upstream
from tests.support.processes import free_port


@contextmanager
def paced_upstream() -> Iterator[Upstream]:
    """It, on the load's core."""
    port = free_port()
    with running([sys.executable, "-m", "benchmarks.paced.server", str(port)], f"http://127.0.0.1:{port}") as process:
        yield Upstream(process.url)
