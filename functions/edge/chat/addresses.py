"""Addresses of the data plane that lead nowhere: each is told by its name, with the one that was likely meant, in the
words of the dialect that was likely spoken."""

import re
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from functions.edge.asgi.app import EXCEPTION_HANDLERS, Handler
from functions.edge.asgi.envelope import request_id
from functions.edge.asgi.errors import error_response
from functions.edge.chat.not_offered import instead_of, is_ollamas
from functions.edge.chat.response import with_rates
from functions.farebox.errors import NotFound

MOST_CHARS = 200  # of an address that are told back

# What client libraries put before a call: the path of a base URL with too little in it, too much (a whole call among
# it), or another service's. A call may be missing its last letter.
_MEANT = re.compile(
    r"(?P<base>/+(?:(?:v\d+(?:beta)?|openai|anthropic|api|inference|compatible-mode|(?:deployments|engines)/[^/]+"
    r"|(?:chat/)?completions|embeddings|messages|responses)/+)*)"
    r"(?:(?P<chat>chat/completions?|(?<=/v1/)chat)|(?P<legacy>completions?)"
    r"|(?P<call>embedding|message|response|model)s?|(?P<whole>messages/count_tokens|models/[^:]+|receipts/[^/]+))"
)
_BASE = "/v1/"
_FOREIGN = re.compile(r"/+(?:v\d+(?:beta)?|openai|anthropic)/")
_OPENAIS = ("/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/responses", "/v1/receipts/")
_MESSAGES = "/v1/messages"
_ANTHROPICS_LEGACY = "/v1/complete"
_DEPLOYMENTS = "/deployments/"  # how Azure names a model
_ANTHROPIC_HEADER = "anthropic-version"


def meant(path: str) -> str | None:
    """The address of ours that a path which leads nowhere was likely meant for."""
    found = _read(path)
    address = None if found is None else _address(found)
    return None if address == path else address


def _read(path: str) -> re.Match[str] | None:
    return _MEANT.fullmatch(path.rstrip("/"))


def _address(found: re.Match[str]) -> str:
    if found["chat"]:
        return f"{_BASE}chat/completions"
    if found["legacy"]:
        return f"{_BASE}completions"
    return _BASE + (found["whole"] or f"{found['call']}s")


def is_astray(path: str) -> bool:
    """Whether a path that leads nowhere looks for a call of the data plane, ours or another service's."""
    return _FOREIGN.match(path) is not None or meant(path) is not None or is_ollamas(path)


def no_such_address(method: str, path: str) -> NotFound:
    """The refusal of a path that leads nowhere."""
    named, address = f"{method} {path[:MOST_CHARS]} is not offered here.", meant(path)
    if address is None:
        advice = instead_of(path[:MOST_CHARS])
        if advice is not None:
            return NotFound(f"{named} {advice}.")
        return NotFound(f"{named} Check the path; GET /v1/models lists the models, and the documentation the calls.")
    return NotFound(f"{named} Did you mean {address}? {_advice(path, address)}")


def _advice(path: str, address: str) -> str:
    """What to do about it: only a base URL that is wrong is to be changed."""
    found = _read(path)
    if found is not None and found["base"] == _BASE:
        return "The base URL of your client is right, and what comes behind it is not."
    base = "without /v1" if address.startswith(_MESSAGES) else "with /v1 at its end"
    advice = f"Give your client the base URL {base} and nothing behind it."
    if _DEPLOYMENTS in path:
        return f"{advice} It is to be a client of OpenAI's own API, not of Azure's: the body names the model."
    return advice


def refusal_handlers() -> Mapping[int | type[Exception], Handler]:
    """The handlers of an edge's refusals, that know addresses and dialects."""
    return {kind: _in_dialect(handler) for kind, handler in EXCEPTION_HANDLERS.items()}


def _in_dialect(handler: Handler) -> Handler:
    async def answer(request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException) and error.status_code == 404:
            response = error_response(no_such_address(request.method, request.url.path))
        else:
            response = with_rates(await handler(request, error), error)
        return _as_anthropics(request, response) if _speaks_anthropics(request) else response

    return answer


def _speaks_anthropics(request: Request) -> bool:
    path = request.url.path
    if path.startswith(_OPENAIS):
        return False
    address = meant(path) or path
    is_anthropics = address in (_MESSAGES, _ANTHROPICS_LEGACY) or address.startswith(f"{_MESSAGES}/")
    return is_anthropics or _ANTHROPIC_HEADER in request.headers


def _as_anthropics(request: Request, response: Response) -> Response:
    """A refusal in the words of Anthropic's API."""
    from functions.farebox.dialects.messages.dialect import Messages  # who only completes chats starts sooner

    error: dict[str, Any] = orjson.loads(response.body)["error"]
    own = {name: value for name, value in response.headers.items() if not name.startswith("content-")}
    body = Messages().error(response.status_code, error)
    return JSONResponse(body, response.status_code, {**own, "request-id": request_id(request.scope)})
