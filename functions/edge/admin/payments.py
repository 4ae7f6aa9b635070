"""Routes for operators: a user's payments and subscription, and what payments nobody could be found for."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import FastAPI, Path
from pydantic import Field
from starlette.responses import StreamingResponse

from functions.edge.admin.auth import Operated, Ordered
from functions.edge.admin.users.users import UserId
from functions.edge.rest.answers.subscriptions import (
    PaymentAnswer,
    SubscriptionAnswer,
    payments_export,
    payments_page,
    show_subscription,
)
from functions.edge.rest.app import Answer, Wired
from functions.edge.rest.export import Format, export_list, offer_export
from functions.edge.rest.money import Usd
from functions.edge.rest.paging import DEFAULT_LIMIT, Cursor, Limit, ListAnswer, Pager
from functions.farebox.admin.audit_trail import Change
from functions.farebox.billing.events import UnmatchedReason
from functions.farebox.billing.payer import read_payer
from functions.farebox.billing.sale import in_units
from functions.farebox.billing.unmatched import close_case, list_cases
from functions.farebox.storage import Document, Transaction

CaseId = Annotated[str, Path(max_length=300)]


class UnmatchedAnswer(Answer):
    """Something of the payment provider's that Farebox could make nothing of. Nothing was credited for it."""

    id: str
    provider: str
    reason: UnmatchedReason
    about: str = Field(description="What the provider calls it")
    detail: str
    amount: Usd | None = Field(description="In `currency`")
    currency: str | None
    user_id: str | None
    type: str = Field(description="The kind of the latest event")
    event: str = Field(description="The latest event: have the provider send it again once its cause is mended")
    times: int = Field(description="How many events there were")
    created_at: datetime
    updated_at: datetime


class BillingAnswer(Answer):
    """How a user pays."""

    customers: dict[str, str] = Field(description="What each payment provider calls them")
    subscription: SubscriptionAnswer | None
    second_subscriptions: list[str] = Field(description="That were cancelled and refunded")
    pending_usd: Usd = Field(description="Paid for, and on its way")
    disputed: list[str] = Field(description="Payments with an open dispute")


def add_payment_calls(app: FastAPI) -> None:
    """Have an app answer these calls."""
    app.get("/api/admin/payments/unmatched", tags=["admin"])(list_unmatched)
    offer_export(app, "/api/admin/payments/unmatched", "admin", "The cases")(export_unmatched)
    app.delete("/api/admin/payments/unmatched/{id}", tags=["admin"])(close_unmatched)
    app.get("/api/admin/users/{id}/payments", tags=["admin"])(list_user_payments)
    offer_export(app, "/api/admin/users/{id}/payments", "admin", "The payments")(export_user_payments)
    app.get("/api/admin/users/{id}/billing", tags=["admin"])(read_user_billing)


async def list_unmatched(
    _ops: Operated, runtime: Wired, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> ListAnswer[UnmatchedAnswer]:
    """What payments need an operator: money that is not ours or for nobody, events that could not be read."""
    pager = Pager(runtime, "unmatched")
    page = await list_cases(await runtime.store(), limit=limit, after=pager.position(cursor))
    return pager.answer(page, _show_case)


async def export_unmatched(_ops: Operated, runtime: Wired, format: Format = "csv") -> StreamingResponse:
    """The same, as a download."""
    store = await runtime.store()
    return export_list(
        lambda limit, after: list_cases(store, limit=limit, after=after),
        _show_case,
        UnmatchedAnswer,
        format,
        "unmatched",
    )


async def close_unmatched(id: CaseId, ops: Operated, order: Ordered) -> UnmatchedAnswer:
    """Close a case that was dealt with."""

    async def work(tx: Transaction, _entry: str) -> Change:
        return Change("payments.close", f"unmatched/{id}", await close_case(tx, id), None)

    closed = await ops.log.change(order, work)
    assert closed.before is not None
    return _show(id, closed.before)


async def list_user_payments(
    id: UserId, ops: Operated, runtime: Wired, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> ListAnswer[PaymentAnswer]:
    """A user's payments with the provider's receipts and invoices, newest first."""
    await ops.users.get(id)
    return await payments_page(runtime, id, limit=limit, cursor=cursor)


async def export_user_payments(id: UserId, ops: Operated, runtime: Wired, format: Format = "csv") -> StreamingResponse:
    """The same, as a download."""
    await ops.users.get(id)
    return await payments_export(runtime, id, format)


async def read_user_billing(id: UserId, ops: Operated, runtime: Wired) -> BillingAnswer:
    """How a user pays: the subscription, and what is wrong with it."""
    await ops.users.get(id)
    payer = await read_payer(await runtime.store(), id)
    return BillingAnswer(
        customers=dict(payer.customers),
        subscription=show_subscription(payer, runtime.config.grace, runtime.now()),
        second_subscriptions=sorted(payer.surplus),
        pending_usd=sum(payer.pending.values()),
        disputed=list(payer.disputed),
    )


def _show_case(document: Document) -> UnmatchedAnswer:
    return _show(document.id, document.data)


def _show(case_id: str, data: dict[str, Any]) -> UnmatchedAnswer:
    own = {name: data[name] for name in UnmatchedAnswer.model_fields if name not in ("id", "user_id")}
    if own["amount"] is not None:
        own["amount"] = in_units(own["amount"], own["currency"])
    return UnmatchedAnswer(id=case_id, user_id=data["user"], **own)
