"""Benchmark of throughput: how much each server answers, how quickly, and what a request takes of its processor.

Every Farebox run ends with a look into its books: what was answered must have been paid for, or nothing counts.
"""

import os
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from statistics import median
from typing import Any
from unittest.mock import patch

from benchmarks.books import check_books
from benchmarks.load import Driven, Load, drive
from benchmarks.machine import CACHE
from benchmarks.peers import Peer, bare_relay, direct, litellm, noting_relay, portkey
from benchmarks.processes import Process
from benchmarks.product import Account, farebox, framework_command, open_account
from benchmarks.upstream import PLAIN, STREAM, Upstream
from tests.support.emulators.emulator import FIRESTORE, running_emulator
from tests.support.processes import free_port

CONNECTIONS = (1, 16, 64)
WARM_UP_S = 1.0
WARM_UP_OF_MANY_KEYS_S = 3.0  # each key has its lease then: between its turns they go back, for want of use
LONG_PROMPT_TOKENS = 100_000
PAYERS, KEYS_EACH = 25, 8  # of the load with many keys


@dataclass(frozen=True)
class Kind:
    """A kind of load. `many_keys`: each request comes with the next of many keys."""

    name: str
    model: str
    body: dict[str, Any]
    many_keys: bool = False


def kinds() -> dict[str, Kind]:
    """The loads, by name."""
    hello = [{"role": "user", "content": "Hello!"}]
    long = [{"role": "user", "content": "word " * LONG_PROMPT_TOKENS}]
    streamed = {"model": STREAM, "messages": hello, "stream": True}
    found = [
        Kind("plain", PLAIN, {"model": PLAIN, "messages": hello}),
        Kind("streamed", STREAM, streamed),
        Kind("long prompt", PLAIN, {"model": PLAIN, "messages": long}),
        Kind("many keys", PLAIN, {"model": PLAIN, "messages": hello}, many_keys=True),
    ]
    return {kind.name: kind for kind in found}


@dataclass
class Subject:
    """A server under measurement, and what it has answered so far. `check(answered, cut)` raises where that was not
    paid for, or where its books do not add up."""

    process: Process | None
    load: Callable[[Kind], Load]
    check: Callable[[int, int], None] = lambda _answered, _cut: None
    answered: int = 0
    cut_at_most: int = 0


SubjectMaker = Callable[[Upstream], AbstractContextManager[Subject]]


def _peer(make: Callable[[Upstream], AbstractContextManager[Peer]]) -> SubjectMaker:
    @contextmanager
    def subject(upstream: Upstream) -> Iterator[Subject]:
        with make(upstream) as peer:
            yield Subject(
                peer.process,
                lambda kind: Load(peer.url(kind.model), kind.body, (peer.key,), peer.headers(kind.model)),
            )

    return subject


@contextmanager
def _farebox_on_sqlite(upstream: Upstream) -> Iterator[Subject]:
    with farebox(upstream) as started:
        accounts = _open_accounts(started.url)
        yield _paid_subject(started.process, started.url, started.store_url, accounts)


@contextmanager
def _farebox_function(upstream: Upstream) -> Iterator[Subject]:
    """The function `chat` alone, under functions-framework as in production, on a store that others set up."""
    with farebox(upstream) as setting_up:
        accounts = _open_accounts(setting_up.url)
        port = free_port()
        with farebox(
            upstream, store_url=setting_up.store_url, command=framework_command("chat", port), port=port
        ) as started:
            yield _paid_subject(started.process, started.url, started.store_url, accounts)


@contextmanager
def _farebox_on_firestore(upstream: Upstream) -> Iterator[Subject]:
    """On Google's emulator, which runs on the core of the load: a database far away costs less of this machine."""
    with running_emulator(FIRESTORE, CACHE) as address:
        project = f"bench-{free_port()}"
        with (
            patch.dict(os.environ, FIRESTORE_EMULATOR_HOST=address),  # for Farebox, and for whoever reads its books
            farebox(upstream, store_url=f"firestore://{project}/(default)") as started,
        ):
            accounts = _open_accounts(started.url)
            yield _paid_subject(started.process, started.url, started.store_url, accounts)


ON_FIRESTORE = "Farebox on Firestore"
SUBJECTS: dict[str, SubjectMaker] = {
    "upstream alone": _peer(direct),
    "bare relay": _peer(bare_relay),
    "bare relay, a note of each": _peer(noting_relay),
    "Farebox": _farebox_on_sqlite,
    "Farebox, one function": _farebox_function,
    ON_FIRESTORE: _farebox_on_firestore,
    "Portkey": _peer(portkey),
    "LiteLLM": _peer(litellm),
}


