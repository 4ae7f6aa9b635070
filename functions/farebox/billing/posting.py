"""Posts a payment to the ledger: the sale is credited once, and taken back as far as its state says.

Every entry's id begins with the payment's, and what was posted so far is kept with the payment, so the entries of a
payment always sum up to its credit and bonus less its reversal, whatever came first.
"""

from dataclasses import replace
from urllib.parse import quote

from functions.farebox.billing.events import Sale
from functions.farebox.billing.payment import Payment
from functions.farebox.ledger import grants
from functions.farebox.ledger.book import Book
from functions.farebox.ledger.wallet import Posting

REVERSED = "Refunded or charged back"
RESTORED = "Restored: a dispute was won or a refund failed"


class EntryIds:
    """The ids of the ledger entries that a payment may make now."""

    def __init__(self, payment: Payment) -> None:
        self.credit = quote(payment.id, safe="")
        self.bonus = f"{self.credit}.bonus"
        self.next_reversal = f"{self.credit}.reversal.{payment.reversals + 1}"

    def all(self) -> tuple[str, str, str]:
        """For `Book.open`."""
        return self.credit, self.bonus, self.next_reversal


def settle(book: Book, payment: Payment, entry_ids: EntryIds) -> Payment:
    """Bring the ledger in line with what the payment comes to now."""
    sale = payment.sale
    assert sale is not None
    if not payment.credited:
        _credit(book, payment.id, sale, entry_ids)
        payment = replace(payment, credited=True)
    wanted = _wanted_reversal(book, payment, sale, entry_ids)
    difference = wanted - payment.reversed
    if not difference:
        return payment
    if sale.kind == "plan" and grants.find(book.wallet.grants, entry_ids.credit):
        book.reclaim(entry_ids.credit, wanted)
    posting = Posting(
        entry_ids.next_reversal,
        "refund",
        -difference,
        REVERSED if difference > 0 else RESTORED,
        reference=payment.id,
        metadata={"reversed": wanted},
    )
    if difference > 0:
        book.take_back(posting)
    else:
        book.post(posting)
    return replace(payment, reversed=wanted, reversals=payment.reversals + 1)


def _credit(book: Book, payment_id: str, sale: Sale, entry_ids: EntryIds) -> None:
    if sale.credit and sale.kind == "plan":
        assert sale.credit_expires_at is not None
        posting = Posting(entry_ids.credit, "grant", sale.credit, f"Credit of plan {sale.reference}", payment_id)
        book.grant(posting, sale.credit_expires_at)
    elif sale.credit:
        text = "Automatic top-up" if sale.kind == "auto_recharge" else "Top-up"
        book.post(Posting(entry_ids.credit, "topup", sale.credit, text, payment_id))
    if sale.bonus:
        book.post(Posting(entry_ids.bonus, "bonus", sale.bonus, f"Bonus of package {sale.reference}", payment_id))


def _wanted_reversal(book: Book, payment: Payment, sale: Sale, entry_ids: EntryIds) -> int:
    """What is to be taken back in all. Of a grant not what has lapsed: that is gone already."""
    if sale.kind != "plan":
        return payment.reversal
    grant = grants.find(book.wallet.grants, entry_ids.credit)
    return payment.reversed if grant is None else min(payment.reversal, sale.credit - grant.lapsed)
