"""Benchmark of cold starts: the import of each target, and the time from its process's start to its first answer.

The import of `chat` is compared with that of what such a function would import at the least: functions-framework,
Firestore's client, and the HTTP client that the bare relay has.
"""

import statistics
import subprocess
import sys
import time
from typing import Any

from benchmarks.machine import ROOT, pinned
from benchmarks.processes import running
from benchmarks.product import farebox, framework_command
from benchmarks.upstream import upstream
from functions.edge.asgi.deployables import EDGES
from tests.support.processes import free_port

REPEATS = 7
LEAST = "import functions_framework.aio, google.cloud.firestore_v1, aiohttp"
# As a deployed function does at its first request, on Firestore.
TARGET = "import main, functions.{target}, functions.farebox.storage.firestore.engine"
CHAT = "; import functions.farebox.wiring.data_plane"
STARTS = 3


def measure() -> dict[str, Any]:
    """The imports in ms, each the median of some, and the first answers in ms."""
    imports = {"nothing of ours": _import_ms(LEAST)}
    for target in EDGES:
        imports[target] = _import_ms(TARGET.format(target=target) + (CHAT if target == "chat" else ""))
        print(f"import {target:16}{imports[target]:8.0f} ms", file=sys.stderr, flush=True)
    answers = {}
    with upstream() as stand_in, farebox(stand_in) as seeded:
        for target in EDGES:
            answers[target] = statistics.median(_first_answer_ms(target, seeded.environment) for _ in range(STARTS))
            print(f"first answer {target:16}{answers[target]:8.0f} ms", file=sys.stderr, flush=True)
    ratio = imports["chat"] / imports["nothing of ours"]
    return {"import_ms": imports, "first_answer_ms": answers, "chat_to_least": ratio}


def _import_ms(statement: str) -> float:
    """The processor time of an import, so that a neighbour's work does not count; caches are warm."""
    script = f"import time; began = time.process_time(); {statement}; print(time.process_time() - began)"
    command = pinned([sys.executable, "-c", script])
    times = [float(subprocess.check_output(command, cwd=ROOT)) for _ in range(REPEATS)]
    return 1000 * statistics.median(times)


def _first_answer_ms(target: str, environment: dict[str, str]) -> float:
    port = free_port()
    began = time.perf_counter()
    with running(
        pinned(framework_command(target, port)),
        f"http://127.0.0.1:{port}",
        ready="/healthz",
        environment={**environment, "PORT": str(port)},
        poll_s=0.005,
    ):
        return 1000 * (time.perf_counter() - began)
