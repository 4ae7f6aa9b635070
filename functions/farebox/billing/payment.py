"""One payment: everything that is known about it, joined in any order, and what it comes to.

This is the decision core. `join` is commutative, associative and idempotent for facts that a provider can send, so
the state after a set of facts does not depend on their order or repetition; `reversal` is a function of the state
alone; and the books post the difference between it and what was taken back before. That is why every permutation of
events ends in the same balance (tests/billing/test_any_order.py goes through them).

What went back to the payer in another currency than was sold in counts in proportion: as the share of the payment in
that currency, which the provider's events or its charge say.

A sale that several payments paid for, a part each, is kept with the first of them, and beside it what is known of each
other: what went back is the sum, for each tells of itself alone. The others' own documents say whose part they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from functions.farebox.billing.events import (
    Disputed,
    Documented,
    Paid,
    PaymentFact,
    PaymentFailed,
    PaymentPending,
    RefundChanged,
    Refunded,
)
from functions.farebox.billing.sale import USD, Sale
from functions.farebox.kit.money import ceil_div
from functions.farebox.storage import Data

PaymentStatus = Literal[
    "unclaimed",
    "pending",
    "failed",
    "paid",
    "partially_refunded",
    "refunded",
    "disputed",
    "dispute_lost",
    "dispute_won",
]


@dataclass(frozen=True, slots=True)
class Payment:
    """What is known about a payment, and how far its effect has been posted. Amounts in nano-USD, or where they have
    a currency in a thousand-millionth of its unit."""

    id: str
    sale: Sale | None = None
    is_exact: bool = True  # whether the sale knows what was tax
    pending: Data | None = None  # {user, credit} of one whose money is on its way
    receipt_url: str | None = None
    invoice_url: str | None = None
    failure: str | None = None
    refunded: int = 0  # the most that any event has called refunded in all
    refunded_in: Mapping[str, Data] = field(default_factory=dict)  # likewise {amount, whole}, by another currency
    refunds: Mapping[str, Data] = field(default_factory=dict)  # {amount, failed, currency?, whole?} by the refund's id
    disputes: Mapping[str, Data] = field(default_factory=dict)  # {amount, status, told_at, currency?, whole?} by id
    wholes: Mapping[str, int] = field(default_factory=dict)  # what was taken in all, by currency
    credited: bool = False  # the sale has been posted
    posted: int | None = None  # the credit and the bonus that were; `None`: as the sale says
    parts_posted: tuple[int, ...] = ()  # of a sale in parts, the numbers of those that have begun
    handed_back: Mapping[str, int] = field(default_factory=dict)  # of parts to come, by the payment that gave time back
    back_left: int = 0  # of the time that it gave back, the credit that no payment heard by then had brought
    is_over: bool = False  # its payer is gone: no more of its parts begin
    reversed: int = 0  # of its credit, taken back so far
    reversals: int = 0  # entries that did so, or undid it
    beside: Mapping[str, "Payment"] = field(default_factory=dict)  # the others that paid for the sale, by their ids
    part_of: str | None = None  # the payment which this one is beside: all that is known of it is kept there

    @property
    def each(self) -> Sequence["Payment"]:
        """All that paid for the sale."""
        return [self, *self.beside.values()]

    @property
    def is_disputed(self) -> bool:
        """Whether a dispute is open: the wallet is frozen until it is decided."""
        return any(dispute["status"] == "open" for each in self.each for dispute in each.disputes.values())

    @property
    def is_pending(self) -> bool:
        """Whether its money is on its way."""
        return self.pending is not None and self.sale is None and self.failure is None

    @property
    def returned(self) -> int:
        """Of what was paid, what went back to the payer: refunds, and disputes that were lost."""
        return sum(map(self._returned_of, self.each))

    def _returned_of(self, paid: "Payment") -> int:
        failed = sum(self._share(refund, 0) for refund in paid.refunds.values() if refund["failed"])
        live = sum(self._share(refund, 0) for refund in paid.refunds.values() if not refund["failed"])
        # A dispute is of the whole payment, where nobody says which part it is of.
        lost = sum(self._share(each, None) for each in paid.disputes.values() if each["status"] == "lost")
        elsewhere = (self._share({"currency": name, **told}, 0) for name, told in paid.refunded_in.items())
        refunded = max([self._share({"amount": paid.refunded}, 0), *elsewhere])
        return max(live, refunded - failed) + lost

    @property
    def is_unproportioned(self) -> bool:
        """Whether money went back in a currency of which nobody says what the whole payment was in it."""
        refunds = [refund for each in self.each for refund in each.refunds.values()]
        refunded = [{"currency": name, **told} for each in self.each for name, told in each.refunded_in.items()]
        return self.sale is not None and any(self._whole(told) is None for told in [*refunds, *refunded])

    @property
    def reversal(self) -> int:
        """Of the credit and the bonus, what is to be taken back: the share of the price that went back, rounded up."""
        return 0 if self.sale is None else self.share_of(self.sale.credit + self.sale.bonus)

    def share_of(self, credit: int) -> int:
        """What of an amount is to be taken back."""
        if self.sale is None or self.sale.total <= 0 or credit <= 0:
            return 0
        return ceil_div(credit * min(self.returned, self.sale.total), self.sale.total)

    @property
    def status(self) -> PaymentStatus:
        """The payment in a word."""
        if self.sale is None:
            return "failed" if self.failure else "pending" if self.pending else "unclaimed"
        if self.is_disputed:
            return "disputed"
        decided = {dispute["status"] for each in self.each for dispute in each.disputes.values()}
        if "lost" in decided:
            return "dispute_lost"
        if self.returned:
            return "refunded" if self.returned >= self.sale.total else "partially_refunded"
        return "dispute_won" if decided else "paid"

    def join(self, fact: PaymentFact) -> "Payment":
        """This payment with one more fact known, of itself or of one beside it."""
        if fact.payment in self.beside and not isinstance(fact, Paid):
            return self.with_beside(self.beside[fact.payment].join(fact))
        assert fact.payment == self.id or fact.payment in self.beside
        return self._join(fact)

    def _join(self, fact: PaymentFact) -> "Payment":
        match fact:
            case Paid():
                takes = self.sale is None or (fact.is_exact and not self.is_exact)
                sold = replace(self, sale=fact.sale, is_exact=fact.is_exact) if takes else self
                return sold._documented(fact.receipt_url, fact.invoice_url)
            case PaymentPending():
                return replace(self, pending={"user": fact.user, "credit": fact.credit})
            case PaymentFailed():
                return replace(self, failure=max(self.failure or "", fact.reason))
            case Documented():
                known = self._documented(fact.receipt_url, fact.invoice_url)
                if not fact.amount:
                    return known
                amount = max(fact.amount, self.wholes.get(fact.currency, 0))
                return replace(known, wholes={**self.wholes, fact.currency: amount})
            case Refunded(currency=currency) if currency == USD:
                return replace(self, refunded=max(self.refunded, fact.amount))
            case Refunded():
                former = self.refunded_in.get(fact.currency, {"amount": 0, "whole": None})
                whole = max(former["whole"] or 0, fact.whole or 0) or None
                told: Data = {"amount": max(former["amount"], fact.amount), "whole": whole}
                return replace(self, refunded_in={**self.refunded_in, fact.currency: told})
            case RefundChanged():
                refund = self.refunds.get(fact.refund, {"amount": 0, "failed": False})
                joined = {
                    **refund,
                    **_foreign(fact.currency, fact.whole),
                    "amount": max(refund["amount"], fact.amount),
                    "failed": refund["failed"] or fact.status == "failed",
                }
                return replace(self, refunds={**self.refunds, fact.refund: joined})
            case Disputed():
                heard = {"amount": fact.amount, "status": fact.status, "told_at": fact.at}
                heard |= _foreign(fact.currency, fact.whole)
                latest = max(self.disputes.get(fact.dispute, heard), heard, key=_dispute_order)
                return replace(self, disputes={**self.disputes, fact.dispute: latest})

    def with_beside(self, *others: "Payment") -> "Payment":
        """This payment with these as others that paid for the same, as they are known."""
        return replace(self, beside={**self.beside, **{each.id: each for each in others}})

    def _documented(self, receipt_url: str | None, invoice_url: str | None) -> "Payment":
        return replace(
            self,
            receipt_url=max(self.receipt_url or "", receipt_url or "") or None,
            invoice_url=max(self.invoice_url or "", invoice_url or "") or None,
        )

    def _share(self, told: Data, unknown: int | None) -> int:
        """What an amount that went back is of the sale's total: itself, in the currency that was sold in. `unknown` is
        it where nobody says what the whole payment was in that currency; `None`: all of it."""
        if self.sale is None or told.get("currency", USD) == self.sale.currency:
            amount: int = told["amount"]
            return amount
        whole = self._whole(told)
        if whole is None:
            return self.sale.total if unknown is None else unknown
        return ceil_div(told["amount"] * self.sale.total, whole)

    def _whole(self, told: Data) -> int | None:
        """The payment in the currency of an amount."""
        currency = told.get("currency", USD)
        if self.sale is not None and currency == self.sale.currency:
            return self.sale.total
        whole: int | None = told.get("whole") or self.wholes.get(currency)
        return whole

    @classmethod
    def from_data(cls, payment_id: str, data: Mapping[str, Any] | None) -> "Payment":
        """From storage; one of which nothing is known where there is nothing. Older ones lack the newer fields."""
        if data is None:
            return cls(payment_id)
        own = {name: data[name] for name in (*_STORED, *_NEWER) if name in data}
        own["parts_posted"] = tuple(data.get("parts_posted", ()))
        own["beside"] = {each["id"]: cls.from_data(each["id"], each) for each in data.get("beside", ())}
        return cls(payment_id, sale=Sale.from_data(data["sale"]) if data["sale"] else None, **own)

    def to_data(self) -> Data:
        """For storage. `user`, `kind`, `status` and `part_due_at` are there to be asked for."""
        user = self.pending["user"] if self.pending is not None else None
        return {
            **{name: getattr(self, name) for name in (*_STORED, *_NEWER)},
            "refunded_in": dict(self.refunded_in),
            "refunds": dict(self.refunds),
            "disputes": dict(self.disputes),
            "wholes": dict(self.wholes),
            "handed_back": dict(self.handed_back),
            "parts_posted": list(self.parts_posted),
            "beside": [{"id": name, **each.to_data()} for name, each in sorted(self.beside.items())],
            "sale": None if self.sale is None else self.sale.to_data(),
            "user": user if self.sale is None else self.sale.user,
            "kind": None if self.sale is None else self.sale.kind,
            "status": self.status,
            "part_due_at": self.part_due_at,
        }

    @property
    def part_due_at(self) -> datetime | None:
        """When the next part of a sale in parts begins, of those that were not given back whole."""
        if self.sale is None or self.is_over:
            return None
        kept = [number for number, left in enumerate(self.parts_left) if left and number not in self.parts_posted]
        return min((self.sale.parts[number].starts_at for number in kept), default=None)

    @property
    def parts_left(self) -> list[int]:
        """What each part of a sale in parts still is, in nano-USD: what went back to the payer, and time that was given
        back, come off the last."""
        assert self.sale is not None
        left = [part.credit for part in self.sale.parts]
        gone = self.share_of(self.sale.credit) + sum(self.handed_back.values())
        for number in reversed(range(len(left))):
            taken = min(gone, left[number])
            left[number] -= taken
            gone -= taken
        return left


_STORED = ("receipt_url", "failure", "refunded", "refunds", "disputes", "credited", "reversed", "reversals")
_NEWER = (
    "is_exact",
    "pending",
    "invoice_url",
    "refunded_in",
    "wholes",
    "posted",
    "handed_back",
    "back_left",
    "is_over",
    "part_of",
)


def _foreign(currency: str, whole: int | None) -> Data:
    return {} if currency == USD else {"currency": currency, "whole": whole}


def _dispute_order(dispute: Mapping[str, Any]) -> tuple[bool, datetime, bool, int]:
    """Which of two accounts of one dispute counts: a decision over none, then the later, then the one against us."""
    return dispute["status"] != "open", dispute["told_at"], dispute["status"] == "lost", dispute["amount"]
