"""`make bench`: Farebox beside the gateways that people use, on two cores.

    python -m benchmarks                              the quick parts: all but those of the next line
    python -m benchmarks --all                        the slow ones too: storage, instances, memory, HTTP clients
    python -m benchmarks --only throughput --seconds 8 --kinds plain --connections 16
    python -m benchmarks --publish                    docs/performance.* from what was measured last

Each part replaces its own results in .cache/bench/results.json, and leaves those of the others.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable
from typing import Any

from benchmarks import (
    clients,
    cold_start,
    firestore,
    long_prompt,
    publishing,
    scaling,
    soak,
    storage,
    streams,
    throughput,
)
from benchmarks.machine import CACHE, describe, keep_to_load_core
from benchmarks.report import tables
from benchmarks.upstream import upstream

RESULTS = CACHE / "results.json"


def _throughput(options: argparse.Namespace) -> Any:
    with upstream() as stand_in:
        return throughput.measure(
            stand_in,
            subjects=options.subjects or list(throughput.SUBJECTS),
            of_kinds=options.kinds or list(throughput.kinds()),
            connections=options.connections or list(throughput.CONNECTIONS),
            seconds=options.seconds,
            rounds=options.rounds,
        )


def _streams(options: argparse.Namespace) -> Any:
    return streams.measure(
        subjects=options.subjects or streams.subjects_here(),
        at_once=options.connections or list(streams.AT_ONCE),
        rounds=options.rounds,
    )


def _firestore(options: argparse.Namespace) -> Any:
    return firestore.measure(
        under_way=options.connections or list(firestore.UNDER_WAY), seconds=options.seconds, rounds=options.rounds
    )


def _clients(options: argparse.Namespace) -> Any:
    return clients.measure(
        under_way=options.connections or list(clients.UNDER_WAY), seconds=options.seconds, rounds=options.rounds
    )


Part = Callable[[argparse.Namespace], Any]
QUICK: dict[str, Part] = {
    "throughput": _throughput,
    "streams": _streams,
    "firestore": _firestore,
    "long_prompt": lambda _: long_prompt.measure(),
    "cold_start": lambda _: cold_start.measure(),
}
SLOW: dict[str, Part] = {
    "storage": lambda _: storage.measure(),
    "scaling": lambda _: scaling.measure(),
    "soak": lambda options: soak.measure(options.requests),
    "clients": _clients,
}
PARTS = QUICK | SLOW


def main() -> int:
    """Measure the parts that were asked for, and say what came of them."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--all", action="store_true", help="every part")
    what.add_argument("--only", nargs="+", choices=PARTS, help="these parts alone")
    what.add_argument("--publish", action="store_true", help="measure nothing; write docs/performance.* anew")
    parser.add_argument("--seconds", type=float, default=3.0, help="how long each load lasts")
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured; the medians count")
    parser.add_argument("--subjects", nargs="+", choices=throughput.SUBJECTS, help="these servers alone")
    parser.add_argument("--kinds", nargs="+", choices=throughput.kinds(), help="these loads alone")
    parser.add_argument("--connections", nargs="+", type=int, help="so many connections, or requests under way")
    parser.add_argument("--requests", type=int, default=200_000, help="how many the soak sends")
    options = parser.parse_args()
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    if options.publish:
        publishing.publish(results)
        return 0
    if (os.cpu_count() or 1) < 2:
        sys.stderr.write("Two cores are needed: one for the server, one for the load.\n")
        return 2
    keep_to_load_core()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what is deployed is compiled, and so is what is measured
    for part in options.only or (PARTS if options.all else QUICK):
        print(f"\n{part}", file=sys.stderr, flush=True)
        results[part] = PARTS[part](options)
        results["machine"] = describe()
        RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    print(tables(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
