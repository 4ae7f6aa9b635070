"""The record of each try, for receipts and logs."""

from dataclasses import dataclass
from typing import Literal

Outcome = Literal[
    "answered",  # a whole answer, or the good beginning of a stream
    "rejected",  # the upstream found fault with the request itself
    "unauthorized",  # the upstream does not take our credentials, or not for this
    "rate_limited",
    "failed",  # another status, or an error where an answer should be
    "invalid",  # not an answer of the kind that was asked for
    "unreachable",
    "connection_lost",
    "timeout",
]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call to one upstream. `model` is the upstream's name for it; `started_ms` counts from the first attempt.

    `latency_ms` is the time to the outcome: a whole plain answer, a stream's first event, or the failure. `error`
    says what failed without quoting the upstream: receipts show it to clients.
    """

    upstream: str
    model: str
    outcome: Outcome
    status: int | None
    started_ms: int
    latency_ms: int
    error: str | None = None
