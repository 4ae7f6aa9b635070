"""The ledger: the only code that changes a wallet.

A `Book` is one wallet, open in one transaction. Every change of the balance is a posting and becomes one immutable
entry whose document id is the operation's idempotency key; `save` writes the wallet and its new entries together, so
the sum of the entries is the balance, always. Doing an operation twice changes nothing the second time.

After every operation: `0 <= reserved`, `0 <= available` (so the balance is never negative), `debt > 0` only while
nothing is available.
"""

from dataclasses import replace
from datetime import datetime
from enum import Enum

from functions.farebox.errors import Conflict, NotFound, OutOfMoney
from functions.farebox.kit.money import MAX_NANOS, format_usd
from functions.farebox.kit.periods import period_of
from functions.farebox.ledger import grants
from functions.farebox.ledger.grants import Grant
from functions.farebox.ledger.wallet import Entry, Posting, Wallet, entry_path, wallet_path
from functions.farebox.limits.budget import Budget, BudgetCounter
from functions.farebox.limits.rate_windows import Limits, Windows
from functions.farebox.storage import Contended, Store, Transaction


class Unchanged(Enum):
    """The mark of an argument that was not given, where `None` means something."""

    UNCHANGED = "unchanged"


UNCHANGED = Unchanged.UNCHANGED


