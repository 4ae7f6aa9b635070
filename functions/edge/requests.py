"""What the data plane asks of a request body before it looks at its price. What is not named here passes through."""

import re
from typing import Annotated, Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from starlette.requests import HTTPConnection

from functions.edge.asked import Asked
from functions.edge.validation import explain
from functions.farebox.errors import InvalidRequest
from functions.farebox.gateway.call import NO_WISH, CacheWish

MAX_CHOICES = 128
DEARER_TIERS = frozenset({"priority", "fast"})  # upstreams charge more for these than the price list says

_CACHE = re.compile(r"(?P<on>on)(?:[;,]\s*max-age=(?P<age>[0-9]{1,9}))?|off")
_KEY = re.compile(r"[ -~]{1,255}")

Cap = Annotated[int, Field(ge=1, le=10_000_000)]


class StreamOptions(BaseModel):
    """How to stream."""

    model_config = ConfigDict(extra="allow", strict=True)

    include_usage: bool | None = None


class ChatRequest(BaseModel):
    """The fields of a chat completion request that Farebox itself heeds."""

    model_config = ConfigDict(extra="allow", strict=True)

    model: Annotated[str, Field(min_length=1, max_length=200)]
    messages: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=10_000)]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: Annotated[int, Field(ge=1, le=MAX_CHOICES)] | None = None
    max_tokens: Cap | None = None
    max_completion_tokens: Cap | None = None
    service_tier: str | None = None

    @field_validator("service_tier")
    @classmethod
    def _priced_alike(cls, tier: str | None) -> str | None:
        if tier in DEARER_TIERS:
            raise ValueError(f"the tier {tier!r} has no price here; leave it out, or use 'default'")
        return tier


class EmbeddingRequest(BaseModel):
    """The fields of an embedding request that Farebox itself heeds."""

    model_config = ConfigDict(extra="allow", strict=True)

    model: Annotated[str, Field(min_length=1, max_length=200)]
    input: Any


def idempotency_key(request: HTTPConnection | Asked) -> str | None:
    """The request's `Idempotency-Key`, if it has one. Raises `InvalidRequest` for one that is not usable."""
    key = request.headers.get("idempotency-key")
    if key is not None and _KEY.fullmatch(key) is None:
        raise InvalidRequest(
            "Write an Idempotency-Key of 1 to 255 printable characters.",
            code="invalid_idempotency_key",
            param="Idempotency-Key",
        )
    return key


def cache_wish(request: HTTPConnection | Asked) -> CacheWish:
    """What `x-farebox-cache` says: `on`, `on; max-age=600` or `off`. Raises `InvalidRequest` for anything else."""
    text = request.headers.get("x-farebox-cache")
    if text is None:
        return NO_WISH
    found = _CACHE.fullmatch(text.strip().lower())
    if found is None:
        raise InvalidRequest(
            "Write x-farebox-cache: on, or on; max-age=SECONDS, or off.", code="invalid_value", param="x-farebox-cache"
        )
    age = found["age"]
    return CacheWish(found["on"] is not None, None if age is None else int(age))


def parse_body(raw: bytes, form: type[BaseModel]) -> dict[str, Any]:
    """A JSON body, checked against a form; answers all of it, as it came.

    Raises `InvalidRequest` that names the field.
    """
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise InvalidRequest(f"The body is no JSON: {error.msg}. Send a JSON object.", code="malformed_json") from None
    if not isinstance(body, dict):
        raise InvalidRequest("Send a JSON object in the body.", code="invalid_body")
    try:
        form.model_validate(body)
    except ValidationError as error:
        problems = [{**problem, "loc": ("body", *problem["loc"])} for problem in error.errors()]
        raise explain(problems) from None
    return body
