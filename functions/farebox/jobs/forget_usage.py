"""The job that deletes usage records which an operator wants kept no longer (`FAREBOX_KEEP_USAGE_DAYS`).

A pass goes through the wallets, once a day; its document (`usage/retention.py`) says since when records are kept, and
how far the pass has come. It may run never, late, or twice at once, and may be cut off anywhere.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from functions.farebox.leases.retention import Forgotten, forget_usage
from functions.farebox.storage import Data, Query, Set, Store
from functions.farebox.usage.retention import PASS

PAGE = 200  # wallets


@dataclass(frozen=True, slots=True)
class Pass:
    """Deletes what is from before `before_at`; the wallets up to `after` are done."""

    before_at: datetime
    after: str | None = None
    complete: bool = False
    wallets: int = 0
    records: int = 0
    leases: int = 0

    def report(self) -> Data:
        """What whoever called the job is told."""
        return {
            "before": self.before_at.date().isoformat(),
            "complete": self.complete,
            "wallets": self.wallets,
            "records": self.records,
            "leases": self.leases,
        }

    def plus(self, done: Forgotten) -> "Pass":
        """With what one more commit deleted."""
        return replace(self, records=self.records + done.records, leases=self.leases + done.leases)


async def forget_old_usage(
    store: Store, keep: timedelta, now: datetime, *, is_over: Callable[[], bool] = lambda: False
) -> Pass:
    """Go on with the present pass, or begin today's, until it is complete or `is_over`, which is asked after each
    commit. Answers how it stands."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    current = await _join(store, midnight - keep)
    if not current.complete:
        async for further in _go_on(store, current):
            current = further
            if is_over():
                break
        await _note(store, current)
    return current


async def _join(store: Store, before: datetime) -> Pass:
    """The pass that is to be done. That records are kept no longer is noted before the first one goes."""
    document = await store.get(PASS)
    if document is not None:
        current = Pass(**document.data)
        if not current.complete or before <= current.before_at:
            return current
    current = Pass(before)
    await _note(store, current)
    return current


async def _go_on(store: Store, current: Pass) -> AsyncIterator[Pass]:
    while True:
        after = None if current.after is None else (current.after,)
        wallets = await store.query(Query("wallets", limit=PAGE, after=after))
        for wallet in wallets:
            async for done in forget_usage(store, wallet.id, current.before_at):
                current = current.plus(done)
                yield current
            current = replace(current, after=wallet.id, wallets=current.wallets + 1)
        if len(wallets) < PAGE:
            yield replace(current, complete=True)
            return
        await _note(store, current)
        yield current


async def _note(store: Store, current: Pass) -> None:
    await store.write(Set(PASS, asdict(current)))
