"""Budgets of other spans than a month: of a day, of a week, and in total, of a key or of a whole account.

`wallets/{payer}/span_budgets/{key id}`, and `.../account` for the payer's own, count from when the first of the three
is set; what was spent before is kept with the cap of a total. Whoever has none has no such document, is asked for none,
and has no lease that ends at midnight. Days and ISO weeks are those of the wallet's time zone; a total never begins
anew. The caps are kept with the key or the account, and come with them: what is stored here are those that were last
known.

What is granted remembers the `Days` that it counts in, and is settled there, whatever caps have come and gone since.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal, get_args

from functions.farebox.kit.periods import local_day_end, local_day_of, week_end, week_of
from functions.farebox.limits.budget import Budget, BudgetCounter
from functions.farebox.storage import Data, Document, Transaction

Span = Literal["day", "week", "total"]
Party = Literal["user", "key"]

PARTIES: Final[tuple[Party, ...]] = get_args(Party)
SPANS: Final[tuple[Span, ...]] = get_args(Span)
TOTAL = "total"  # the one period of what never begins anew
OWN = "account"  # stands in the place of a key's id, which is longer, for the payer's own


@dataclass(frozen=True, slots=True)
class SpanCaps:
    """What may be spent in a day, in a week and ever, in nano-USD; `None` is no cap.

    `before` is what was spent before anything was counted here, and counts in the total as well: it is so of all that
    was spent since `since_at`. Those of earlier versions count from when they were set, and tell no time."""

    day: int | None = None
    week: int | None = None
    total: int | None = None
    before: int = 0
    since_at: datetime | None = None

    def __bool__(self) -> bool:
        return not (self.day is None and self.week is None and self.total is None)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "SpanCaps":
        """From the stored fields of a key or an account, where older ones lack them."""
        caps = data.get("daily_budget"), data.get("weekly_budget"), data.get("total_budget")
        return cls(*caps, data.get("total_before", 0), data.get("total_since_at"))

    def to_data(self) -> Data:
        """For storage, among the fields of what they are the caps of: those that there are."""
        named = (("daily_budget", self.day), ("weekly_budget", self.week), ("total_budget", self.total))
        since = {} if self.since_at is None else {"total_before": self.before, "total_since_at": self.since_at}
        return {**{name: cap for name, cap in named if cap is not None}, **since}

    def of(self, span: Span) -> int | None:
        """The cap of a span."""
        return {"day": self.day, "week": self.week, "total": self.total}[span]

    def counted(self, span: Span) -> int | None:
        """What of the cap of a span is for what is counted here."""
        cap = self.of(span)
        return cap if cap is None or span != TOTAL else max(0, cap - self.before)


NO_CAPS: Final = SpanCaps()


@dataclass(frozen=True, slots=True)
class Days:
    """The day that an amount counts in, which tells the week as well: in the account's budgets, and in the key's;
    empty where it counts in none of them."""

    user: str = ""
    key: str = ""

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Days":
        """From the stored fields of what was granted, or of the metadata of an entry."""
        user, key = data.get("user_day", ""), data.get("key_day", "")
        return cls(user, key) if user or key else NO_DAYS

    @classmethod
    def of_user(cls, day: str) -> "Days":
        """Of what counts in no key's budgets."""
        return cls(day) if day else NO_DAYS

    def to_data(self) -> Data:
        """For storage, among the fields of what counts in them: nothing where there is none."""
        return {name: day for name, day in (("user_day", self.user), ("key_day", self.key)) if day}

    def of(self, party: Party) -> str:
        """The day in a party's budgets."""
        return self.user if party == "user" else self.key

    @property
    def parties(self) -> list[Party]:
        """Whose budgets they are days of."""
        return [party for party in PARTIES if self.of(party)]

    def end(self, time_zone: str) -> datetime | None:
        """The first moment that no longer belongs to the earlier of them; `None` where there is no day."""
        days = [day for day in (self.user, self.key) if day]
        return local_day_end(min(days), time_zone) if days else None


NO_DAYS: Final = Days()


def span_budgets_path(payer: str, key: str | None = None) -> str:
    """Where a key's budgets of these spans are counted; without a key, those of the account."""
    return f"wallets/{payer}/span_budgets/{OWN if key is None else key}"


def period_in(span: Span, day: str) -> str:
    """The period of a span that a day belongs to; none for no day."""
    if not day:
        return ""
    return day if span == "day" else week_of(day) if span == "week" else TOTAL


def begins_anew(span: Span, period: str, time_zone: str) -> datetime | None:
    """When a budget begins anew, in UTC; `None` for a total, which never does."""
    match span:
        case "day":
            return local_day_end(period, time_zone)
        case "week":
            return week_end(period, time_zone)
        case _:
            return None


def read_span_budgets(data: Mapping[str, Any] | None) -> dict[Span, Budget]:
    """The budgets as they were last counted, from storage; blank ones where nothing was yet."""
    return {span: Budget.from_data((data or {}).get(span)) for span in SPANS}


class SpanBudgets:
    """The budgets of a day, a week and in total of one party, open in a transaction. `day` is that of today there."""

    def __init__(self, path: str, document: Document | None, now: datetime, time_zone: str) -> None:
        self._path = path
        self._stored = read_span_budgets(None if document is None else document.data)
        self.day = max(local_day_of(now, time_zone), self._stored["day"].period)
        self.counters = {
            span: BudgetCounter(budget.in_period(period_in(span, self.day))) for span, budget in self._stored.items()
        }

    def set_limits(self, caps: SpanCaps) -> None:
        """Cap them as the key or the account says now."""
        for span, counter in self.counters.items():
            counter.budget = replace(counter.budget, limit=caps.counted(span))

    @property
    def free(self) -> int | None:
        """What the narrowest of them still lets through; `None` where none has a cap."""
        return min((free for each in self.counters.values() if (free := each.budget.free) is not None), default=None)

    def write(self, tx: Transaction) -> None:
        """Write them, if they have changed."""
        budgets = {span: counter.budget for span, counter in self.counters.items()}
        if budgets != self._stored:
            tx.set(self._path, {span: budget.to_data() for span, budget in budgets.items()})
