"""Joins a fact to its payment and brings the books, the payer and the plan's terms in line with it, in the event's
transaction. Also begins what is due of a payment in parts, when its time has come.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import quote, unquote

from functions.farebox.accounts.account import is_gone, user_path
from functions.farebox.billing.events import (
    Disputed,
    Paid,
    PaymentFact,
    PaymentFailed,
    PaymentPending,
    PeriodPaid,
    RefundChanged,
    Refunded,
    Unmatched,
)
from functions.farebox.billing.leaving.stranded import apply_stranded
from functions.farebox.billing.payer import Payer, billing_path
from functions.farebox.billing.payment import Payment
from functions.farebox.billing.posting import EntryIds, settle
from functions.farebox.billing.subscriptions import record
from functions.farebox.billing.subscriptions.standing import Rules, UnknownPayer, bring_up_to_date
from functions.farebox.billing.subscriptions.time_back import take_late_time_back, take_time_back
from functions.farebox.billing.unmatched import open_case, unmatched_path
from functions.farebox.ledger.book import Book
from functions.farebox.storage import Data, Document, Filter, Query, Store, Transaction
from functions.farebox.storage.apart import Apart

UNCLAIMED_KEPT_FOR = timedelta(days=90)  # a payment of which only refunds were heard may be somebody else's business
PAGE = 200
MOST_PAYMENTS = 100  # that are looked at: the latest

FindOthers = Callable[[], Awaitable[list[str]]]
_Beside = list[tuple[Payment, Document | None, Document | None]]  # each with its document, and the case about it


def payment_path(payment_id: str) -> str:
    """Where a payment is kept."""
    return f"payments/{quote(payment_id, safe='')}"


async def apply_payment(
    tx: Transaction,
    provider: str,
    fact: PaymentFact,
    rules: Rules,
    period: PeriodPaid | None,
    find_others: FindOthers | None = None,
) -> tuple[Payment, Payer | None]:
    """Apply a fact about a payment; answers it and its payer, where it has one that is there, as they stand. Raises
    `UnknownPayer`.

    `period` is what was paid for, where that is a subscription's; `find_others` then names the other payments for the
    same one, which may be those whose time it gives back, or that have given its time back.
    """
    document, case, before = await _read_known(tx, provider, fact.payment)
    found = await _read_beside(tx, provider, before, fact)
    payment = before.with_beside(*(each for each, _, _ in found)).join(fact)
    if payment.sale is None:
        await _note_unpaid(tx, payment, fact, rules.now)
        if isinstance(fact, Refunded | RefundChanged | Disputed):  # until its payment is heard of, if it is ours
            lone = Unmatched("no_payment", payment.id, type(fact).__name__, fact.amount, fact.currency)
            await open_case(tx, provider, lone, "", "", rules.now)
        _write_payment(tx, document, payment, provider, rules.now)
        return payment, None
    uid = payment.sale.user
    entry_ids = EntryIds(payment)
    user, billing_doc, wallet_doc, *_ = await tx.get_many(
        user_path(uid), billing_path(uid), *Book.paths(uid, *entry_ids.all())
    )
    if wallet_doc is None:
        raise UnknownPayer(f"payment {payment.id} is for user {uid}, who has no wallet")
    if user is not None and is_gone(user.data):
        payment = await apply_stranded(tx, case, before, payment, fact, provider, rules.now)
        _write_beside(tx, payment, found, provider, rules.now)
        _write_payment(tx, document, payment, provider, rules.now)
        return payment, None
    # Asked for once the wallet was read, which every one of them changes: so none is missed that comes at once with it.
    others = [] if find_others is None or payment.credited else await find_others()
    paths = [payment_path(each) for each in others]
    heard = {each: known for each, known in zip(others, await tx.get_many(*paths), strict=True) if known is not None}
    late_ids = [entry_ids.late_back(each) for each in heard]
    book = await Book.open(tx, uid, rules.now, *entry_ids.all(), *late_ids)
    known = {each: Payment.from_data(each, document.data) for each, document in heard.items()}
    payment, changed = take_time_back(book, payment, list(known.values()))
    known |= {each.id: each for each in changed}
    is_new, payment = not payment.credited, settle(book, payment, entry_ids)
    if is_new:
        changed += take_late_time_back(book, payment, list(known.values()))
    former = Payer.from_document(billing_doc)
    payer = _note(former, payment, provider, fact)
    fields: Data = {}
    if period is not None and user is not None:
        payer = _note_period(payer, payment, period)
        payer, fields = await bring_up_to_date(tx, book, user, payer, rules, renews=period.is_renewal)
    await _note_case(tx, case, payment, provider, rules.now)
    book.set_terms(frozen=bool(payer.disputed))
    book.save(tx)
    if fields:
        tx.update(user_path(uid), fields)
    if payer != former:
        tx.set(billing_path(uid), payer.to_data())
    for each in {each.id: each for each in changed}.values():
        _write_payment(tx, heard[each.id], each, provider, rules.now)
    _write_beside(tx, payment, found, provider, rules.now)
    _write_payment(tx, document, payment, provider, rules.now)
    return payment, payer


def is_claimed(payment_id: str, document: Document) -> bool:
    """Whether another event has told what a payment was for."""
    payment = Payment.from_data(payment_id, document.data)
    return payment.sale is not None or payment.part_of is not None


async def _read_known(
    tx: Transaction, provider: str, payment_id: str
) -> tuple[Document | None, Document | None, Payment]:
    """What is known of a payment, or of the one that it is beside; with its document and the case about it."""
    document, case = await tx.get_many(payment_path(payment_id), unmatched_path(provider, payment_id))
    payment = Payment.from_data(payment_id, None if document is None else document.data)
    if payment.part_of is not None:
        return await _read_known(tx, provider, payment.part_of)
    return document, case, payment


async def _read_beside(tx: Transaction, provider: str, payment: Payment, fact: PaymentFact) -> _Beside:
    """The payments that a fact is the first to call another's, as they were heard of by themselves."""
    names = fact.also if isinstance(fact, Paid) else ()
    news = [each for each in names if each != payment.id and each not in payment.beside]
    paths = [path for each in news for path in (payment_path(each), unmatched_path(provider, each))]
    documents = await tx.get_many(*paths) if paths else []
    found = [
        (Payment.from_data(each, None if document is None else document.data), document, case)
        for each, document, case in zip(news, documents[::2], documents[1::2], strict=True)
    ]
    return [each for each in found if each[0].sale is None and each[0].part_of is None]


