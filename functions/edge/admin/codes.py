"""Routes for operators: redemption codes."""

from datetime import datetime
from typing import Annotated

from fastapi import FastAPI, Path
from pydantic import Field, StringConstraints
from starlette.responses import StreamingResponse

from functions.edge.admin.auth import Operated, Ordered
from functions.edge.rest.app import Answer, Body, Wired
from functions.edge.rest.export import Format, export_list, offer_export
from functions.edge.rest.money import PositiveUsd, Usd
from functions.edge.rest.paging import DEFAULT_LIMIT, Cursor, Limit, ListAnswer, Moment, Pager
from functions.farebox.admin.audit_trail import AuditEntry
from functions.farebox.admin.codes import FORM, Code


class NewCode(Body):
    """A code to make. Without `code` it is one of chance, which nobody guesses."""

    amount_usd: PositiveUsd
    code: Annotated[str, StringConstraints(pattern=FORM)] | None = None
    max_uses: Annotated[int, Field(strict=True, ge=1, le=1_000_000)] = 1
    expires_at: Moment | None = None
    note: Annotated[str, StringConstraints(max_length=300)] = ""


class CodeAnswer(Answer):
    """A code."""

    code: str
    amount_usd: Usd
    max_uses: int
    uses: int
    note: str
    expires_at: datetime | None
    created_at: datetime


def add_code_calls(app: FastAPI) -> None:
    """Have an app answer these calls."""
    app.get("/api/admin/codes", tags=["admin"])(list_codes)
    offer_export(app, "/api/admin/codes", "admin", "The codes")(export_codes)
    app.post("/api/admin/codes", status_code=201, tags=["admin"])(create_code)
    app.delete("/api/admin/codes/{code}", tags=["admin"])(end_code)


async def list_codes(
    _ops: Operated, runtime: Wired, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> ListAnswer[CodeAnswer]:
    """Every code, newest first."""
    pager = Pager(runtime, "codes")
    page = await (await runtime.codes()).page(limit=limit, after=pager.position(cursor))
    return pager.answer(page, _show)


async def export_codes(_ops: Operated, runtime: Wired, format: Format = "csv") -> StreamingResponse:
    """The same, as a download."""
    codes = await runtime.codes()
    return export_list(lambda limit, after: codes.page(limit=limit, after=after), _show, CodeAnswer, format, "codes")


async def create_code(body: NewCode, ops: Operated, order: Ordered, runtime: Wired) -> CodeAnswer:
    """Make a code: so much credit, so many times in all and once a user, until some time."""
    codes = await runtime.codes()
    made = await codes.create(
        ops.log,
        order,
        code=body.code,
        amount=body.amount_usd,
        most_uses=body.max_uses,
        expires_at=body.expires_at,
        note=body.note,
    )
    return _show_changed(made)


async def end_code(
    code: Annotated[str, Path(pattern=FORM)], ops: Operated, order: Ordered, runtime: Wired
) -> CodeAnswer:
    """End a code. What was redeemed stays."""
    return _show_changed(await (await runtime.codes()).end(ops.log, order, code))


def _show_changed(entry: AuditEntry) -> CodeAnswer:
    assert entry.after is not None
    return _show(Code(**entry.after))


def _show(code: Code) -> CodeAnswer:
    return CodeAnswer(
        code=code.code,
        amount_usd=code.amount,
        max_uses=code.most_uses,
        uses=code.uses,
        note=code.note,
        expires_at=code.expires_at,
        created_at=code.created_at,
    )
