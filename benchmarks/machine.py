"""The machine that a benchmark runs on: folders, cores, and what kind of machine it is."""

import os
import platform
import sqlite3
import statistics
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
CACHE = ROOT / ".cache" / "bench"  # on the same disk as the code, so that a commit costs what it costs there
SERVER_CORE = 0
LOAD_CORE = 1
COMMITS = 200


def keep_to_load_core() -> None:
    """Keep this process, and whatever it starts without `pinned`, off the core of the server that is measured."""
    os.sched_setaffinity(0, {LOAD_CORE})


def pinned(command: list[str]) -> list[str]:
    """The command, on the measured server's core alone."""
    return ["taskset", "-c", str(SERVER_CORE), *command]


def describe() -> dict[str, str]:
    """The machine and the versions, for whoever compares."""
    return {
        "date": time.strftime("%Y-%m-%d"),
        "cpu": _cpu(),
        "cores": str(os.cpu_count()),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "disk_commit_ms": f"{_commit_ms():.2f}",
        "commit": _git("rev-parse", "--short", "HEAD"),
    }


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()


def _commit_ms() -> float:
    """The median time of one durable SQLite commit here, in ms: what no paid request can be quicker than."""
    CACHE.mkdir(parents=True, exist_ok=True)
    path = CACHE / "probe.db"
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE probe (text)")
        times = []
        for _ in range(COMMITS):
            began = time.perf_counter()
            connection.execute("INSERT INTO probe VALUES (?)", ("x" * 1000,))
            times.append(time.perf_counter() - began)
    finally:
        connection.close()
        for left in CACHE.glob("probe.db*"):
            left.unlink()
    return 1000 * statistics.median(times)


def _git(*words: str) -> str:
    answer = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    return answer.stdout.strip() or "unknown"
