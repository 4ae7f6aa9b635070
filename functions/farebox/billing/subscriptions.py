"""Subscriptions: what a provider's events say of them, and the plan whose terms a user has because of them.

A user may come to have several, when one is bought before the other has ended. The one that was begun last and still
runs decides. Each is remembered as the latest event has it, and an end is final, so the order of events does not
matter. The credit that a plan brings is not granted here: it hangs on the payment (`posting.py`).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from functions.farebox.accounts.account import user_path
from functions.farebox.accounts.plans import Plan, plan_path
from functions.farebox.billing.events import SubscriptionChanged
from functions.farebox.billing.payer import Payer, billing_path
from functions.farebox.ledger.book import Book
from functions.farebox.limits.rate_windows import Limits
from functions.farebox.storage import Data, Document, Transaction

MOST_REMEMBERED = 20  # of one user; those that ended first are forgotten first


class UnknownPayer(Exception):
    """An event names a user who is not there. It is not marked as applied, so that the provider sends it again."""


class UnknownPlan(Exception):
    """An event names a plan that is not there. It is not marked as applied, so that the provider sends it again."""


async def apply_subscription(tx: Transaction, fact: SubscriptionChanged, now: datetime) -> None:
    """Remember how a subscription stands, and give the user the terms of the plan that they have now.

    Raises `UnknownPayer` or `UnknownPlan`.
    """
    user, document = await tx.get_many(user_path(fact.user), billing_path(fact.user))
    if user is None:
        raise UnknownPayer(f"subscription {fact.subscription} is for user {fact.user}, who is not there")
    billing = Payer.from_document(document)
    subscriptions = join(billing.subscriptions, fact)
    if subscriptions == billing.subscriptions:
        return
    current = running(subscriptions)
    await change_plan(tx, user, None if current is None else current["plan"], now)
    tx.set(billing_path(fact.user), replace(billing, subscriptions=subscriptions).to_data())


async def change_plan(tx: Transaction, user: Document, plan_id: str | None, now: datetime) -> None:
    """Put a plan's terms in the place of the former one's, in a transaction that has written nothing yet."""
    book = await Book.open(tx, user.id, now)
    fields = await adopt_plan(tx, book, user, plan_id)
    book.save(tx)
    tx.update(user.path, fields)


async def adopt_plan(tx: Transaction, book: Book, user: Document, plan_id: str | None) -> Data:
    """Put a plan's terms in the place of the former one's in an open book; answers what changes of the user.

    What an admin has set beside the former plan's terms stays. Raises `UnknownPlan`.
    """
    former, plan = await _read(tx, user.data["plan"]), await _read(tx, plan_id)
    if plan_id is not None and plan is None:
        raise UnknownPlan(f"there is no plan {plan_id}")
    limits, budget = book.wallet.limits, book.wallet.budget.limit
    if limits == (former.limits if former else Limits()):
        limits = plan.limits if plan else Limits()
    if budget == (former.monthly_budget if former else None):
        budget = plan.monthly_budget if plan else None
    book.set_terms(limits=limits, budget_limit=budget)
    models = None if plan is None or plan.models is None else list(plan.models)
    multiplier_bp = None if plan is None else plan.multiplier_bp
    return {"plan": plan_id, "plan_models": models, "plan_multiplier_bp": multiplier_bp}


def join(known: Mapping[str, Data], fact: SubscriptionChanged) -> Mapping[str, Data]:
    """The known subscriptions with one more event heard."""
    told: Data = {
        "plan": fact.plan,
        "status": fact.status,
        "told_at": fact.at,
        "started_at": fact.started_at,
        "renews_at": fact.renews_at,
        "ends_at_renewal": fact.ends_at_renewal,
    }
    former = known.get(fact.subscription)
    latest = told if former is None else max(former, told, key=_order)
    kept = {**known, fact.subscription: latest}
    while len(kept) > MOST_REMEMBERED:
        oldest = min(kept, key=lambda each: (kept[each]["status"] != "ended", kept[each]["told_at"], each))
        del kept[oldest]
    return kept


def running(subscriptions: Mapping[str, Data]) -> Data | None:
    """The subscription that decides about the plan, with its `id`."""
    live = [{"id": each, **data} for each, data in subscriptions.items() if data["status"] != "ended"]
    return max(live, key=lambda each: (each["started_at"], each["id"]), default=None)


_STATUS_ORDER = ("active", "past_due", "ended")


def _order(told: Mapping[str, Any]) -> tuple[bool, datetime, int, bool]:
    """Which of two accounts of one subscription counts: its end, then the later, then the one further on."""
    return told["status"] == "ended", told["told_at"], _STATUS_ORDER.index(told["status"]), told["ends_at_renewal"]


async def _read(tx: Transaction, plan_id: str | None) -> Plan | None:
    if plan_id is None:
        return None
    document = await tx.get(plan_path(plan_id))
    return None if document is None else Plan.from_data(plan_id, document.data)