@dataclass(frozen=True)
class Run:
    """A server under a load: one turn, or the medians of several. `cpu_ms` is its processor time for each answer."""

    subject: str
    kind: str
    connections: int
    per_second: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float | None
    refused: int


def measure(
    upstream: Upstream,
    *,
    subjects: Sequence[str],
    of_kinds: Sequence[str],
    connections: Sequence[int],
    seconds: float,
    rounds: int,
) -> list[dict[str, Any]]:
    """Measure these subjects under these loads. All of them are up all the while, and idle but for the one whose turn
    it is; each load goes round them `rounds` times, and the medians of each one's turns count. A machine's neighbours,
    and its own moods, take from one what they leave to another: what takes turns every few seconds shares them, and a
    median is moved neither by a turn that was lucky nor by one that was not. Raises `BooksWrong` where Farebox was not
    paid."""
    turns: dict[tuple[str, str, int], list[Run]] = defaultdict(list)
    with ExitStack() as stack:
        started = {name: stack.enter_context(SUBJECTS[name](upstream)) for name in subjects}
        for kind in (kinds()[each] for each in of_kinds):
            for many in connections:
                for _ in range(rounds):
                    for name, subject in started.items():
                        if name == ON_FIRESTORE and kind.many_keys:
                            continue  # its emulator goes through all records for each of a thousand leases to audit
                        run = _run(name, subject, kind, many, seconds)
                        _say(run)
                        turns[name, kind.name, many].append(run)
        for subject in started.values():
            subject.check(subject.answered, subject.cut_at_most)
    return [asdict(_median(runs)) for runs in turns.values()]


def _median(runs: Sequence[Run]) -> Run:
    cpu_ms = [run.cpu_ms for run in runs if run.cpu_ms is not None]
    return replace(
        runs[0],
        per_second=median(run.per_second for run in runs),
        p50_ms=median(run.p50_ms for run in runs),
        p99_ms=median(run.p99_ms for run in runs),
        cpu_ms=median(cpu_ms) if cpu_ms else None,
        refused=sum(run.refused for run in runs),
    )


def _run(name: str, subject: Subject, kind: Kind, connections: int, seconds: float) -> Run:
    load = subject.load(kind)
    warm_up_s = WARM_UP_OF_MANY_KEYS_S if kind.many_keys else WARM_UP_S
    warming = drive(load, connections=connections, seconds=warm_up_s)
    before_s = subject.process.cpu_s() if subject.process else 0.0
    driven = drive(load, connections=connections, seconds=seconds)
    cpu_s = subject.process.cpu_s() - before_s if subject.process else None
    subject.answered += _good(warming) + _good(driven)
    subject.cut_at_most += 2 * connections
    return Run(
        subject=name,
        kind=kind.name,
        connections=connections,
        per_second=driven.per_second,
        p50_ms=driven.p50_ms,
        p99_ms=driven.p99_ms,
        cpu_ms=None if cpu_s is None else 1000 * cpu_s / max(1, driven.answered),
        refused=driven.refused + driven.broken,
    )


def _good(driven: Driven) -> int:
    return driven.answered - driven.refused


def _say(run: Run) -> None:
    cpu = "" if run.cpu_ms is None else f"{run.cpu_ms:8.3f} ms of cpu each"
    refused = f"  {run.refused} refused or broken" if run.refused else ""
    print(
        f"{run.subject:27} {run.kind:12}{run.connections:4}{run.per_second:10.0f}/s"
        f"{run.p50_ms:9.2f} ms p50{run.p99_ms:9.2f} ms p99{cpu}{refused}",
        file=sys.stderr,
        flush=True,
    )


def _open_accounts(url: str) -> list[Account]:
    return [open_account(url, f"payer{n}", keys=KEYS_EACH) for n in range(PAYERS)]


def _paid_subject(process: Process, url: str, store_url: str, accounts: list[Account]) -> Subject:
    def load(kind: Kind) -> Load:
        keys = tuple(key for account in accounts for key in account.keys) if kind.many_keys else accounts[0].keys[:1]
        return Load(f"{url}/v1/chat/completions", kind.body, keys)

    def check(answered: int, cut: int) -> None:
        check_books(store_url, accounts, answered=answered, cut_at_most=cut)

    return Subject(process, load, check)
