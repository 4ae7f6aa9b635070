"""The lease protocol in the store: steps by which an instance takes, settles, renews and returns a slice of a wallet.

Every step is one transaction over the wallet, the key's windows, the tenant's budget and the lease. The instance
numbers its steps; the lease remembers the number and the outcome of the last one, so a step whose acknowledgement was
lost is recognised and answers the same again. What a lease has spent is written cumulatively: settling twice changes
nothing.

Only two parties ever write a lease: the instance that holds it (`take_step`), and the sweep that closes it once it
has expired (`close_expired`). After that the holder gets `LeaseClosed` and charges what was missed late.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from functions.farebox.leases.allocation import Ask, Room, Share, allocate
from functions.farebox.ledger.book import Book
from functions.farebox.ledger.wallet import Posting
from functions.farebox.limits.key_counters import KeyTerms, KeyWindow, key_window_path
from functions.farebox.limits.rate_windows import Limits, Slice, Windows, day_of, minute_of
from functions.farebox.limits.tenant_budget import Membership, TenantBudget
from functions.farebox.storage import Data, Document, Transaction
from functions.farebox.usage.aggregates import UsageAggregates

LARGEST_SHARE = 8  # beyond what waits, a lease takes at most this fraction (1/8) of what is free


class LeaseClosed(Exception):
    """The lease was swept, or its budget period is over: nothing more can be done under it."""


@dataclass(frozen=True, slots=True)
class WindowSlice:
    """A part of one minute and of one day that a lease may hand to requests."""

    minute: str = ""
    part: Slice = field(default_factory=Slice)
    day: str = ""
    day_requests: int = 0

    def to_data(self) -> Data:
        """For storage."""
        return {
            "minute": self.minute,
            "requests": self.part.requests,
            "tokens": self.part.tokens,
            "day": self.day,
            "day_requests": self.day_requests,
        }

    @classmethod
    def from_data(cls, data: Data) -> "WindowSlice":
        """From storage."""
        return cls(data["minute"], Slice(data["requests"], data["tokens"]), data["day"], data["day_requests"])


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
    period: str
    time_zone: str
    window: WindowSlice  # what this step added, or nothing
    limited: bool  # whether rate windows apply
    closed: bool
    stale: bool  # a new budget period has begun, or the account's tenant is another: it can only be settled and closed
    room: Room
    balance: int
    reserved: int
    budget_reserved: int  # of the account's and of the key's budget, what leases hold
    key_budget_reserved: int
    tenant_budget_reserved: int
    account_limits: Limits
    counted: Windows  # the key's windows after this step
    account_counted: Windows


def lease_path(uid: str, lease_id: str) -> str:
    """Where a lease is kept."""
    return f"wallets/{uid}/leases/{lease_id}"


async def take_step(tx: Transaction, step: Step, now: datetime) -> Outcome:
    """Settle what was spent, return what is not needed, and lease what is asked for: all of it, once.

    Raises `LeaseClosed` if the lease is gone. A step that asks in a period that the lease does not belong to settles,
    and grants nothing.
    """
    lease_at, window_at = lease_path(step.uid, step.lease_id), key_window_path(step.key.id)
    step_id = f"{step.lease_id}.{step.number}"
    lease_doc, window_doc, *_ = await tx.get_many(lease_at, window_at, *Book.paths(step.uid, step_id))
    book = await Book.open(tx, step.uid, now, step_id)
    key_window = KeyWindow.read(window_doc, book.wallet.budget.period)
    key_window.budget = replace(key_window.budget, limit=step.key.budget)
    tenant = await _open_tenant(tx, lease_doc, book, now)
    lease = _read_lease(lease_doc, step, book.wallet.budget.period, tenant.membership)
    gates = _Gates(book, key_window, tenant)
    if lease["seq"] == step.number:
        return _outcome(lease, gates, step)
    if lease["seq"] != step.number - 1:
        raise LeaseClosed(f"lease {step.lease_id} is at step {lease['seq']}, not before {step.number}")

    _settle(tx, gates, lease, step.spent, step.totals, step_id)
    _return(gates, lease, step.give_back)
    _return_windows(gates, step.unused)
    window = WindowSlice()
    if not gates.is_stale(lease) and not step.close:
        window = _grant(gates, lease, step, now)
    if step.close:
        _close(gates, lease, "holder", now)
    lease.update(seq=step.number, expires_at=step.expires_at, window=window.to_data())
    tx.set(lease_at, lease)
    gates.write(tx, window_at, now, step_id)
    return _outcome(lease, gates, step)


async def close_expired(tx: Transaction, seen: Document, spent: int, totals: UsageAggregates, now: datetime) -> bool:
    """Close an expired lease with what the journal says it spent; the rest goes back to the wallet.

    Answers whether this call closed it: not if anybody, its holder or another sweep, has touched it since it was
    `seen`, before the journal was read.
    """
    uid, lease_id = seen.data["user"], seen.id
    lease_at, window_at = lease_path(uid, lease_id), key_window_path(seen.data["key"])
    document, window_doc, _ = await tx.get_many(lease_at, window_at, *Book.paths(uid))
    if document is None or document.version != seen.version or document.data["expires_at"] > now:
        return False
    lease = document.data
    number = lease["seq"] + 1
    step_id = f"{lease_id}.{number}"
    book = await Book.open(tx, uid, now)
    key_window = KeyWindow.read(window_doc, book.wallet.budget.period)
    gates = _Gates(book, key_window, await _open_tenant(tx, document, book, now))
    _settle(tx, gates, lease, spent, totals, step_id)
    _close(gates, lease, "sweep", now)
    lease.update(seq=number)
    tx.set(lease_at, lease)
    gates.write(tx, window_at, now, step_id)
    return True


@dataclass(frozen=True, slots=True)
class _Gates:
    """What a lease takes from, all open in one transaction: the wallet with its budget, the key's, the tenant's."""

    book: Book
    key_window: KeyWindow
    tenant: TenantBudget

    def is_stale(self, lease: Data) -> bool:
        """Whether a lease was granted under terms that are no more: nothing is added to it."""
        wallet = self.book.wallet
        membership = Membership.from_data(lease)
        return (
            lease["period"] != wallet.budget.period
            or membership.tenant != wallet.tenant
            or membership != self.tenant.membership
        )

    def reserve(self, amount: int) -> None:
        """Take an amount out of all of them."""
        self.book.reserve(amount)
        self.book.budget_reserve(amount)
        self.key_window.reserve(amount)
        self.tenant.reserve(amount)

    def budget_settle(self, lease: Data, *, spent: int, released: int) -> None:
        """Count in every budget what a lease has spent and given back."""
        self.book.budget_settle(lease["period"], spent=spent, released=released)
        self.key_window.settle(lease["period"], spent=spent, released=released)
        self.tenant.settle(Membership.from_data(lease).period, spent=spent, released=released)

    def write(self, tx: Transaction, window_at: str, now: datetime, step_id: str) -> None:
        """Write what has changed."""
        self.key_window.write(tx, window_at, now)
        self.tenant.write(tx)
        self.book.save(tx, collect_debt_as=step_id)


async def _open_tenant(tx: Transaction, lease: Document | None, book: Book, now: datetime) -> TenantBudget:
    """The budget of the tenant that a lease belongs to, or of the account's, where the lease is new."""
    tenant = book.wallet.tenant if lease is None else Membership.from_data(lease.data).tenant
    return await TenantBudget.open(tx, tenant, now)


