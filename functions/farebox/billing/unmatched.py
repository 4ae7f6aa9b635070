"""What Farebox can make nothing of, kept for operators in `unmatched/{id}`: money that is not ours or for nobody,
events of a kind or a form that is not known, amounts in a currency that nothing is sold in.

Such an event answers 200: a provider shuts an endpoint that refuses. Several events about one thing are one case; a
payment that turns out to be ours after all closes its own. That a payment is ours may be told a moment later, by
another event: so operators are called about one only if its case is still open after a while.
"""

import logging
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from functions.farebox.billing.events import Unmatched
from functions.farebox.errors import NotFound
from functions.farebox.storage import Data, Document, Filter, Query, Store, Transaction, Update
from functions.farebox.storage.pages import Page, read_page

KEPT_FOR = timedelta(days=400)
QUIET = frozenset({"unknown_kind"})  # nothing was lost: it is listed, and nobody is called
PATIENCE = timedelta(minutes=15)  # with a payment of which another event may yet say whose it is, or that it went back
PAGE = 200

log = logging.getLogger("farebox.payments.unmatched")


def unmatched_path(provider: str, about: str) -> str:
    """Where a case is kept."""
    return f"unmatched/{quote(f'{provider}_{about}', safe='')}"


async def open_case(tx: Transaction, provider: str, fact: Unmatched, kind: str, event_id: str, now: datetime) -> None:
    """Note a case, in a transaction that reads nothing more. One that is open counts the event."""
    path = unmatched_path(provider, fact.about)
    known = await tx.get(path)
    case: Data = {
        "provider": provider,
        "reason": fact.reason,
        "about": fact.about,
        "detail": fact.detail[:500],
        "amount": fact.amount,
        "currency": fact.currency,
        "user": fact.user,
        "type": kind,
        "event": event_id,
        "times": 1,
        "created_at": now,
        "updated_at": now,
        "call_at": now + PATIENCE if _can_wait(fact) else None,
        "expires_at": now + KEPT_FOR,
    }
    if known is not None and fact.reason == "no_payment" != known.data["reason"]:
        case = {**known.data, "updated_at": now, "expires_at": now + KEPT_FOR}  # it says more of the same payment
    if known is not None:
        case |= {"times": known.data["times"] + 1, "created_at": known.data["created_at"]}
        case["call_at"] = known.data["call_at"]
    tx.set(path, case)


def call_operators(provider: str, fact: Unmatched, kind: str) -> None:
    """Tell whoever watches the logs, unless that can wait; `infra/alerts.tf` makes an alert of it."""
    if fact.reason not in QUIET and not _can_wait(fact):
        _call(fact.reason, provider, kind, fact.about)


async def call_about_waiting(store: Store, now: datetime) -> int:
    """Tell of the cases that nothing has closed by now, once each; answers how many those are."""
    called = 0
    due = Query("unmatched", (Filter("call_at", "<=", now),), order_by="call_at", limit=PAGE)
    async for document in store.scan(due):
        case = document.data
        await store.write(Update(document.path, {"call_at": None}))
        _call(case["reason"], case["provider"], case["type"], case["about"])
        called += 1
    return called


def _can_wait(fact: Unmatched) -> bool:
    return fact.is_payment or fact.reason in ("no_payment", "account_gone")


def _call(reason: str, provider: str, kind: str, about: str) -> None:
    log.error("payments need an operator: %s of %s, %s: %s", reason, provider, kind, about)


async def list_cases(store: Store, *, limit: int, after: tuple[Any, ...] | None) -> Page[Document]:
    """The open cases, newest first."""
    query = Query("unmatched", order_by="created_at", descending=True, limit=limit, after=after)
    return await read_page(store, query, lambda document: document)


async def close_case(tx: Transaction, case_id: str) -> Data:
    """Close a case; answers what it was. Raises `NotFound`."""
    path = f"unmatched/{case_id}"
    document = await tx.get(path)
    if document is None:
        raise NotFound("There is no such case. GET /api/admin/payments/unmatched lists them.", param="id")
    tx.delete(path)
    return document.data
