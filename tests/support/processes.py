"""Servers in processes of their own, whatever they serve: started on a free port, waited for, and always stopped."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import httpx

from tests.support.patience import PATIENCE_S
from tests.support.product.forked import Forked, start_forked
from tests.support.product.runtime import SECRET

ROOT = Path(__file__).parents[2]
READY_TIMEOUT_S = 45.0


@dataclass
class Server:
    """A running server. `log` is where its output goes."""

    url: str
    process: subprocess.Popen[bytes] | Forked
    log: Path

    def stop(self) -> int:
        """End it as Cloud Run does, and answer its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_S)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def clean_environment(folder: Path, **variables: str) -> dict[str, str]:
    """This process's environment without its configuration of Farebox, but with a store in `folder`, and
    without a line in the log for each request."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FAREBOX_", "FIRE", "OTEL_"))}
    store = f"sqlite:///{folder}/farebox.db"
    chosen = {"FAREBOX_STORE": store, "FAREBOX_SECRET_KEY": SECRET, "FAREBOX_LOG_LEVEL": "warning"}
    return {**kept, **chosen, **variables}


def start(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    output: BinaryIO,
    *,
    program: str | None = sys.executable,
) -> subprocess.Popen[bytes] | Forked:
    """Start a program with all that it writes into a file; without one, what Python would do with the command, by a
    fork."""
    if program is None:
        return start_forked(command, folder, environment, output.fileno(), output.fileno())
    return subprocess.Popen([program, *command], cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT)


@contextmanager
def serving(
    command: Sequence[str],
    folder: Path,
    port: int,
    environment: Mapping[str, str],
    *,
    program: str | None = sys.executable,
    healthy: str = "/healthz",
    ready_timeout_s: float = READY_TIMEOUT_S,
) -> Iterator[Server]:
    """A server, once its path `healthy` says so; killed at the end if the test has not stopped it. Without a program
    it is one of the product's Python programs, forked from a process that has imported them."""
    log = folder / "server.log"
    with log.open("wb") as output:
        process = start(command, folder, environment, output, program=program)
    server = Server(f"http://127.0.0.1:{port}", process, log)
    try:
        _wait_until_healthy(server, healthy, ready_timeout_s)
        yield server
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_healthy(server: Server, path: str, timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    with httpx.Client(base_url=server.url, timeout=PATIENCE_S) as client:
        while True:
            assert server.process.poll() is None, f"the server has ended: {server.log.read_text()}"
            assert time.monotonic() < deadline, f"the server does not get healthy: {server.log.read_text()}"
            try:
                if client.get(path).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
