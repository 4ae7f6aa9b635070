"""The trail of a call: a record of each attempt, for receipts and logs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from functions.farebox.gateway.routing import Candidate
from functions.farebox.observability.metrics import UPSTREAM_DURATION
from functions.farebox.observability.telemetry import observe

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


@dataclass(slots=True)
class Attempt:
    """One request to one upstream. `model` is the upstream's name for it; `started_ms` counts from the call's opening.

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

    def to_data(self) -> dict[str, Any]:
        """For storage and receipts."""
        return {
            "upstream": self.upstream,
            "model": self.model,
            "outcome": self.outcome,
            "status": self.status,
            "started_ms": self.started_ms,
            "latency_ms": self.latency_ms,
            "error": self.error,
        }


class Trail:
    """The attempts of one call, in order. `clock` gives monotonic seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.attempts: list[Attempt] = []
        self._clock = clock
        self._began_s = clock()

    def add(
        self,
        candidate: Candidate,
        outcome: Outcome,
        *,
        started_s: float,
        status: int | None,
        error: str | None = None,
    ) -> None:
        """Note an attempt that has just come to its outcome."""
        latency_s = self._clock() - started_s
        observe(UPSTREAM_DURATION, latency_s, upstream=candidate.upstream.id, outcome=outcome)
        self.attempts.append(
            Attempt(
                upstream=candidate.upstream.id,
                model=candidate.model,
                outcome=outcome,
                status=status,
                started_ms=round((started_s - self._began_s) * 1000),
                latency_ms=round(latency_s * 1000),
                error=error,
            )
        )
