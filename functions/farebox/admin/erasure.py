"""Erasure: everything personal goes, and the books stay, under the account's id, which names nobody any more.

The ledger, usage records and payments are kept: they add up only together, and have to be kept by law. What stays of
the account is that it was erased. Every step may be repeated, and the way in goes last: what was cut off is made again.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from functions.farebox.accounts.account import ORGANISATION, is_active, user_path
from functions.farebox.admin.audit_trail import forget_person
from functions.farebox.billing.auto_recharge import Recharge
from functions.farebox.billing.payer import AlertTerms, Payer, billing_path, read_payer
from functions.farebox.billing.provider import Payments, ProviderFailed
from functions.farebox.billing.subscriptions.closing import open_checkout
from functions.farebox.errors import Conflict, Forbidden, NotFound
from functions.farebox.identity import Identity
from functions.farebox.keys.lifecycle import Keys
from functions.farebox.kit.emails import email_id
from functions.farebox.kit.ids import Ids
from functions.farebox.organisations.forgetting import forget_address, forget_key_names
from functions.farebox.organisations.leaving import check_may_leave, drop_own, leave_all
from functions.farebox.organisations.trail import Trail
from functions.farebox.storage import Delete, Filter, Query, Store, Transaction, Update

PAGE = 200
ERASED = "erased"


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
        """Erase somebody. Keys stop and plans end at once.

        A suspended account is an operator's to erase: `Forbidden` with `account_suspended`. Raises `Conflict` for the
        last owner of an organisation, `NotFound`, and
        `ProviderFailed` where a plan or a checkout could not be ended: nothing else is then, and it is to be called
        again.
        """
        user = await self._store.get(user_path(uid))
        if user is None:
            raise NotFound("There is no such account.", param="user_id")
        if not by_operator and not is_active(user.data) and user.data["status"] != ERASED:
            raise Forbidden("A suspended account is erased by whoever runs this service.", code="account_suspended")
        if user.data.get("kind") == ORGANISATION:
            raise Conflict("This is no person: DELETE /api/orgs/{id} ends an organisation.", code="organisation")
        email: str = user.data["email"]
        await check_may_leave(self._store, uid)
        await self._end_business(uid)  # what another may refuse comes before anything is lost
        await leave_all(self._store, self._trail, uid)
        await self._forget_documents(uid, email)
        await self._forget_account(uid)  # from now on nobody makes anything with it, nor joins anything
        await leave_all(self._store, self._trail, uid)
        await self._keys.revoke_all(uid)
        await forget_key_names(self._store, uid, ERASED)
        await drop_own(self._store, uid)  # with the entries that all this has left there
        await forget_person(self._store, uid)
        await self._identity.erase(uid)

    async def _end_business(self, uid: str) -> None:
        """Have the payment provider charge nothing more."""
        payer = await read_payer(self._store, uid)
        checkout = open_checkout(payer, self._now())
        if checkout is not None and checkout["session"] is None:
            raise Conflict("A checkout is being opened at this moment. Try again in two minutes.", code="in_progress")
        try:
            if checkout is not None:
                await self._payments.close_checkout(checkout["session"])
            for subscription, data in payer.subscriptions.items():
                if data["status"] != "ended":
                    await self._payments.cancel_subscription(subscription)
        except ProviderFailed as error:
            raise ProviderFailed(
                "The payment provider does not answer, so a plan or checkout may still be open there. Nothing was "
                "erased, and keys go on. Erase the account again in a minute."
            ) from error

    async def _forget_documents(self, uid: str, email: str) -> None:
        """What is about the person and in no book: alerts, mails, kept answers, what other organisations tell."""
        mine = (Filter("user", "==", uid),)
        for query in (
            Query("alerts", mine, limit=PAGE),
            Query("idempotency", mine, limit=PAGE),
            Query("identities", mine, limit=PAGE),
            Query("mail", (Filter("to", "==", email),), limit=PAGE),
        ):
            async for document in self._store.scan(query):
                await self._store.write(Delete(document.path))
        async for payment in self._store.scan(Query("payments", mine, limit=PAGE)):
            await self._store.write(Update(payment.path, {"receipt_url": None}))
        await forget_address(self._store, uid, email)
        await self._store.write(Delete(f"provisions/{email_id(email)}"))

    async def _forget_account(self, uid: str) -> None:
        now = self._now()

        async def work(tx: Transaction) -> None:
            user, billing = await tx.get_many(user_path(uid), billing_path(uid))
            assert user is not None, "accounts are never removed"
            if user.data["status"] == ERASED:
                return  # an earlier attempt of ours arrived
            nobody = {"email": f"{uid.lower()}@erased.invalid", "full_name": None, "welcome": None}
            tx.update(user.path, {**nobody, "status": ERASED, "erased_at": now})
            if billing is not None:
                payer = Payer.from_document(billing)
                kept = replace(payer, customers={}, emails={}, checkout=None)
                kept = replace(kept, recharge=Recharge(), alerts=AlertTerms())
                tx.set(billing.path, kept.to_data())

        await self._store.transact(work)
