"""Benchmark of streams as models send them: an event every 50 ms, so many at once.

What a stream takes of the processor is measured, how late an event comes and the first one, and what a stream takes of
the memory. The upstream and the client share the load's core, and are late themselves: "upstream alone" says how much.
"""

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from statistics import median
from typing import Any

from benchmarks.machine import ROOT
from benchmarks.paced.client import RAMP_S
from benchmarks.paced.running import paced_upstream
from benchmarks.peers import LITELLM
from benchmarks.throughput import SUBJECTS, Subject, kinds

AT_ONCE = (80, 400, 1000)
SECONDS = 2 * RAMP_S
OURS_AND_BARE = ("upstream alone", "bare relay", "Farebox", "Farebox, one function", "Farebox on Firestore")


def measure(*, subjects: Sequence[str], at_once: Sequence[int], rounds: int) -> list[dict[str, Any]]:
    """Measure these servers with so many streams at once, in turns, as `throughput.measure`: the medians count."""
    turns: dict[tuple[str, int], list[dict[str, float]]] = defaultdict(list)
    with paced_upstream() as stand_in, ExitStack() as stack:
        started = {name: stack.enter_context(SUBJECTS[name](stand_in)) for name in subjects}
        for many in at_once:
            for _ in range(rounds):
                for name, subject in started.items():
                    turns[name, many].append(_turn(name, subject, many))
        for subject in started.values():
            subject.check(subject.answered, subject.cut_at_most)
    return [
        {"subject": name, "at_once": many, **{field: median(turn[field] for turn in taken) for field in taken[0]}}
        for (name, many), taken in turns.items()
    ]


def subjects_here() -> list[str]:
    """Those that can be measured: LiteLLM where it is installed. Portkey answers no stream on this Node.js."""
    return [*OURS_AND_BARE, *(["LiteLLM"] if LITELLM.exists() else [])]


def _turn(name: str, subject: Subject, many: int) -> dict[str, float]:
    load = subject.load(kinds()["streamed"])
    before_bytes = subject.process.memory_bytes() if subject.process else 0
    command = [sys.executable, "-m", "benchmarks.paced.client", load.url, load.keys[0], load.body["model"]]
    client = subprocess.Popen(
        [*command, str(many), str(SECONDS)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert client.stdin is not None and client.stdout is not None
    client.stdin.write(json.dumps(load.headers))
    client.stdin.close()
    client.stdout.readline()  # warm
    began_s = subject.process.cpu_s() if subject.process else 0.0
    client.stdout.readline()  # over
    cpu_s = subject.process.cpu_s() - began_s if subject.process else 0.0
    grown_bytes = subject.process.memory_bytes() - before_bytes if subject.process else 0
    seen: dict[str, float] = json.loads(client.stdout.readline())
    client.wait()
    subject.answered += int(seen["ended"])
    turn = {
        "cpu_ms": 1000 * cpu_s / max(1.0, seen["streams"]),
        "memory_kib": grown_bytes / 1024 / many,
        **{name: seen[name] for name in ("late_p50_ms", "late_p99_ms", "first_p50_ms", "first_p99_ms", "broken")},
    }
    print(
        f"{name:27}{many:6} at once{turn['cpu_ms']:8.2f} ms of cpu a stream{turn['late_p50_ms']:8.2f} ms late, p99"
        f"{turn['late_p99_ms']:8.2f}; the first{turn['first_p50_ms']:8.2f}, p99{turn['first_p99_ms']:8.2f};"
        f"{turn['memory_kib']:6.0f} KiB a stream;{turn['broken']:3.0f} broken",
        file=sys.stderr,
        flush=True,
    )
    return turn
