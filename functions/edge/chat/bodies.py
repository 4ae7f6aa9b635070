"""What the headers of a paid request ask for, and the checks of its body."""

import re
from collections.abc import Callable
from typing import Any

from starlette.requests import HTTPConnection

from functions.edge.asgi.credentials import idempotency_key
from functions.edge.asgi.light_request import LightRequest
from functions.edge.chat.rendering import CACHE_HEADER
from functions.farebox.data_plane.idempotency import Key
from functions.farebox.errors import InvalidRequest
from functions.farebox.gateway.call import NO_WISH, CacheWish, passed_headers
from functions.farebox.gateway.upstream import Routes
from functions.farebox.request.checked import Checked

_CACHE = re.compile(r"(?P<on>on)(?:[;,]\s*max-age=(?P<age>[0-9]{1,9}))?|off")

Check = Callable[[dict[str, Any]], Checked]  # raises `InvalidRequest`


def key_of(request: LightRequest, routes: Routes, checked: Checked, raw: bytes) -> Key | None:
    """The idempotency key with what it stands for, in whichever dialect: the client's own body at an endpoint, and the
    headers that upstreams of its model are sent with it."""
    text = idempotency_key(request)
    if text is None:
        return None
    passed = passed_headers(request.headers.raw, routes.pass_headers(checked.model))
    return Key.of(text, checked.endpoint, raw, passed)


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
