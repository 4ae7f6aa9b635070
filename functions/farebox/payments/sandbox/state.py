"""State of the sandbox provider: checkout sessions, payments, subscriptions, and events until they are delivered.

It plays the provider for the embedded run: everything here is the other side, which Farebox knows through events
alone. Each move and its events are one commit; whoever made it delivers them, and what was not delivered is so later.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from functions.farebox.billing.provider import Returns
from functions.farebox.errors import Conflict, NotFound
from functions.farebox.kit.ids import Ids
from functions.farebox.storage import Data, Delete, Document, Filter, Query, Store, Transaction

CardMood = Literal["pays", "declines", "asks_its_holder"]
MONTH = timedelta(days=30)
SESSION_LIVES = timedelta(hours=24)
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

    async def open_session(self, session_id: str, sale: Data, customer: str, returns: Returns) -> None:
        """Begin a checkout; the same one once. `sale` is what is bought, as `payment.paid` will tell it."""

        async def work(tx: Transaction) -> None:
            if await tx.get(f"sandbox_sessions/{session_id}") is None:
                now = self._now()
                session = {
                    "sale": sale,
                    "customer": customer,
                    "return_url": returns.paid,
                    "cancel_url": returns.cancelled,
                    "state": "open",
                    "created_at": now,
                    "expires_at": now + SESSION_LIVES,
                }
                tx.create(f"sandbox_sessions/{session_id}", session)

        await self._store.transact(work)

    async def session(self, session_id: str) -> Document:
        """A checkout. Raises `NotFound`."""
        return _found(await self._store.get(f"sandbox_sessions/{session_id}"))

    async def account(self, customer: str) -> Account:
        """A customer's page. Raises `NotFound`."""
        document = _found(await self._store.get(f"sandbox_customers/{customer}"))
        return Account(
            document, await self._of("sandbox_payments", customer), await self._of("sandbox_subscriptions", customer)
        )

    async def pay(self, session_id: str) -> None:
        """Pay a checkout with a card that is saved by it. Paying it twice changes nothing.

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
            move.tx.set(path, {**session, "state": "paid"})
            move.tx.set(customer_at, {**customer, "card": customer["card"] or "pays"})
            sale = session["sale"]
            if sale["kind"] == "plan":
                _renew(move, session["customer"], f"sbx_sub_{session_id}", sale, started_at=move.now)
            else:
                _charge(move, f"sbx_pay_{session_id}", session["customer"], sale)

        await self._move(work)

    async def decline(self, session_id: str) -> None:
        """Have the card of a checkout declined. It may be tried again until it is paid."""

        async def work(move: Move) -> None:
            session = await move.get(f"sandbox_sessions/{session_id}")
            if session["state"] == "open":
                move.queue_event(session["customer"], "payment.failed", {"payment": f"sbx_pay_{session_id}"})

        await self._move(work)

    async def charge_saved(self, attempt: str, customer: str, sale: Data) -> tuple[Literal["paid", "declined"], str]:
        """Charge the saved card, once an attempt. Answers the payment, or why it was declined."""
        payment_id, path = f"sbx_pay_{attempt}", f"sandbox_charges/{attempt}"

        async def work(move: Move) -> None:
            if await move.tx.get(path) is not None:
                return
            reason = _REFUSALS[(await move.get(f"sandbox_customers/{customer}"))["card"]]
            move.tx.create(path, {"reason": reason, "sale": sale})
            if reason is None:
                _charge(move, payment_id, customer, sale)

        await self._move(work)
        done = _found(await self._store.get(path)).data
        return ("paid", payment_id) if done["reason"] is None else ("declined", done["reason"])

    async def set_card(self, customer: str, card: CardMood) -> None:
        """Choose how the saved card behaves when it is charged automatically."""

        async def work(tx: Transaction) -> None:
            path = f"sandbox_customers/{customer}"
            tx.set(path, {**_found(await tx.get(path)).data, "card": card})

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

    async def renew(self, customer: str, subscription_id: str) -> None:
        """Begin a subscription's next month now."""

        async def work(move: Move) -> None:
            subscription = await _running(move, customer, subscription_id)
            _renew(move, customer, subscription_id, subscription["sale"], started_at=subscription["started_at"])

        await self._move(work)

    async def cancel(self, customer: str, subscription_id: str) -> None:
        """End a subscription at once."""

        async def work(move: Move) -> None:
            subscription = await _running(move, customer, subscription_id)
            _set_subscription(move, customer, subscription_id, {**subscription, "status": "ended"})

        await self._move(work)

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
                raise _nothing_here()
            kind, told = change(payment)
            move.tx.set(path, payment)
            move.queue_event(customer, kind, {"payment": payment_id, **told})

        await self._move(work)

    async def _of(self, collection: str, customer: str) -> list[Document]:
        query = Query(
            collection, (Filter("customer", "==", customer),), order_by="created_at", descending=True, limit=PAGE
        )
        return await self._store.query(query)


