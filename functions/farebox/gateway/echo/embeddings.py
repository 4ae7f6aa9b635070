"""The echo upstream's `/embeddings`: vectors that are the same for the same text, of length one, and mean nothing."""

import base64
import hashlib
import math
import struct
from collections.abc import Mapping
from typing import Any

import orjson

from functions.farebox.gateway.echo.chat import Refused
from functions.farebox.gateway.echo.counting import count

DEFAULT_DIMENSIONS = 256
MAX_DIMENSIONS = 4096
MAX_INPUTS = 2048  # OpenAI's own limit
MAX_NUMBERS = 1024 * 1024


def embed(request: Mapping[str, Any]) -> bytes:
    """The body of an embedding list. Raises `Refused`."""
    inputs = _inputs(request.get("input"))
    dimensions = request.get("dimensions")
    if dimensions is None:
        dimensions = DEFAULT_DIMENSIONS
    if type(dimensions) is not int or not 1 <= dimensions <= MAX_DIMENSIONS:
        raise Refused(f"dimensions must be a whole number from 1 to {MAX_DIMENSIONS}.", "dimensions")
    if len(inputs) * dimensions > MAX_NUMBERS:
        raise Refused(f"inputs times dimensions may be at most {MAX_NUMBERS}.", "input")
    encoding = request.get("encoding_format") or "float"
    if encoding not in ("float", "base64"):
        raise Refused("encoding_format must be float or base64.", "encoding_format")
    vectors = [_vector(one, dimensions) for one in inputs]
    data = [
        {"object": "embedding", "index": n, "embedding": _base64(vector) if encoding == "base64" else vector}
        for n, vector in enumerate(vectors)
    ]
    tokens = sum(count(one) if isinstance(one, str) else len(one) for one in inputs)
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return orjson.dumps({"object": "list", "data": data, "model": request["model"], "usage": usage})


def _inputs(value: object) -> list[str | list[int]]:
    """One text or many, as texts or as token ids."""
    inputs: list[Any] = value if isinstance(value, list) and not _is_tokens(value) else [value]
    if not 1 <= len(inputs) <= MAX_INPUTS or not all(
        (isinstance(one, str) and one) or _is_tokens(one) for one in inputs
    ):
        raise Refused(f"input must be a text, or 1 to {MAX_INPUTS} of them, none empty.", "input")
    return inputs


def _is_tokens(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(type(one) is int for one in value)


def _vector(one: str | list[int], dimensions: int) -> list[float]:
    digest = hashlib.shake_256(orjson.dumps(one)).digest(2 * dimensions)
    values = struct.unpack(f"<{dimensions}h", digest)
    length = math.hypot(*values) or 1.0
    return [value / length for value in values]


def _base64(vector: list[float]) -> str:
    """Little-endian 32-bit floats, as OpenAI's clients expect."""
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
