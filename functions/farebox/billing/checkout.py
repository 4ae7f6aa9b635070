"""Checkouts, subscriptions and the provider's portal: where users are sent to pay."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from functions.farebox.accounts.plans import Plan, Plans
from functions.farebox.billing.customers import remember_customer
from functions.farebox.billing.packages import Shop
from functions.farebox.billing.payer import Payer, billing_path, read_payer
from functions.farebox.billing.provider import Link, Order, Payments, PlanOrder, ProviderCustomer, Returns
from functions.farebox.billing.subscriptions.closing import open_checkout
from functions.farebox.billing.subscriptions.entitlement import running
from functions.farebox.errors import Conflict, InvalidRequest, NotFound
from functions.farebox.kit.ids import Ids
from functions.farebox.storage import Data, Document, Filter, Query, Store, Transaction
from functions.farebox.storage.pages import Page, read_page

ASKING_TAKES = timedelta(minutes=2)  # at most; then whoever began a checkout has died over it
CHECKOUT_LIVES = timedelta(hours=24)  # as providers have it


class TopUps:
    """Sends users to pay. `billing_url` is the page they come back to: its query tells how a checkout ended."""

    def __init__(
        self,
        store: Store,
        payments: Payments,
        plans: Plans,
        shop: Shop,
        *,
        billing_url: str,
        ids: Ids,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._payments = payments
        self._plans = plans
        self._shop = shop
        self._billing_url = billing_url
        self._returns = Returns(f"{billing_url}?checkout=paid", f"{billing_url}?checkout=cancelled")
        self._ids = ids
        self._now = now

    async def checkout(self, uid: str, email: str, *, amount: int | None, package: str | None) -> Link:
        """A page on which to pay a top-up. Raises `InvalidRequest` or `ProviderFailed`."""
        chosen = self._shop.choose(amount, package)
        payer = await self.payer(uid, email)
        order = Order(
            id=self._ids.new("ord_"),
            payer=payer,
            credit=chosen.amount,
            bonus=chosen.bonus,
            reference=chosen.id,
            returns=self._returns,
            credit_days=chosen.credit_days,
            bonus_days=chosen.bonus_days,
        )
        return await self._remember(payer, await self._payments.checkout(order))

    async def subscribe(self, uid: str, email: str, plan_id: str, *, seats: int = 1, is_yearly: bool = False) -> Link:
        """A page on which to subscribe to a plan: one a payer, and one page at a time.

        Raises `NotFound`, `InvalidRequest`, `Conflict` with the way to change what there is, or `ProviderFailed`.
        """
        plan = await self._plans.get(plan_id)
        if not plan.is_offered:
            raise NotFound("This plan is not on offer.", param="plan")
        if is_yearly and plan.yearly_price is None:
            raise InvalidRequest("This plan is sold by the month only.", code="unknown_value", param="interval")
        order_id, payer = self._ids.new("ord_"), await self.payer(uid, email)
        trial_days = await self._store.transact(lambda tx: self._claim(tx, uid, plan, order_id))
        order = PlanOrder(order_id, payer, plan, self._returns, seats, is_yearly, trial_days)
        try:
            link = await self._payments.subscribe(order)
        except BaseException:
            await self._hold(uid, order_id, None)
            raise
        held = {"order": order_id, "plan": plan.id, "url": link.url, "session": link.session_id}
        await self._hold(uid, order_id, {**held, "expires_at": self._now() + CHECKOUT_LIVES})
        return await self._remember(payer, link)

    async def give_up_subscribing(self, uid: str) -> None:
        """Close the page on which a plan could be subscribed to, so that another may be opened. Raises `NotFound` where
        there is none, and `ProviderFailed`."""
        checkout = open_checkout(await read_payer(self._store, uid), self._now())
        if checkout is None:
            raise NotFound("No checkout of a subscription is open.")
        if checkout["session"] is not None:
            await self._payments.close_checkout(checkout["session"])
        await self._hold(uid, checkout["order"], None)

    async def portal(self, uid: str, email: str) -> str:
        """The address of the provider's page for cards, invoices and subscriptions. Raises `Conflict`."""
        payer = await self.payer(uid, email)
        return (await self._remember(payer, await self._payments.portal(payer, self._billing_url))).url

    async def payer(self, uid: str, email: str) -> ProviderCustomer:
        """A user as the provider knows them."""
        billing, name = await read_payer(self._store, uid), self._payments.name
        return ProviderCustomer(uid, email, billing.customers.get(name), billing.emails.get(name, {}).get("account"))

    async def payments(self, uid: str, *, limit: int, after: tuple[Any, ...] | None) -> Page[Document]:
        """A user's payments, newest first."""
        query = Query(
            "payments",
            (Filter("user", "==", uid),),
            order_by="created_at",
            descending=True,
            limit=limit,
            after=after,
        )
        return await read_page(self._store, query, lambda document: document)

    async def _claim(self, tx: Transaction, uid: str, plan: Plan, order_id: str) -> int:
        """Note that a subscription is being begun, before the provider is asked; answers how long its trial is: a
        payer's first may have one. Raises `Conflict`."""
        payer, now = Payer.from_document(await tx.get(billing_path(uid))), self._now()
        current = running(payer, now)
        if current is not None:
            raise Conflict(
                f"You have the plan {current.plan} already. POST /api/wallet/portal opens the page on which to change "
                "its plan, seats or card, or to cancel it.",
                code="already_subscribed",
            )
        held = open_checkout(payer, now)
        if held is not None and held["order"] != order_id:
            where = f"Pay it at {held['url']}" if held["url"] else "Wait a moment"
            raise Conflict(
                f"A checkout of the plan {held['plan']} is open. {where}, or give it up by DELETE "
                "/api/wallet/subscribe, and begin another.",
                code="checkout_open",
            )
        claim: Data = {"order": order_id, "plan": plan.id, "url": None, "session": None}
        claim["expires_at"] = now + ASKING_TAKES
        tx.set(billing_path(uid), replace(payer, checkout=claim).to_data())
        return 0 if payer.subscriptions else plan.trial_days

    async def _hold(self, uid: str, order_id: str, checkout: Data | None) -> None:
        """Say where a checkout that was begun is open, or that it is not."""

        async def work(tx: Transaction) -> None:
            payer = Payer.from_document(await tx.get(billing_path(uid)))
            if payer.checkout is not None and payer.checkout["order"] == order_id and payer.checkout != checkout:
                tx.set(billing_path(uid), replace(payer, checkout=checkout).to_data())

        await self._store.transact(work)

    async def _remember(self, payer: ProviderCustomer, link: Link) -> Link:
        """Keep what the provider calls the payer."""
        if link.customer is not None:
            name = self._payments.name
            await remember_customer(
                self._store, payer.user, name, link.customer, email=payer.email, instead_of=payer.customer
            )
        return link
