"""A closed-loop load generator, driven by wrk: each connection sends its next request when it has its answer."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.machine import CACHE

SCRIPT = Path(__file__).with_name("wrk.lua")
TIMEOUT_S = 30


@dataclass(frozen=True)
class Load:
    """What is asked of a server: a body, the headers that it needs, and the keys to take in turn."""

    url: str
    body: dict[str, Any]
    keys: Sequence[str] = ("none",)
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Driven:
    """What came of a load. `answered` are all answers, `refused` those among them with an error's status."""

    answered: int
    refused: int
    broken: int
    seconds: float
    p50_ms: float
    p99_ms: float
    most_ms: float

    @property
    def per_second(self) -> float:
        """Good answers a second."""
        return (self.answered - self.refused) / self.seconds


def drive(load: Load, *, connections: int, seconds: float) -> Driven:
    """Put a load on a server for some seconds. Raises `RuntimeError` where wrk could not."""
    folder = CACHE / "load"
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        "body": json.dumps(load.body),
        "headers": "\n".join(f"{name}: {value}" for name, value in load.headers.items()),
        "keys": "\n".join(load.keys),
    }
    for name, text in files.items():
        (folder / name).write_text(text)
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", f"--timeout={TIMEOUT_S}s", "-s", str(SCRIPT)]
    command += [load.url, "--", *(str(folder / name) for name in files)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode or "{" not in answer.stdout:
        raise RuntimeError(f"wrk: {answer.stdout}{answer.stderr}")
    return Driven(**json.loads(answer.stdout.splitlines()[-1]))
