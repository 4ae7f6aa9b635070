"""The organisations there are: made, listed by who belongs to them, changed and closed.

One that is made is an account without an address, so that nobody can sign in as it, with an empty wallet. Whoever
makes it is its first owner. How many owners and members it has is counted in the account, which every change of them
writes: so of two owners who leave at once, one is told that they are the last.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from functions.farebox.accounts.account import ORGANISATION, Account, Accounts, blank_account, is_active, user_path
from functions.farebox.errors import Conflict, NotFound
from functions.farebox.kit.ids import Ids
from functions.farebox.ledger.book import Book
from functions.farebox.ledger.wallet import Posting, wallet_path
from functions.farebox.organisations.acting import Acting
from functions.farebox.organisations.membership import Membership, membership_path
from functions.farebox.organisations.rights import Role
from functions.farebox.organisations.trail import Actor, Change, Trail
from functions.farebox.storage import Data, Document, Filter, Query, Set, Store, Transaction

MOST_MADE = 100  # that one person makes
MOST_LISTED = 200  # that one person belongs to
GIVEN_UP = "given-up"  # the entry of what an organisation had left when it was closed

# What to write of a payer, by its id, who is closed at a moment. Raises `Conflict` while something is unsettled.
SettleUp = Callable[[Transaction, str, datetime], Awaitable[Set]]


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation, as somebody with this role in it sees it."""

    account: Account
    role: Role

    @property
    def id(self) -> str:
        """Its id, which is its wallet's."""
        return self.account.uid

    @property
    def name(self) -> str:
        """What it is called: a person's own is called as they are."""
        return self.account.full_name or self.account.email


class Directory:
    """All organisations."""

    def __init__(
        self,
        store: Store,
        accounts: Accounts,
        trail: Trail,
        settle_up: SettleUp,
        *,
        now: Callable[[], datetime],
        ids: Ids,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._trail = trail
        self._settle_up = settle_up
        self._now = now
        self._ids = ids

    async def create(self, uid: str, name: str, by: Actor) -> Organisation:
        """Make an organisation, whose owner a person is. Raises `Conflict` at `MOST_MADE`."""
        org, now = self._ids.new("org_"), self._now()
        data: Data = {**blank_account("", name, now), "kind": ORGANISATION, "owners": 1, "members": 1}

        async def work(tx: Transaction) -> Change:
            person, *_ = await tx.get_many(user_path(uid), user_path(org), wallet_path(org), membership_path(org, uid))
            if person is None or not is_active(person.data):
                raise NotFound("There is no such account.")
            made = person.data.get("organisations_made", 0)
            if made >= MOST_MADE:
                raise Conflict(f"One person makes at most {MOST_MADE} organisations.", code="too_many_organisations")
            tx.update(person.path, {"organisations_made": made + 1})
            tx.create(user_path(org), data)
            tx.create(membership_path(org, uid), Membership(org, uid, "owner", None, now).to_data())
            Book.blank(org, now).save(tx)
            return Change("org.create", f"orgs/{org}", None, {"name": name})

        await self._trail.change(org, by, work)
        return Organisation(Account.from_data(org, data), "owner")

    async def of_person(self, uid: str) -> list[Organisation]:
        """Those that a person belongs to: their own first, then in the order in which they came to them."""
        roles: dict[str, Role] = {uid: "owner"}
        query = Query("members", (Filter("user", "==", uid),), order_by="created_at", limit=MOST_LISTED, group=True)
        for document in await self._store.query(query):
            membership = Membership.from_document(document)
            roles[membership.org] = membership.role
        accounts = await self._store.get_many(*(user_path(org) for org in roles))
        return [
            Organisation(Account.from_data(each.id, each.data), roles[each.id])
            for each in accounts
            if each is not None and each.data.get("closed_at") is None
        ]

    async def get(self, acting: Acting) -> Organisation:
        """The one that a person acts for."""
        assert acting.role is not None, "a person who acts for an organisation has a role in it"
        return Organisation(await self._accounts.get(acting.org), acting.role)

    async def change(self, acting: Acting, changes: Mapping[str, str | None]) -> Organisation:
        """Change its `full_name`, or the `time_zone` of its budgets."""

        async def work(tx: Transaction) -> Change:
            before = await self._accounts.write_profile(tx, acting.org, changes)
            return Change("org.change", f"orgs/{acting.org}", {"full_name": before.data["full_name"]}, dict(changes))

        await self._trail.change(acting.org, acting.actor, work)
        return await self.get(acting)

    async def close(self, acting: Acting, *, forfeit: bool) -> None:
        """End it, for good: its keys stop within seconds, and its ledger stays. What credit it has left is given up if
        `forfeit` says so.

        Raises `Conflict` for a person's own, while it has a plan, a checkout or money on its way, while requests are
        in flight, and while it has credit that nobody gave up.
        """

        async def work(tx: Transaction) -> Change | None:
            account = await tx.get(user_path(acting.org))
            if account is None or account.data.get("kind") != ORGANISATION:
                raise Conflict("A person's own organisation goes with their account.", code="own_organisation")
            settled = await self._settle_up(tx, acting.org, self._now())
            book = await Book.open(tx, acting.org, self._now(), GIVEN_UP)
            _check_closing(account, book, forfeit=forfeit)
            left = book.wallet.balance
            if left:
                what = "Given up when the organisation was closed"
                book.post(Posting(GIVEN_UP, "adjustment", -left, what, actor=acting.actor.id))
            book.save(tx)
            tx.update(account.path, {"status": "suspended", "closed_at": self._now()})
            tx.set(settled.path, settled.data)
            return Change("org.close", f"orgs/{acting.org}", {"name": account.data["full_name"], "balance": left}, None)

        await self._trail.change(acting.org, acting.actor, work)


def _check_closing(account: Document, book: Book, *, forfeit: bool) -> None:
    if account.data["plan"] is not None:
        raise Conflict("This organisation has a plan. Cancel it first.", code="plan_active")
    if book.wallet.reserved:
        raise Conflict("Requests are in flight. Revoke its keys, and try again in a minute.", code="in_progress")
    if book.wallet.balance and not forfeit:
        raise Conflict(
            "This organisation has credit left. Ask whoever runs this service about it, or give it up with "
            "?forfeit_credit=true.",
            code="credit_left",
        )
