"""Benchmark of memory under lasting load: two hundred thousand paid requests of every kind in turn.

Chats, messages and responses, plain and streamed, long prompts, and requests that are refused; the end of each turn
hangs up on those that are under way.
"""

import statistics
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from benchmarks.books import check_books
from benchmarks.load import Load, drive
from benchmarks.processes import Process
from benchmarks.product import farebox, open_account
from benchmarks.throughput import kinds
from benchmarks.upstream import PLAIN, STREAM, upstream

CONNECTIONS = 16
TURN_S = 5.0  # of one kind of load
SAMPLE_S = 0.5
WARM_SHARE = 0.2  # of all requests; the round of all kinds after them is compared with the last one


@dataclass(frozen=True)
class Part:
    """One kind of load of the mix. `is_paid`: else every answer is an error's, and costs nothing."""

    path: str
    body: dict[str, Any]
    is_paid: bool = True


def mix() -> list[Part]:
    """The kinds of load, in their order."""
    said = [{"role": "user", "content": "Hello!"}]
    parts = [Part("chat/completions", kind.body) for name, kind in kinds().items() if not kind.many_keys]
    for model, is_streamed in ((PLAIN, False), (STREAM, True)):
        parts += [
            Part("messages", {"model": model, "max_tokens": 64, "messages": said, "stream": is_streamed}),
            Part("responses", {"model": model, "input": "Hello!", "stream": is_streamed}),
        ]
    return [*parts, Part("chat/completions", {"model": "of no name", "messages": said}, is_paid=False)]


def measure(requests: int) -> dict[str, Any]:
    """The most memory of a round of all kinds, in MiB, after the warm-up and at the end, and the growth in between."""
    parts = mix()
    samples: list[tuple[int, int]] = []  # requests so far, and bytes
    answered = refused = turns = 0
    began_s = time.monotonic()
    with upstream() as stand_in, farebox(stand_in) as started:
        account = open_account(started.url, "soaker")
        while answered < requests:
            part = parts[turns % len(parts)]
            load = Load(f"{started.url}/v1/{part.path}", part.body, account.keys)
            with _watched(started.process) as seen:
                driven = drive(load, connections=CONNECTIONS, seconds=TURN_S)
            if driven.refused != (0 if part.is_paid else driven.answered):
                raise RuntimeError(f"{part}: {driven.refused} of {driven.answered} were refused")
            answered += driven.answered
            refused += driven.refused
            turns += 1
            samples.append((answered, round(statistics.median(seen))))
            print(f"{answered:8} requests{samples[-1][1] / 2**20:8.1f} MiB  {part.path}", file=sys.stderr, flush=True)
        seconds = time.monotonic() - began_s
        check_books(started.store_url, [account], answered=answered - refused, cut_at_most=turns * CONNECTIONS)
    sizes = [size for _, size in samples]
    first = next(turn for turn, (count, _) in enumerate(samples) if count >= WARM_SHARE * requests)
    warm, last = max(sizes[first : first + len(parts)]), max(sizes[-len(parts) :])
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
