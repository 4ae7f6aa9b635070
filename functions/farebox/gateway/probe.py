"""Probes an upstream, at no cost in tokens: does it answer, and how soon."""

import asyncio
import time
from dataclasses import dataclass

import httpx

from functions.farebox.gateway.upstream import Upstream

MAX_WAIT_S = 10.0


@dataclass(frozen=True, slots=True)
class Probe:
    """What came of it. `error` says in a few words what is wrong, `None` that nothing is."""

    latency_ms: int | None
    error: str | None


async def probe(upstream: Upstream) -> Probe:
    """Ask an upstream for its models, with its key. Any answer will do but a server's fault or a refused key."""
    timeouts = upstream.timeouts
    timeout = httpx.Timeout(MAX_WAIT_S, connect=timeouts.connect_s)
    headers = {"user-agent": "farebox"}
    if upstream.api_key is not None:
        headers["authorization"] = f"Bearer {upstream.api_key}"
    started_s = time.monotonic()
    try:
        async with (
            asyncio.timeout(min(timeouts.first_byte_s, MAX_WAIT_S)),
            httpx.AsyncClient(timeout=timeout, trust_env=False) as client,
            client.stream("GET", f"{upstream.base_url}/models", headers=headers) as answer,
        ):
            status = answer.status_code
    except (TimeoutError, httpx.TimeoutException):
        return Probe(None, "no answer in time")
    except httpx.HTTPError:
        return Probe(None, "no connection")
    latency_ms = round((time.monotonic() - started_s) * 1000)
    is_ill = status >= 500 or status in (401, 403)
    return Probe(latency_ms, f"status {status}" if is_ill else None)
