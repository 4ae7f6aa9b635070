"""Shapes of payments and subscriptions, as their payers and operators see them."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field
from starlette.responses import StreamingResponse

from functions.edge.rest.app import Answer
from functions.edge.rest.export import Format, export_list
from functions.edge.rest.money import Usd
from functions.edge.rest.paging import ListAnswer, Pager
from functions.farebox.accounts.plans import MONTHS_A_YEAR
from functions.farebox.billing.payer import Payer
from functions.farebox.billing.payment import PaymentStatus
from functions.farebox.billing.sale import USD, SaleKind, in_units
from functions.farebox.billing.subscriptions.entitlement import running
from functions.farebox.billing.subscriptions.grace import Grace
from functions.farebox.billing.subscriptions.record import NextTerms, Problem
from functions.farebox.storage import Document
from functions.farebox.wiring.runtime import Runtime


class PaymentAnswer(Answer):
    """A payment. Receipt and invoice are the provider's."""

    id: str
    kind: SaleKind
    status: PaymentStatus
    paid_usd: Usd = Field(description="Tax included; where `currency` is another, an amount in that")
    currency: str
    credit_usd: Usd = Field(description="Of a year, the sum of its months")
    bonus_usd: Usd
    returned_usd: Usd = Field(description="Of the credit and the bonus, what was taken back")
    reference: str = Field(description="The package or the plan")
    receipt_url: str | None
    invoice_url: str | None
    created_at: datetime


Interval = Literal["month", "year", "other"]
PRICE = "A seat and interval, before tax; where `currency` is another, in that"


class NextTermsAnswer(Answer):
    """What a subscription was agreed to become."""

    plan: str
    seats: int
    interval: Interval
    price_usd: Usd | None = Field(description=PRICE)
    begins_at: datetime


class SubscriptionAnswer(Answer):
    """The subscription that a payer has."""

    id: str
    plan: str = Field(description="What is sold; of a downgrade, what comes with the next period")
    current_plan: str | None = Field(description="Whose terms hold now; null: its payment is missing for too long")
    status: Literal["active", "trialing", "past_due", "unpaid", "paused"]
    seats: int
    interval: Interval
    price_usd: Usd | None = Field(description=PRICE)
    currency: str
    started_at: datetime
    renews_at: datetime | None = Field(description="null: it ends")
    ends_at: datetime | None = Field(description="It was cancelled, and runs until then")
    trial_ends_at: datetime | None
    next: NextTermsAnswer | None = Field(description="Agreed on, as a downgrade is; null: it renews as it is, or ends")
    payment_problem: Problem | None
    terms_end_at: datetime | None = Field(description="The plan's terms end then, unless it is paid for")


async def payments_page(runtime: Runtime, uid: str, *, limit: int, cursor: str | None) -> ListAnswer[PaymentAnswer]:
    """A user's payments, newest first."""
    pager = Pager(runtime, f"payments {uid}")
    page = await (await runtime.topups()).payments(uid, limit=limit, after=pager.position(cursor))
    return pager.answer(page, show_payment)


async def payments_export(runtime: Runtime, uid: str, form: Format) -> StreamingResponse:
    """A user's payments, newest first, as a download."""
    topups = await runtime.topups()
    return export_list(
        lambda limit, after: topups.payments(uid, limit=limit, after=after),
        show_payment,
        PaymentAnswer,
        form,
        "payments",
    )


def show_payment(document: Document) -> PaymentAnswer:
    """A payment, from storage."""
    data: dict[str, Any] = document.data
    on_its_way = {"kind": "topup", "total": 0, "bonus": 0, "reference": ""}
    sale = data["sale"] or {**on_its_way, "credit": data["pending"]["credit"]}
    return PaymentAnswer(
        id=document.id,
        kind=sale["kind"],
        status=data["status"],
        paid_usd=in_units(sale["total"], sale.get("currency")),
        currency=sale.get("currency", USD),
        credit_usd=sale["credit"],
        bonus_usd=sale["bonus"],
        returned_usd=data["reversed"],
        reference=sale["reference"] if sale["kind"] != "auto_recharge" else "",
        receipt_url=data["receipt_url"],
        invoice_url=data.get("invoice_url"),
        created_at=data["created_at"],
    )


def show_subscription(payer: Payer, grace: Grace, now: datetime) -> SubscriptionAnswer | None:
    """The subscription that a payer has, if one."""
    found = running(payer, now)
    if found is None:
        return None
    assert found.status != "ended"
    return SubscriptionAnswer(
        id=found.id,
        plan=found.plan,
        current_plan=payer.plan,
        status=found.status,
        seats=found.seats,
        interval=_interval(found.months),
        price_usd=None if found.price is None else in_units(found.price, found.currency),
        currency=found.currency,
        started_at=found.started_at,
        renews_at=None if found.ends_at else found.renews_at,
        ends_at=found.ends_at,
        trial_ends_at=found.trial_ends_at,
        next=None if found.next is None or found.ends_at else _show_next(found.next, found.currency),
        payment_problem=found.problem,
        terms_end_at=found.terms_end_at(grace) if payer.plan is not None else None,
    )


def _show_next(coming: NextTerms, currency: str) -> NextTermsAnswer:
    return NextTermsAnswer(
        plan=coming.plan,
        seats=coming.seats,
        interval=_interval(coming.months),
        price_usd=None if coming.price is None else in_units(coming.price, currency),
        begins_at=coming.begins_at,
    )


def _interval(months: int) -> Interval:
    return "month" if months == 1 else "year" if months == MONTHS_A_YEAR else "other"
