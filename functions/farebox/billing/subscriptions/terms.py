"""Puts a plan's terms in the place of the former one's. What an admin has set beside them stays, and nothing else does.

`users/{uid}.overrides` names the terms that an admin has set. Accounts of earlier versions lack it: there a term counts
as set by an admin where it differs from the former plan's.
"""

from collections.abc import Mapping
from typing import Any

from functions.farebox.accounts.plans import Plan, plan_path
from functions.farebox.billing.subscriptions.catalogue import UnknownPlan
from functions.farebox.ledger.book import Book
from functions.farebox.ledger.wallet import Wallet
from functions.farebox.limits.rate_windows import Limits
from functions.farebox.storage import Data, Document, Transaction

BUDGET, LIMITS = "monthly_budget", "limits"
OVERRIDABLE = (BUDGET, LIMITS)


async def adopt_plan(
    tx: Transaction, book: Book, user: Document, plan_id: str | None, overrides: frozenset[str] | None = None
) -> Data:
    """Put a plan's terms in the place of the former one's in an open book; answers what changes of the user.

    `overrides` are the terms that an admin has set, where that changes now. Raises `UnknownPlan`.
    """
    former, plan = await _read(tx, user.data["plan"]), await _read(tx, plan_id)
    if plan_id is not None and plan is None:
        raise UnknownPlan(f"there is no plan {plan_id}")
    if overrides is None:
        overrides = overrides_of(user.data, book.wallet, former)
    if LIMITS not in overrides:
        book.set_terms(limits=plan.limits if plan else Limits())
    if BUDGET not in overrides:
        book.set_terms(budget_limit=plan.monthly_budget if plan else None)
    models = None if plan is None or plan.models is None else list(plan.models)
    multiplier_bp = None if plan is None else plan.multiplier_bp
    return {
        "plan": plan_id,
        "plan_models": models,
        "plan_multiplier_bp": multiplier_bp,
        "plan_period": book.wallet.budget.period,
        "overrides": sorted(overrides),
    }


async def read_overrides(tx: Transaction, book: Book, user: Document) -> frozenset[str]:
    """The terms of a user that an admin has set, beside the plan that they have."""
    return overrides_of(user.data, book.wallet, await _read(tx, user.data["plan"]))


def overrides_of(user: Mapping[str, Any], wallet: Wallet, former: Plan | None) -> frozenset[str]:
    """The terms of a user that an admin has set."""
    if "overrides" in user:
        return frozenset(user["overrides"])
    found = set()
    if wallet.limits != (former.limits if former else Limits()):
        found.add(LIMITS)
    if wallet.budget.limit != (former.monthly_budget if former else None):
        found.add(BUDGET)
    return frozenset(found)


async def _read(tx: Transaction, plan_id: str | None) -> Plan | None:
    if plan_id is None:
        return None
    document = await tx.get(plan_path(plan_id))
    return None if document is None else Plan.from_data(plan_id, document.data)
