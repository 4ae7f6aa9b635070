"""Erasure: everything personal goes, and the books stay, under the account's id, which names nobody any more.

The ledger, usage records and payments are kept: they add up only together, and have to be kept by law. What stays of
the account is that it was erased. Every step may be repeated, and the way in goes last: what was cut off is made again.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from functions.farebox.accounts.account import ERASED, ORGANISATION, all_addresses, is_active, user_path
from functions.farebox.admin.audit_trail import forget_person
from functions.farebox.admin.kept_answers import forget_answers
from functions.farebox.admin.personal_data import mails_of
from functions.farebox.billing.leaving.closing import end_business, forgotten, open_checkout
from functions.farebox.billing.payer import Payer, billing_path, read_payer
from functions.farebox.billing.provider import Payments
from functions.farebox.errors import Conflict, Forbidden, NotFound
from functions.farebox.identity import Identity
from functions.farebox.keys.lifecycle import Keys
from functions.farebox.kit.ids import Ids
from functions.farebox.notifications.forgetting import forget_entry, forget_key
from functions.farebox.organisations.forgetting import forget_address, forget_key_names, keys_of
from functions.farebox.organisations.leaving import check_may_leave, drop_own, leave_all
from functions.farebox.organisations.trail import Trail
from functions.farebox.storage import Data, Delete, Document, Filter, Query, Store, Transaction, Update

PAGE = 200


class Erasure:
    """Erases people."""

    def __init__(
        self,
        store: Store,
        identity: Identity,
        keys: Keys,
        payments: Payments,
        *,
        now: Callable[[], datetime],
        ids: Ids,
    ) -> None:
        self._store = store
        self._identity = identity
        self._keys = keys
        self._payments = payments
        self._trail = Trail(store, now=now, ids=ids)
        self._now = now

    async def erase(self, uid: str, *, by_operator: bool = False) -> None:
        """Erase somebody. Keys stop at once, and plans and open checkouts end; while the payment provider does not
        answer, a job goes on with those.

        A suspended account is an operator's to erase: `Forbidden` with `account_suspended`. Raises `Conflict` for the
        last owner of an organisation and while a checkout is being opened, and `NotFound`.
        """
        user = await self._store.get(user_path(uid))
        if user is None:
            raise NotFound("There is no such account.", param="user_id")
        if not by_operator and not is_active(user.data) and user.data["status"] != ERASED:
            raise Forbidden("A suspended account is erased by whoever runs this service.", code="account_suspended")
        if user.data.get("kind") == ORGANISATION:
            raise Conflict("This is no person: DELETE /api/orgs/{id} ends an organisation.", code="organisation")
        await check_may_leave(self._store, uid)  # what another may refuse comes before anything is lost
        await self._check_no_checkout_opens(uid)
        await leave_all(self._store, self._trail, uid)
        await self._forget_documents(user)
        await self._forget_account(uid)  # from now on nobody makes anything with it, nor joins anything, nor pays
        await end_business(self._store, self._payments, uid, self._now())
        await leave_all(self._store, self._trail, uid)
        await self._keys.revoke_all(uid)
        await forget_answers(self._store, uid)
        await forget_key_names(self._store, uid, ERASED, also=partial(forget_entry, self._store))
        async for key in keys_of(self._store, uid):
            await forget_key(self._store, key.data["user"], key.id)
        await drop_own(self._store, uid)  # with the entries that all this has left there
        await forget_person(self._store, uid)
        await self._identity.erase(uid)

    async def _check_no_checkout_opens(self, uid: str) -> None:
        checkout = open_checkout(await read_payer(self._store, uid), self._now())
        if checkout is not None and checkout["session"] is None:
            raise Conflict("A checkout is being opened at this moment. Try again in two minutes.", code="in_progress")

    async def _forget_documents(self, user: Document) -> None:
        """What is about the person and in no book: alerts, mails, what other organisations tell."""
        mine = (Filter("user", "==", user.id),)
        for query in (
            Query("alerts", mine, limit=PAGE),
            Query("identities", mine, limit=PAGE),
            Query("provisions", mine, limit=PAGE),
            *mails_of(user),
        ):
            async for document in self._store.scan(query):
                await self._store.write(Delete(document.path))
        async for payment in self._store.scan(Query("payments", mine, limit=PAGE)):
            await self._store.write(Update(payment.path, {"receipt_url": None, "invoice_url": None}))
        for email in all_addresses(user.data):
            await forget_address(self._store, user.id, email, also=partial(forget_entry, self._store))

    async def _forget_account(self, uid: str) -> None:
        now = self._now()

        async def work(tx: Transaction) -> None:
            user, billing = await tx.get_many(user_path(uid), billing_path(uid))
            assert user is not None, "accounts are never removed"
            if user.data["status"] == ERASED:
                return  # an earlier attempt of ours arrived
            nobody: Data = {
                "email": f"{uid.lower()}@erased.invalid",
                "full_name": None,
                "welcome": None,
                "former_emails": [],
            }
            tx.update(user.path, {**nobody, "status": ERASED, "plan": None, "erased_at": now})
            if billing is not None:
                tx.set(billing.path, forgotten(Payer.from_document(billing)).to_data())

        await self._store.transact(work)
