"""The journal: one usage record per request, the truth of what was spent.

A record is created `pending` alongside the upstream call and completed before the answer ends. Completing it is
conditional on its still being pending: a sweep that took the instance for dead has turned it into `lost`, and then
the request is charged late instead (`late_charges.py`).

    pending ──complete──> ok | error | aborted
       └────sweep───────> lost ──late──> ok | error | aborted

`accounted` says that a sweep or a late charge has counted the record; the holder of a lease counts its own in memory.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from functions.farebox.errors import StoreUnavailable
from functions.farebox.observability.telemetry import span
from functions.farebox.storage import (
    AlreadyExists,
    Contended,
    Create,
    Data,
    Document,
    Queued,
    Store,
    Unreachable,
    Update,
    Write,
)
from functions.farebox.usage.aggregates import latency_bucket, upstream_counter

T = TypeVar("T")

PENDING = "pending"
LOST = "lost"
ATTEMPTS = 8
FIRST_PAUSE_S = 0.02
SLOW = "The database does not answer. Try again in a few seconds."


def record_path(record_id: str) -> str:
    """Where a usage record is kept."""
    return f"usage/{record_id}"


@dataclass(slots=True)
class Opening:
    """A record that is being created: `data` and whatever else is written with it. `document` is what is there then."""

    path: str
    data: Data
    others: tuple[Write, ...]
    commit: Queued
    document: Document | None = None


class Journal:
    """Writes usage records. Every write is durable when the call that waits for it returns."""

    def __init__(self, store: Store, *, rng: random.Random | None = None) -> None:
        self._store = store
        self._rng = rng or random.Random()

    def begin(self, record_id: str, record: Data) -> Opening:
        """Begin to create a record as pending."""
        path = record_path(record_id)
        data = {**record, "status": PENDING, "accounted": False, "late": False}
        return Opening(path, data, (), self._store.begin(Create(path, data)))

    def amend(self, opening: Opening, outcome: Data, *others: Write) -> bool:
        """Have a record created complete, and `others` written in the same commit, if its turn to be created has not
        come: it is durable no later than it would have been as pending. Answers whether."""
        data = {**opening.data, **outcome}
        if opening.document is not None or not opening.commit.amend([Create(opening.path, data), *others]):
            return False
        opening.data, opening.others = data, others
        return True

    async def await_pending(self, opening: Opening) -> None:
        """Wait until a record is there. `StoreUnavailable` if that could not be made certain."""
        if opening.document is None:
            with span("journal", step="open"):
                opening.document = await self._insist(lambda: self._create(opening))

    async def complete(self, opening: Opening, outcome: Data, *others: Write) -> bool:
        """Write what an opened request came to, and `others` in the same commit.

        Answers `False` if a sweep was first: the record is lost, and nothing was written; charge it late.

        `StoreUnavailable` leaves the record to the sweep.
        """
        assert opening.document is not None, "a record is opened before it is completed"
        seen = opening.document

        async def update() -> bool:
            nonlocal seen
            try:
                await self._store.write(Update(seen.path, outcome, seen.version, seen.data), *others)
                return True
            except Contended:
                found = await self._store.get(seen.path)
                assert found is not None, "a usage record never vanishes under its request"
                if found.data["status"] == PENDING:
                    seen = found
                    raise
                return bool(found.data["status"] != LOST)

        with span("journal", step="complete"):
            return await self._insist(update)

    async def _create(self, opening: Opening) -> Document:
        try:
            version = (await opening.commit)[0]
        except AlreadyExists:  # an earlier attempt of ours arrived after all: ids are never used twice
            found = await self._store.get(opening.path)
            if found is None or found.data["status"] != opening.data["status"]:
                raise StoreUnavailable(SLOW) from None  # and a sweep has given it up in the meantime
            return found
        except (Unreachable, Contended):
            opening.commit = self._store.begin(Create(opening.path, opening.data), *opening.others)
            raise
        assert version is not None, "every engine knows the version of what it has just made"
        return Document(opening.path, opening.data, version)

    async def _insist(self, write: Callable[[], Awaitable[T]]) -> T:
        pause_s = FIRST_PAUSE_S
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await write()
            except (Unreachable, Contended) as error:
                if attempt == ATTEMPTS:
                    raise StoreUnavailable(SLOW) from error
            await asyncio.sleep(self._rng.uniform(pause_s / 2, pause_s))
            pause_s *= 2
        raise AssertionError("unreachable")


def counts_of(record: Mapping[str, Any]) -> dict[str, int]:
    """What a record adds to the totals of its day and model. Amounts in nano-USD; `list_cost` is the cost at list
    prices, which is what upstreams charge."""
    if record["status"] == LOST:
        return {"lost": 1}
    tokens: Mapping[str, int] = record.get("tokens") or {}
    counts = {f"{name}_tokens": count for name, count in tokens.items()}
    counts["requests"] = 1
    counts["errors"] = int(record["status"] == "error")
    counts["aborted"] = int(record["status"] == "aborted")
    for amount in ("cost", "charged", "shortfall"):
        counts[amount] = record.get(amount) or 0
    if record.get("latency_ms") is not None:
        counts["latency_ms_sum"] = record["latency_ms"]
        counts[latency_bucket(record["latency_ms"])] = 1
    counts["list_cost"] = counts["cost"] if record.get("list_cost") is None else record["list_cost"]
    if record.get("upstream") is not None:
        own = {"requests": 1, "errors": counts["errors"], "cost": counts["list_cost"]}
        counts |= {upstream_counter(count, record["upstream"]): amount for count, amount in own.items()}
    return counts


def date_of(record: Mapping[str, Any]) -> str:
    """The UTC day that a record counts in."""
    return str(record["created_at"].date())
