"""The trail of a call: a record of each attempt, for receipts and logs, and of the one that is under way."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

from msgspec import Struct

from functions.farebox.gateway.routing import Candidate
from functions.farebox.gateway.transport import Outgoing
from functions.farebox.observability.metrics import UPSTREAM_DURATION
from functions.farebox.observability.telemetry import observe
from functions.farebox.tokens.usage.usage import Usage

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
    "abandoned",  # the client hung up, and it had not answered by then or soon after
]


class Attempt(Struct, frozen=True):
    """One request to one upstream. `model` is the upstream's name for it; `started_ms` counts from the call's opening.

    `latency_ms` is the time to the outcome: a whole plain answer, a stream's first event, or the failure. `error`
    says what failed without quoting the upstream: receipts show it to clients. `price` is the name of the price of who
    was asked, `public` the name that clients know the model by; `may_be_billed`: it gave no answer, and its vendor may
    charge for it (`faults/vendor_bill.py`), by the `usage` that it reported, if it did; `lacks_model`: it said that the
    model is not there.
    """

    upstream: str
    model: str
    outcome: Outcome
    status: int | None
    started_ms: int
    latency_ms: int
    error: str | None = None
    price: str = ""
    may_be_billed: bool = False
    public: str = ""
    lacks_model: bool = False
    usage: Usage | None = None

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


class Progress(Struct):
    """How far a call has come, for whoever may have to give it up before it is answered.

    The gateway notes in it what it does, as it does it. `nobody_waits` is the caller's to set: what was sent may still
    be answered, but nothing more is sent.
    """

    asked: Candidate | None = None  # whose answer is awaited
    request: Outgoing | None = None  # what it is asked
    attempts: Sequence[Attempt] = ()  # once the call was given up
    nobody_waits: bool = False

    @property
    def sent_to(self) -> Candidate | None:
        """Who has been sent the request and has neither answered nor failed."""
        return self.asked if self.request is not None and self.request.was_sent else None

    def begin(self, candidate: Candidate, request: Outgoing) -> None:
        """An attempt begins."""
        self.asked, self.request = candidate, request

    def end(self) -> None:
        """It has come to an answer, or to nothing."""
        self.asked = self.request = None


class Trail:
    """The attempts of one call, in order; there are to be no more than `most`. `clock` gives monotonic seconds."""

    def __init__(self, clock: Callable[[], float], most: int) -> None:
        self.attempts: list[Attempt] = []
        self.most = most
        self._clock = clock
        self._began_s = clock()

    @property
    def is_full(self) -> bool:
        """Whether nobody else may be asked."""
        return len(self.attempts) >= self.most

    def add(
        self,
        candidate: Candidate,
        outcome: Outcome,
        *,
        started_s: float,
        status: int | None,
        error: str | None = None,
        may_be_billed: bool = False,
        lacks_model: bool = False,
        usage: Usage | None = None,
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
                price=candidate.price,
                may_be_billed=may_be_billed,
                public=candidate.public,
                lacks_model=lacks_model,
                usage=usage,
            )
        )
