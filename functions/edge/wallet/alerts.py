"""Routes of a user: when and where to be alerted about money, and the alerts that were sent."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import FastAPI
from pydantic import Field, StringConstraints
from starlette.responses import StreamingResponse

from functions.edge.rest.acting import may, tell
from functions.edge.rest.app import Answer, Body, Wired
from functions.edge.rest.export import Format, export_list, offer_export
from functions.edge.rest.money import PositiveUsd, Usd
from functions.edge.rest.paging import DEFAULT_LIMIT, Cursor, Limit, ListAnswer, Pager
from functions.farebox.billing.payer import read_payer
from functions.farebox.organisations.acting import Acting
from functions.farebox.storage import Document

TYPES = (
    "As in the webhook: balance.low, budget.reached, auto_recharge.failed, key.expiring; of an organisation audit. "
    "and an action of its audit trail, such as audit.keys.create, which no mail tells"
)


class AlertSettings(Body):
    """When to be told, and where. What is absent or `null` is not set up."""

    low_balance_usd: PositiveUsd | None = None
    webhook_url: Annotated[str, StringConstraints(max_length=2000)] | None = None


class AlertSettingsAnswer(Answer):
    """When and where one is told."""

    low_balance_usd: Usd | None
    webhook_url: str | None
    webhook_secret: str | None = Field(description="What webhooks are signed with: shown once, for a new address")


class AlertAnswer(Answer):
    """Something that one was told, and how it was delivered."""

    id: str
    type: str = Field(description=TYPES)
    subject: str
    text: str
    mail: Literal["none", "waits", "sent", "given_up"]
    webhook: Literal["none", "waits", "delivered", "given_up"]
    attempts: int
    problem: str | None = Field(description="Why the latest attempt did not arrive")
    next_attempt_at: datetime | None
    created_at: datetime


def add_alerting(app: FastAPI) -> None:
    """Have an app answer these calls."""
    app.get("/api/wallet/alerts", tags=["wallet"])(read_alerts)
    app.put("/api/wallet/alerts", tags=["wallet"])(set_alerts)
    app.get("/api/wallet/alerts/log", tags=["wallet"])(list_alerts)
    offer_export(app, "/api/wallet/alerts/log", "wallet", "The alerts")(export_alerts)


async def read_alerts(acting: Annotated[Acting, may("ledger.read")], runtime: Wired) -> AlertSettingsAnswer:
    """When and where one is told. The secret is not shown again."""
    terms = (await read_payer(await runtime.store(), acting.org)).alerts
    return AlertSettingsAnswer(low_balance_usd=terms.low_balance, webhook_url=terms.url, webhook_secret=None)


async def set_alerts(
    body: AlertSettings, acting: Annotated[Acting, may("alerts.change")], runtime: Wired
) -> AlertSettingsAnswer:
    """Have yourself told of a low balance and more, by mail and, if you name an address, by signed webhooks."""
    if body.webhook_url is not None:
        acting.require_proved()
    may_stay_here = runtime.config.is_local and acting.is_operator
    set_up = await (await runtime.alerts()).configure(
        acting.org, low_balance=body.low_balance_usd, url=body.webhook_url, may_stay_here=may_stay_here
    )
    await tell(runtime, acting, "alerts.change", {"low_balance": body.low_balance_usd, "url": body.webhook_url})
    return AlertSettingsAnswer(
        low_balance_usd=set_up.terms.low_balance, webhook_url=set_up.terms.url, webhook_secret=set_up.secret
    )


async def list_alerts(
    acting: Annotated[Acting, may("ledger.read")],
    runtime: Wired,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> ListAnswer[AlertAnswer]:
    """What one was told, newest first, and whether it arrived."""
    pager = Pager(runtime, f"alerts {acting.org}")
    page = await (await runtime.alerts()).page(acting.org, limit=limit, after=pager.position(cursor))
    return pager.answer(page, _show_alert)


async def export_alerts(
    acting: Annotated[Acting, may("ledger.read")], runtime: Wired, format: Format = "csv"
) -> StreamingResponse:
    """The same, as a download."""
    alerts = await runtime.alerts()
    return export_list(
        lambda limit, after: alerts.page(acting.org, limit=limit, after=after),
        _show_alert,
        AlertAnswer,
        format,
        "alerts",
    )


def _show_alert(document: Document) -> AlertAnswer:
    data: dict[str, Any] = document.data
    return AlertAnswer(
        id=document.id,
        type=data["kind"],
        subject=data["subject"],
        text=data["text"],
        mail=data["mail"],
        webhook=data["webhook"],
        attempts=data["attempts"],
        problem=data["problem"],
        next_attempt_at=data["due_at"],
        created_at=data["created_at"],
    )
