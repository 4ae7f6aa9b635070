"""Probes an upstream, at no cost in tokens: does it answer, and how soon."""

import asyncio
import os
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import httpx

from functions.farebox.gateway.credentials.tokens import NoCredential
from functions.farebox.gateway.json_object import read_object
from functions.farebox.gateway.listing.contexts import read_contexts
from functions.farebox.gateway.upstream import Upstream

MAX_WAIT_S = 10.0
UNTRUSTED = "TLS: certificate not trusted"
MAX_LISTING_S = 5.0
MAX_LISTING_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Probe:
    """What came of it. `error` says in a few words what is wrong, `None` that nothing is. `contexts` are those of its
    models that its list of them tells, in tokens; `None` where there was no list that could be read."""

    latency_ms: int | None
    error: str | None
    contexts: Mapping[str, int] | None = None


@lru_cache(1)
def _trusted(_file: str | None) -> ssl.SSLContext:
    """As calls trust: the system's authorities, or those of SSL_CERT_FILE. To read them holds up the loop for some
    hundredth of a second, which others' answers would be late by: once for all upstreams."""
    return ssl.create_default_context()


async def probe(upstream: Upstream) -> Probe:
    """Ask an upstream for its models, with all that its calls have. Any answer will do but a server's fault or a key
    that is not known: one that may not list models (403), or a server without a list (404, 405), says nothing of calls.
    """
    timeouts = upstream.timeouts
    timeout = httpx.Timeout(MAX_WAIT_S, connect=timeouts.connect_s)
    try:
        headers = {**upstream.head, **await upstream.credential(), "accept": "application/json"}
    except NoCredential as error:
        return Probe(None, str(error))
    del headers["content-type"]
    trusted = _trusted(os.environ.get("SSL_CERT_FILE"))
    started_s = time.monotonic()
    async with httpx.AsyncClient(timeout=timeout, trust_env=False, verify=trusted) as client:
        try:
            async with asyncio.timeout(min(timeouts.first_byte_s, MAX_WAIT_S)):
                asking = client.build_request("GET", f"{upstream.base_url}/models{upstream.query}", headers=headers)
                answer = await client.send(asking, stream=True)
        except (TimeoutError, httpx.TimeoutException):
            return Probe(None, "no answer in time")
        except httpx.HTTPError as error:
            return Probe(None, UNTRUSTED if _is_of_certificate(error) else "no connection")
        latency_ms = round((time.monotonic() - started_s) * 1000)
        status = answer.status_code
        try:
            listing = await _read_listing(answer) if status == 200 else None
        finally:
            await answer.aclose()
    is_ill = status >= 500 or status == 401
    contexts = None if listing is None else read_contexts(listing, frozenset(upstream.models.values()))
    return Probe(latency_ms, f"status {status}" if is_ill else None, contexts)


def _is_of_certificate(error: BaseException) -> bool:
    """Whether that is what it came from."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    return cause is not None


async def _read_listing(answer: httpx.Response) -> Mapping[str, Any] | None:
    """The object that a list of models is. One that is none, too large, too slow or broken off tells nothing, and
    that is no fault of an upstream that answered."""
    read = bytearray()
    try:
        async with asyncio.timeout(MAX_LISTING_S):
            async for piece in answer.aiter_bytes():
                read += piece
                if len(read) > MAX_LISTING_BYTES:
                    return None
    except (TimeoutError, httpx.HTTPError):
        return None
    return read_object(bytes(read))