class Book:
    """One wallet, open in a transaction. Open it, change it, `save` it once."""

    def __init__(self, uid: str, wallet: Wallet, known: dict[str, Entry], now: datetime) -> None:
        self.uid = uid
        self.now = now
        self.wallet = wallet
        self._known = known  # entries that were looked up at opening
        self._before: Wallet | None = None  # as it was read
        self._new: list[Entry] = []

    @property
    def budget(self) -> BudgetCounter:
        """The wallet's own budget."""
        return _OwnBudget(self)

    @staticmethod
    def paths(uid: str, *entry_ids: str) -> list[str]:
        """What `open` reads, for a caller that reads it together with more: what is read together is consistent."""
        return [wallet_path(uid), *(entry_path(uid, entry_id) for entry_id in entry_ids)]

    @classmethod
    async def open(cls, tx: Transaction, uid: str, now: datetime, *entry_ids: str) -> "Book":
        """Read a wallet and the entries that the coming postings would make. `NotFound` where there is no wallet.

        The budget is moved to the current period if a new one has begun, and grants that are over lapse: neither
        waits for a job.
        """
        document, *entries = await tx.get_many(*cls.paths(uid, *entry_ids))
        if document is None:
            raise NotFound("There is no such account.", param="user_id")
        wallet = Wallet.from_data(document.data)
        known = {entry.id: Entry.from_data(entry.id, entry.data) for entry in entries if entry is not None}
        book = cls(uid, replace(wallet, budget=wallet.budget.in_period(period_of(now, wallet.time_zone))), known, now)
        book._before = wallet
        for grant in grants.due(wallet.grants, now):
            await book._lapse(tx, grant)
        return book

    @classmethod
    def blank(cls, uid: str, now: datetime, *, time_zone: str = "UTC") -> "Book":
        """A wallet that does not exist yet. `save` creates it, and fails where it exists."""
        wallet = Wallet(time_zone=time_zone)
        return cls(uid, replace(wallet, budget=wallet.budget.in_period(period_of(now, time_zone))), {}, now)

    def posted(self, entry_id: str) -> Entry | None:
        """The entry that an earlier run of the same operation made, among those looked up at opening."""
        return self._known.get(entry_id)

    def post(self, posting: Posting) -> Entry:
        """Change the balance, once. `OutOfMoney` if it would take more than is available.

        Raises `Conflict` if the id was used before for another type or amount.
        """
        earlier = self._known.get(posting.id)
        if earlier is not None:
            if (earlier.type, earlier.amount) != (posting.type, posting.amount):
                raise Conflict(f"The id {posting.id} was used before for another operation.", param="id")
            return earlier
        if -posting.amount > self.wallet.available:
            raise OutOfMoney(
                f"This takes {format_usd(-posting.amount)} USD, but only "
                f"{format_usd(self.wallet.available)} USD is available."
            )
        entry = self._enter(posting)
        self._collect_debt(posting.id)
        return entry

    def take_back(self, posting: Posting, *, from_grants: bool = False) -> Entry:
        """Take what was credited wrongly or reversed: from what is available, and the rest becomes debt.

        The entry says what was taken now; its metadata `debt` what is still owed. `from_grants`: it is credit that
        lapses, the soonest to do so first.
        """
        earlier = self._known.get(posting.id)
        if earlier is not None:
            return earlier
        assert posting.amount <= 0
        taken = min(-posting.amount, self.wallet.available)
        owed = -posting.amount - taken
        live = grants.use(self.wallet.grants, taken) if from_grants else self.wallet.grants
        self.wallet = replace(self.wallet, debt=self.wallet.debt + owed, grants=live)
        return self._enter(
            replace(
                posting,
                amount=-taken,
                metadata={**posting.metadata, "debt": owed} if owed else posting.metadata,
            )
        )

    def grant(self, posting: Posting, expires_at: datetime) -> Entry:
        """Post credit that lapses, and is spent before any that does not."""
        is_new = self.posted(posting.id) is None
        entry = self.post(posting)
        if is_new:
            paid = self._debt_paid_by(posting.id)
            granted = Grant(posting.id, posting.amount, expires_at, used=paid)
            self.wallet = replace(self.wallet, grants=grants.with_grant(self.wallet.grants, granted, self.now))
        return entry

    def reclaim(self, grant_id: str, amount: int) -> None:
        """Say how much of a grant is taken back in all. The caller takes it, or gives it back, by a posting."""
        grant = grants.find(self.wallet.grants, grant_id)
        assert grant is not None
        reclaimed = grants.changed(self.wallet.grants, replace(grant, reclaimed=amount))
        self.wallet = replace(self.wallet, grants=reclaimed)

    def reserve(self, amount: int) -> None:
        """Promise credit that is free."""
        assert 0 <= amount <= self.wallet.available, "no more is reserved than is free"
        self.wallet = replace(self.wallet, reserved=self.wallet.reserved + amount)

    def release(self, amount: int) -> None:
        """Let promised credit come free again; a debt is paid from it first."""
        assert 0 <= amount <= self.wallet.reserved, "no more comes back than was reserved"
        self.wallet = replace(self.wallet, reserved=self.wallet.reserved - amount)

    def spend_reserved(self, posting: Posting) -> Entry:
        """Turn promised credit into spent credit."""
        self.release(-posting.amount)
        return self._enter(posting)

    def set_windows(self, windows: Windows) -> None:
        """Remember what has been handed out of the account's rate windows."""
        self.wallet = replace(self.wallet, windows=windows)

    def set_terms(
        self,
        *,
        time_zone: str | None = None,
        limits: Limits | None = None,
        budget_limit: int | Unchanged | None = UNCHANGED,
        tenant: str | Unchanged | None = UNCHANGED,
        frozen: bool | None = None,
    ) -> None:
        """Change the account's terms; what is not named stays. `None` lifts the cap, or
        leaves the tenant."""
        wallet = self.wallet
        if time_zone is not None:
            wallet = replace(
                wallet,
                time_zone=time_zone,
                budget=wallet.budget.in_period(period_of(self.now, time_zone)),
            )
        if limits is not None:
            wallet = replace(wallet, limits=limits)
        if not isinstance(budget_limit, Unchanged):
            wallet = replace(wallet, budget=replace(wallet.budget, limit=budget_limit))
        if not isinstance(tenant, Unchanged):
            wallet = replace(wallet, tenant=tenant)
        if frozen is not None:
            wallet = replace(wallet, frozen=frozen)
        self.wallet = wallet

    def save(self, tx: Transaction, *, collect_debt_as: str = "") -> None:
        """Write the wallet, if it has changed, and its new entries.

        `collect_debt_as` names the operation, for the entry that pays a debt from credit that has come free.
        """
        if collect_debt_as:
            self._collect_debt(collect_debt_as)
        wallet = self.wallet
        assert wallet.reserved >= 0
        assert wallet.available >= 0, "nothing is spent that is not there"
        assert wallet.debt >= 0
        assert wallet.balance <= MAX_NANOS
        if wallet == self._before:
            return
        tx.set(wallet_path(self.uid), wallet.to_data())
        for entry in self._new:
            tx.create(entry_path(self.uid, entry.id), entry.to_data())

    async def _lapse(self, tx: Transaction, grant: Grant) -> None:
        """End a grant: what is left of it and not promised to requests in flight goes; the rest with a later step."""
        amount = min(grant.left, self.wallet.available)
        if not amount:
            return
        entry_id = f"{grant.id}.expiry.{self.wallet.seq + 1}"
        if await tx.get(entry_path(self.uid, entry_id)) is not None:  # of two who end it at once one tries again
            raise Contended("somebody else let a grant lapse since the wallet was read")
        ended = grants.changed(self.wallet.grants, replace(grant, lapsed=grant.lapsed + amount))
        self.wallet = replace(self.wallet, grants=ended)
        self._enter(Posting(entry_id, "expiry", -amount, "Granted credit lapsed", reference=grant.id))

    def _debt_paid_by(self, cause: str) -> int:
        return sum(-entry.amount for entry in self._new if entry.id == _debt_entry_id(cause))

    def _collect_debt(self, cause: str) -> None:
        paid = min(self.wallet.debt, self.wallet.available)
        if paid > 0:
            self.wallet = replace(self.wallet, debt=self.wallet.debt - paid)
            self._enter(
                Posting(_debt_entry_id(cause), "adjustment", -paid, "Debt paid from new credit", reference=cause)
            )

    def _enter(self, posting: Posting) -> Entry:
        before = self.wallet.balance
        seq = self.wallet.seq + 1
        entry = Entry(
            id=posting.id,
            type=posting.type,
            amount=posting.amount,
            balance_before=before,
            balance_after=before + posting.amount,
            seq=seq,
            description=posting.description,
            reference=posting.reference,
            actor=posting.actor,
            metadata=posting.metadata,
            created_at=self.now,
        )
        live = grants.use(self.wallet.grants, -posting.amount) if posting.type == "usage" else self.wallet.grants
        live = grants.fit(live, entry.balance_after)
        self.wallet = replace(self.wallet, balance=entry.balance_after, seq=seq, grants=live)
        self._known[posting.id] = entry
        self._new.append(entry)
        return entry


class _OwnBudget(BudgetCounter):
    """A wallet's own budget. It is a field of the wallet, and so it is the book that holds and writes it."""

    def __init__(self, book: Book) -> None:
        self._book = book

    @property
    def budget(self) -> Budget:
        return self._book.wallet.budget

    @budget.setter
    def budget(self, budget: Budget) -> None:
        self._book.wallet = replace(self._book.wallet, budget=budget)


def _debt_entry_id(cause: str) -> str:
    return f"{cause}.debt"


async def post(store: Store, uid: str, now: datetime, *postings: Posting) -> list[Entry]:
    """Post to one wallet in a transaction of its own: all of it, once."""

    async def work(tx: Transaction) -> list[Entry]:
        book = await Book.open(tx, uid, now, *(posting.id for posting in postings))
        entries = [book.post(posting) for posting in postings]
        book.save(tx)
        return entries

    return await store.transact(work)
