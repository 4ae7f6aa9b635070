"""Auto-recharge of one user: its settings and its state, with every transition and without any input or output.

off ── the user opts in ──> idle ── low, and nothing forbids it ──> in flight ── paid ──> idle
                             ^  │                                      │
                             │  └── too many declines, or the card     ├── declined ──> waits, longer each time
                             │      wants its holder ──> off           └── unclear ──> asked again, the same attempt;
                             │                                                         too late for that: looked up
                             └──────────── the user opts in again
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

FIRST_WAIT = timedelta(hours=1)  # after a decline; doubles with each in a row
MOST_DECLINES = 4  # in a row; then it is turned off
ASK_AGAIN_AFTER = timedelta(minutes=2)  # an attempt whose outcome is unclear
ATTEMPT_LIVES = timedelta(hours=20)  # providers forget idempotency keys after a day: asking later could charge twice
AUTHENTICATION_REQUIRED = "authentication_required"
NO_CARD = "no_saved_card"
FINAL = frozenset({AUTHENTICATION_REQUIRED, NO_CARD})  # asking again cannot help


@dataclass(frozen=True, slots=True)
class Recharge:
    """Amounts in nano-USD."""

    enabled: bool = False
    threshold: int = 0  # recharge when less than this is available
    amount: int = 0
    attempt: str | None = None  # the one in flight
    attempt_amount: int = 0
    attempt_started_at: datetime | None = None
    asked_at: datetime | None = None  # when the provider was last asked about it
    attempts: int = 0  # ever made: the next one's number
    failures: int = 0  # declines in a row
    retry_at: datetime | None = None
    day: str = ""  # UTC date that `day_amount` was charged on
    day_amount: int = 0
    last_failure: str | None = None
    failed_attempt: str | None = None  # the latest that was declined
    off_reason: str | None = None  # why it was turned off for the user

    def configured(self, *, enabled: bool, threshold: int, amount: int) -> "Recharge":
        """As the user wants it now. Opting in again forgives earlier declines, not what was charged today."""
        fresh = enabled and not self.enabled
        return replace(
            self,
            enabled=enabled,
            threshold=threshold,
            amount=amount,
            failures=0 if fresh else self.failures,
            retry_at=None if fresh else self.retry_at,
            last_failure=None if fresh else self.last_failure,
            off_reason=None,
        )

    def may_start(self, available: int, daily_cap: int, now: datetime) -> bool:
        """Whether an attempt is due and allowed, with so much available."""
        if not self.enabled or self.attempt is not None or available >= self.threshold:
            return False
        if self.retry_at is not None and now < self.retry_at:
            return False
        return self._charged_on(_day(now)) + self.amount <= daily_cap

    def started(self, attempt: str, now: datetime) -> "Recharge":
        """With an attempt in flight. It counts against the day's cap from now, whatever becomes of it but a decline."""
        day = _day(now)
        return replace(
            self,
            attempt=attempt,
            attempt_amount=self.amount,
            attempt_started_at=now,
            asked_at=now,
            attempts=self.attempts + 1,
            day=day,
            day_amount=self._charged_on(day) + self.amount,
        )

    def may_ask_again(self, now: datetime) -> bool:
        """Whether the outcome of the attempt in flight is overdue."""
        return self.attempt is not None and self.asked_at is not None and now >= self.asked_at + ASK_AGAIN_AFTER

    def is_stuck(self, now: datetime) -> bool:
        """Whether an attempt has been in flight for so long that asking for it again could charge twice."""
        return self.attempt_started_at is not None and now >= self.attempt_started_at + ATTEMPT_LIVES

    def succeeded(self, attempt: str) -> "Recharge":
        """After an attempt was paid. Another one than that in flight changes nothing."""
        if attempt != self.attempt:
            return self
        return replace(self._landed(), failures=0, retry_at=None, last_failure=None)

    def declined(self, attempt: str, reason: str, now: datetime) -> "Recharge":
        """After an attempt was declined: wait, longer each time; off where asking again cannot help."""
        if attempt != self.attempt:
            return self
        failures = self.failures + 1
        is_off = reason in FINAL or failures >= MOST_DECLINES
        refunded = self.attempt_amount if self.attempt_started_at and _day(self.attempt_started_at) == self.day else 0
        return replace(
            self._landed(),
            enabled=self.enabled and not is_off,
            failures=failures,
            retry_at=now + FIRST_WAIT * 2 ** (failures - 1),
            day_amount=max(0, self.day_amount - refunded),
            last_failure=reason,
            failed_attempt=attempt,
            off_reason=reason if is_off else self.off_reason,
        )

    def _landed(self) -> "Recharge":
        return replace(self, attempt=None, attempt_amount=0, attempt_started_at=None, asked_at=None)

    def _charged_on(self, day: str) -> int:
        return self.day_amount if day == self.day else 0


def _day(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d")