class Move:
    """One change of the sandbox's books, in a transaction, with the events that tell of it."""

    def __init__(self, tx: Transaction, move_id: str, now: datetime) -> None:
        self.tx = tx
        self.id = move_id
        self.now = now
        self._told = 0

    def event_path(self, number: int) -> str:
        """Where the move's first, second, ... event waits for its delivery."""
        return f"sandbox_events/{self.id}_{number}"

    async def get(self, path: str) -> Data:
        """A document to change. Raises `NotFound`."""
        return dict(_found(await self.tx.get(path)).data)

    def queue_event(self, customer: str, kind: str, told: Data) -> None:
        """Have an event sent."""
        self._told += 1
        event = {"customer": customer, "type": kind, "data": told, "created_at": self.now}
        self.tx.set(self.event_path(self._told), event)


def _charge(move: Move, payment_id: str, customer: str, sale: Data) -> None:
    payment = {"customer": customer, "sale": sale, "refunded": 0, "dispute": None, "created_at": move.now}
    move.tx.set(f"sandbox_payments/{payment_id}", payment)
    move.queue_event(customer, "payment.paid", {"payment": payment_id, "sale": sale})


def _renew(move: Move, customer: str, subscription_id: str, sale: Data, *, started_at: datetime) -> None:
    renews_at = move.now + MONTH
    subscription = {
        "customer": customer,
        "sale": sale,
        "status": "active",
        "started_at": started_at,
        "renews_at": renews_at,
        "created_at": started_at,
    }
    _set_subscription(move, customer, subscription_id, subscription)
    _charge(move, f"sbx_pay_{move.id}", customer, {**sale, "credit_lapses": renews_at.isoformat()})


def _set_subscription(move: Move, customer: str, subscription_id: str, subscription: Data) -> None:
    move.tx.set(f"sandbox_subscriptions/{subscription_id}", subscription)
    told = {
        "subscription": subscription_id,
        "user": subscription["sale"]["user"],
        "plan": subscription["sale"]["reference"],
        "status": subscription["status"],
        "told": move.now.isoformat(),
        "started": subscription["started_at"].isoformat(),
        "renews": subscription["renews_at"].isoformat(),
    }
    move.queue_event(customer, "subscription.changed", told)


async def _running(move: Move, customer: str, subscription_id: str) -> Data:
    subscription = await move.get(f"sandbox_subscriptions/{subscription_id}")
    if subscription["customer"] != customer:
        raise _nothing_here()
    if subscription["status"] == "ended":
        raise Conflict("This subscription has ended.")
    return subscription


_REFUSALS: dict[str | None, str | None] = {
    None: "no_saved_card",
    "pays": None,
    "declines": "card_declined",
    "asks_its_holder": "authentication_required",
}


def _found(document: Document | None) -> Document:
    if document is None:
        raise _nothing_here()
    return document


def _nothing_here() -> NotFound:
    return NotFound("There is nothing here.")