def _write_beside(tx: Transaction, payment: Payment, found: _Beside, provider: str, now: datetime) -> None:
    """Have those refer to the payment that they are beside, and close the cases about them: they are somebody's now."""
    for other, document, case in found:
        _write_payment(tx, document, Payment(other.id, part_of=payment.id), provider, now)
        if case is not None:
            tx.delete(case.path)


async def payments_for(store: Store, uid: str, subscription: str | None) -> list[Payment]:
    """What a user has paid for a subscription, the latest first."""
    mine = Query("payments", (Filter("user", "==", uid),), order_by="created_at", descending=True, limit=MOST_PAYMENTS)
    found = [Payment.from_data(unquote(each.id), each.data) for each in await store.query(mine)]
    return [each for each in found if each.sale is not None and each.sale.subscription == subscription]


async def _note_case(tx: Transaction, case: Document | None, payment: Payment, provider: str, now: datetime) -> None:
    """Open a case for an operator where nobody says what went back; else what was open of this payment is closed. The
    last to be read in its transaction."""
    if payment.is_unproportioned:
        detail = "a part went back in another currency, and which is not known: nothing was taken for it"
        await open_case(tx, provider, Unmatched("currency", payment.id, detail), "", "", now)
    elif case is not None:
        tx.delete(case.path)


async def begin_due_parts(store: Store, now: datetime) -> int:
    """Grant what has begun of payments for several months; answers how many payments that was. Safe to run at any
    time, any often: a part is an entry of its own."""
    begun, apart = 0, Apart()
    due = Query("payments", (Filter("part_due_at", "<=", now),), order_by="part_due_at", limit=PAGE)
    async for document in store.scan(due):
        with apart.each(f"a month of the payment {document.id} begins later"):
            begun += await _begin_parts(store, document.path, unquote(document.id), now)
    return begun


