"""The other servers: a bare relay on the same stack, Portkey's gateway, LiteLLM's proxy, and the upstream itself.

`scripts/bench.sh` installs the two that are not ours.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.machine import CACHE, ROOT, pinned
from benchmarks.processes import Process, running
from benchmarks.upstream import PLAIN, STREAM, Upstream
from tests.support.processes import free_port

BARE = Path(__file__).parent / "bare" / "main.py"
LITELLM = ROOT / ".venv-bench" / "bin" / "litellm"
PORTKEY = CACHE / "node_modules" / "@portkey-ai" / "gateway" / "build" / "start-server.js"
MASTER_KEY = "sk-benchmark"


@dataclass(frozen=True)
class Peer:
    """A server to compare with. `process` is `None` for the upstream, whose work is not the gateway's."""

    process: Process | None
    url: Callable[[str], str]  # of chat completions, by model
    key: str = "none"
    headers: Callable[[str], dict[str, str]] = field(default=lambda _model: {})


@contextmanager
def direct(upstream: Upstream) -> Iterator[Peer]:
    """No gateway at all."""
    yield Peer(None, lambda model: f"{upstream.base_url(model)}/chat/completions")


@contextmanager
def bare_relay(upstream: Upstream, notes: Path | None = None) -> Iterator[Peer]:
    """Farebox's stack without Farebox. With `notes`, each answer waits until a note of it is on disk, in that file."""
    port = free_port()
    command = [sys.executable, "-m", "functions_framework", "--target", "relay", "--source", str(BARE)]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    environment = {**os.environ, "BARE_UPSTREAM": upstream.url}
    if notes is not None:
        environment["BARE_NOTES"] = str(notes)
    with running(pinned(command), f"http://127.0.0.1:{port}", environment=environment) as process:
        yield Peer(process, lambda model: f"{process.url}/{model}/v1/chat/completions")


@contextmanager
def noting_relay(upstream: Upstream) -> Iterator[Peer]:
    """The bare relay with the least that durable books are: one note of each answer on the disk that Farebox has."""
    notes = CACHE / "notes"
    try:
        with bare_relay(upstream, notes) as peer:
            yield peer
    finally:
        notes.unlink(missing_ok=True)


@contextmanager
def portkey(upstream: Upstream) -> Iterator[Peer]:
    """Portkey's open-source gateway: each request says where it goes."""
    port = free_port()
    command = pinned(["node", str(PORTKEY), f"--port={port}", "--headless"])
    environment = {**os.environ, "NODE_ENV": "production", "TRUSTED_CUSTOM_HOSTS": "127.0.0.1"}

    def headers(model: str) -> dict[str, str]:
        return {"x-portkey-provider": "openai", "x-portkey-custom-host": upstream.base_url(model)}

    with running(command, f"http://127.0.0.1:{port}", environment=environment) as process:
        yield Peer(process, lambda _: f"{process.url}/v1/chat/completions", headers=headers)


@contextmanager
def litellm(upstream: Upstream) -> Iterator[Peer]:
    """LiteLLM's proxy with one worker, without a database: it has no virtual keys and no budgets then."""
    port = free_port()
    path = CACHE / "litellm.json"
    path.write_text(json.dumps(_litellm_config(upstream)))
    command = [str(LITELLM), "--config", str(path), "--host", "127.0.0.1", "--port", str(port), "--num_workers", "1"]
    environment = {
        **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "LITELLM_MODE": "PRODUCTION",
        "LITELLM_LOG": "ERROR",
    }
    url = f"http://127.0.0.1:{port}"
    with running(pinned(command), url, ready="/health/liveliness", environment=environment) as process:
        yield Peer(process, lambda _: f"{url}/v1/chat/completions", MASTER_KEY)


def _litellm_config(upstream: Upstream) -> dict[str, Any]:
    models = [
        {
            "model_name": name,
            "litellm_params": {"model": f"openai/{name}", "api_base": upstream.base_url(name), "api_key": "none"},
        }
        for name in (PLAIN, STREAM)
    ]
    return {"model_list": models, "general_settings": {"master_key": MASTER_KEY}}
