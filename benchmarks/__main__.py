"""`make bench`: Farebox beside the gateways that people use. Results go to .cache/bench/results.json."""

import argparse
import json
import sys
from collections.abc import Callable
from typing import Any

from benchmarks import throughput
from benchmarks.machine import CACHE, describe, keep_to_load_core
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
        )


PARTS: dict[str, Callable[[argparse.Namespace], Any]] = {
    "throughput": _throughput,
}


def main() -> int:
    """Measure the parts that were asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, help="these parts alone")
    parser.add_argument("--seconds", type=float, default=3.0, help="how long each load lasts")
    parser.add_argument("--subjects", nargs="+", choices=throughput.SUBJECTS, help="these servers alone")
    parser.add_argument("--kinds", nargs="+", choices=throughput.kinds(), help="these loads alone")
    parser.add_argument("--connections", nargs="+", type=int, help="so many connections")
    options = parser.parse_args()
    keep_to_load_core()
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for part in options.only or PARTS:
        results[part] = PARTS[part](options)
        results["machine"] = describe()
        RESULTS.write_text(json.dumps(results, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
