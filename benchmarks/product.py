"""Farebox as a user starts it, with full accounting, in front of the stand-in; and people who pay it."""

import json
import os
import shutil
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.machine import CACHE, ROOT, pinned
from benchmarks.processes import Process, running
from benchmarks.upstream import COMPLETION_TOKENS, PLAIN, PROMPT_TOKENS, STREAM, Upstream
from tests.support.processes import free_port

CREDIT_USD = "100000"
INPUT_USD_PER_1M, OUTPUT_USD_PER_1M = "0.15", "0.60"
PRICE_NANOS = PROMPT_TOKENS * 150 + COMPLETION_TOKENS * 600  # of a request, whatever its prompt: the upstream counts
ADMIN_KEY = "an operator's key of the benchmark's own"
SECRET = "a secret of the benchmark's own, for one run"
SETTLE_INTERVAL_S = 5  # the default


@dataclass(frozen=True)
class Account:
    """Somebody who pays, and their keys."""

    uid: str
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Farebox:
    """A running Farebox. `store_url` names its books, `environment` is what it was started with."""

    process: Process
    store_url: str
    environment: dict[str, str]

    @property
    def url(self) -> str:
        """Where it listens."""
        return self.process.url


@contextmanager
def farebox(
    upstream: Upstream,
    *,
    store_url: str | None = None,
    command: list[str] | None = None,
    pin: bool = True,
    port: int | None = None,
    **variables: str,
) -> Iterator[Farebox]:
    """Farebox, started anew; on a new SQLite file where no store is named, and as `command` where one is given."""
    port = port or free_port()
    folder = CACHE / f"farebox-{port}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    environment = _environment(upstream, port, store_url or f"sqlite:///{folder}/farebox.db") | variables
    started = command or [sys.executable, str(ROOT / "main.py")]
    with running(
        pinned(started) if pin else started,
        f"http://127.0.0.1:{port}",
        ready="/healthz",
        environment=environment,
        folder=folder,
    ) as process:
        yield Farebox(process, environment["FAREBOX_STORE"], environment)
    shutil.rmtree(folder, ignore_errors=True)


def framework_command(target: str, port: int) -> list[str]:
    """What starts one function alone, as Cloud Run functions does."""
    source = str(ROOT / "main.py")
    module = [sys.executable, "-m", "functions_framework"]
    return [*module, "--target", target, "--source", source, "--host", "127.0.0.1", "--port", str(port)]


def open_account(url: str, name: str, *, keys: int = 1, **terms: str) -> Account:
    """Make somebody an account with credit, as an operator does on either store, and their keys, on these terms."""
    person = {"email": f"{name}@example.com", "password": "a long password"}
    call(f"{url}/api/admin/provision-user", {**person, "credit_usd": CREDIT_USD}, {"x-admin-key": ADMIN_KEY})
    session = call(f"{url}/api/auth/login", person, {})
    bearer = {"authorization": f"Bearer {session['token']}"}
    made = [call(f"{url}/api/keys", {"name": f"key {n}", **terms}, bearer)["key"] for n in range(keys)]
    return Account(session["user"]["id"], tuple(made))


def call(url: str, body: dict[str, Any], headers: Mapping[str, str]) -> dict[str, Any]:
    """One POST of JSON."""
    headers = {"content-type": "application/json", **headers}
    with urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), headers), timeout=60) as answer:
        result: dict[str, Any] = json.load(answer)
        return result


def _environment(upstream: Upstream, port: int, store_url: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FAREBOX_")}
    entries = [{"id": name, "base_url": upstream.base_url(name), "models": {name: name}} for name in (PLAIN, STREAM)]
    price = {"input_usd_per_1m": INPUT_USD_PER_1M, "output_usd_per_1m": OUTPUT_USD_PER_1M}
    return kept | {
        "PORT": str(port),
        "PYTHONPATH": str(ROOT),
        "FAREBOX_STORE": store_url,
        "FAREBOX_PAYMENTS": "sandbox",
        "FAREBOX_SECRET_KEY": SECRET,
        "ADMIN_SECRET_KEY": ADMIN_KEY,
        "FAREBOX_SIGNUP_CREDIT_USD": "0",
        "FAREBOX_UPSTREAMS": json.dumps(entries),
        "FAREBOX_PRICING": json.dumps({PLAIN: price, STREAM: price}),
        "FAREBOX_SETTLE_INTERVAL_S": str(SETTLE_INTERVAL_S),
    }


def folder_of(started: Farebox) -> Path:
    """Where a started Farebox runs."""
    return CACHE / f"farebox-{started.url.rpartition(':')[2]}"
