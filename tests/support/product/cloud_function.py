"""Running a function as Cloud Run functions does: by functions-framework's own command, as the buildpack starts it,
with the variables that Google sets. Its database is one that never answers, and each line of its log is JSON."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.processes import ROOT, Server, free_port
from tests.support.product.runtime import SECRET

COMMAND = Path(sys.executable).parent / "functions-framework"
READY_TIMEOUT_S = 60.0


@contextmanager
def running_function(folder: Path, target: str, log_execution_id: str, **more: str) -> Iterator[Server]:
    """A target on Cloud Run, but for its database, which does not answer; once it accepts connections."""
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FAREBOX_", "FIRE", "OTEL_"))}
    cloud_run = {
        "FUNCTION_TARGET": target,
        "FUNCTION_SIGNATURE_TYPE": "http",
        "K_CONFIGURATION": f"farebox-{target}",
        "K_REVISION": f"farebox-{target}-00001-abc",
        "K_SERVICE": f"farebox-{target}",
        "LOG_EXECUTION_ID": log_execution_id,
        "PORT": str(port),
    }
    ours = {"FAREBOX_STORE": "firestore://project/farebox", "FAREBOX_SECRET_KEY": SECRET, "FAREBOX_PAYMENTS": "stripe"}
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [COMMAND], cwd=ROOT, env={**kept, **ours, **cloud_run, **more}, stdout=output, stderr=subprocess.STDOUT
        )
    server = Server(f"http://127.0.0.1:{port}", process, log)
    try:
        _wait_until_open(server, port)
        yield server
    finally:
        if process.poll() is None:
            server.stop()


def _wait_until_open(server: Server, port: int) -> None:
    deadline = time.monotonic() + READY_TIMEOUT_S
    while True:
        assert server.process.poll() is None, server.log.read_text()
        assert time.monotonic() < deadline, server.log.read_text()
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return


def log_lines(server: Server) -> list[dict[str, Any]]:
    """What it has written: nothing but JSON, a line each."""
    return [json.loads(line) for line in server.log.read_text().splitlines()]
