"""Error responses: OpenAI's shape, a status, and the headers that go with it."""

import logging
import math
from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from functions.farebox import errors
from functions.farebox.errors import BadConfig, FareboxError

log = logging.getLogger("farebox.serving")

UPSTREAM_HEADER = "x-farebox-upstream"
READ_ENCODINGS = ("gzip", "deflate", "zstd")  # of requests

# The most specific class of an error decides: its status and OpenAI's `type`.
KINDS: dict[type[FareboxError], tuple[int, str]] = {
    errors.InvalidRequest: (400, "invalid_request_error"),
    errors.RequestTooLarge: (413, "invalid_request_error"),
    errors.RequestTooSlow: (408, "invalid_request_error"),
    errors.UnsupportedEncoding: (415, "invalid_request_error"),
    errors.IdempotencyMismatch: (422, "invalid_request_error"),
    errors.Unauthenticated: (401, "authentication_error"),
    errors.OutOfMoney: (402, "insufficient_quota"),
    errors.Forbidden: (403, "permission_error"),
    errors.NotFound: (404, "invalid_request_error"),
    errors.Conflict: (409, "conflict_error"),
    errors.RateLimited: (429, "rate_limit_error"),
    errors.UpstreamFailed: (502, "upstream_error"),
    errors.UpstreamUnavailable: (503, "upstream_error"),
    errors.UpstreamTimeout: (504, "upstream_error"),
    errors.ModelUnknown: (404, "invalid_request_error"),
    errors.StoreUnavailable: (503, "server_error"),
    errors.ServerBusy: (503, "server_error"),
}

# What the framework itself refuses, in the words of this API.
FRAMEWORK_REFUSALS: dict[int, tuple[str, str]] = {
    400: ("invalid_request", "The request could not be read. Check that its body is what its headers say."),
    404: ("not_found", "There is nothing at this address. Check the path."),
    405: ("method_not_allowed", "This address does not take this method. The Allow header lists those it takes."),
    413: ("request_too_large", "The body is larger than this address takes. Send a smaller one."),
    414: ("address_too_long", "The address is longer than is taken. Send a shorter one."),
    431: ("headers_too_large", "There are more headers, or larger ones, than are taken. Send less in them."),
}


def kind_of(error: FareboxError) -> tuple[int, str]:
    """The HTTP status of a refusal and its `type`."""
    for cls in type(error).__mro__:
        if cls in KINDS:
            return KINDS[cls]
    return 500, "server_error"


def error_body(error: FareboxError) -> dict[str, Any]:
    """`{"error": {message, type, param, code}}`: also what a broken stream ends with."""
    return _body(error.message, kind_of(error)[1], error.param, error.code)


def error_headers(error: FareboxError) -> dict[str, str]:
    """The headers that tell a client, and its library, what to do about a refusal."""
    if isinstance(error, errors.OutOfMoney):
        return {"x-should-retry": "false"}  # OpenAI's libraries obey it; more attempts bring no money
    if isinstance(error, errors.RateLimited):
        if error.would_recur:  # it is paced, so 429, but no time to wait for would be true
            return {"x-should-retry": "false"}
        return {"retry-after": str(max(1, math.ceil(error.retry_after_s)))}
    if isinstance(error, errors.UpstreamFailed):
        return _upstream_headers(error)
    if isinstance(error, (errors.StoreUnavailable, errors.ServerBusy)):
        return {"retry-after": "5"}
    if isinstance(error, errors.UnsupportedEncoding):
        return {"accept-encoding": ", ".join(READ_ENCODINGS)}  # RFC 9110, 12.5.3
    if isinstance(error, errors.Unauthenticated):
        # Claude Code tries a wrong key for minutes unless it is told that none of that will help.
        return {"www-authenticate": 'Bearer realm="farebox"', "x-should-retry": "false"}
    return {}


def _upstream_headers(error: errors.UpstreamFailed) -> dict[str, str]:
    """Who was asked, in order, and when another try may help, or that none will: it would be paid for again."""
    headers = {}
    if error.attempts:
        headers[UPSTREAM_HEADER] = ", ".join(attempt.upstream for attempt in error.attempts)
    if error.would_recur or (error.loss is not None and error.loss.would_recur):
        headers["x-should-retry"] = "false"
    if error.retry_after_s is not None:
        headers["retry-after"] = str(max(1, math.ceil(error.retry_after_s)))
    return headers


def error_response(error: FareboxError) -> Response:
    """A refusal as an answer."""
    return JSONResponse(error_body(error), kind_of(error)[0], error_headers(error))


def internal_error() -> Response:
    """What a client learns about a fault of ours: nothing but that it is one."""
    message = "Something went wrong here. Try again; if it stays, report the x-request-id of this answer."
    return JSONResponse(_body(message, "server_error", None, "internal_error"), 500)


async def answer_refusal(_request: Request, error: Exception) -> Response:
    """Starlette's handler for `FareboxError`."""
    assert isinstance(error, FareboxError)
    return error_response(error)


async def answer_unreachable(_request: Request, _error: Exception) -> Response:
    """Starlette's handler for a store that did not answer."""
    return error_response(errors.StoreUnavailable("The database does not answer. Try again in a few seconds."))


async def answer_turned_away(_request: Request, error: Exception) -> Response:
    """Starlette's handler for a store that turns this process away: the operator's to mend, and told so in the log."""
    log.critical("the configuration is wrong: %s", BadConfig("FAREBOX_STORE", f"the database refuses: {error}"))
    return error_response(errors.StoreUnavailable("The database does not let this server in. Try again later."))


async def answer_bad_config(_request: Request, error: Exception) -> Response:
    """Starlette's handler for a configuration that turns out to be wrong at its first use."""
    log.critical("the configuration is wrong: %s", error)
    return internal_error()


async def answer_framework_refusal(_request: Request, error: Exception) -> Response:
    """Starlette's handler for its own `HTTPException`s."""
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, FareboxError):  # FastAPI makes a 400 of whatever reading a body raised
        return error_response(error.__cause__)
    return framework_refusal(error.status_code, error.detail, error.headers)


def framework_refusal(status: int, detail: str = "", headers: Mapping[str, str] | None = None) -> Response:
    """What a framework or a server refuses. `detail` is said of what is not among `FRAMEWORK_REFUSALS`."""
    code, message = FRAMEWORK_REFUSALS.get(status, ("invalid_request", detail))
    return JSONResponse(_body(message, "invalid_request_error", None, code), status, headers)


def _body(message: str, kind: str, param: str | None, code: str) -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}
