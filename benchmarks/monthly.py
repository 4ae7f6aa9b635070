"""Benchmark of the monthly job: what it costs a user, and whether that stays the same however many users there are.

    python -m benchmarks.monthly [--users 1000,10000,100000] [--store sqlite:///PATH | firestore://PROJECT/DATABASE]

Each number of users is made in a store of its own: a wallet with lapsed credit each, every second one on a plan, so
that each user is granted or loses something. Then the job runs to its end twice: the second run finds nothing to do,
which is what an hourly job mostly does. Last come the system's statistics over ninety days in which all were busy.

Without `--store`, SQLite in a temporary folder. `FIRESTORE_EMULATOR_HOST` is honoured.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from functions.farebox.accounts.plans import Plans
from functions.farebox.jobs.monthly_reset import Pass, reset_budgets
from functions.farebox.kit.ids import Ids
from functions.farebox.ledger.book import Book
from functions.farebox.ledger.wallet import Posting, wallet_path
from functions.farebox.storage import Create, Set, Store, Transaction, Write
from functions.farebox.storage.connect import open_engine
from functions.farebox.usage.aggregates import UsageAggregates
from functions.farebox.usage.stats import system_stats
from functions.farebox.usage.system_days import note_rolled_up

T = TypeVar("T")

LAST_MONTH = datetime(2026, 10, 20, tzinfo=UTC)
NOW = datetime(2026, 11, 1, 0, 5, tzinfo=UTC)
USD = 1_000_000_000
BATCH = 390  # documents a commit, and fewer than three more
DAYS = 90
MODELS = 20


def main() -> None:
    """Measure, and write the figures as JSON."""
    parser = argparse.ArgumentParser(description="Measure the monthly job.")
    parser.add_argument("--users", default="1000,10000,100000", help="how many, separated by commas")
    parser.add_argument("--store", default="", help="where; by default SQLite in a temporary folder")
    asked = parser.parse_args()
    figures = []
    for users in map(int, asked.users.split(",")):
        with tempfile.TemporaryDirectory() as folder:
            figures.append(asyncio.run(measure(asked.store or f"sqlite:///{Path(folder) / 'farebox.db'}", users)))
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")


async def measure(store_url: str, users: int) -> dict[str, Any]:
    """The figures of one number of users, in a store that is empty."""
    store = Store(open_engine(store_url))
    try:
        await _people(store, users)
        first, first_took = await _timed(lambda: _run(store, users))
        again, again_took = await _timed(lambda: _run(store, users))
        assert (first.users, first.granted, first.expired) == (users, users // 2, users), first
        assert (again.users, again.granted, again.expired) == (users, 0, 0), again
        await _busy_days(store, users)
        stats, stats_took = await _timed(lambda: system_stats(store, DAYS, NOW))
        assert stats.total()["requests"] == DAYS * MODELS * min(users, _SPENDERS)
    finally:
        await store.close()
    return {
        "store": store_url.partition(":")[0],
        "users": users,
        "first_run": first_took.of(users),
        "second_run": again_took.of(users),
        "stats_90_days": stats_took.of(1),
    }


@dataclass(frozen=True)
class Took:
    """How long something took: by the clock, and of this process's processor time, which other programs at work on the
    same machine change little."""

    clock_s: float
    processor_s: float

    def of(self, count: int) -> dict[str, float]:
        """In all, and for each of so many."""
        return {
            "s": round(self.clock_s, 2),
            "ms_each": round(1000 * self.clock_s / count, 3),
            "processor_ms_each": round(1000 * self.processor_s / count, 3),
        }


async def _run(store: Store, users: int) -> Pass:
    return await reset_budgets(
        store, lambda: NOW, Ids(), progress=lambda done: _tell("the monthly job", done.users, users)
    )


async def _people(store: Store, users: int) -> None:
    """Users as they are after a month: each with credit that has lapsed, half of them on a plan."""
    await Plans(store, lambda: LAST_MONTH).list()
    [wallet, entry] = await _last_months_wallet(store)
    writes: list[Write] = []
    for number in range(users):
        uid = f"u{number:07}"
        user = {
            "email": f"{uid}@example.com",
            "full_name": None,
            "status": "active",
            "plan": "starter" if number % 2 else None,
            "live_keys": 0,
            "created_at": LAST_MONTH,
        }
        writes += [
            Create(f"users/{uid}", user),
            Create(wallet_path(uid), wallet),
            Create(f"{wallet_path(uid)}/transactions/october", entry),
        ]
        if len(writes) > BATCH or number == users - 1:
            await store.write(*writes)
            writes = []
            _tell("making users", number + 1, users)


async def _last_months_wallet(store: Store) -> list[Any]:
    """A wallet with a grant of last month and its ledger entry, made by the ledger itself."""
    posting = Posting("october", "grant", USD, "Credit of October")

    async def work(tx: Transaction) -> None:
        await tx.get(wallet_path("pattern"))
        book = Book.blank("pattern", LAST_MONTH)
        book.grant(posting, LAST_MONTH + timedelta(days=5))
        book.save(tx)

    await store.transact(work)
    made = await store.get_many(wallet_path("pattern"), f"{wallet_path('pattern')}/transactions/october")
    return [document.data for document in made if document is not None]


_SPENDERS = 1000  # that make the statistics; what all others would add goes into the same documents


async def _busy_days(store: Store, users: int) -> None:
    """What is kept of the days that are over, and of today what each payer has."""
    spenders = min(users, _SPENDERS)
    counts = Counter({"requests": 1, "charged": 5, "list_cost": 4, "prompt_tokens": 9, "latency_ms_500": 1})
    together = {name: spenders * count for name, count in counts.items()}
    writes: list[Write] = []
    for day in range(DAYS):
        date = (NOW - timedelta(days=day)).date().isoformat()
        for model in (f"model-{number}" for number in range(MODELS)):
            if day:
                writes.append(Set(f"system_days/{date}_{model}", {"date": date, "model": model, **together}))
                continue
            totals = UsageAggregates({(date, date, model): counts})
            writes += [write for spender in range(spenders) for write in totals.increments(f"u{spender:07}", "k")]
        _tell("busy days", day + 1, DAYS)
    for at in range(0, len(writes), BATCH):
        await store.write(*writes[at : at + BATCH])
    await note_rolled_up(store, NOW.date())


async def _timed(work: Callable[[], Awaitable[T]]) -> tuple[T, Took]:
    began_s, worked_s = time.perf_counter(), time.process_time()
    done = await work()
    return done, Took(time.perf_counter() - began_s, time.process_time() - worked_s)


def _tell(what: str, done: int, of: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{what}: {done} of {of}   " + ("\n" if done == of else ""))
    elif done == of or done % 10_000 == 0:
        sys.stderr.write(f"{what}: {done} of {of}\n")


if __name__ == "__main__":
    main()
