"""The usage record: what one request is on disk, who asked for what, what it came to, and who has counted it.

    pending ──complete──> ok | error | aborted ──decide───> counted
       └─────decide─────> lost        └────────charge_late──────┘
                            └─charge_late─> ok | error | aborted

Nothing else names a stored record's fields, but for queries (`queries.py`). Each step changes the record in hand and
answers the fields that say so in storage, and only these are written: what an older record lacks, it goes on lacking.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from functions.farebox.kit.periods import local_date
from functions.farebox.limits.belongs import NOBODYS, Belongs
from functions.farebox.limits.span_budgets import NO_DAYS, Days
from functions.farebox.storage import Data
from functions.farebox.usage.aggregates import Class, latency_bucket, upstream_counter

UsageStatus = Literal["ok", "error", "aborted", "pending", "lost"]

PENDING: Literal["pending"] = "pending"
LOST: Literal["lost"] = "lost"


def record_path(record_id: str) -> str:
    """Where a usage record is kept."""
    return f"usage/{record_id}"


def status_of(data: Mapping[str, Any]) -> UsageStatus:
    """The status of a stored record, by itself."""
    status: UsageStatus = data["status"]
    return status


class TokenCounts(Struct, frozen=True):
    """Tokens by class. Cached ones are part of the prompt's, reasoning ones of the completion's."""

    prompt: int = 0
    cached: int = 0
    completion: int = 0
    reasoning: int = 0

    @classmethod
    def from_data(cls, data: Mapping[str, int]) -> "TokenCounts":
        """From storage."""
        return cls(data.get("prompt", 0), data.get("cached", 0), data.get("completion", 0), data.get("reasoning", 0))

    def to_data(self) -> dict[str, int]:
        """For storage and receipts, in the order in which a store answers them."""
        return {
            "cached": self.cached,
            "completion": self.completion,
            "prompt": self.prompt,
            "reasoning": self.reasoning,
        }


class Outcome(Struct, frozen=True):
    """What a request came to. Amounts in nano-USD; of what is not known yet only the status says anything.

    It is not changed once it is made: records share it.
    """

    status: UsageStatus = PENDING
    upstream: str | None = None
    tokens: TokenCounts | None = None
    cost: int = 0
    list_cost: int | None = None  # at list prices, which is what upstreams charge; `None`: the same as `cost`
    charged: int = 0
    shortfall: int = 0  # of the cost, what nobody paid
    lost: int = (
        0  # beyond the cost, at list prices: the most that upstreams may charge for what nobody heard or counted
    )
    lost_why: str | None = None  # where that is of the upstream that answered; of other attempts, they tell it
    extended: int | None = None  # what was taken beyond what is held, for what it cost
    usage_source: str | None = None  # provider, counted or estimated by us, or reported by another gateway
    price_version: str | None = None
    bill: Mapping[str, Any] | None = None  # as stored: `bill_json` shows it
    attempts: Sequence[Data] | None = None  # as `Attempt.to_data` has them; `None` where another gateway made the call
    latency_ms: int | None = None
    first_token_ms: int | None = None
    error: str | None = None
    answered_model: str | None = None  # that the answer names, where it is not the one that was asked for
    service_tier: str | None = None  # that the answer names

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Outcome":
        """From a stored record that is pending no more."""
        known = {name: data[name] for name in _OUTCOME_FIELDS if data.get(name) is not None}
        if "tokens" in known:
            known["tokens"] = TokenCounts.from_data(known["tokens"])
        return cls(**known)

    def to_data(self) -> Data:
        """The fields that make a pending record complete."""
        data: Data = {
            "status": self.status,
            "upstream": self.upstream,
            "tokens": None if self.tokens is None else self.tokens.to_data(),
            "cost": self.cost,
            "list_cost": self.list_cost,
            "charged": self.charged,
            "shortfall": self.shortfall,
            "usage_source": self.usage_source,
            "price_version": self.price_version,
            "latency_ms": self.latency_ms,
            "first_token_ms": self.first_token_ms,
            "error": self.error,
        }
        if self.lost:
            data["lost"] = self.lost
        if self.lost_why is not None:
            data["lost_why"] = self.lost_why
        if self.extended is not None:
            data["extended"] = self.extended
        if self.attempts is not None:
            data["bill"] = self.bill
            data["attempts"] = self.attempts
        if self.answered_model is not None:
            data["answered_model"] = self.answered_model
        if self.service_tier is not None:
            data["service_tier"] = self.service_tier
        return data

    def losses(self) -> dict[str | None, int]:
        """What nobody paid, by upstream: of the one that answered, and of each that failed before it. Nano-USD; `None`
        is an upstream that nobody knows."""
        losses: dict[str | None, int] = {}
        if self.shortfall or self.lost:
            own = self.shortfall + self.lost
            for attempt in self.attempts or ():
                if lost := attempt.get("lost", 0):
                    losses[attempt["upstream"]] = losses.get(attempt["upstream"], 0) + lost
                    own -= lost
            if own:
                losses[self.upstream] = losses.get(self.upstream, 0) + own
        return losses

    def calls(self) -> Iterator[tuple[str, bool]]:
        """Each upstream that was asked, as often as it was, and whether that failed: an answer that came did where the
        request did, and one that the client did not wait for did not."""
        if not self.attempts:  # an answer that was kept, or another gateway's
            if self.upstream is not None:
                yield self.upstream, self.status == "error"
            return
        for made in self.attempts:
            if made["outcome"] in _CAME:
                yield made["upstream"], made["upstream"] == self.upstream and self.status == "error"
            else:
                yield made["upstream"], made["outcome"] != "abandoned"


_CAME = frozenset({"answered", "rejected"})  # outcomes of attempts whose answer the client was given
_UNKNOWN = Outcome()


class UsageRecord(Struct):
    """One request. Its own steps change it, and nothing else does.

    `accounted` says that a sweep or a late charge has counted it; the holder of a lease counts its own in memory.
    """

    user: str
    key: str
    model: str
    created_at: datetime
    request_id: str = ""  # that the client was told
    lease: str | None = None  # that its money is from; `None` where another gateway made the call
    period: str = ""  # the budget period that it was granted in
    path: str | None = None  # of the API; `None` where another gateway made the call
    stream: bool = False
    price_version: str | None = None  # that it is held by, and once complete that it was charged by
    held: int = 0  # nano-USD
    outcome: Outcome = _UNKNOWN
    accounted: bool = False
    late: bool = False  # charged by itself, after its lease had been swept
    was_lost: bool = False  # until it was charged late
    was_worth: int = 0  # nano-USD, what it was booked at while it was lost
    belongs: Belongs = NOBODYS
    days: Days = NO_DAYS  # likewise, of budgets of other spans than a month
    local_date: str | None = None  # the day in the account's time zone, where that is not the UTC day

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "UsageRecord":
        """From storage, where older records lack some fields."""
        known = {name: data[name] for name in _OWN_FIELDS if data.get(name) is not None}
        return cls(
            **known,
            belongs=Belongs.from_data(data),
            days=Days.from_data(data),
            outcome=_UNKNOWN if status_of(data) == PENDING else Outcome.from_data(data),
        )

    def to_data(self) -> Data:
        """For storage: the whole of it."""
        data: Data = {
            "user": self.user,
            "key": self.key,
            "lease": self.lease,
            "period": self.period,
            "model": self.model,
            "stream": self.stream,
            "request_id": self.request_id,
            "price_version": self.price_version,
            "held": self.held,
            "created_at": self.created_at,
            "status": self.outcome.status,
            "accounted": self.accounted,
            "late": self.late,
        }
        if self.belongs is not NOBODYS:
            data |= self.belongs.to_data()
        if self.days is not NO_DAYS:
            data |= self.days.to_data()
        if self.local_date is not None:
            data["local_date"] = self.local_date
        if self.path is not None:
            data["path"] = self.path
        if self.late:
            data["was_lost"] = self.was_lost
        if self.was_worth:
            data["was_worth"] = self.was_worth
        return data if self.status == PENDING else data | self._outcome_data()

    def _outcome_data(self) -> Data:
        """What it came to, or what a lost one is booked at."""
        if self.status == LOST:
            data: Data = {"cost": self.outcome.cost, "charged": self.outcome.charged}
            return data | {"lost": self.outcome.lost} if self.outcome.lost else data
        data = self.outcome.to_data()
        return data | {"lost": self.outcome.lost} if self.was_worth else data

    @property
    def status(self) -> UsageStatus:
        """How far it has come."""
        return self.outcome.status

    @property
    def is_complete(self) -> bool:
        """Whether it is known what the request came to."""
        return self.outcome.status not in (PENDING, LOST)

    @property
    def is_counted(self) -> bool:
        """Whether its charge is final: a sweep has counted it, or it was charged late."""
        return self.late or (self.accounted and self.status != LOST)

    @property
    def date(self) -> str:
        """The UTC day that it counts in."""
        return self.created_at.date().isoformat()

    @property
    def counted_as(self) -> Class:
        """What it counts as in the aggregates."""
        date = self.date
        return date, self.local_date or date, self.model

    def set_time_zone(self, time_zone: str) -> None:
        """Have it count in the day of the account's time zone as well. Before it is written first."""
        if time_zone != "UTC":
            day = local_date(self.created_at, time_zone)
            self.local_date = None if day == self.date else day

    def complete(self, outcome: Outcome) -> Data:
        """The request came to its end."""
        assert self.status == PENDING, "a request ends once"
        assert outcome.status not in (PENDING, LOST)
        self.outcome = outcome
        self.price_version = outcome.price_version
        return outcome.to_data()

    def reopen(self) -> None:
        """It is not certain that what it came to was written: it may be told once more."""
        self.outcome = _UNKNOWN

    def decide(self) -> Data:
        """A sweep counts it, and gives it up as lost if it is still pending: nothing is charged then, and what was held
        for it is what it may have cost."""
        self.accounted = True
        if self.status != PENDING:
            return {"accounted": True}
        self.outcome = Outcome(LOST, lost=self.held, price_version=self.price_version)
        return {
            "accounted": True,
            "status": LOST,
            "cost": 0,
            "charged": 0,
            **({"lost": self.held} if self.held else {}),
        }

    def charge_late(self, outcome: Outcome, charged: int) -> Data:
        """It was charged by itself, at most what `outcome` says that it cost, which is its own if it is complete."""
        assert not self.is_counted, "a request is charged once"
        self.was_lost = self.status == LOST
        self.was_worth = self.outcome.lost if self.was_lost else 0
        written = {} if self.is_complete else outcome.to_data()
        self.outcome = replace(outcome, charged=charged, shortfall=outcome.cost - charged)
        self.price_version = outcome.price_version
        self.accounted = self.late = True
        return {
            **written,
            "charged": charged,
            "shortfall": self.outcome.shortfall,
            "accounted": True,
            "late": True,
            "was_lost": self.was_lost,
            **({"was_worth": self.was_worth} if self.was_worth else {}),
            **({"lost": self.outcome.lost} if self.was_worth else {}),  # in place of what it was lost at
        }

    def counts(self) -> dict[str, int]:
        """What it adds to the totals of its day and model. Amounts in nano-USD."""
        outcome = self.outcome
        if outcome.status == LOST:
            return _counts_of_loss(1, outcome.lost)
        errors = int(outcome.status == "error")
        list_cost = outcome.cost if outcome.list_cost is None else outcome.list_cost
        counts = {
            "requests": 1,
            "errors": errors,
            "aborted": int(outcome.status == "aborted"),
            "cost": outcome.cost,
            "charged": outcome.charged,
            "shortfall": outcome.shortfall + outcome.lost,
            "list_cost": list_cost + outcome.lost,
        }
        if (tokens := outcome.tokens) is not None:
            counts["prompt_tokens"] = tokens.prompt
            counts["cached_tokens"] = tokens.cached
            counts["completion_tokens"] = tokens.completion
            counts["reasoning_tokens"] = tokens.reasoning
        if outcome.latency_ms is not None:
            counts["latency_ms_sum"] = outcome.latency_ms
            counts[latency_bucket(outcome.latency_ms)] = 1
        for upstream, failed in outcome.calls():
            asked, erred = upstream_counter("requests", upstream), upstream_counter("errors", upstream)
            counts[asked] = counts.get(asked, 0) + 1
            counts[erred] = counts.get(erred, 0) + failed
        if outcome.upstream is not None:
            counts[upstream_counter("cost", outcome.upstream)] = list_cost
        if outcome.shortfall or outcome.lost:
            self._count_losses(counts)
        return counts

    def _count_losses(self, counts: dict[str, int]) -> None:
        """Add what each upstream is paid for nothing. A shortfall is part of the cost already."""
        outcome = self.outcome
        for upstream, loss in outcome.losses().items():
            if upstream is not None:
                cost = loss - outcome.shortfall if upstream == outcome.upstream else loss
                name = upstream_counter("cost", upstream)
                counts[name] = counts.get(name, 0) + cost
                counts[upstream_counter("shortfall", upstream)] = loss

    def counts_when_late(self) -> dict[str, int]:
        """What a late charge adds: all of it, less the loss that it makes good."""
        counts = {**self.counts(), "lost": -int(self.was_lost)}
        if self.was_worth:
            counts["shortfall"] -= self.was_worth
            counts["list_cost"] -= self.was_worth
        return counts

    def counts_when_swept(self) -> dict[str, int]:
        """What the closing of its lease adds: of what was charged late only the loss, which that made good already."""
        return _counts_of_loss(int(self.was_lost), self.was_worth) if self.late else self.counts()


def _counts_of_loss(requests: int, worth: int) -> dict[str, int]:
    return {"lost": requests, "shortfall": worth, "list_cost": worth} if worth else {"lost": requests}


_OUTCOME_FIELDS = Outcome.__struct_fields__
_OWN_FIELDS = tuple(name for name in UsageRecord.__struct_fields__ if name not in ("outcome", "belongs", "days"))
