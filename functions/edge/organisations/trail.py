"""Routes: the audit trail of an organisation, listed and offer_export."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query
from pydantic import Field
from starlette.responses import StreamingResponse

from functions.edge.rest.acting import may_in
from functions.edge.rest.app import Answer, Wired
from functions.edge.rest.export import Format, export_list, offer_export
from functions.edge.rest.paging import DEFAULT_LIMIT, Cursor, Limit, ListAnswer, Moment, Pager
from functions.farebox.organisations.acting import Acting
from functions.farebox.organisations.trail import NamedEntry
from functions.farebox.storage.pages import TimeRange

Reading = Annotated[Acting, may_in("audit.read")]


class AuditLine(Answer):
    """Who did what, from where. Amounts in `before` and `after` are nano-USD, as stored; `null` is that it was not
    there."""

    id: str
    actor: str = Field(description="A person's id, key: and the id of an API key, or system")
    actor_name: str | None = Field(
        description="What the person is called now; null: it is none, was erased, or has left and told no name"
    )
    address: str | None
    request_id: str | None
    action: str
    target: str
    target_name: str | None = Field(description="What the member is called now that it was done to; null: it was none")
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    created_at: datetime


def _span(
    start: Annotated[Moment | None, Query(alias="from")] = None,
    end: Annotated[Moment | None, Query(alias="to")] = None,
) -> TimeRange:
    return TimeRange(start, end)


Span = Annotated[TimeRange, Depends(_span)]


def add_trail_calls(app: FastAPI) -> None:
    """Have an app answer these calls."""
    app.get("/api/orgs/{org}/audit", tags=["organisations"])(list_audit)
    offer_export(app, "/api/orgs/{org}/audit", "organisations", "The entries; `before` and `after` as JSON in a table")(
        export_audit
    )


async def list_audit(
    acting: Reading, runtime: Wired, span: Span, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> ListAnswer[AuditLine]:
    """Who did what, newest first: from `from` on and before `to`."""
    pager, trail = Pager(runtime, f"trail {acting.org} {span}"), (await runtime.organisations()).trail
    page = await trail.page(acting.org, span, limit=limit, after=pager.position(cursor))
    return pager.answer(page, _show)


async def export_audit(acting: Reading, runtime: Wired, span: Span, format: Format = "csv") -> StreamingResponse:
    """The same, as a download."""
    trail = (await runtime.organisations()).trail
    return export_list(
        lambda limit, after: trail.page(acting.org, span, limit=limit, after=after), _show, AuditLine, format, "audit"
    )


def _show(named: NamedEntry) -> AuditLine:
    entry = named.entry
    return AuditLine(
        id=entry.id,
        actor=entry.actor,
        actor_name=named.actor_name,
        address=entry.address,
        request_id=entry.request_id,
        action=entry.action,
        target=entry.target,
        target_name=named.target_name,
        before=entry.before,
        after=entry.after,
        created_at=entry.created_at,
    )
