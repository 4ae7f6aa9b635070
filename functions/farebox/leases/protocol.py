"""The lease protocol in the store: steps by which an instance takes, settles, renews and returns a slice of a wallet.

Every step is one transaction over the lease (`lease`) and the funds that it takes from: the wallet, the budgets, the
key's rate windows. The instance numbers its steps; the lease remembers the number and the outcome of the last one, so a
step whose acknowledgement was lost is recognised and answers the same again. What a lease has spent is written
cumulatively: settling twice changes nothing.

Only two parties ever write a lease: the instance that holds it (`take_step`), and the sweep that closes it once it
has expired (`close_expired`). After that the holder gets `LeaseClosed` and charges what was missed late.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from functions.farebox.leases.allocation import Ask, Room, Share, allocate
from functions.farebox.leases.lease import Lease, WindowSlice, lease_path
from functions.farebox.ledger.funds import Funds, Scope
from functions.farebox.ledger.gates import BudgetGate, MoneyGate
from functions.farebox.ledger.wallet import Posting
from functions.farebox.limits.key_counters import KeyTerms
from functions.farebox.limits.rate_windows import Limits, Slice, Windows, day_of, minute_of, standing
from functions.farebox.limits.span_budgets import Days
from functions.farebox.storage import Document, Transaction
from functions.farebox.usage.aggregates import UsageAggregates

LARGEST_SHARE = 8  # beyond what waits, a lease takes at most this fraction (1/8) of what is free


class LeaseClosed(Exception):
    """The lease was swept, or its budget period is over: nothing more can be done under it."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a lease's holder. Amounts in nano-USD."""

    uid: str
    key: KeyTerms
    lease_id: str
    instance: str
    number: int  # 1 opens the lease
    spent: int  # cumulative, durable in the journal
    totals: UsageAggregates  # likewise
    expires_at: datetime
    asks: Sequence[Ask] = ()
    extra: int = 0  # wanted beyond the asks, if it is to be had
    extra_window: Slice = field(default_factory=Slice)
    overrun: int = 0  # what an upstream reported above its cap; rate windows do not stop it
    give_back: int = 0
    unused: WindowSlice = field(default_factory=WindowSlice)
    close: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a step came to. `granted` is the lease's whole grant; `room` is what is left in the wallet behind it."""

    granted: int
    settled: int
    expires_at: datetime
    scope: Scope  # of the lease
    days: Days  # of what would be granted now
    time_zone: str
    window: WindowSlice  # what this step added, or nothing
    limited: bool  # whether rate windows apply
    closed: bool
    stale: bool  # a new budget period has begun, or the account's tenant is another: it can only be settled and closed
    room: Room
    caps: Mapping[BudgetGate, int]  # of the budgets that have one
    balance: int
    reserved: Mapping[MoneyGate, int]  # of the wallet and of each budget, what leases and holds keep
    account_limits: Limits
    counted: Windows  # the key's windows after this step
    account_counted: Windows


async def take_step(tx: Transaction, step: Step, now: datetime) -> Outcome:
    """Settle what was spent, return what is not needed, and lease what is asked for: all of it, once.

    Raises `LeaseClosed` if the lease is gone. A step that asks in a period that the lease does not belong to settles,
    and grants nothing.
    """
    key_id, step_id = step.key.id, f"{step.lease_id}.{step.number}"
    lease_at = lease_path(step.uid, step.lease_id)
    belongs, caps = step.key.belongs, step.key.caps
    together = Funds.paths(step.uid, step_id, key=key_id, belongs=belongs, spans=step.key.spans)
    document, *_ = await tx.get_many(lease_at, *together)
    known = Lease.from_document(document) if document else None
    scope = known.scope if known else None
    funds = await Funds.open(tx, step.uid, now, step_id, key=key_id, scope=scope, belongs=belongs, caps=caps)
    funds.set_caps(step.key)
    lease = _lease_before(known, step, funds.scope)
    if lease.number == step.number:
        return _outcome(lease, funds, step)

    lease = _settle(tx, funds, lease, step.spent, step.totals, step_id)
    lease = _return(funds, lease, step.give_back)
    _return_windows(funds, step.unused)
    window = WindowSlice()
    if step.close:
        lease = _return(funds, lease, lease.unspent).closed(now)
    elif not funds.is_stale:
        lease, window = _grant(funds, lease, step, now)
    lease = lease.stepped(step.number, step.expires_at, window)
    tx.set(lease_at, lease.to_data())
    funds.save(tx, collect_debt_as=step_id)
    return _outcome(lease, funds, step)


async def close_expired(tx: Transaction, seen: Document, spent: int, totals: UsageAggregates, now: datetime) -> bool:
    """Close an expired lease with what the journal says it spent; the rest goes back to the wallet.

    Answers whether this call closed it: not if anybody, its holder or another sweep, has touched it since it was
    `seen`, before the journal was read.
    """
    lease = Lease.from_document(seen)
    scope = lease.scope
    together = Funds.paths(lease.user, key=lease.key, belongs=scope.belongs, spans=scope.days.parties)
    document, *_ = await tx.get_many(seen.path, *together)
    if document is None or document.version != seen.version or lease.expires_at > now:
        return False
    step_id = f"{lease.id}.{lease.number + 1}"
    funds = await Funds.open(tx, lease.user, now, key=lease.key, scope=scope)
    lease = _settle(tx, funds, lease, spent, totals, step_id)
    lease = _return(funds, lease, lease.unspent).swept(now)
    tx.set(seen.path, lease.to_data())
    funds.save(tx, collect_debt_as=step_id)
    return True


