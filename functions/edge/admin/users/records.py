"""Routes for operators: what a user did, request by request, and where they are signed in."""

from typing import Annotated

from fastapi import Depends, FastAPI, Path, Query
from starlette.responses import StreamingResponse

from functions.edge.admin.auth import Operated
from functions.edge.admin.users.users import UserId
from functions.edge.chat.receipt import receipt
from functions.edge.rest.answers.requests import COLUMNS, UsageAnswer, rows_of, show_request
from functions.edge.rest.answers.sessions import SignedInSession, show_session
from functions.edge.rest.app import Wired
from functions.edge.rest.bodies.receipts import Receipt
from functions.edge.rest.export import Format, export, offer_export
from functions.edge.rest.paging import DEFAULT_LIMIT, Cursor, Limit, ListAnswer, Moment, Pager, Part
from functions.farebox.identity import Person
from functions.farebox.storage.pages import TimeRange
from functions.farebox.usage.listing import UsageFilter, page_usage, usage_pages
from functions.farebox.usage.receipts import find_record
from functions.farebox.usage.record import UsageStatus

RequestId = Annotated[str, Path(max_length=128)]


def _wanted(
    model: Annotated[str | None, Query(max_length=200)] = None,
    key_id: Annotated[str | None, Query(max_length=100)] = None,
    status: UsageStatus | None = None,
    start: Annotated[Moment | None, Query(alias="from")] = None,
    end: Annotated[Moment | None, Query(alias="to")] = None,
) -> UsageFilter:
    return UsageFilter(model, key_id, status, TimeRange(start, end))


Wanted = Annotated[UsageFilter, Depends(_wanted)]


def add_user_records(app: FastAPI) -> None:
    """Have an app answer these calls."""
    app.get("/api/admin/users/{id}/requests", tags=["admin"])(list_user_requests)
    offer_export(app, "/api/admin/users/{id}/requests", "admin", "The requests; `tokens` as a column for each class")(
        export_user_requests
    )
    app.get("/api/admin/users/{id}/requests/{request_id}", tags=["admin"])(read_user_receipt)
    app.get("/api/admin/users/{id}/sessions", tags=["admin"])(list_user_sessions)


async def list_user_requests(
    id: UserId, ops: Operated, runtime: Wired, wanted: Wanted, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> ListAnswer[UsageAnswer]:
    """A user's requests, newest first: those from `from` on and before `to`."""
    await ops.users.get(id)
    pager = Pager(runtime, f"requests of {id} {wanted}")
    page = await page_usage(await runtime.store(), id, wanted, limit=limit, after=pager.position(cursor))
    return pager.answer(page, show_request)


async def export_user_requests(
    id: UserId, ops: Operated, runtime: Wired, wanted: Wanted, format: Format = "csv"
) -> StreamingResponse:
    """The same, as a download."""
    await ops.users.get(id)
    return export(rows_of(usage_pages(await runtime.store(), id, wanted)), COLUMNS, format, "requests")


async def read_user_receipt(id: UserId, request_id: RequestId, ops: Operated, runtime: Wired) -> Receipt:
    """What one of a user's requests was charged, and why."""
    await ops.users.get(id)
    return Receipt.model_validate(receipt(await find_record(await runtime.store(), id, request_id)))


async def list_user_sessions(id: UserId, ops: Operated, runtime: Wired, part: Part) -> ListAnswer[SignedInSession]:
    """Where a user is signed in, the latest used first."""
    user = await ops.users.get(id)
    owner = Person(user.uid, user.email, email_verified=False, is_admin=False)
    sessions = await (await runtime.identity()).sessions(owner)
    return part.of([show_session(each, current="") for each in sessions])
