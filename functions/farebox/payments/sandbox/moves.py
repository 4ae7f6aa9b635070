"""One change of the sandbox's books: in a transaction, with the events that tell of it."""

from datetime import datetime

from functions.farebox.errors import NotFound
from functions.farebox.storage import Data, Document, Transaction

PERCENT = 100


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
        return dict(found(await self.tx.get(path)).data)

    def queue_event(self, customer: str, kind: str, told: Data) -> None:
        """Have an event sent."""
        self._told += 1
        event = {"customer": customer, "type": kind, "data": told, "created_at": self.now}
        self.tx.set(self.event_path(self._told), event)

    def charge(self, payment_id: str, customer: str, sale: Data, kind: str, told: Data) -> None:
        """Take a payment, and have it told. `sale` is what the customer's page shows of it."""
        payment = {"customer": customer, "sale": sale, "refunded": 0, "dispute": None, "created_at": self.now}
        self.tx.set(f"sandbox_payments/{payment_id}", payment)
        self.queue_event(customer, kind, {"payment": payment_id, **told})


def net_of(price: int, customer: Data) -> int:
    """What of a price is to be paid before tax: less the customer's coupon."""
    return price - price * int(customer.get("coupon_percent", 0)) // PERCENT


def taxed(net: int, customer: Data) -> int:
    """What is to be paid with the customer's tax."""
    return net + net * int(customer.get("tax_percent", 0)) // PERCENT


def found(document: Document | None) -> Document:
    """A document that is there. Raises `NotFound`."""
    if document is None:
        raise nothing_here()
    return document


def nothing_here() -> NotFound:
    """What whoever asks for what is not theirs is told."""
    return NotFound("There is nothing here.")
