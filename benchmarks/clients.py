"""What a request takes of the processor with our HTTP client and with others, and what importing each takes.

It is what says whether a client of our own is worth its lines: look at it again when one of the others changes.
"""

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from importlib.metadata import version
from statistics import median
from typing import Any

from benchmarks.http_clients.client import MODULES
from benchmarks.http_clients.server import KINDS, PACED, PLAIN, body
from benchmarks.machine import ROOT, describe, pinned
from benchmarks.processes import running
from tests.support.processes import free_port

UNDER_WAY = (1, 16, 64)
PACED_AT_MOST = 16  # more of them are more than some clients keep up with, who then read several events at once
FACTS = ("date", "cpu", "python", "commit")
PACKAGES = ("uvloop", "httptools", "aiohttp", "httpcore", "httpx")


def measure(*, under_way: Sequence[int], seconds: float, rounds: int) -> dict[str, Any]:
    """Measure all clients under each load, in turns, as `throughput.measure` does servers: the medians count."""
    turns: dict[tuple[str, str, int], list[dict[str, float]]] = defaultdict(list)
    port = free_port()
    server = [sys.executable, "-m", "benchmarks.http_clients.server", str(port)]
    with running(server, f"http://127.0.0.1:{port}") as started:
        for kind in KINDS:
            for many in under_way:
                if kind == PACED and many > PACED_AT_MOST:
                    continue
                for _ in range(rounds):
                    for name in MODULES:
                        turns[name, kind, many].append(_turn(name, started.url, kind, many, seconds))
    facts = describe()
    return {
        "facts": {name: facts[name] for name in FACTS} | {name: version(name) for name in PACKAGES},
        "import_ms": {name: _import_ms(turns, name) for name in MODULES},
        "runs": [
            {"client": name, "kind": kind, "under_way": many, **_medians(taken)}
            for (name, kind, many), taken in turns.items()
        ],
    }


def _turn(name: str, url: str, kind: str, under_way: int, seconds: float) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.http_clients.turn", name, f"{url}/{kind}/v1", str(len(body(kind)))]
    command += [str(under_way), str(seconds), "whole" if kind == PLAIN else "piecewise"]
    turn: dict[str, float] = json.loads(subprocess.check_output(pinned(command), cwd=ROOT))
    print(
        f"{name:10}{kind:10}{under_way:4}{turn['per_second']:10.0f}/s{turn['cpu_us']:10.1f} us of cpu each"
        f"{turn['import_ms']:8.1f} ms of cpu to import",
        file=sys.stderr,
        flush=True,
    )
    return turn


def _medians(turns: Sequence[dict[str, float]]) -> dict[str, float]:
    return {name: median(turn[name] for turn in turns) for name in ("per_second", "cpu_us")}


def _import_ms(turns: dict[tuple[str, str, int], list[dict[str, float]]], client: str) -> float:
    """Every turn imports its client anew."""
    return median(turn["import_ms"] for (name, _, _), taken in turns.items() if name == client for turn in taken)
