"""The monthly job: moves every wallet to its current budget period, expires granted credit, grants plan credit, and has
trails forget what they need not tell any more.

Nothing waits for it but the credit of plans that operators gave: a wallet that is opened finds its period and its
lapsed grants by itself. So it may run never, once, late, or five times at once, and spends the same: what it does to
a user is one transaction, whose ledger entries are named by the period or by the grant.

It goes through the users in pages, one pass after the other. `passes/reset-budgets` keeps how far the present pass has
come, so that one that was cut off is gone on with, and any number of runners work on the same one. A page counts as
done only afterwards: what two runners do twice comes to nothing the second time.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from functions.farebox.accounts.account import is_active, user_path
from functions.farebox.admin.audit_trail import AdminCommand, AuditTrail, Change
from functions.farebox.billing.plan_credit import grant_plan_credit, open_for_credit, renew_given_plan
from functions.farebox.kit.ids import Ids
from functions.farebox.kit.money import format_usd
from functions.farebox.ledger.wallet import Wallet, wallet_path
from functions.farebox.organisations.retention import truncate_trail
from functions.farebox.storage import Data, Document, Query, Store, Transaction

PASS = "passes/reset-budgets"
PAGE = 100
AT_ONCE = 8  # users; the store's connections are few


@dataclass(frozen=True, slots=True)
class Pass:
    """A pass over all users, and what it has come to so far. `amount` is what was granted, in nano-USD."""

    number: int
    after: str | None = None  # the last user that is done
    complete: bool = False
    users: int = 0
    granted: int = 0
    expired: int = 0
    amount: int = 0
    step: str = ""  # who noted the last page, so that they know it again

    @classmethod
    def from_document(cls, document: Document | None) -> "Pass":
        """From storage; before the first there was a complete one of nothing."""
        return cls(0, complete=True) if document is None else cls(**document.data)

    def to_data(self) -> Data:
        """For storage."""
        return {name: getattr(self, name) for name in self.__slots__}

    def report(self) -> Data:
        """What whoever called the job is told."""
        return {
            "users": self.users,
            "granted": self.granted,
            "granted_usd": format_usd(self.amount),
            "expired": self.expired,
            "complete": self.complete,
        }


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What was done to one user, or to some: grants made, grants that lapsed, and nano-USD granted."""

    granted: int = 0
    expired: int = 0
    amount: int = 0

    def __add__(self, other: "Refreshed") -> "Refreshed":
        return Refreshed(self.granted + other.granted, self.expired + other.expired, self.amount + other.amount)


async def reset_budgets(
    store: Store,
    now: Callable[[], datetime],
    ids: Ids,
    *,
    is_over: Callable[[], bool] = lambda: False,
    progress: Callable[[Pass], None] = lambda _pass: None,
    page: int = PAGE,
) -> Pass:
    """Go on with the present pass, or begin a new one, until it is complete or `is_over`, which is asked after each
    page. Answers how the pass stands."""
    current = await store.transact(_join)
    while not current.complete:
        after = None if current.after is None else (current.after,)
        users = await store.query(Query("users", limit=page, after=after))
        done = await _refresh_all(store, [user.id for user in users], now())
        last = users[-1].id if users else None
        seen = replace(current, step=ids.new())
        current = await _advance(store, seen, last, len(users), done, complete=len(users) < page)
        progress(current)
        if is_over():
            break
    return current


async def order_pass(log: AuditTrail, order: AdminCommand) -> Pass:
    """Begin a pass, or join the one that runs, because an operator said so; their audit entry is in the same commit.
    Answers the pass as it was then: the same order, made again, begins no second one."""

    async def work(tx: Transaction, _id: str) -> Change:
        before = Pass.from_document(await tx.get(PASS))
        return Change("budgets.reset", PASS, before.to_data(), (await _join(tx)).to_data())

    entry = await log.change(order, work)
    assert entry.after is not None
    return Pass(**entry.after)


async def read_pass(store: Store) -> Pass:
    """How the present pass stands, or the last one did."""
    return Pass.from_document(await store.get(PASS))


async def refresh_user(store: Store, uid: str, now: datetime) -> Refreshed:
    """Bring one user's wallet up to date, and once a month their trail. A suspended account is granted nothing until it
    is restored."""
    begins_month = False

    async def work(tx: Transaction) -> Refreshed:
        nonlocal begins_month
        user, document = await tx.get_many(user_path(uid), wallet_path(uid))
        if user is None or document is None:
            return Refreshed()
        before = Wallet.from_data(document.data)
        book = await open_for_credit(tx, uid, now)
        expired = sum(each.lapsed > was for each, was in zip(book.wallet.grants, _lapsed(before), strict=True))
        plan = user.data["plan"] if is_active(user.data) else None
        amount = await grant_plan_credit(tx, book, plan)
        fields: Data = {}
        if plan is not None and user.data.get("plan_period", "") != book.wallet.budget.period:
            fields = await renew_given_plan(tx, book, user)
        begins_month = user.data.get("trail_period", "") != book.wallet.budget.period
        if begins_month:
            fields["trail_period"] = book.wallet.budget.period
        book.set_terms(tenant=user.data.get("tenant"))  # wallets older than tenants' budgets do not know it
        book.save(tx)
        if fields:
            tx.update(user.path, fields)
        return Refreshed(int(amount > 0), expired, amount)

    done = await store.transact(work)
    if begins_month:
        await truncate_trail(store, uid, now)
    return done


def _lapsed(wallet: Wallet) -> list[int]:
    return [grant.lapsed for grant in wallet.grants]


async def _refresh_all(store: Store, uids: list[str], now: datetime) -> Refreshed:
    turn = asyncio.Semaphore(AT_ONCE)

    async def refresh(uid: str) -> Refreshed:
        async with turn:
            return await refresh_user(store, uid, now)

    return sum(await asyncio.gather(*(refresh(uid) for uid in uids)), start=Refreshed())


async def _join(tx: Transaction) -> Pass:
    current = Pass.from_document(await tx.get(PASS))
    if current.complete:
        current = Pass(current.number + 1)
        tx.set(PASS, current.to_data())
    return current


async def _advance(store: Store, seen: Pass, last: str | None, users: int, done: Refreshed, *, complete: bool) -> Pass:
    """Note a page as done, and what was done in it, also where another runner was first with the page."""

    async def work(tx: Transaction) -> Pass:
        current = Pass.from_document(await tx.get(PASS))
        if current.step == seen.step:  # an earlier attempt of ours arrived
            return current
        if current.number != seen.number:  # others have finished it, and begun another
            return replace(seen, complete=True)
        is_first = current.after == seen.after and not current.complete
        advanced = Pass(
            number=current.number,
            after=last if is_first and last is not None else current.after,
            complete=complete if is_first else current.complete,
            users=current.users + (users if is_first else 0),
            granted=current.granted + done.granted,
            expired=current.expired + done.expired,
            amount=current.amount + done.amount,
            step=seen.step,
        )
        tx.set(PASS, advanced.to_data())
        return advanced

    return await store.transact(work)
