"""Rate windows: how many requests and tokens a minute, how many requests a day.

A window is a calendar minute or day in UTC. Its counters say how much of it has been handed out: instances take
slices and give back what they did not use while the window is still open, so the sum over all instances never
exceeds the limit. A window never goes back: where clocks disagree, the later window stands for everyone, unless it is
so late that no clock which is nearly right can have begun it. That one was set since, and nobody is to wait for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class Limits:
    """What one key or one account may do. `None` is no limit."""

    rpm: int | None = None  # requests a minute
    tpm: int | None = None  # tokens a minute
    rpd: int | None = None  # requests a day

    def __bool__(self) -> bool:
        return not (self.rpm is None and self.tpm is None and self.rpd is None)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Limits":
        """From a stored key, plan or wallet."""
        return cls(data.get("rpm"), data.get("tpm"), data.get("rpd"))

    def to_data(self) -> dict[str, int | None]:
        """For storage."""
        return {"rpm": self.rpm, "tpm": self.tpm, "rpd": self.rpd}


NO_LIMITS = Limits()

# How far clocks that are nearly right may disagree. One of a machine that has just started may be hours ahead.
_MINUTE_AHEAD = timedelta(minutes=10)
_DAY_AHEAD = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of the current windows, or what one request takes of them."""

    requests: int = 0
    tokens: int = 0

    def __add__(self, other: "Slice") -> "Slice":
        return Slice(self.requests + other.requests, self.tokens + other.tokens)

    def __sub__(self, other: "Slice") -> "Slice":
        return Slice(self.requests - other.requests, self.tokens - other.tokens)


@dataclass(frozen=True, slots=True)
class Windows:
    """The counters of the current minute and day: what has been handed out in each."""

    minute: str = ""
    requests: int = 0
    tokens: int = 0
    day: str = ""
    day_requests: int = 0

    @classmethod
    def from_data(cls, data: Mapping[str, Any] | None) -> "Windows":
        """From storage; empty where there is nothing yet."""
        return cls(**data) if data else cls()

    def to_data(self) -> dict[str, str | int]:
        """For storage."""
        return {
            "minute": self.minute,
            "requests": self.requests,
            "tokens": self.tokens,
            "day": self.day,
            "day_requests": self.day_requests,
        }

    def at(self, minute: str, day: str) -> "Windows":
        """These windows, or fresh ones where a new minute or day has begun."""
        windows = self
        if _is_over(windows.minute, minute):
            windows = replace(windows, minute=minute, requests=0, tokens=0)
        if _is_over(windows.day, day):
            windows = replace(windows, day=day, day_requests=0)
        return windows

    def left(self, limits: Limits) -> tuple[Slice, int]:
        """What can still be handed out: of the minute, and requests of the day. `UNLIMITED` where there is none."""
        requests = UNLIMITED if limits.rpm is None else max(0, limits.rpm - self.requests)
        tokens = UNLIMITED if limits.tpm is None else max(0, limits.tpm - self.tokens)
        day_requests = UNLIMITED if limits.rpd is None else max(0, limits.rpd - self.day_requests)
        return Slice(requests, tokens), day_requests

    def take(self, part: Slice) -> "Windows":
        """With a slice handed out of the minute and of the day."""
        return replace(
            self,
            requests=self.requests + part.requests,
            tokens=self.tokens + part.tokens,
            day_requests=self.day_requests + part.requests,
        )

    def give_back(self, minute: str, part: Slice, day: str, day_requests: int) -> "Windows":
        """With unused parts returned, each only if its window is still the current one."""
        windows = self
        if minute == windows.minute:
            windows = replace(
                windows,
                requests=max(0, windows.requests - part.requests),
                tokens=max(0, windows.tokens - part.tokens),
            )
        if day == windows.day:
            windows = replace(windows, day_requests=max(0, windows.day_requests - day_requests))
        return windows


UNLIMITED = 2**53


def standing(current: str, *begun: str) -> str:
    """The window, of a minute or a day, that stands for all where some have been begun: none of them goes back."""
    return max([current, *(each for each in begun if not _is_over(each, current))])


def _is_over(window: str, current: str) -> bool:
    """Whether a window has made room for the current one."""
    if window <= current:
        return window < current
    ahead = datetime.fromisoformat(window) - datetime.fromisoformat(current)
    return ahead > (_MINUTE_AHEAD if "T" in window else _DAY_AHEAD)


def minute_of(moment: datetime) -> str:
    """The minute window that a moment falls in; such names order as text."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M")


def day_of(moment: datetime) -> str:
    """The day window that a moment falls in."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d")


def seconds_left(window: str, now: datetime) -> float:
    """Seconds until a window (a minute or a day, by its name) ends; at least 0."""
    start = datetime.fromisoformat(window).replace(tzinfo=UTC)
    end = start + (timedelta(minutes=1) if "T" in window else timedelta(days=1))
    return max(0.0, (end - now).total_seconds())
