"""Money of an account that is gone: erased, or closed. It is credited to nobody, and becomes an operator's case.

What was paid afterwards is to be refunded by hand, and its case closes itself once all of it went back. What was
credited before stays in the books, which follow when it goes back or is disputed; then too an operator is told, since
nobody else is there. As everywhere, what it comes to depends on the facts and not on their order.
"""

from dataclasses import replace
from datetime import datetime

from functions.farebox.billing.events import Disputed, PaymentFact, RefundChanged, Refunded, Unmatched
from functions.farebox.billing.payment import Payment
from functions.farebox.billing.posting import EntryIds, settle
from functions.farebox.billing.unmatched import open_case
from functions.farebox.ledger.book import Book
from functions.farebox.storage import Document, Transaction

TO_REFUND = "paid for an account that is gone: nothing was credited, refund it"
WENT_BACK = "of an account that is gone: what went back, or is disputed, is taken from its books"


async def apply_stranded(
    tx: Transaction,
    case: Document | None,
    before: Payment,
    payment: Payment,
    fact: PaymentFact,
    provider: str,
    now: datetime,
) -> Payment:
    """Apply a fact about a payment whose sale is known and whose payer is gone; answers the payment as it is kept. The
    last to read in its transaction."""
    sale = payment.sale
    assert sale is not None
    payment = replace(payment, receipt_url=None, invoice_url=None, is_over=True)
    is_news = before.sale is None or _standing(before) != _standing(payment)
    is_open = payment.returned < sale.total or payment.is_disputed
    book = None
    if payment.credited:
        is_open = isinstance(fact, Refunded | RefundChanged | Disputed)
        entry_ids = EntryIds(payment)
        book = await Book.open(tx, sale.user, now, *entry_ids.all())
        payment = settle(book, payment, entry_ids)
    if is_open and is_news:
        detail = WENT_BACK if payment.credited else TO_REFUND
        stranded = Unmatched("account_gone", payment.id, detail, sale.total, sale.currency, sale.user)
        await open_case(tx, provider, stranded, type(fact).__name__, "", now)
    elif case is not None and not is_open and not payment.credited:
        tx.delete(case.path)
    if book is not None:
        book.save(tx)
    return payment


def _standing(payment: Payment) -> object:
    """What of a payment is news to an operator when it changes."""
    return payment.returned, [each.disputes for each in payment.each]
