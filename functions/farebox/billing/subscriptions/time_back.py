"""Takes back the credit of paid time that a change of plan, or of seats, gave back.

Months to come of a year that was paid at once go first; the rest is taken from what is available, and is debt beyond
that. What was granted for time that is over has lapsed where it was not spent, and is not taken a second time. Where a
renewal that gives time back is heard before what had paid for that time, it is taken once that is heard.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from functions.farebox.billing.payment import Payment
from functions.farebox.billing.posting import EntryIds
from functions.farebox.billing.sale import TimeBack
from functions.farebox.ledger import grants
from functions.farebox.ledger.book import Book
from functions.farebox.ledger.grants import Grant
from functions.farebox.ledger.wallet import Posting


def take_time_back(book: Book, payment: Payment, earlier: Sequence[Payment]) -> tuple[Payment, list[Payment]]:
    """Take back what a payment that is not posted yet says; answers it, and those of the `earlier` ones, which paid for
    its subscription, that have changed."""
    assert payment.sale is not None
    back = payment.sale.back
    if back is None or payment.credited:
        return payment, []
    left, changed = back.credit, []
    for each in earlier:
        dropped = min(left, _to_come(each, back))
        if dropped:
            changed.append(replace(each, handed_back={**each.handed_back, payment.id: dropped}))
            left -= dropped
    if back.is_past:
        reached = min(left, sum(grant.amount - grant.reclaimed for grant in _grants_of(book, earlier, back)))
        payment, left = replace(payment, back_left=left - reached), reached
    taken = left - sum(grant.lapsed for grant in _grants_of(book, earlier, back))
    _take(book, EntryIds(payment).back, payment, back, taken)
    return payment, changed


def take_late_time_back(book: Book, payment: Payment, others: Sequence[Payment]) -> list[Payment]:
    """Take back what a payment that was posted just now has brought for time which others have given back already;
    answers those of them that have changed."""
    assert payment.sale is not None
    sale, changed = payment.sale, []
    for each in others:
        back = None if each.sale is None else each.sale.back
        if back is None or not each.back_left:
            continue
        whole = [] if sale.credit_expires_at is None else [(sale.credit, sale.credit_expires_at)]
        periods = [(part.credit, part.expires_at) for part in sale.parts] or whole
        brought = sum(credit for credit, until in periods if back.starts_at < until <= back.ends_at)
        taken = min(each.back_left, brought)
        _take(book, EntryIds(payment).late_back(each.id), payment, back, taken)
        changed.append(replace(each, back_left=each.back_left - taken))
    return changed


def _take(book: Book, entry_id: str, payment: Payment, back: TimeBack, amount: int) -> None:
    if amount > 0:
        text = f"Paid time of {back.plan} given back"
        book.take_back(Posting(entry_id, "refund", -amount, text, payment.id), from_grants=True)


def _to_come(payment: Payment, back: TimeBack) -> int:
    """What of a payment's months has not begun."""
    if payment.sale is None:
        return 0
    months = enumerate(zip(payment.sale.parts, payment.parts_left, strict=True))
    return sum(
        left for at, (part, left) in months if at not in payment.parts_posted and part.starts_at > back.starts_at
    )


def _grants_of(book: Book, payments: Iterable[Payment], back: TimeBack) -> list[Grant]:
    """What payments have granted that lapses within the time given back."""
    ids = [each_id for each in payments for each_id in EntryIds(each).all()]
    found = (grants.find(book.wallet.grants, each_id) for each_id in ids)
    return [grant for grant in found if grant and back.starts_at < grant.expires_at <= back.ends_at]
