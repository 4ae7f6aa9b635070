"""Makes an upstream's refusal of a request fit for the client."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import orjson

from functions.farebox.gateway.json_object import read_object
from functions.farebox.gateway.upstream import Upstream

MAX_MESSAGE_CHARS = 2000

_WORD = re.compile(r"[A-Za-z0-9_.\[\]-]{1,200}", re.ASCII)


def rejection(body: bytes, upstream: Upstream) -> bytes | None:
    """The body of an OpenAI-shaped error with its four keys, or `None` if the upstream's is no such error.

    Its own words are kept, except that the upstream's address and key are taken out of the message.
    """
    payload = read_object(body) or {}
    error = payload.get("error")
    if not isinstance(error, dict):
        return None
    message = error.get("message")
    if not isinstance(message, str) or not message:
        return None
    return _error(_without_secrets(message, upstream)[:MAX_MESSAGE_CHARS], error)


def plain_rejection() -> bytes:
    """The body for a refusal that cannot be quoted."""
    return _error("The model's server refused the request as invalid.", {})


def _error(message: str, error: Mapping[str, Any]) -> bytes:
    kind = _word(error.get("type")) or "invalid_request_error"
    param, code = _word(error.get("param")), _word(error.get("code"))
    return orjson.dumps({"error": {"message": message, "type": kind, "param": param, "code": code}})


def _word(value: object) -> str | None:
    return value if isinstance(value, str) and _WORD.fullmatch(value) else None


def _without_secrets(message: str, upstream: Upstream) -> str:
    for secret in (upstream.api_key, upstream.base_url, urlsplit(upstream.base_url).netloc):
        if secret:
            message = message.replace(secret, "[upstream]")
    return message
