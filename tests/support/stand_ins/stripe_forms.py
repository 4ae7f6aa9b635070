"""The forms of Stripe's API: how it takes parameters, and answers lists and refusals."""

import re
from typing import Any

from aiohttp import web

Object = dict[str, Any]


def unflatten(pairs: list[tuple[str, str]]) -> Object:
    """`a[b][0]=c` as `{"a": {"b": {"0": "c"}}}`."""
    found: Object = {}
    for name, value in pairs:
        *path, last = re.findall(r"[^\[\]]+", name)
        place = found
        for part in path:
            place = place.setdefault(part, {})
        place[last] = value
    return found


def list_of(data: list[Object], limit: int = 100) -> web.Response:
    """A page of a list."""
    page = {"data": data[:limit], "has_more": len(data) > limit}
    return web.json_response({"object": "list", "url": "/v1/list", **page})


def error_of(status: int, error: Object) -> web.Response:
    """A refusal."""
    return web.json_response({"error": error}, status=status)


def again(answer: web.Response) -> web.Response:
    """An answer, to be sent once more."""
    return web.Response(body=answer.body, status=answer.status, content_type="application/json")
