"""Applies a provider's event: its marker, the payment, the ledger entries and the wallet in one commit.

An event that was applied before changes nothing. One that is about a payment joins what is known of it
(`payment.Payment`); once the sale is known, the books are brought in line with it: the sale is credited once, under
the payment's own id, and of it is taken back what its state says, less what was taken back before.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import quote

from functions.farebox.billing.events import Paid, PaymentEvent, PaymentFact, PaymentFailed, SubscriptionChanged
from functions.farebox.billing.payer import Payer, billing_path
from functions.farebox.billing.payment import Payment
from functions.farebox.billing.posting import EntryIds, settle
from functions.farebox.billing.subscriptions import UnknownPayer, apply_subscription
from functions.farebox.ledger.book import Book
from functions.farebox.storage import Document, Store, Transaction

MARKER_KEPT_FOR = timedelta(days=90)  # providers redeliver for days, people from a dashboard for weeks
UNCLAIMED_KEPT_FOR = timedelta(days=90)  # a payment of which only refunds were heard may be somebody else's business


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of an event: whether it was new, and the payment or subscription as it stands."""

    is_new: bool
    payment: Payment | None = None


def event_path(provider: str, event_id: str) -> str:
    """Where it is noted that an event was applied."""
    return f"events/{provider}_{quote(event_id, safe='')}"


def payment_path(payment_id: str) -> str:
    """Where a payment is kept."""
    return f"payments/{quote(payment_id, safe='')}"


async def apply_event(store: Store, event: PaymentEvent, now: datetime) -> Applied:
    """Apply an event, once. Raises `UnknownPayer`, and what the store raises; nothing is changed then."""

    async def work(tx: Transaction) -> Applied:
        marker_at = event_path(event.provider, event.id)
        if await tx.get(marker_at) is not None:
            return Applied(is_new=False)
        payment = None
        if isinstance(event.fact, SubscriptionChanged):
            await apply_subscription(tx, event.fact, now)
        elif event.fact is not None:
            payment = await _apply_payment(tx, event.provider, event.fact, now)
        tx.create(
            marker_at,
            {
                "type": event.type,
                "outcome": "recorded" if event.fact is None else "applied",
                "payment": None if payment is None else payment.id,
                "created_at": now,
                "expires_at": now + MARKER_KEPT_FOR,
            },
        )
        return Applied(is_new=True, payment=payment)

    return await store.transact(work)


async def _apply_payment(tx: Transaction, provider: str, fact: PaymentFact, now: datetime) -> Payment:
    path = payment_path(fact.payment)
    document = await tx.get(path)
    before = Payment.from_data(fact.payment, None if document is None else document.data)
    payment = before.join(fact)
    if payment.sale is None:
        await _note_decline(tx, fact, now)
        _write_payment(tx, document, payment, provider, now)
        return payment
    uid = payment.sale.user
    entry_ids = EntryIds(payment)
    billing_doc, wallet_doc, *_ = await tx.get_many(billing_path(uid), *Book.paths(uid, *entry_ids.all()))
    if wallet_doc is None:
        raise UnknownPayer(f"payment {payment.id} is for user {uid}, who has no wallet")
    book = await Book.open(tx, uid, now, *entry_ids.all())
    payment = settle(book, payment, entry_ids)
    billing = Payer.from_document(billing_doc)
    changed = _note(billing, payment, provider, fact)
    book.set_terms(frozen=bool(changed.disputed))
    book.save(tx)
    if changed != billing:
        tx.set(billing_path(uid), changed.to_data())
    _write_payment(tx, document, payment, provider, now)
    return payment


def _note(billing: Payer, payment: Payment, provider: str, fact: PaymentFact) -> Payer:
    """What a payer's document is to remember of a payment: who they are to the provider, an open dispute, and the end
    of an automatic attempt."""
    disputed = [each for each in billing.disputed if each != payment.id]
    if payment.is_disputed:
        disputed.append(payment.id)
    billing = replace(billing, disputed=tuple(sorted(disputed)))
    sale = payment.sale
    if isinstance(fact, Paid) and fact.customer is not None and provider not in billing.customers:
        billing = replace(billing, customers={**billing.customers, provider: fact.customer})
    if isinstance(fact, Paid) and sale is not None and sale.kind == "auto_recharge":
        billing = replace(billing, recharge=billing.recharge.succeeded(sale.reference))
    return billing


async def _note_decline(tx: Transaction, fact: PaymentFact, now: datetime) -> None:
    """End the attempt of auto-recharge that was declined, if that is what the fact tells and it is still in flight."""
    if not isinstance(fact, PaymentFailed) or fact.user is None or fact.attempt is None:
        return
    billing = Payer.from_document(await tx.get(billing_path(fact.user)))
    recharge = billing.recharge.declined(fact.attempt, fact.reason, now)
    if recharge != billing.recharge:
        tx.set(billing_path(fact.user), replace(billing, recharge=recharge).to_data())


def _write_payment(tx: Transaction, document: Document | None, payment: Payment, provider: str, now: datetime) -> None:
    created_at = now if document is None else document.data["created_at"]
    expires_at = now + UNCLAIMED_KEPT_FOR if payment.sale is None else None
    facts = {"provider": provider, "created_at": created_at, "updated_at": now, "expires_at": expires_at}
    tx.set(payment_path(payment.id), {**payment.to_data(), **facts})