async def _begin_parts(store: Store, path: str, payment_id: str, now: datetime) -> int:
    async def work(tx: Transaction) -> int:
        document = await tx.get(path)
        if document is None:
            return 0
        before = Payment.from_data(payment_id, document.data)
        if before.part_due_at is None or before.part_due_at > now:
            return 0
        assert before.sale is not None
        entry_ids = EntryIds(before)
        user, *_ = await tx.get_many(user_path(before.sale.user), *Book.paths(before.sale.user, *entry_ids.all()))
        if user is not None and is_gone(user.data):
            payment = replace(before, is_over=True)
        else:
            book = await Book.open(tx, before.sale.user, now, *entry_ids.all())
            payment = settle(book, before, entry_ids)
            book.save(tx)
        _write_payment(tx, document, payment, document.data["provider"], now)
        return 1

    return await store.transact(work)


def _note(payer: Payer, payment: Payment, provider: str, fact: PaymentFact) -> Payer:
    """What a payer's document is to remember of a payment: who they are to the provider, an open dispute, what is on
    its way no more, and the end of an automatic attempt."""
    disputed = [each for each in payer.disputed if each != payment.id]
    if payment.is_disputed:
        disputed.append(payment.id)
    pending = {each: credit for each, credit in payer.pending.items() if each != payment.id}
    payer = replace(payer, disputed=tuple(sorted(disputed)), pending=pending)
    sale = payment.sale
    if isinstance(fact, Paid) and fact.customer is not None and provider not in payer.customers:
        payer = replace(payer, customers={**payer.customers, provider: fact.customer})
    if isinstance(fact, Paid) and sale is not None and sale.kind == "auto_recharge":
        payer = replace(payer, recharge=payer.recharge.succeeded(sale.reference))
    return payer


def _note_period(payer: Payer, payment: Payment, period: PeriodPaid) -> Payer:
    sale = payment.sale
    assert sale is not None
    if sale.starts_at is None or sale.credit_expires_at is None:
        return payer
    paid = record.Paid(sale.reference, sale.starts_at, sale.credit_expires_at, period.at)
    return replace(payer, paid=record.join_paid(payer.paid, period.subscription, paid))


async def _note_unpaid(tx: Transaction, payment: Payment, fact: PaymentFact, now: datetime) -> None:
    """Note that a payment is on its way, or is so no more; and end the attempt of auto-recharge that was declined, if
    it is still in flight."""
    if isinstance(fact, PaymentPending | PaymentFailed) and payment.pending is not None:
        await _note_pending(tx, payment)
    elif isinstance(fact, PaymentFailed) and fact.user is not None and fact.attempt is not None:
        payer = Payer.from_document(await tx.get(billing_path(fact.user)))
        recharge = payer.recharge.declined(fact.attempt, fact.reason, now)
        if recharge != payer.recharge:
            tx.set(billing_path(fact.user), replace(payer, recharge=recharge).to_data())


async def _note_pending(tx: Transaction, payment: Payment) -> None:
    assert payment.pending is not None
    uid = payment.pending["user"]
    user, document = await tx.get_many(user_path(uid), billing_path(uid))
    if user is None:
        raise UnknownPayer(f"payment {payment.id} is on its way to user {uid}, who is not there")
    payer = Payer.from_document(document)
    pending = {each: credit for each, credit in payer.pending.items() if each != payment.id}
    if payment.is_pending and not is_gone(user.data):
        pending[payment.id] = payment.pending["credit"]
    if pending != payer.pending:
        tx.set(billing_path(uid), replace(payer, pending=pending).to_data())


def _write_payment(tx: Transaction, document: Document | None, payment: Payment, provider: str, now: datetime) -> None:
    created_at = now if document is None else document.data["created_at"]
    is_lone = payment.sale is None and payment.part_of is None
    expires_at = now + UNCLAIMED_KEPT_FOR if is_lone else None
    facts = {"provider": provider, "created_at": created_at, "updated_at": now, "expires_at": expires_at}
    tx.set(payment_path(payment.id), {**payment.to_data(), **facts})
