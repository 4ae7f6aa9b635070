"""One payment: everything that is known about it, joined in any order, and what it comes to.

This is the decision core. `join` is commutative, associative and idempotent for facts that a provider can send, so
the state after a set of facts does not depend on their order or repetition; `reversal` is a function of the state
alone; and the books post the difference between it and what was taken back before. That is why every permutation of
events ends in the same balance (tests/billing/test_any_order.py goes through them).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from functions.farebox.billing.events import Disputed, Paid, PaymentFact, PaymentFailed, RefundChanged, Refunded, Sale
from functions.farebox.kit.money import ceil_div
from functions.farebox.storage import Data

PaymentStatus = Literal[
    "unclaimed", "failed", "paid", "partially_refunded", "refunded", "disputed", "dispute_lost", "dispute_won"
]


@dataclass(frozen=True, slots=True)
class Payment:
    """What is known about a payment, and how far its effect has been posted. Amounts in nano-USD."""

    id: str
    sale: Sale | None = None
    receipt_url: str | None = None
    failure: str | None = None
    refunded: int = 0  # the most that any event has called refunded in all
    refunds: Mapping[str, Data] = field(default_factory=dict)  # {amount, failed} by the refund's id
    disputes: Mapping[str, Data] = field(default_factory=dict)  # {amount, status, told_at} by the dispute's id
    credited: bool = False  # the sale has been posted
    reversed: int = 0  # of its credit, taken back so far
    reversals: int = 0  # entries that did so, or undid it

    @property
    def is_disputed(self) -> bool:
        """Whether a dispute is open: the wallet is frozen until it is decided."""
        return any(dispute["status"] == "open" for dispute in self.disputes.values())

    @property
    def returned(self) -> int:
        """Of what was paid, what went back to the payer: refunds, and disputes that were lost."""
        failed: int = sum(refund["amount"] for refund in self.refunds.values() if refund["failed"])
        live: int = sum(refund["amount"] for refund in self.refunds.values() if not refund["failed"])
        lost: int = sum(dispute["amount"] for dispute in self.disputes.values() if dispute["status"] == "lost")
        return max(live, self.refunded - failed) + lost

    @property
    def reversal(self) -> int:
        """Of the credit and the bonus, what is to be taken back: the share of the price that went back, rounded up."""
        if self.sale is None:
            return 0
        credit = self.sale.credit + self.sale.bonus
        if self.sale.total <= 0:
            return 0
        return ceil_div(credit * min(self.returned, self.sale.total), self.sale.total)

    @property
    def status(self) -> PaymentStatus:
        """The payment in a word."""
        if self.sale is None:
            return "failed" if self.failure else "unclaimed"
        if self.is_disputed:
            return "disputed"
        decided = {dispute["status"] for dispute in self.disputes.values()}
        if "lost" in decided:
            return "dispute_lost"
        if self.returned:
            return "refunded" if self.returned >= self.sale.total else "partially_refunded"
        return "dispute_won" if decided else "paid"

    def join(self, fact: PaymentFact) -> "Payment":
        """This payment with one more fact known."""
        assert fact.payment == self.id
        match fact:
            case Paid():
                sale = self.sale or fact.sale
                return replace(self, sale=sale, receipt_url=max(self.receipt_url or "", fact.receipt_url or "") or None)
            case PaymentFailed():
                return replace(self, failure=max(self.failure or "", fact.reason))
            case Refunded():
                return replace(self, refunded=max(self.refunded, fact.amount))
            case RefundChanged():
                known = self.refunds.get(fact.refund, {"amount": 0, "failed": False})
                joined = {
                    "amount": max(known["amount"], fact.amount),
                    "failed": known["failed"] or fact.status == "failed",
                }
                return replace(self, refunds={**self.refunds, fact.refund: joined})
            case Disputed():
                told = {"amount": fact.amount, "status": fact.status, "told_at": fact.at}
                latest = max(self.disputes.get(fact.dispute, told), told, key=_dispute_order)
                return replace(self, disputes={**self.disputes, fact.dispute: latest})

    @classmethod
    def from_data(cls, payment_id: str, data: Mapping[str, Any] | None) -> "Payment":
        """From storage; one of which nothing is known where there is nothing."""
        if data is None:
            return cls(payment_id)
        own = {name: data[name] for name in _STORED}
        return cls(payment_id, sale=Sale(**data["sale"]) if data["sale"] else None, **own)

    def to_data(self) -> Data:
        """For storage. `user`, `kind` and `status` are there to be asked for."""
        return {
            **{name: getattr(self, name) for name in _STORED},
            "refunds": dict(self.refunds),
            "disputes": dict(self.disputes),
            "sale": None if self.sale is None else asdict(self.sale),
            "user": None if self.sale is None else self.sale.user,
            "kind": None if self.sale is None else self.sale.kind,
            "status": self.status,
        }


_STORED = ("receipt_url", "failure", "refunded", "refunds", "disputes", "credited", "reversed", "reversals")


def _dispute_order(dispute: Mapping[str, Any]) -> tuple[bool, datetime, bool, int]:
    """Which of two accounts of one dispute counts: a decision over none, then the later, then the one against us."""
    return dispute["status"] != "open", dispute["told_at"], dispute["status"] == "lost", dispute["amount"]
