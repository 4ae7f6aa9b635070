"""Checks bodies of the data plane before their price is looked at. A field that is not named here passes through.

Checked by msgspec, which a cold start has in a tenth of pydantic's time; `edge/rest/data_plane_bodies.py` documents the
same.
"""

import re
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import orjson
from msgspec import Meta, Struct, ValidationError, convert
from starlette.requests import HTTPConnection

from functions.edge.asgi.light_request import LightRequest
from functions.edge.chat.rendering import CACHE_HEADER
from functions.farebox.errors import InvalidRequest
from functions.farebox.gateway.call import NO_WISH, CacheWish

T = TypeVar("T")

MAX_CHOICES = 128
MAX_MESSAGES = 10_000
MAX_CAP = 10_000_000
DEARER_TIERS = frozenset({"priority", "fast"})  # upstreams charge more for these than the price list says

_CACHE = re.compile(r"(?P<on>on)(?:[;,]\s*max-age=(?P<age>[0-9]{1,9}))?|off")
_KEY = re.compile(r"[ -~]{1,255}")
_INDEX = re.compile(r"\[([^\]]*)\]")
_MISSING = re.compile(r"Object missing required field `([^`]+)`")

Name = Annotated[str, Meta(min_length=1, max_length=200)]
Cap = Annotated[int, Meta(ge=1, le=MAX_CAP)]


class StreamOptions(Struct):
    """How to stream."""

    include_usage: bool | None = None


class ChatRequest(Struct):
    """The fields of a chat completion request that Farebox itself heeds."""

    model: Name
    messages: Annotated[list[dict[str, Any]], Meta(min_length=1, max_length=MAX_MESSAGES)]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: Annotated[int, Meta(ge=1, le=MAX_CHOICES)] | None = None
    max_tokens: Cap | None = None
    max_completion_tokens: Cap | None = None
    service_tier: str | None = None


class EmbeddingRequest(Struct):
    """The fields of an embedding request that Farebox itself heeds."""

    model: Name
    input: Any


Check = Callable[[dict[str, Any]], None]  # raises `InvalidRequest`


def check_chat(body: dict[str, Any]) -> None:
    """What the body of a chat completion request must be."""
    tier = _shaped(body, ChatRequest).service_tier
    if tier in DEARER_TIERS:
        raise InvalidRequest(
            f"service_tier: the tier {tier!r} has no price here; leave it out, or use 'default'.",
            code="invalid_value",
            param="service_tier",
        )


def check_embedding(body: dict[str, Any]) -> None:
    """What the body of an embedding request must be."""
    _shaped(body, EmbeddingRequest)


def idempotency_key(request: HTTPConnection | LightRequest) -> str | None:
    """The request's `Idempotency-Key`, if it has one. Raises `InvalidRequest` for one that is not usable."""
    key = request.headers.get("idempotency-key")
    if key is not None and _KEY.fullmatch(key) is None:
        raise InvalidRequest(
            "Write an Idempotency-Key of 1 to 255 printable characters.",
            code="invalid_idempotency_key",
            param="Idempotency-Key",
        )
    return key


def cache_wish(request: HTTPConnection | LightRequest) -> CacheWish:
    """What `x-farebox-cache` says: `on`, `on; max-age=600` or `off`. Raises `InvalidRequest` for anything else."""
    text = request.headers.get(CACHE_HEADER)
    if text is None:
        return NO_WISH
    found = _CACHE.fullmatch(text.strip().lower())
    if found is None:
        raise InvalidRequest(
            "Write x-farebox-cache: on, or on; max-age=SECONDS, or off.", code="invalid_value", param=CACHE_HEADER
        )
    age = found["age"]
    return CacheWish(found["on"] is not None, None if age is None else int(age))


def parse_body(raw: bytes, check: Check) -> dict[str, Any]:
    """A JSON object, checked; answers all of it, as it came. Raises `InvalidRequest` that names the field."""
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise InvalidRequest(f"The body is no JSON: {error.msg}. Send a JSON object.", code="malformed_json") from None
    if not isinstance(body, dict):
        raise InvalidRequest("Send a JSON object in the body.", code="invalid_body")
    check(body)
    return body


def _shaped(body: dict[str, Any], form: type[T]) -> T:
    try:
        return convert(body, form)
    except ValidationError as error:
        raise _explain(str(error)) from None


def _explain(said: str) -> InvalidRequest:
    """What msgspec found wrong (`Expected `int`, got `str` - at `$.n``), in the words of this API."""
    problem, _, place = said.partition(" - at ")
    path = _INDEX.sub(r".\1", place.strip("`")).removeprefix("$").removeprefix(".")
    missing = _MISSING.fullmatch(problem)
    if missing is not None:
        param = f"{path}.{missing[1]}" if path else missing[1]
        return InvalidRequest(f"{param} is missing from the body. Add it.", code="missing_field", param=param)
    code = "invalid_type" if ", got " in problem else "invalid_value"
    return InvalidRequest(f"{path}: {problem[:1].lower()}{problem[1:]}.", code=code, param=path)
