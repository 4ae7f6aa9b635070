"""Posts a payment to the ledger: the sale is credited once, and taken back as far as its state says.

Every entry's id begins with the payment's, and what was posted so far is kept with the payment, so the entries of a
payment always sum up to its credit and bonus less its reversal, whatever came first. Of a sale in parts each is posted
when it has begun, under an id of its own; what is taken back comes off the last.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import quote

from functions.farebox.billing.payment import Payment
from functions.farebox.billing.sale import Sale
from functions.farebox.ledger import grants
from functions.farebox.ledger.book import Book
from functions.farebox.ledger.wallet import Posting

REVERSED = "Refunded or charged back"
RESTORED = "Restored: a dispute was won or a refund failed"


class EntryIds:
    """The ids of the ledger entries that a payment may make now."""

    def __init__(self, payment: Payment) -> None:
        self._payment = payment
        self.credit = quote(payment.id, safe="")
        self.bonus = f"{self.credit}.bonus"
        self.back = f"{self.credit}.back"
        self.next_reversal = f"{self.credit}.reversal.{payment.reversals + 1}"

    def late_back(self, payment_id: str) -> str:
        """That of what is taken back of it because another payment, heard before, had given its time back."""
        return f"{self.back}.{quote(payment_id, safe='')}"

    def part(self, number: int) -> str:
        """That of a part, counted from 0: the first is the credit's own."""
        return f"{self.credit}.part.{number + 1}" if number else self.credit

    def all(self) -> tuple[str, ...]:
        """For `Book.open`."""
        parts = self._payment.sale.parts if self._payment.sale else ()
        return (
            self.credit,
            self.bonus,
            self.back,
            self.next_reversal,
            *(self.part(number) for number in range(1, len(parts))),
        )


def settle(book: Book, payment: Payment, entry_ids: EntryIds) -> Payment:
    """Bring the ledger in line with what the payment comes to now."""
    sale = payment.sale
    assert sale is not None
    if not payment.credited:
        _credit(book, payment.id, sale, entry_ids)
        posted = None if sale.parts else sale.credit + sale.bonus
        payment = replace(payment, credited=True, posted=posted)
    if sale.parts and not payment.is_over:
        payment = _begin_parts(book, payment, sale, entry_ids)
    claims = _claims(payment, sale, entry_ids)
    wanted = _wanted_reversal(book, payment, sale, claims)
    difference = wanted - payment.reversed
    if not difference:
        return payment
    _reclaim(book, claims)
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
    if sale.kind == "plan":
        _credit_plan(book, payment_id, sale, entry_ids)
    elif sale.credit:
        text = "Automatic top-up" if sale.kind == "auto_recharge" else "Top-up"
        _post(book, Posting(entry_ids.credit, "topup", sale.credit, text, payment_id), sale.credit_days)
    if sale.bonus:
        text = f"Bonus of package {sale.reference}"
        _post(book, Posting(entry_ids.bonus, "bonus", sale.bonus, text, payment_id), sale.bonus_days)


def _post(book: Book, posting: Posting, days: int | None) -> None:
    """Post credit that lasts for ever, or so many days from now."""
    if days is None:
        book.post(posting)
    else:
        book.grant(posting, book.now + timedelta(days=days))


def _credit_plan(book: Book, payment_id: str, sale: Sale, entry_ids: EntryIds) -> None:
    text = f"Credit of plan {sale.reference}"
    if sale.credit and not sale.parts:
        posting = Posting(entry_ids.credit, "grant", sale.credit, text, payment_id)
        book.grant(posting, _lapse(sale, book.now))


def _lapse(sale: Sale, now: datetime) -> datetime:
    """When a plan's credit lapses: with its period; where that was paid for after its end, a period from now."""
    assert sale.credit_expires_at is not None
    if sale.credit_expires_at > now or sale.starts_at is None:
        return sale.credit_expires_at
    return now + (sale.credit_expires_at - sale.starts_at)


def _begin_parts(book: Book, payment: Payment, sale: Sale, entry_ids: EntryIds) -> Payment:
    """Grant the parts that have begun, and are not over; what a refund took whole is not granted first."""
    begun = list(payment.parts_posted)
    for number, (part, left) in enumerate(zip(sale.parts, payment.parts_left, strict=True)):
        is_due = number == 0 or (part.starts_at <= book.now and left > 0)
        if not is_due or number in payment.parts_posted:
            continue
        begun.append(number)
        text = f"Credit of plan {sale.reference}, month {number + 1} of {len(sale.parts)}"
        book.grant(Posting(entry_ids.part(number), "grant", part.credit, text, payment.id), part.expires_at)
    return replace(payment, parts_posted=tuple(begun))


@dataclass(frozen=True, slots=True)
class _Claim:
    """An entry that a payment has made: its amount, and what of it is to be taken back. What of it lapses is a grant of
    the same id."""

    id: str
    amount: int
    gone: int
    lapses: bool


def _claims(payment: Payment, sale: Sale, entry_ids: EntryIds) -> list[_Claim]:
    if sale.parts:
        parts = enumerate(zip(sale.parts, payment.parts_left, strict=True))
        begun = [(number, part.credit, left) for number, (part, left) in parts if number in payment.parts_posted]
        return [_Claim(entry_ids.part(number), credit, credit - left, True) for number, credit, left in begun]
    of_credit = payment.share_of(sale.credit)
    lapses = sale.kind == "plan" or sale.credit_days is not None
    return [
        _Claim(entry_ids.credit, sale.credit, of_credit, lapses),
        _Claim(entry_ids.bonus, sale.bonus, payment.reversal - of_credit, sale.bonus_days is not None),
    ]


def _wanted_reversal(book: Book, payment: Payment, sale: Sale, claims: list[_Claim]) -> int:
    """What is to be taken back in all. Of credit that lapses not what has lapsed: that is gone already. What was posted
    before its tax was known, and was too much, is taken back as well."""
    wanted = 0
    for claim in claims:
        grant = grants.find(book.wallet.grants, claim.id)
        if claim.lapses and claim.amount > 0 and grant is None:  # forgotten: it lapsed long ago
            return payment.reversed
        wanted += claim.gone if grant is None else min(claim.gone, claim.amount - grant.lapsed)
    return wanted + (0 if payment.posted is None else payment.posted - sale.credit - sale.bonus)


def _reclaim(book: Book, claims: list[_Claim]) -> None:
    """Say in the grants what is taken back of them."""
    for claim in claims:
        grant = grants.find(book.wallet.grants, claim.id)
        if grant is not None:
            book.reclaim(claim.id, min(claim.gone, claim.amount - grant.lapsed))
