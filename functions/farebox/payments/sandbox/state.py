"""State of the sandbox provider: checkout sessions, payments, subscriptions, and events until they are delivered.

It plays the provider for the embedded run: everything here is the other side, which Farebox knows through events
alone. Each move and its events are one commit; whoever made it delivers them, and what was not delivered is so later.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from functions.farebox.billing.provider import Quote, Returns
from functions.farebox.errors import Conflict
from functions.farebox.kit.ids import Ids
from functions.farebox.payments.sandbox import subscriptions
from functions.farebox.payments.sandbox.moves import Move, found, net_of, nothing_here, taxed
from functions.farebox.storage import Data, Delete, Document, Filter, Query, Store, Transaction

CardMood = Literal["pays", "declines", "asks_its_holder"]
SubscriptionMove = Callable[[Move, str, Data, Data], None]  # in a move: a subscription's id, itself, its customer
SESSION_LIVES = timedelta(hours=24)
Charged = tuple[Literal["paid", "declined"], str]  # what a charge came to: the payment, or why it was declined
PAGE = 100

Deliver = Callable[[str, Data], Awaitable[bool]]  # an event's id and what it says; whether it arrived


@dataclass(frozen=True, slots=True)
class Account:
    """A customer with everything there is to see on their page, newest first."""

    customer: Document
    payments: list[Document]
    subscriptions: list[Document]


class SandboxState:
    """The sandbox's books."""

    def __init__(self, store: Store, *, now: Callable[[], datetime], ids: Ids) -> None:
        self._store = store
        self._now = now
        self._ids = ids

    async def open_customer(self, customer: str | None, user: str, email: str) -> str:
        """A customer's id: this one, or a new one's. It opens their page, so it is as secret as a password."""
        if customer is not None:
            return customer
        customer = self._ids.new("sbx_cus_")

        async def work(tx: Transaction) -> None:
            tx.set(f"sandbox_customers/{customer}", {"user": user, "email": email, "card": None})

        await self._store.transact(work)
        return customer

    async def open_session(
        self, session_id: str, sale: Data, customer: str, returns: Returns, *, terms: Data | None = None, trial: int = 0
    ) -> None:
        """Begin a checkout; the same one once. `sale` is what is bought, as `payment.paid` will tell it; of a plan with
        its `terms`, and the days of its trial."""

        async def work(tx: Transaction) -> None:
            if await tx.get(f"sandbox_sessions/{session_id}") is None:
                now = self._now()
                session = {
                    "sale": sale,
                    "customer": customer,
                    "return_url": returns.paid,
                    "cancel_url": returns.cancelled,
                    "state": "open",
                    "terms": terms or {},
                    "trial_days": trial,
                    "created_at": now,
                    "expires_at": now + SESSION_LIVES,
                }
                tx.create(f"sandbox_sessions/{session_id}", session)

        await self._store.transact(work)

    async def session(self, session_id: str) -> Document:
        """A checkout. Raises `NotFound`."""
        return found(await self._store.get(f"sandbox_sessions/{session_id}"))

    async def account(self, customer: str) -> Account:
        """A customer's page. Raises `NotFound`."""
        document = found(await self._store.get(f"sandbox_customers/{customer}"))
        return Account(
            document, await self._of("sandbox_payments", customer), await self._of("sandbox_subscriptions", customer)
        )

    async def pay(self, session_id: str, *, arrives_later: bool = False) -> None:
        """Pay a checkout with a card that is saved by it, or so that the money arrives later. Paying it twice changes
        nothing; what is on its way arrives the second time.

        Raises `NotFound`, or `Conflict` if it has expired.
        """

        async def work(move: Move) -> None:
            path = f"sandbox_sessions/{session_id}"
            session = await move.get(path)
            customer_at = f"sandbox_customers/{session['customer']}"
            customer = await move.get(customer_at)
            if session["state"] == "paid":
                return
            if session["expires_at"] <= move.now:
                raise Conflict("This checkout has expired. Begin another.")
            sale, payment_id = session["sale"], f"sbx_pay_{session_id}"
            if arrives_later and sale["kind"] != "plan":
                move.tx.set(path, {**session, "state": "pending"})
                told = {"payment": payment_id, "user": sale["user"], "credit": sale["credit"]}
                move.queue_event(session["customer"], "payment.pending", told)
                return
            move.tx.set(path, {**session, "state": "paid"})
            customer = {**customer, "card": customer["card"] or "pays"}
            move.tx.set(customer_at, customer)
            if sale["kind"] == "plan":
                subscriptions.begin(move, session["customer"], customer, f"sbx_sub_{session_id}", session)
            else:
                sold = _sold(sale, customer)
                move.charge(payment_id, session["customer"], sold, "payment.paid", {"sale": sold})

        await self._move(work)

    async def decline(self, session_id: str) -> None:
        """Have the card of a checkout declined. It may be tried again until it is paid."""

        async def work(move: Move) -> None:
            session = await move.get(f"sandbox_sessions/{session_id}")
            if session["state"] == "open":
                move.queue_event(session["customer"], "payment.failed", {"payment": f"sbx_pay_{session_id}"})

        await self._move(work)

    async def charge_saved(self, attempt: str, customer: str, sale: Data) -> Charged:
        """Charge the saved card, once an attempt. Answers the payment, or why it was declined."""
        payment_id, path = f"sbx_pay_{attempt}", f"sandbox_charges/{attempt}"

        async def work(move: Move) -> None:
            if await move.tx.get(path) is not None:
                return
            reason = _REFUSALS[(await move.get(f"sandbox_customers/{customer}"))["card"]]
            move.tx.create(path, {"reason": reason, "sale": sale})
            if reason is None:
                move.charge(payment_id, customer, sale, "payment.paid", {"sale": sale})

        await self._move(work)
        done = await self.charged(attempt)
        assert done is not None, "what is charged is noted"
        return done

    async def charged(self, attempt: str) -> Charged | None:
        """What an attempt to charge a saved card came to, if there was one."""
        done = await self._store.get(f"sandbox_charges/{attempt}")
        if done is None:
            return None
        reason = done.data["reason"]
        return ("paid", f"sbx_pay_{attempt}") if reason is None else ("declined", reason)

    async def close_session(self, session_id: str) -> str:
        """Have a checkout that is open be paid no more; answers its state: `open`, `pending` or `paid`."""

        async def work(move: Move) -> None:
            path = f"sandbox_sessions/{session_id}"
            session = await move.get(path)
            if session["state"] == "open":
                move.tx.set(path, {**session, "expires_at": move.now})

        await self._move(work)
        return str((await self.session(session_id)).data["state"])

    async def set_card(self, customer: str, card: CardMood) -> None:
        """Choose how the saved card behaves when it is charged automatically."""
        await self._set_customer(customer, card=card)

    async def set_discount_and_tax(self, customer: str, *, coupon_percent: int, tax_percent: int) -> None:
        """Choose what a coupon takes off what is bought from now on, and what tax comes on top."""
        await self._set_customer(customer, coupon_percent=coupon_percent, tax_percent=tax_percent)

    async def _set_customer(self, customer: str, **fields: str | int) -> None:

        async def work(tx: Transaction) -> None:
            path = f"sandbox_customers/{customer}"
            tx.set(path, {**found(await tx.get(path)).data, **fields})

        await self._store.transact(work)

    async def refund(self, customer: str, payment_id: str, amount: int | None = None) -> None:
        """Refund an amount in nano-USD, or all that is left."""

        def change(payment: Data) -> tuple[str, Data]:
            left = payment["sale"]["total"] - payment["refunded"]
            payment["refunded"] += min(left, left if amount is None else max(0, amount))
            return "payment.refunded", {"amount": payment["refunded"]}

        await self._change_payment(customer, payment_id, change)

    async def dispute(self, customer: str, payment_id: str, status: Literal["open", "won", "lost"]) -> None:
        """Open a dispute of a payment, or decide it."""

        def change(payment: Data) -> tuple[str, Data]:
            if (payment["dispute"] is None) != (status == "open"):
                raise Conflict("This dispute is not at that stage.")
            payment["dispute"] = status
            amount = payment["sale"]["total"] - payment["refunded"]
            told = {"dispute": f"dispute_of_{payment_id}", "amount": amount, "status": status}
            return "payment.disputed", {**told, "told": self._now().isoformat()}

        await self._change_payment(customer, payment_id, change)

    async def move_subscription(self, customer: str, subscription_id: str, change: SubscriptionMove) -> None:
        """Have something happen to a subscription that has not ended. Raises `NotFound` or `Conflict`."""

        async def work(move: Move) -> None:
            owner = await move.get(f"sandbox_customers/{customer}")
            change(move, subscription_id, await subscriptions.running(move, customer, subscription_id), owner)

        await self._move(work)

    async def quote(self, subscription_id: str, terms: Data) -> Quote:
        """What a change of a subscription costs now. Raises `NotFound`."""
        told = (await self.subscription(subscription_id)).data
        owner = found(await self._store.get(f"sandbox_customers/{told['customer']}"))
        return subscriptions.quote(told, owner.data, terms, self._now())

    async def subscription(self, subscription_id: str) -> Document:
        """A subscription. Raises `NotFound`."""
        return found(await self._store.get(f"sandbox_subscriptions/{subscription_id}"))

    async def payment(self, payment_id: str) -> Document:
        """A payment. Raises `NotFound`."""
        return found(await self._store.get(f"sandbox_payments/{payment_id}"))

    async def deliver(self, customer: str, deliver: Deliver) -> int:
        """Deliver a customer's events; answers how many did not arrive. They stay for the next time."""
        missed = 0
        for event in reversed(await self._of("sandbox_events", customer)):
            if await deliver(event.id, event.data):
                await self._store.write(Delete(event.path))
            else:
                missed += 1
        return missed

    async def _move(self, work: Callable[["Move"], Awaitable[None]]) -> None:
        """Do a move once, though its commit may be tried again after it arrived: its first event is its mark."""
        move_id, now = self._ids.new("sbx_evt_"), self._now()

        async def once(tx: Transaction) -> None:
            move = Move(tx, move_id, now)
            if await tx.get(move.event_path(1)) is None:
                await work(move)

        await self._store.transact(once)

    async def _change_payment(self, customer: str, payment_id: str, change: Callable[[Data], tuple[str, Data]]) -> None:
        async def work(move: Move) -> None:
            path = f"sandbox_payments/{payment_id}"
            payment = await move.get(path)
            if payment["customer"] != customer:
                raise nothing_here()
            kind, told = change(payment)
            move.tx.set(path, payment)
            move.queue_event(customer, kind, {"payment": payment_id, **told})

        await self._move(work)

    async def _of(self, collection: str, customer: str) -> list[Document]:
        query = Query(
            collection, (Filter("customer", "==", customer),), order_by="created_at", descending=True, limit=PAGE
        )
        return await self._store.query(query)


def _sold(sale: Data, customer: Data) -> Data:
    """A top-up as it is paid for: less the coupon, with its tax. Its credit is what is paid before tax."""
    net = net_of(sale["credit"], customer)
    return {**sale, "credit": net, "bonus": sale["bonus"] * net // sale["credit"], "total": taxed(net, customer)}


_REFUSALS: dict[str | None, str | None] = {
    None: "no_saved_card",
    "pays": None,
    "declines": "card_declined",
    "asks_its_holder": "authentication_required",
}