def _read_lease(document: Document | None, step: Step, period: str, membership: Membership) -> Data:
    if document is None:
        if step.number != 1:
            raise LeaseClosed(f"lease {step.lease_id} is gone")
        return {
            "user": step.uid,
            "key": step.key.id,
            "instance": step.instance,
            "state": "open",
            "seq": 0,
            "granted": 0,
            "settled": 0,
            "totals": [],
            "period": period,
            **membership.to_data(),
            "expires_at": step.expires_at,
        }
    if document.data["state"] != "open" and document.data["seq"] != step.number:
        raise LeaseClosed(f"lease {step.lease_id} was closed")
    if document.data.get("closed_by") == "sweep":
        raise LeaseClosed(f"lease {step.lease_id} was swept")
    return dict(document.data)


def _settle(tx: Transaction, gates: _Gates, lease: Data, spent: int, totals: UsageAggregates, entry_id: str) -> None:
    since = spent - lease["settled"]
    assert since >= 0, "what a lease has spent never shrinks"
    assert spent <= lease["granted"], "nothing is spent that was not granted"
    news = totals.minus(UsageAggregates.from_data(lease["totals"]))
    if since:
        requests = news.sum("requests")
        belongs = Membership.from_data(lease).as_metadata()
        gates.book.spend_reserved(
            Posting(
                id=entry_id,
                type="usage",
                amount=-since,
                description=f"{requests} request{'' if requests == 1 else 's'}",
                reference=lease["key"],
                metadata={"requests": requests, "key": lease["key"], **belongs},
            )
        )
        gates.budget_settle(lease, spent=since, released=0)
    tx.add(*news.increments(gates.book.uid, lease["key"]))
    lease.update(settled=spent, totals=totals.to_data())


