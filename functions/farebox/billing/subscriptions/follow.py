"""What the job of auto-recharge does beside it: it brings about what time alone does, the months of a year that was
paid at once, the end of a grace, a downgrade or a cancellation at the end of its period; and it ends second
subscriptions which are still there, and what is open at the provider for payers who are gone.

Safe to run at any time, any often: each is a transaction that recognises itself.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime

from functions.farebox.accounts.account import is_gone, user_path
from functions.farebox.billing.leaving.closing import end_business
from functions.farebox.billing.payer import Payer, billing_path
from functions.farebox.billing.provider import Payments
from functions.farebox.billing.settlement import begin_due_parts
from functions.farebox.billing.subscriptions.catalogue import read_catalogue
from functions.farebox.billing.subscriptions.duplicates import end_duplicates
from functions.farebox.billing.subscriptions.grace import Grace
from functions.farebox.billing.subscriptions.standing import Rules, bring_up_to_date
from functions.farebox.billing.unmatched import call_about_waiting
from functions.farebox.ledger.book import Book
from functions.farebox.storage import Filter, Query, Store, Transaction
from functions.farebox.storage.apart import Apart

PAGE = 200


@dataclass(slots=True)
class Followed:
    """What a run came to: payments of which a month began, payers whose plan changed, second subscriptions."""

    months_begun: int = 0
    plans_changed: int = 0
    duplicates: int = 0
    called_about: int = 0  # cases of payments that are still nobody's
    closed: int = 0  # payers who are gone, for whom something was still open at the provider
    failed: int = 0

    def to_data(self) -> dict[str, int]:
        """For an answer."""
        return asdict(self)


async def follow_subscriptions(store: Store, payments: Payments, grace: Grace, now: Callable[[], datetime]) -> Followed:
    """Bring about what is due."""
    done = Followed(months_begun=await begin_due_parts(store, now()))
    done.called_about = await call_about_waiting(store, now())
    rules = Rules(await read_catalogue(store, now()), now(), grace)
    due = Query("billing", (Filter("check_at", "<=", rules.now),), order_by="check_at", limit=PAGE)
    apart = Apart()
    async for document in store.scan(due):
        with apart.each(f"the plan of {document.id} cannot be followed"):
            done.plans_changed += await _look_at(store, document.id, rules)
    doubled = Query("billing", (Filter("doubled", "==", True),), limit=PAGE)
    async for document in store.scan(doubled):
        with apart.each(f"second subscriptions of {document.id} are ended later"):
            ended, left = await end_duplicates(store, payments, document.id, now())
            done.duplicates += ended
            done.failed += left
    leavers = Query("billing", (Filter("closing", "==", True),), limit=PAGE)
    async for document in store.scan(leavers):
        with apart.each(f"what is open for {document.id} is ended later"):
            is_ended = await end_business(store, payments, document.id, now())
            done.closed += is_ended
            done.failed += not is_ended
    done.failed += apart.failed
    return done


async def _look_at(store: Store, uid: str, rules: Rules) -> int:
    """Give a payer the terms of the plan that they have by now; answers whether that is another."""

    async def work(tx: Transaction) -> int:
        user, document = await tx.get_many(user_path(uid), billing_path(uid))
        if user is None or document is None or is_gone(user.data):
            return 0
        former = Payer.from_document(document)
        book = await Book.open(tx, uid, rules.now)
        payer, fields = await bring_up_to_date(tx, book, user, former, rules)
        book.save(tx)
        if fields:
            tx.update(user.path, fields)
        if payer != former:
            tx.set(billing_path(uid), payer.to_data())
        return int(payer.plan != former.plan)

    return await store.transact(work)
