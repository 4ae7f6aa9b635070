"""The errors of Farebox: everything that it refuses, and why.

    FareboxError
    ├── InvalidRequest        the caller sent something that cannot be understood
    │   ├── RequestTooLarge       more bytes than are taken
    │   ├── RequestTooSlow        it did not come in time
    │   ├── UnsupportedEncoding   it is packed in a way that is not read
    │   └── IdempotencyMismatch   an idempotency key came back with another body
    ├── Unauthenticated       who the caller is could not be established
    ├── OutOfMoney            a wallet or a budget does not cover the request
    ├── Forbidden             known, but not allowed
    ├── NotFound              it is not there, or the caller may not see it
    ├── Conflict              it collides with what is there already, or still runs
    ├── RateLimited           a rate window is full
    ├── UpstreamFailed        the server behind answered with a failure
    │   ├── UpstreamUnavailable   none is healthy
    │   ├── UpstreamTimeout       it took too long
    │   └── ModelUnknown          no upstream of a pattern has the model that was asked for
    ├── StoreUnavailable      the database does not answer
    └── ServerBusy            this process has no room for more

`message` is written for the caller: what was wrong and what to do. Nothing secret, and nothing about
other people, ever goes into one. The edges turn the class into a status; this module knows no HTTP.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any


class FareboxError(Exception):
    """A refusal with a message for the caller, a stable `code` and the parameter at fault."""

    code = "error"

    def __init__(self, message: str, *, code: str | None = None, param: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.param = param


class InvalidRequest(FareboxError):
    """The caller sent something that cannot be understood. `code` names the cause."""

    code = "invalid_request"


class RequestTooLarge(InvalidRequest):
    """The body has more bytes than are taken."""

    code = "request_too_large"


class RequestTooSlow(InvalidRequest):
    """The caller did not send the whole request in time."""

    code = "request_timeout"


class UnsupportedEncoding(InvalidRequest):
    """The body is packed in a way that is not read."""

    code = "unsupported_encoding"


class IdempotencyMismatch(InvalidRequest):
    """An idempotency key came back with another body."""

    code = "idempotency_mismatch"


class Unauthenticated(FareboxError):
    """The credentials are missing, malformed, revoked or expired."""

    code = "invalid_api_key"


class OutOfMoney(FareboxError):
    """A money gate is shut: the wallet, the user's monthly budget or the key's."""

    code = "credit_balance_exhausted"


class Forbidden(FareboxError):
    """The caller is known, but not allowed."""

    code = "forbidden"


class NotFound(FareboxError):
    """It is not there; or it is, and the caller may not know."""

    code = "not_found"


class Conflict(FareboxError):
    """It collides with what is there already, or the first one still runs."""

    code = "conflict"


class RateLimited(FareboxError):
    """A rate window is full; it opens again after `retry_after_s` seconds. Of a key's, `windows` tells how full each is
    (`leases.rate_status.WindowView`), and `would_recur` that one of them is never wide enough."""

    code = "rate_limit_exceeded"
    windows: Mapping[str, Any] = MappingProxyType({})
    would_recur: bool = False

    def __init__(self, message: str, *, retry_after_s: float, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.retry_after_s = retry_after_s


class UpstreamFailed(FareboxError):
    """Every candidate upstream failed before its first byte, or one was paid for an answer that is none. `attempts`
    tells of each (`gateway.trail.Attempt`), `loss` of what was paid for nothing (`gateway.answers.Loss`);
    `retry_after_s` says when another try may help, where that is known; `would_recur`, that none will."""

    code = "upstream_error"
    attempts: tuple[Any, ...] = ()
    loss: Any = None
    retry_after_s: float | None = None
    would_recur: bool = False


class UpstreamUnavailable(UpstreamFailed):
    """No upstream that has the model is healthy."""

    code = "upstream_unavailable"


class UpstreamTimeout(UpstreamFailed):
    """The upstream did not answer in time."""

    code = "upstream_timeout"


class ModelUnknown(UpstreamFailed):
    """The model is routed by a pattern, and every upstream that was asked says that it has none of that name."""

    code = "model_not_found"


class StoreUnavailable(FareboxError):
    """The database does not answer, or stayed contended for too long. Safe to try again."""

    code = "store_unavailable"


class ServerBusy(FareboxError):
    """This process has no room for the request beside those that it serves. Nothing was done: safe to try again."""

    code = "server_busy"


class BadConfig(Exception):
    """The environment does not say what Farebox needs to know. One line, which begins with the variable's name."""

    def __init__(self, variable: str, problem: str) -> None:
        super().__init__(f"{variable}: {problem}")
        self.variable = variable