def _return(gates: _Gates, lease: Data, amount: int) -> None:
    assert 0 <= amount <= lease["granted"] - lease["settled"], "only what is unspent comes back"
    gates.book.release(amount)
    gates.budget_settle(lease, spent=0, released=amount)
    lease["granted"] -= amount


def _return_windows(gates: _Gates, unused: WindowSlice) -> None:
    book, key_window = gates.book, gates.key_window
    arguments = (unused.minute, unused.part, unused.day, unused.day_requests)
    book.set_windows(book.wallet.windows.give_back(*arguments))
    key_window.windows = key_window.windows.give_back(*arguments)


def _close(gates: _Gates, lease: Data, by: str, now: datetime) -> None:
    _return(gates, lease, lease["granted"] - lease["settled"])
    lease.update(state="closed", closed_by=by, closed_at=now)


def _grant(gates: _Gates, lease: Data, step: Step, now: datetime) -> WindowSlice:
    book, key_window = gates.book, gates.key_window
    minute = max(minute_of(now), key_window.windows.minute, book.wallet.windows.minute)
    day = max(day_of(now), key_window.windows.day, book.wallet.windows.day)
    key_window.windows = key_window.windows.at(minute, day)
    book.set_windows(book.wallet.windows.at(minute, day))
    room = _room(gates, step.key)
    overrun = max(0, min(step.overrun, room.money))
    before = room.without_money(overrun)
    shares, after = allocate(before, step.asks)
    extra = min(step.extra, max(0, after.money) // LARGEST_SHARE)
    given = sum(share.amount for share in shares if share) + extra + overrun
    gates.reserve(given)
    lease["granted"] += given
    if not (step.key.limits or book.wallet.limits):
        return WindowSlice()
    part = _window_part(shares, after, step.extra_window)
    book.set_windows(book.wallet.windows.take(part))
    key_window.windows = key_window.windows.take(part)
    return WindowSlice(minute, part, day, part.requests)


def _window_part(shares: Sequence[Share | None], after: Room, extra: Slice) -> Slice:
    """What the served requests take of the windows, and a bounded share of the rest for those to come."""
    served = [share for share in shares if share]
    requests = min(extra.requests, after.minute.requests // LARGEST_SHARE, after.day_requests // LARGEST_SHARE)
    tokens = min(extra.tokens, after.minute.tokens // LARGEST_SHARE)
    return Slice(len(served) + requests, sum(share.tokens for share in served) + tokens)


def _room(gates: _Gates, key: KeyTerms) -> Room:
    book, key_window = gates.book, gates.key_window
    room = Room(wallet=book.wallet.spendable)
    if (free := book.wallet.budget.free) is not None:
        room = replace(room, user_budget=free)
    if (free := gates.tenant.budget.free) is not None:
        room = replace(room, tenant_budget=free)
    if (free := key_window.budget.free) is not None:
        room = replace(room, key_budget=free)
    of_key, key_day = key_window.windows.left(key.limits)
    of_account, account_day = book.wallet.windows.left(book.wallet.limits)
    minute = Slice(min(of_key.requests, of_account.requests), min(of_key.tokens, of_account.tokens))
    return replace(room, minute=minute, day_requests=min(key_day, account_day))


def _outcome(lease: Data, gates: _Gates, step: Step) -> Outcome:
    book, key_window = gates.book, gates.key_window
    return Outcome(
        granted=lease["granted"],
        settled=lease["settled"],
        expires_at=lease["expires_at"],
        period=lease["period"],
        time_zone=book.wallet.time_zone,
        window=WindowSlice.from_data(lease["window"]),
        limited=bool(step.key.limits or book.wallet.limits),
        closed=lease["state"] == "closed",
        stale=gates.is_stale(lease),
        room=_room(gates, step.key),
        balance=book.wallet.balance,
        reserved=book.wallet.reserved,
        budget_reserved=book.wallet.budget.reserved,
        key_budget_reserved=key_window.budget.reserved,
        tenant_budget_reserved=gates.tenant.budget.reserved,
        account_limits=book.wallet.limits,
        counted=key_window.windows,
        account_counted=book.wallet.windows,
    )
