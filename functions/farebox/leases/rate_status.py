"""The status of rate windows, as a caller is told: limit, remaining and reset."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from functions.farebox.leases.lease import WindowSlice
from functions.farebox.leases.protocol import Outcome
from functions.farebox.limits.rate_windows import Limits, Windows, seconds_left

if TYPE_CHECKING:
    from functions.farebox.leases.pool import Hold


@dataclass(frozen=True, slots=True)
class WindowView:
    """One window: its limit, what is left of it, and the seconds until it begins anew."""

    limit: int
    remaining: int
    reset_s: float


def rate_view(hold: "Hold", now: datetime) -> dict[str, WindowView]:
    """The tightest `requests` and `tokens` windows of a key and its account; nothing where there is no limit.

    What this instance still holds of a window counts as left; what others hold counts as used.
    """
    lease = hold.lease
    assert lease.outcome is not None
    return windows_of(hold.key_leases.terms.limits, lease.outcome, lease.window, now)


def windows_of(limits: Limits, outcome: Outcome, own: WindowSlice, now: datetime) -> dict[str, WindowView]:
    """The same of a key with these limits after a step, where `own` is what is still held."""
    if not (limits or outcome.account_limits):
        return {}
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

    see(limits, outcome.counted)
    see(outcome.account_limits, outcome.account_counted)
    return {name: min(views, key=lambda view: view.remaining) for name, views in candidates.items() if views}
