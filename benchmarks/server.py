"""A Farebox of the benchmark's own: `python main.py` in a new folder, on a free port, with one funded account."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MAIN = Path(__file__).parents[1] / "main.py"
CREDIT_USD = "100000"
READY_TIMEOUT_S = 30


@dataclass(frozen=True)
class Account:
    """Where to spend, and with what."""

    url: str
    token: str
    key: str


@contextmanager
def farebox() -> Iterator[Account]:
    """A running server, and an account with `CREDIT_USD` on it."""
    port = _free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FAREBOX_")}
    environment = {**kept, "PORT": str(port), "FAREBOX_SIGNUP_CREDIT_USD": CREDIT_USD}
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen([sys.executable, str(MAIN)], cwd=folder, env=environment, stdout=subprocess.DEVNULL)
        try:
            yield _open_account(f"http://127.0.0.1:{port}")
        finally:
            process.terminate()
            process.wait()


def call(url: str, body: dict[str, Any] | None, token: str | None = None) -> dict[str, Any]:
    """One JSON call: a POST if there is a body."""
    headers = {"content-type": "application/json"}
    if token is not None:
        headers["authorization"] = f"Bearer {token}"
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data, headers)) as answer:
        result: dict[str, Any] = json.load(answer)
        return result


def _open_account(url: str) -> Account:
    deadline = time.monotonic() + READY_TIMEOUT_S
    while True:
        try:
            call(f"{url}/healthz", None)
            break
        except urllib.error.URLError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
    person = {"email": "bench@example.com", "password": "a long password"}
    token = call(f"{url}/api/auth/register", person)["token"]
    return Account(url, token, call(f"{url}/api/keys", {"name": "bench"}, token)["key"])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
