"""Benchmark of Firestore: what a request takes of the processor, and of documents, by how many are under way.

The database is Google's emulator, on the core of the load, and the upstream thinks for 100 ms: the
pending record is there before its answer, as it is with a model, so that each request is two writes.
"""

import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any
from unittest.mock import patch

from benchmarks.books import check_books
from benchmarks.load import Load, drive
from benchmarks.machine import CACHE
from benchmarks.paced.running import paced_upstream
from benchmarks.product import open_account
from benchmarks.storage import USD_PER_100K, counted, counts_of
from benchmarks.throughput import WARM_UP_S, kinds
from tests.support.emulators.emulator import FIRESTORE, running_emulator
from tests.support.processes import free_port

UNDER_WAY = (1, 16, 64, 200)


@dataclass(frozen=True)
class Run:
    """So many requests under way. Documents are each request's; `usd_per_million` is what a million cost."""

    under_way: int
    per_second: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float
    writes: float
    reads: float
    deletes: float
    usd_per_million: float


def measure(*, under_way: Sequence[int], seconds: float, rounds: int) -> list[dict[str, Any]]:
    """A run for each, the medians of its rounds."""
    with (
        paced_upstream() as stand_in,
        running_emulator(FIRESTORE, CACHE) as address,
        patch.dict(os.environ, FIRESTORE_EMULATOR_HOST=address),  # for Farebox, and for whoever reads its books
        counted(stand_in, 0, f"firestore://bench-{free_port()}/(default)", pin=True) as started,
    ):
        account = open_account(started.url, "busy")
        load = Load(f"{started.url}/v1/chat/completions", kinds()["plain"].body, account.keys)
        answered = 0
        runs: list[Run] = []
        for many in under_way:
            turns = []
            for _ in range(rounds):
                answered += drive(load, connections=many, seconds=WARM_UP_S).answered
                before, began_s = counts_of(started, 0), started.process.cpu_s()
                driven = drive(load, connections=many, seconds=seconds)
                cpu_s, after = started.process.cpu_s() - began_s, counts_of(started, 0)
                answered += driven.answered
                documents = {kind: (after[kind] - before[kind]) / max(1, driven.answered) for kind in USD_PER_100K}
                usd = sum(10 * documents[kind] * price for kind, price in USD_PER_100K.items())
                cpu_ms = 1000 * cpu_s / max(1, driven.answered)
                turns.append(
                    Run(many, driven.per_second, driven.p50_ms, driven.p99_ms, cpu_ms, **documents, usd_per_million=usd)
                )
                print(turns[-1], file=sys.stderr, flush=True)
            runs.append(_medians(turns))
        check_books(started.store_url, [account], answered=answered, cut_at_most=2 * rounds * sum(under_way))
    return [asdict(run) for run in runs]


def _medians(turns: Sequence[Run]) -> Run:
    fields = {name: median(asdict(turn)[name] for turn in turns) for name in asdict(turns[0])}
    return Run(**{**fields, "under_way": turns[0].under_way})
