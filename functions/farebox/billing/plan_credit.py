"""The monthly credit of a plan that an operator has given to somebody, without a subscription.

A subscription's credit hangs on its payments (`payments.posting`), so whoever has one that runs gets none here. It is
granted once a budget period, when the plan is given and by the monthly job from then on, and lapses with the period.
The ledger entry's id names the period, so that the job may run twice, at once with itself, or late.
"""

from datetime import datetime

from functions.farebox.accounts.plans import Plan, plan_path
from functions.farebox.billing.payer import Payer, billing_path
from functions.farebox.billing.subscriptions.entitlement import running
from functions.farebox.billing.subscriptions.terms import adopt_plan
from functions.farebox.kit.periods import period_end, period_of
from functions.farebox.ledger.book import Book
from functions.farebox.ledger.wallet import Posting, Wallet, wallet_path
from functions.farebox.storage import Data, Document, Transaction


async def open_for_credit(tx: Transaction, uid: str, now: datetime, *entry_ids: str) -> Book:
    """Open a wallet to which this period's plan credit may be granted. Raises `NotFound`."""
    document = await tx.get(wallet_path(uid))
    if document is None:
        return await Book.open(tx, uid, now)
    wallet = Wallet.from_data(document.data)
    period = wallet.budget.in_period(period_of(now, wallet.time_zone)).period
    return await Book.open(tx, uid, now, _entry_id(period), *entry_ids)


async def grant_plan_credit(tx: Transaction, book: Book, plan_id: str | None, *, actor: str = "system") -> int:
    """Grant this period's credit of a plan to a book that `open_for_credit` opened, before anything is written.

    Answers what was granted now, in nano-USD: 0 where it was granted before, where a subscription that runs pays for
    it, or where the plan brings none.
    """
    period = book.wallet.budget.period
    if plan_id is None or book.posted(_entry_id(period)) is not None:
        return 0
    plan_doc, billing_doc = await tx.get_many(plan_path(plan_id), billing_path(book.uid))
    if plan_doc is None or running(Payer.from_document(billing_doc), book.now) is not None:
        return 0
    plan = Plan.from_data(plan_id, plan_doc.data)
    if not plan.grant:
        return 0
    description = f"Credit of plan {plan_id} for {period}"
    posting = Posting(_entry_id(period), "grant", plan.grant, description, plan_id, actor)
    book.grant(posting, period_end(period, book.wallet.time_zone))
    return plan.grant


async def renew_given_plan(tx: Transaction, book: Book, user: Document) -> Data:
    """Take up the terms of a plan that an operator has given as they are now, once a period, before anything is
    written; answers what changes of the user. Those of a subscription renew with its payments."""
    billing = Payer.from_document(await tx.get(billing_path(user.id)))
    if running(billing, book.now) is not None:
        return {}
    return await adopt_plan(tx, book, user, user.data["plan"])


def _entry_id(period: str) -> str:
    return f"plan-credit.{period}"
