"""Benchmark of memory under lasting load: two hundred thousand paid requests, plain and streamed in turn."""

import statistics
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.books import check_books
from benchmarks.load import Load, drive
from benchmarks.processes import Process
from benchmarks.product import farebox, open_account
from benchmarks.throughput import kinds
from benchmarks.upstream import upstream

CONNECTIONS = 16
TURN_S = 10.0  # of one kind of load
SAMPLE_S = 0.5
WARM_SHARE = 0.2  # of all requests; what memory is then is compared with what it is at the end


def measure(requests: int) -> dict[str, Any]:
    """Memory after the warm-up and at the end, in MiB, and the growth in between."""
    bodies = [kinds()["plain"], kinds()["streamed"]]
    samples: list[tuple[int, int]] = []  # requests so far, and bytes
    answered = turns = 0
    began_s = time.monotonic()
    with upstream() as stand_in, farebox(stand_in) as started:
        account = open_account(started.url, "soaker")
        while answered < requests:
            kind = bodies[turns % 2]
            load = Load(f"{started.url}/v1/chat/completions", kind.body, account.keys)
            with _watched(started.process) as seen:
                answered += drive(load, connections=CONNECTIONS, seconds=TURN_S).answered
            turns += 1
            samples.append((answered, round(statistics.median(seen))))
            print(f"{answered:8} requests{samples[-1][1] / 2**20:8.1f} MiB", file=sys.stderr, flush=True)
        seconds = time.monotonic() - began_s
        check_books(started.store_url, [account], answered=answered, cut_at_most=turns * CONNECTIONS)
    warm = next(size for count, size in samples if count >= WARM_SHARE * requests)
    last = samples[-1][1]
    return {
        "requests": answered,
        "seconds": seconds,
        "warm_mib": warm / 2**20,
        "last_mib": last / 2**20,
        "growth": last / warm - 1,
        "samples": [[count, size / 2**20] for count, size in samples],
    }


@contextmanager
def _watched(process: Process) -> Iterator[list[int]]:
    """The process's memory, sampled while the block runs."""
    seen = [process.memory_bytes()]
    over = threading.Event()

    def look() -> None:
        while not over.wait(SAMPLE_S):
            seen.append(process.memory_bytes())

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()
