"""The status of rate windows, as a caller is told: limit, remaining and reset."""

from dataclasses import dataclass
from datetime import datetime

from functions.farebox.leases.pool import Hold
from functions.farebox.limits.rate_windows import Limits, Windows, seconds_left


@dataclass(frozen=True, slots=True)
class WindowView:
    """One window: its limit, what is left of it, and the seconds until it begins anew."""

    limit: int
    remaining: int
    reset_s: float


def rate_view(hold: Hold, now: datetime) -> dict[str, WindowView]:
    """The tightest `requests` and `tokens` windows of a key and its account; nothing where there is no limit.

    What this instance still holds of a window counts as left; what others hold counts as used.
    """
    lease = hold.lease
    outcome = lease.outcome
    assert outcome is not None
    if not (hold.key_leases.terms.limits or outcome.account_limits):
        return {}
    own = lease.window
    candidates: dict[str, list[WindowView]] = {"requests": [], "tokens": []}

    def see(limits: Limits, counted: Windows) -> None:
        minute_s = seconds_left(counted.minute, now) if counted.minute else 0.0
        if limits.rpm is not None:
            left = limits.rpm - counted.requests + own.part.requests
            candidates["requests"].append(WindowView(limits.rpm, max(0, left), minute_s))
        if limits.rpd is not None:
            left = limits.rpd - counted.day_requests + own.day_requests
            candidates["requests"].append(WindowView(limits.rpd, max(0, left), seconds_left(counted.day, now)))
        if limits.tpm is not None:
            left = limits.tpm - counted.tokens + own.part.tokens
            candidates["tokens"].append(WindowView(limits.tpm, max(0, left), minute_s))

    see(hold.key_leases.terms.limits, outcome.counted)
    see(outcome.account_limits, outcome.account_counted)
    return {name: min(views, key=lambda view: view.remaining) for name, views in candidates.items() if views}
