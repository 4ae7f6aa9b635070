"""Checkouts, subscriptions and the provider's portal: where users are sent to pay."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from functions.farebox.accounts.account import is_gone, user_path
from functions.farebox.accounts.plans import Plan, Plans
from functions.farebox.billing.customers import remember_customer
from functions.farebox.billing.leaving.closing import open_checkout
from functions.farebox.billing.packages import Shop
from functions.farebox.billing.payer import Payer, billing_path, read_payer
from functions.farebox.billing.provider import (
    Link,
    Order,
    Payments,
    PlanChange,
    PlanOrder,
    ProviderCustomer,
    Quote,
    Returns,
)
from functions.farebox.billing.subscriptions.catalogue import read_catalogue
from functions.farebox.billing.subscriptions.entitlement import running
from functions.farebox.billing.subscriptions.quote import estimate
from functions.farebox.billing.subscriptions.trials import mark_of_mailbox, trial_path
from functions.farebox.errors import Conflict, InvalidRequest, NotFound
from functions.farebox.kit.ids import Ids
from functions.farebox.storage import Data, Document, Filter, Query, Store, Transaction
from functions.farebox.storage.pages import Page, read_page

ASKING_TAKES = timedelta(minutes=2)  # at most; then whoever began a checkout has died over it
CHECKOUT_LIVES = timedelta(hours=24)  # as providers have it
MOST_OPEN = 20  # pages for top-ups that are remembered, to be closed when their payer goes; and marks of given up ones


class TopUps:
    """Sends users to pay. `billing_url` is the page they come back to: its query tells how a checkout ended. `mark_key`
    is the server's key for those who have had a trial."""

    def __init__(
        self,
        store: Store,
        payments: Payments,
        plans: Plans,
        shop: Shop,
        *,
        billing_url: str,
        mark_key: bytes,
        ids: Ids,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._payments = payments
        self._plans = plans
        self._shop = shop
        self._billing_url = billing_url
        self._returns = Returns(f"{billing_url}?checkout=paid", f"{billing_url}?checkout=cancelled")
        self._mark_key = mark_key
        self._ids = ids
        self._now = now

    async def checkout(self, uid: str, email: str, *, amount: int | None, package: str | None) -> Link:
        """A page on which to pay a top-up. Raises `InvalidRequest` or `ProviderFailed`."""
        chosen = self._shop.choose(amount, package)
        order_id, payer = self._ids.new("ord_"), await self.payer(uid, email)
        order = Order(
            id=order_id,
            payer=payer,
            credit=chosen.amount,
            bonus=chosen.bonus,
            reference=chosen.id,
            returns=self._returns,
            credit_days=chosen.credit_days,
            bonus_days=chosen.bonus_days,
        )
        link = await self._payments.checkout(order)
        await self._keep(uid, link.session_id, lambda former: _with_topup(former, link.session_id, self._now()))
        return await self._remember(payer, link)

    async def subscribe(self, uid: str, email: str, plan_id: str, *, seats: int = 1, is_yearly: bool = False) -> Link:
        """A page on which to subscribe to a plan: one a payer, and one page at a time.

        Raises `NotFound`, `InvalidRequest`, `Conflict` with the way to change what there is, or `ProviderFailed`.
        """
        plan = await self._offered(plan_id, is_yearly=is_yearly)
        order_id, payer = self._ids.new("ord_"), await self.payer(uid, email)
        mark = mark_of_mailbox(self._mark_key, email)
        trial_days = await self._store.transact(lambda tx: self._claim(tx, uid, plan, order_id, mark))
        order = PlanOrder(order_id, payer, plan, self._returns, seats, is_yearly, trial_days)
        try:
            link = await self._payments.subscribe(order)
        except BaseException:
            await self._keep(uid, None, lambda former: _with_plan(former, order_id, None))
            raise
        held: Data = {"order": order_id, "plan": plan.id, "url": link.url, "session": link.session_id}
        held["trial_marks"] = [mark] if trial_days else []
        held["expires_at"] = self._now() + CHECKOUT_LIVES
        await self._keep(uid, link.session_id, lambda former: _with_plan(former, order_id, held))
        return await self._remember(payer, link)

    async def quote_change(self, uid: str, plan_id: str, *, seats: int = 1, is_yearly: bool = False) -> Quote:
        """What it costs to change the subscription that runs to this, if it is done now: as the provider says, or else
        an estimate. Raises `NotFound`, `InvalidRequest`, `Conflict` where nothing runs, or the change would never hold
        as things are, or `ProviderFailed`."""
        plan, now = await self._offered(plan_id, is_yearly=is_yearly), self._now()
        payer = await read_payer(self._store, uid)
        current = running(payer, now)
        if current is None:
            raise Conflict(
                "There is no subscription to change. POST /api/wallet/subscribe begins one.", code="no_subscription"
            )
        if current.problem is not None and (current.problem != "past_due" or payer.plan is None):
            raise Conflict(
                f"The subscription is {current.problem}: no other plan holds before it is paid for and goes on. POST "
                "/api/wallet/portal opens the page on which that is done.",
                code="subscription_not_paid",
            )
        names = (await read_catalogue(self._store, now)).names(current.provider)
        change = PlanChange(current.id, plan, seats, is_yearly, names.union(current.products))
        told = await self._payments.quote_change(change) if current.provider == self._payments.name else None
        quote = told or estimate(current, change, now)
        if quote.never_begins:
            raise Conflict(
                "The subscription is cancelled and ends before this plan would begin. Keep it first, on the page that "
                "POST /api/wallet/portal opens, or subscribe to this plan once it has ended.",
                code="subscription_cancelled",
            )
        return quote

    async def give_up_subscribing(self, uid: str) -> None:
        """Close the page on which a plan could be subscribed to, so that another may be opened. Raises `NotFound` where
        there is none, `Conflict` where it was paid already, and `ProviderFailed`."""
        checkout = open_checkout(await read_payer(self._store, uid), self._now())
        if checkout is None:
            raise NotFound("No checkout of a subscription is open.")
        page = checkout["session"]
        end = "closed" if page is None else await self._payments.close_checkout(page)
        if end == "paid":
            raise Conflict(
                "This checkout was paid already. GET /api/wallet shows the plan once the payment provider has told of "
                "it, mostly within a minute; after that POST /api/wallet/portal opens the page on which to cancel it.",
                code="checkout_paid",
            )
        marks = checkout.get("trial_marks", []) if end == "open" else []
        await self._keep(uid, None, lambda former: _given_up(former, checkout["order"], marks))

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

    async def _offered(self, plan_id: str, *, is_yearly: bool) -> Plan:
        """A plan that is sold so. Raises `NotFound` or `InvalidRequest`."""
        plan = await self._plans.get(plan_id)
        if not plan.is_offered:
            raise NotFound("This plan is not on offer.", param="plan")
        if is_yearly and plan.yearly_price is None:
            raise InvalidRequest("This plan is sold by the month only.", code="unknown_value", param="interval")
        return plan

    async def _claim(self, tx: Transaction, uid: str, plan: Plan, order_id: str, mark: str) -> int:
        """Note that a subscription is being begun, before the provider is asked; answers how long its trial is: a
        payer's first may have one, if whoever begins it has had none. Raises `Conflict`."""
        document, had_trial = await tx.get_many(billing_path(uid), trial_path(mark))
        payer, now = Payer.from_document(document), self._now()
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
        return 0 if payer.subscriptions or had_trial is not None else plan.trial_days

    async def _keep(self, uid: str, page: str | None, change: Callable[[Payer], Payer]) -> None:
        """Keep which pages a payer may pay on. One that was opened for somebody who has gone meanwhile is closed:
        `NotFound`."""

        async def work(tx: Transaction) -> bool:
            user, document = await tx.get_many(user_path(uid), billing_path(uid))
            former = Payer.from_document(document)
            if user is None or is_gone(user.data):
                return False
            payer = change(former)
            if payer != former:
                tx.set(billing_path(uid), payer.to_data())
            return True

        if not await self._store.transact(work) and page is not None:
            await self._payments.close_checkout(page)
            raise NotFound("There is no such account.")

    async def _remember(self, payer: ProviderCustomer, link: Link) -> Link:
        """Keep what the provider calls the payer."""
        if link.customer is not None:
            name = self._payments.name
            await remember_customer(
                self._store, payer.user, name, link.customer, email=payer.email, instead_of=payer.customer
            )
        return link


def _with_plan(payer: Payer, order_id: str, checkout: Data | None) -> Payer:
    """A payer with where the checkout of a plan that was begun is open, or that it is not."""
    is_same = payer.checkout is not None and payer.checkout["order"] == order_id
    return replace(payer, checkout=checkout) if is_same else payer


def _given_up(payer: Payer, order_id: str, marks: list[str]) -> Payer:
    """A payer without the checkout of a plan, of whose page these `marks` are kept."""
    without = _with_plan(payer, order_id, None)
    kept = dict.fromkeys((*payer.trial_marks, *marks))
    return payer if without is payer else replace(without, trial_marks=tuple(kept)[-MOST_OPEN:])


def _with_topup(payer: Payer, page: str, now: datetime) -> Payer:
    """A payer with one more page on which to pay a top-up, and without those that have expired."""
    live = {each: data for each, data in payer.topups.items() if data["expires_at"] > now}
    latest = sorted(live, key=lambda each: (live[each]["expires_at"], each))[1 - MOST_OPEN :]
    opened: Data = {"expires_at": now + CHECKOUT_LIVES}
    return replace(payer, topups={**{each: live[each] for each in latest}, page: opened})