def _lease_before(known: Lease | None, step: Step, scope: Scope) -> Lease:
    """The lease that a step finds: as the step before has left it, or as this step has, when it was taken already."""
    if known is None:
        if step.number != 1:
            raise LeaseClosed(f"lease {step.lease_id} is gone")
        return Lease(step.lease_id, step.uid, step.key.id, step.instance, scope, step.expires_at)
    if known.was_swept:
        raise LeaseClosed(f"lease {step.lease_id} was swept")
    if known.number == step.number:
        return known
    if not known.is_open:
        raise LeaseClosed(f"lease {step.lease_id} was closed")
    if known.number != step.number - 1:
        raise LeaseClosed(f"lease {step.lease_id} is at step {known.number}, not before {step.number}")
    return known


def _settle(tx: Transaction, funds: Funds, lease: Lease, spent: int, totals: UsageAggregates, entry_id: str) -> Lease:
    since = spent - lease.settled
    settled = lease.settled_at(spent, totals)
    news = totals.minus(lease.totals)
    if since:
        requests = news.sum("requests")
        funds.spend(
            Posting(
                id=entry_id,
                type="usage",
                amount=-since,
                description=f"{requests} request{'' if requests == 1 else 's'}",
                reference=lease.key,
                metadata={
                    "requests": requests,
                    "key": lease.key,
                    "period": lease.scope.period,
                    **lease.scope.as_metadata(),
                },
            )
        )
    tx.add(*news.increments(lease.user, lease.key, lease.scope.belongs.to_data()))
    return settled


def _return(funds: Funds, lease: Lease, amount: int) -> Lease:
    reduced = lease.reduced_by(amount)
    funds.release(amount)
    return reduced


def _return_windows(funds: Funds, unused: WindowSlice) -> None:
    book, key_window = funds.book, funds.key_window
    arguments = (unused.minute, unused.part, unused.day, unused.day_requests)
    book.set_windows(book.wallet.windows.give_back(*arguments))
    key_window.windows = key_window.windows.give_back(*arguments)


def _grant(funds: Funds, lease: Lease, step: Step, now: datetime) -> tuple[Lease, WindowSlice]:
    book, key_window = funds.book, funds.key_window
    begun = (key_window.windows, book.wallet.windows)
    minute = standing(minute_of(now), *(each.minute for each in begun))
    day = standing(day_of(now), *(each.day for each in begun))
    key_window.windows = key_window.windows.at(minute, day)
    book.set_windows(book.wallet.windows.at(minute, day))
    room = _room(funds, step.key)
    overrun = max(0, min(step.overrun, room.money))
    before = room.without_money(overrun)
    shares, after = allocate(before, step.asks)
    extra = min(step.extra, max(0, after.money) // LARGEST_SHARE)
    given = sum(share.amount for share in shares if share) + extra + overrun
    funds.reserve(given)
    lease = lease.extended_by(given)
    if not (step.key.limits or book.wallet.limits):
        return lease, WindowSlice()
    part = _window_part(shares, after, step.extra_window)
    book.set_windows(book.wallet.windows.take(part))
    key_window.windows = key_window.windows.take(part)
    return lease, WindowSlice(minute, part, day, part.requests)


def _window_part(shares: Sequence[Share | None], after: Room, extra: Slice) -> Slice:
    """What the served requests take of the windows, and a bounded share of the rest for those to come."""
    served = [share for share in shares if share]
    requests = min(extra.requests, after.minute.requests // LARGEST_SHARE, after.day_requests // LARGEST_SHARE)
    tokens = min(extra.tokens, after.minute.tokens // LARGEST_SHARE)
    return Slice(len(served) + requests, sum(share.tokens for share in served) + tokens)


def _room(funds: Funds, key: KeyTerms) -> Room:
    wallet = funds.book.wallet
    of_key, key_day = funds.key_window.windows.left(key.limits)
    of_account, account_day = wallet.windows.left(wallet.limits)
    minute = Slice(min(of_key.requests, of_account.requests), min(of_key.tokens, of_account.tokens))
    return Room(wallet.spendable, funds.budgets_free, minute, min(key_day, account_day))


def _outcome(lease: Lease, funds: Funds, step: Step) -> Outcome:
    wallet = funds.book.wallet
    return Outcome(
        granted=lease.granted,
        settled=lease.settled,
        expires_at=lease.expires_at,
        scope=lease.scope,
        days=funds.days,
        time_zone=wallet.time_zone,
        window=lease.window or WindowSlice(),
        limited=bool(step.key.limits or wallet.limits),
        closed=not lease.is_open,
        stale=funds.is_stale,
        room=_room(funds, step.key),
        caps=funds.caps,
        balance=wallet.balance,
        reserved=funds.reserved,
        account_limits=wallet.limits,
        counted=funds.key_window.windows,
        account_counted=wallet.windows,
    )
