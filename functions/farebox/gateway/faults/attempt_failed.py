"""An attempt that gave no answer: how it ended, what it may have cost, and what that says of its upstream."""

import math
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Literal

from functions.farebox.gateway.faults.meaning import Fault
from functions.farebox.gateway.faults.vendor_bill import may_bill_error, may_bill_status

if TYPE_CHECKING:
    from functions.farebox.gateway.answers import Loss
    from functions.farebox.gateway.trail import Outcome
    from functions.farebox.tokens.usage.usage import Usage

# What is ill: its model there, all that its key opens, or the way to it. `None`: nothing is.
Illness = Literal["model", "upstream", "connection"] | None


class AttemptFailed(Exception):
    """The next candidate may answer, unless there is a `loss`.

    `error` quotes nobody, for receipts show it; `why` says more, to operators. An answer that is too long or not what
    was asked for may be this one request's doing, and is no `illness`; one that is not `is_shared` may be its caller's.
    `may_be_billed`: it may have cost something, by the `usage` that was told beside the error, or nobody knows what; a
    `loss` says what is known of an answer that was paid for.
    `fault` is the meaning of an error that was answered.
    """

    def __init__(
        self,
        outcome: "Outcome",
        error: str,
        *,
        illness: Illness = None,
        why: str | None = None,
        status: int | None = None,
        retry_after_s: float | None = None,
        was_stale: bool = False,
        loss: "Loss | None" = None,
        may_be_billed: bool = False,
        usage: "Usage | None" = None,
        fault: Fault | None = None,
    ) -> None:
        super().__init__(error)
        if loss is not None:
            loss.why, loss.would_recur = error, outcome == "invalid"
        self.loss = loss
        self.may_be_billed = may_be_billed and loss is None
        self.usage = usage
        self.outcome = outcome
        self.error = error
        self.why = why or error
        self.status = status
        self.retry_after_s = retry_after_s
        self.was_stale = was_stale
        self.illness = illness
        self.fault = fault

    @property
    def is_shared(self) -> bool:
        """It may befall other callers as well."""
        return self.fault is None or self.fault.is_shared

    @property
    def lacks_model(self) -> bool:
        """It is said to be the model that is not there."""
        return self.fault is not None and self.fault.reason == "no_model"


def failed_by(fault: Fault, status: int, headers: Mapping[str, str], usage: "Usage | None" = None) -> AttemptFailed:
    """A status that is no answer, and that is not the request's fault; `usage` is what was told beside it."""
    return AttemptFailed(
        _outcome_of(fault),
        f"status {status}",
        illness=_illness_of(fault),
        why=_in_words(f"status {status}", fault),
        status=status,
        retry_after_s=retry_after_s(headers) if fault.reason == "pace" or status == 503 else None,
        may_be_billed=usage is not None or may_bill_status(status),
        usage=usage,
        fault=fault,
    )


def failed_inside(fault: Fault, payload: object, usage: "Usage | None") -> AttemptFailed:
    """An error where an answer should be, and that is not the request's fault; `usage` is what was told beside it."""
    error = "an error in place of an answer"
    return AttemptFailed(
        _outcome_of(fault),
        error,
        illness=_illness_of(fault),
        why=_in_words(error, fault),
        may_be_billed=usage is not None or may_bill_error(payload),
        usage=usage,
        fault=fault,
    )


def _outcome_of(fault: Fault) -> "Outcome":
    if fault.reason in ("credentials", "credit"):
        return "unauthorized"
    return "rate_limited" if fault.reason == "pace" else "failed"


def _illness_of(fault: Fault) -> Illness:
    if not fault.is_illness:
        return None
    return "upstream" if fault.is_of_the_upstream else "model"


def _in_words(error: str, fault: Fault) -> str:
    """With the vendor's codes, but not its prose, which may quote what a client sent."""
    said = ", ".join(sorted(fault.told.words)[:3])
    reason = "" if fault.reason == "other" else f", {fault.reason.replace('_', ' ')}"
    return f"{error}{reason}{f' ({said})' if said else ''}"


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """The seconds of a `Retry-After` header (RFC 9110, 10.2.3). A date is taken against the answer's own `Date`, so
    that no clock of ours is in it; what cannot be read is `None`."""
    value = headers.get("retry-after", "").strip()
    try:
        seconds = float(value)
    except ValueError:
        try:
            then = parsedate_to_datetime(value)
            seconds = (then - parsedate_to_datetime(headers.get("date", ""))).total_seconds()
        except (ValueError, TypeError):
            return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None
