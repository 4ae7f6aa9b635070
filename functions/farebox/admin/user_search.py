"""Users, as operators look for them: by any part of a name or an address, by status, plan, tenant and balance, in an
order of their choice, and counted.

What an index can find, the store looks for; the rest is looked through, `MOST_LOOKED_AT` accounts at a time, so that a
search costs no more the more users there are. A page may hold fewer than asked for, or none, and yet not be the last.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from functions.farebox.accounts.account import AccountStatus, user_path
from functions.farebox.admin.users import User, user_of
from functions.farebox.kit.emails import normalise_email
from functions.farebox.ledger.wallet import wallet_path
from functions.farebox.limits.span_budgets import span_budgets_path
from functions.farebox.storage import Document, Filter, Query, Store
from functions.farebox.storage.pages import Page

Standing = AccountStatus | Literal["closed"]  # an organisation that was closed is none that is suspended
Order = Literal["email", "newest", "richest", "poorest"]
MOST_LOOKED_AT = 2_000  # accounts, for one page
MOST_COUNTED = 10_000  # accounts that are looked through for a count
_STEP = 200
_STOPPED = ("suspended", "closed")  # one status in the store, told apart by when it was closed
_BEHIND_ALL = "\U0010ffff"  # no address goes on with it
Position = tuple[Any, ...] | None


@dataclass(frozen=True, slots=True)
class UserFilter:
    """Which users, and in what order; `None` is all. Balances in nano-USD, `least` among them and `below` not."""

    text: str | None = None  # part of the address or of the name, in whatever case
    email: str | None = None  # how the address begins
    tenant: str | None = None
    status: Standing | None = None
    plan: str | None = None
    least: int | None = None
    below: int | None = None
    order: Order = "email"

    @property
    def is_looked_through(self) -> bool:
        """Whether the store alone cannot find them."""
        looked = (self.text, self.least, self.below)
        return any(each is not None for each in looked) or self.status in _STOPPED

    def account_filters(self) -> tuple[Filter, ...]:
        """What an account's own fields must be."""
        status = "suspended" if self.status == "closed" else self.status
        named = (("tenant", self.tenant), ("status", status), ("plan", self.plan))
        return tuple(Filter(name, "==", value) for name, value in named if value is not None)

    def address_filters(self) -> tuple[Filter, ...]:
        """Where its address lies."""
        if self.email is None:
            return ()
        prefix = normalise_email(self.email)
        return (Filter("email", ">=", prefix), Filter("email", "<", prefix + _BEHIND_ALL))

    def balance_filters(self) -> tuple[Filter, ...]:
        """Where its balance lies."""
        least = () if self.least is None else (Filter("balance", ">=", self.least),)
        return (*least, *(() if self.below is None else (Filter("balance", "<", self.below),)))

    def admits(self, user: User) -> bool:
        """Whether a user is one of them, however they were come by."""
        name = (user.full_name or "").casefold()
        text = (self.text or "").strip().casefold()
        return (
            (text in user.email.casefold() or text in name)
            and user.email.startswith(normalise_email(self.email or ""))
            and self.tenant in (None, user.tenant)
            and self.status in (None, user.status if user.closed_at is None else "closed")
            and self.plan in (None, user.plan)
            and (self.least is None or user.wallet.balance >= self.least)
            and (self.below is None or user.wallet.balance < self.below)
        )


@dataclass(frozen=True, slots=True)
class Counted:
    """How many there are; at least so many, where not all were looked through."""

    count: int
    is_exact: bool


async def page_users(store: Store, wanted: UserFilter, *, limit: int, after: Position) -> Page[User]:
    """A page of users."""
    found: list[User] = []
    looked_at = 0
    while True:
        documents, after_them = await _read(store, wanted, min(_STEP, limit) if not looked_at else _STEP, after)
        for document, user in zip(documents, await _users(store, documents), strict=True):
            looked_at += 1
            after = (document.data[_ordering(wanted.order)], document.id)
            if user is not None and wanted.admits(user):
                found.append(user)
                if len(found) == limit:
                    return Page(found, after if after_them or document is not documents[-1] else None)
        if not after_them:
            return Page(found, None)
        if looked_at >= MOST_LOOKED_AT:
            return Page(found, after)


async def count_users(store: Store, wanted: UserFilter) -> Counted:
    """How many users there are of these."""
    if not wanted.is_looked_through:
        return Counted(await store.count("users", *wanted.account_filters(), *wanted.address_filters()), is_exact=True)
    count = looked_at = 0
    async for users in _all(store, wanted):
        looked_at += len(users)
        count += sum(user is not None and wanted.admits(user) for user in users)
        if looked_at >= MOST_COUNTED:
            return Counted(count, is_exact=False)
    return Counted(count, is_exact=True)


async def _all(store: Store, wanted: UserFilter) -> AsyncIterator[Sequence[User | None]]:
    after: Position = None
    while True:
        documents, goes_on = await _read(store, wanted, _STEP, after)
        yield await _users(store, documents)
        if not goes_on:
            return
        after = (documents[-1].data[_ordering(wanted.order)], documents[-1].id)


def _ordering(order: Order) -> str:
    """The field by which the store orders."""
    match order:
        case "email":
            return "email"
        case "newest":
            return "created_at"
        case "richest" | "poorest":
            return "balance"


async def _read(store: Store, wanted: UserFilter, limit: int, after: Position) -> tuple[list[Document], bool]:
    """The next accounts, or wallets where these are in order, and whether more follow."""
    equal = wanted.account_filters()
    one_more = limit + 1
    match wanted.order:
        case "email":
            where = (*equal, *wanted.address_filters())
            query = Query("users", where, order_by="email", limit=one_more, after=after)
        case "newest":
            query = Query("users", equal, order_by="created_at", descending=True, limit=one_more, after=after)
        case "richest":
            held = wanted.balance_filters()
            query = Query("wallets", held, order_by="balance", descending=True, limit=one_more, after=after)
        case "poorest":
            query = Query("wallets", wanted.balance_filters(), order_by="balance", limit=one_more, after=after)
    documents = await store.query(query)
    return documents[:limit], len(documents) > limit


async def _users(store: Store, documents: Sequence[Document]) -> list[User | None]:
    """The users of these accounts or wallets; `None` for a wallet that is nobody's."""
    ids = [document.id for document in documents]
    paths = [path_of(uid) for path_of in (user_path, wallet_path, span_budgets_path) for uid in ids]
    read = await store.get_many(*paths)
    n = len(ids)
    triples = zip(read[:n], read[n : 2 * n], read[2 * n :], strict=True)
    return [None if user is None or wallet is None else user_of(user, wallet, spans) for user, wallet, spans in triples]
