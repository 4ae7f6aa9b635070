"""Provisioning: accounts that an operator makes for somebody, with a plan, a tenant and credit to begin with.

It takes two steps, since the identity may be kept elsewhere: the identity and its account, then what they begin with.
`provisions/{address}` fixes the user's id before the first, so a call that was cut off is made again and goes on
where it was. An address that somebody registered on their own is refused: it may not be its owner who did.
"""

from collections.abc import Callable
from datetime import datetime

from functions.farebox.accounts.account import user_path
from functions.farebox.accounts.plans import Plans
from functions.farebox.admin.audit_trail import AdminCommand, AuditEntry, AuditTrail, Change
from functions.farebox.admin.users import apply, require_plan
from functions.farebox.errors import Conflict
from functions.farebox.identity import Identity
from functions.farebox.kit.emails import email_id, normalise_email
from functions.farebox.kit.ids import Ids
from functions.farebox.kit.money import format_usd
from functions.farebox.ledger.book import Book
from functions.farebox.ledger.wallet import Posting
from functions.farebox.storage import Data, Store, Transaction

CREDIT_ID = "provision-credit"  # once an account


class Provisioning:
    """Makes accounts for others."""

    def __init__(
        self,
        store: Store,
        log: AuditTrail,
        identity: Identity,
        plans: Plans,
        *,
        now: Callable[[], datetime],
        ids: Ids,
    ) -> None:
        self._store = store
        self._log = log
        self._plans = plans
        self._identity = identity
        self._now = now
        self._ids = ids

    async def provision(
        self,
        order: AdminCommand,
        email: str,
        password: str | None,
        *,
        plan: str | None,
        tenant: str | None,
        credit: int,
    ) -> AuditEntry:
        """Make an account, or go on with one that was made so. `credit` (nano-USD) is given once in all; without a
        password the owner sets one by a reset mail.

        Raises `Conflict` where somebody has registered the address, or where the account began with another credit,
        and `InvalidRequest` for a plan that is not there.
        """
        await require_plan(self._plans, plan)
        uid = await self._uid(email)
        await self._identity.create_user(email, password, uid=uid)
        wanted: Data = {name: value for name, value in (("plan", plan), ("tenant", tenant)) if value is not None}

        async def work(tx: Transaction, _id: str) -> Change:
            user = await tx.get(user_path(uid))
            assert user is not None, "an identity is made with its account"
            start = Posting(CREDIT_ID, "bonus", credit, "Credit to begin with", "admin", order.actor)

            def give(book: Book) -> None:
                begun = book.posted(CREDIT_ID)
                if begun is not None and credit and begun.amount != credit:
                    raise Conflict(
                        f"This account was made with {format_usd(begun.amount)} USD. "
                        "POST /api/admin/credits/bonus gives more.",
                        param="credit_usd",
                    )
                if credit:
                    book.post(start)

            before, after = await apply(tx, user, wanted, order.actor, self._now(), also=give, entry_ids=(CREDIT_ID,))
            return Change("users.provision", user.path, before, after)

        return await self._log.change(order, work)

    async def _uid(self, email: str) -> str:
        """The id of the user that this address is being made for. Whoever it was made for before and has left it, for
        another address or for good, is somebody else."""
        at, fresh = f"provisions/{email_id(email)}", self._ids.new("u")

        async def work(tx: Transaction) -> str:
            begun = await tx.get(at)
            uid = fresh if begun is None else str(begun.data["user"])
            user = None if begun is None else await tx.get(user_path(uid))
            if user is not None and user.data["email"] != normalise_email(email):
                uid = fresh
            if begun is None or uid != begun.data["user"]:
                tx.set(at, {"user": uid, "begun_at": self._now()})
            return uid

        return await self._store.transact(work)
