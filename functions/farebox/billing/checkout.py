"""Checkouts, subscriptions and the provider's portal: where users are sent to pay."""

from dataclasses import replace
from typing import Any

from functions.farebox.accounts.plans import Plans
from functions.farebox.billing.packages import Shop
from functions.farebox.billing.payer import Payer, billing_path, read_payer
from functions.farebox.billing.provider import Link, Order, Payments, ProviderCustomer, Returns
from functions.farebox.billing.subscriptions import running
from functions.farebox.errors import Conflict, NotFound
from functions.farebox.kit.ids import Ids
from functions.farebox.storage import Document, Filter, Query, Store, Transaction
from functions.farebox.storage.pages import Page, read_page


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
    ) -> None:
        self._store = store
        self._payments = payments
        self._plans = plans
        self._shop = shop
        self._billing_url = billing_url
        self._returns = Returns(f"{billing_url}?checkout=paid", f"{billing_url}?checkout=cancelled")
        self._ids = ids

    async def checkout(self, uid: str, email: str, *, amount: int | None, package: str | None) -> Link:
        """A page on which to pay a top-up. Raises `InvalidRequest` or `ProviderFailed`."""
        chosen = self._shop.choose(amount, package)
        payer = await self.payer(uid, email)
        order = Order(self._ids.new("ord_"), payer, chosen.amount, chosen.bonus, chosen.id, self._returns)
        return await self._remember(uid, await self._payments.checkout(order))

    async def subscribe(self, uid: str, email: str, plan_id: str) -> Link:
        """A page on which to subscribe to a plan. Raises `NotFound`, `Conflict` or `ProviderFailed`."""
        plan = await self._plans.get(plan_id)
        if not plan.is_offered:
            raise NotFound("This plan is not on offer.", param="plan")
        current = running((await read_payer(self._store, uid)).subscriptions)
        if current is not None and current["plan"] == plan_id:
            raise Conflict("You have this plan already. POST /api/wallet/portal manages it.", code="already_subscribed")
        link = await self._payments.subscribe(
            await self.payer(uid, email), plan, order_id=self._ids.new("ord_"), returns=self._returns
        )
        return await self._remember(uid, link)

    async def portal(self, uid: str, email: str) -> str:
        """The address of the provider's page for cards, invoices and subscriptions. Raises `Conflict`."""
        return await self._payments.portal(await self.payer(uid, email), self._billing_url)

    async def payer(self, uid: str, email: str) -> ProviderCustomer:
        """A user as the provider knows them."""
        billing = await read_payer(self._store, uid)
        return ProviderCustomer(uid, email, billing.customers.get(self._payments.name))

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

    async def _remember(self, uid: str, link: Link) -> Link:
        """Keep what the provider calls the payer. Of two that were made at once, the first stays."""
        name, customer = self._payments.name, link.customer
        if customer is None:
            return link

        async def work(tx: Transaction) -> None:
            billing = Payer.from_document(await tx.get(billing_path(uid)))
            if name not in billing.customers:
                kept = replace(billing, customers={**billing.customers, name: customer})
                tx.set(billing_path(uid), kept.to_data())

        await self._store.transact(work)
        return link
