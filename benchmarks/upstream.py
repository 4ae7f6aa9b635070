"""A stand-in upstream for benchmarks: nginx, which answers every request at once with a fixed completion or stream.

It is many times faster than any gateway here, so that what is measured is the gateway. A stream's events arrive
together: what a gateway does for each event is measured, what it waits between them is not.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.machine import CACHE
from benchmarks.processes import running
from tests.support.processes import free_port

PLAIN = "plain"  # model names; the upstream has each under a path of its own
STREAM = "stream"
PROMPT_TOKENS = 9
COMPLETION_TOKENS = 49
EVENTS = 53

USAGE = {
    "prompt_tokens": PROMPT_TOKENS,
    "completion_tokens": COMPLETION_TOKENS,
    "total_tokens": PROMPT_TOKENS + COMPLETION_TOKENS,
}
ENVELOPE = {"id": "chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG", "created": 1741570283, "model": "gpt-4o-mini-2024-07-18"}
_CONFIG = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  client_max_body_size 64m;
  client_body_buffer_size 1m;
  keepalive_requests 1000000000;
  tcp_nodelay on;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    root {folder}/answers;
    default_type application/json;
    error_page 405 =200 $uri;  # a file answers a POST as it does a GET
    location /stream/ {{ default_type text/event-stream; }}
  }}
}}
"""


@dataclass(frozen=True)
class Upstream:
    """A running stand-in."""

    url: str

    def base_url(self, model: str) -> str:
        """The base address of a model, as OpenAI's clients want it."""
        return f"{self.url}/{model}/v1"


@contextmanager
def upstream() -> Iterator[Upstream]:
    """The stand-in, on the load's core."""
    port = free_port()
    folder = CACHE / "upstream"
    shutil.rmtree(folder, ignore_errors=True)
    _write(folder / "answers" / PLAIN / "v1/chat/completions", completion())
    _write(folder / "answers" / STREAM / "v1/chat/completions", stream())
    (folder / "nginx.conf").write_text(_CONFIG.format(folder=folder, port=port))
    command = ["nginx", "-p", str(folder), "-e", f"{folder}/nginx-error.log", "-c", f"{folder}/nginx.conf"]
    with running(command, f"http://127.0.0.1:{port}", ready=f"/{PLAIN}/v1/chat/completions") as process:
        yield Upstream(process.url)


def completion() -> bytes:
    """The whole answer, in OpenAI's form."""
    words = " ".join(["Hello! How can I help you today?"] * 2)
    message = {"role": "assistant", "content": words, "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    return dumps({**ENVELOPE, "object": "chat.completion", "choices": [choice], "usage": USAGE})


def stream() -> bytes:
    """The streamed answer: its role, one event a token, the finish, the usage and `[DONE]`."""
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": f" word{number}"} for number in range(COMPLETION_TOKENS)]
    chunks = [_chunk([{"index": 0, "delta": delta, "finish_reason": None}]) for delta in deltas]
    chunks.append(_chunk([{"index": 0, "delta": {}, "finish_reason": "stop"}]))
    chunks.append({**_chunk([]), "usage": USAGE})
    events = [b"data: " + dumps(chunk) for chunk in chunks] + [b"data: [DONE]"]
    assert len(events) == EVENTS
    return b"".join(event + b"\n\n" for event in events)


def _chunk(choices: list[dict[str, Any]]) -> dict[str, Any]:
    return {**ENVELOPE, "object": "chat.completion.chunk", "choices": choices}


def dumps(value: object) -> bytes:
    """JSON as models' servers write it."""
    return json.dumps(value, separators=(",", ":")).encode()


def _write(path: Path, body: bytes) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(body)
