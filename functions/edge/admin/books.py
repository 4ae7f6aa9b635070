"""Routes for operators: verifying the books, the audit trail, system-wide statistics and health."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Query
from pydantic import Field
from starlette.responses import Response, StreamingResponse

from functions.edge.admin.auth import Admin, Operated, Ordered
from functions.edge.rest.answers.stats import Days, SystemFigures, SystemStats, show_system
from functions.edge.rest.app import Answer, Wired
from functions.edge.rest.export import MEDIA_TYPES, Format, csv_head, csv_lines, export_list, offer_export
from functions.edge.rest.money import Usd
from functions.edge.rest.paging import DEFAULT_LIMIT, Cursor, Limit, ListAnswer, Pager
from functions.farebox.admin.audit_trail import AuditEntry
from functions.farebox.admin.system_health import read_health
from functions.farebox.audit import audit_all
from functions.farebox.jobs.monthly_reset import order_pass, read_pass
from functions.farebox.jobs.schedule import run_job
from functions.farebox.kit.slugs import SLUG
from functions.farebox.usage.stats import system_stats


class FaultAnswer(Answer):
    """Something that does not add up."""

    path: str
    problem: str


class AuditAnswer(Answer):
    """What an audit walked, and what it found."""

    clean: bool
    wallets: int
    entries: int
    leases: int
    requests: int
    tenants: int = Field(description="With a budget that their users have spent of")
    restless: int = Field(description="Wallets and tenants that never stood still for long enough to be compared")
    faults: list[FaultAnswer]


class TrailAnswer(Answer):
    """Who changed what. Amounts in `before` and `after` are nano-USD, as stored; `null` is that it was not there."""

    id: str
    actor: str = Field(description="A user's id, or admin-key")
    action: str
    target: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    created_at: datetime


class HealthAnswer(Answer):
    """How the system stands."""

    status: Literal["ok", "attention"] = Field(
        description="attention: leases wait for a sweep (is its job running?), or a check found an upstream ill"
    )
    users: int
    upstreams: int = Field(description="Switched on")
    overdue_leases: int = Field(description="Expired and not swept yet")
    upstream_errors: dict[str, str] = Field(description="By id of upstream, what the last check found to be wrong")


Target = Annotated[str | None, Query(max_length=300, examples=["users/u1"])]
Actor = Annotated[str | None, Query(max_length=128, examples=["admin-key"])]
Action = Annotated[str | None, Query(max_length=64, examples=["credits.bonus"])]
EXPORTED: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}


class ResetAnswer(Answer):
    """How far a pass over all users has come. Call again where it is not complete."""

    message: str
    users: int
    granted: int = Field(description="Grants of plan credit")
    granted_usd: Usd
    expired: int = Field(description="Grants that lapsed")
    complete: bool


def add_book_calls(app: FastAPI) -> None:
    """Have an app answer these calls."""
    app.get("/api/admin/audit", tags=["admin"])(list_changes)
    offer_export(app, "/api/admin/audit", "admin", "The entries; `before` and `after` as JSON in a table")(
        export_changes
    )
    app.get("/api/admin/stats", tags=["admin"], response_model=SystemStats, responses=EXPORTED)(read_system_stats)
    app.get("/api/admin/health", tags=["admin"])(show_health)
    app.post("/api/admin/reset-budgets", tags=["admin"])(reset_all_budgets)
    app.post("/api/admin/verify-books", tags=["admin"])(verify_books)


async def list_changes(
    ops: Operated,
    runtime: Wired,
    target: Target = None,
    actor: Actor = None,
    action: Action = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> ListAnswer[TrailAnswer]:
    """Who changed what, newest first."""
    pager = Pager(runtime, f"audit {target} {actor} {action}")
    page = await ops.log.page(target=target, actor=actor, action=action, limit=limit, after=pager.position(cursor))
    return pager.answer(page, _show_change)


async def export_changes(
    ops: Operated, target: Target = None, actor: Actor = None, action: Action = None, format: Format = "csv"
) -> StreamingResponse:
    """The changes that `/api/admin/audit` lists with the same filters, as a download."""
    return export_list(
        lambda limit, after: ops.log.page(target=target, actor=actor, action=action, limit=limit, after=after),
        _show_change,
        TrailAnswer,
        format,
        "audit",
    )


async def read_system_stats(
    ops: Operated,
    runtime: Wired,
    days: Days = 30,
    tenant_id: Annotated[str | None, Query(pattern=SLUG)] = None,
    format: Literal["json", "csv"] = "json",
) -> SystemStats | Response:
    """Everybody's last days, or a tenant's: in all, by day (UTC), model and upstream. As CSV, a line for each."""
    tenant = None if tenant_id is None else await ops.tenants.find(tenant_id)
    stats = await system_stats(await runtime.store(), days, runtime.now(), tenant_id)
    found = show_system(stats, None if tenant is None else tenant.budget)
    if format == "json":
        return found
    lines = [{"group": "total", **found.totals.model_dump()}]
    for group in ("day", "model", "upstream"):
        lines += [{"group": group, **each.model_dump()} for each in getattr(found, f"by_{group}")]
    columns = ("group", "name", *(name for name in SystemFigures.model_fields if name != "name"))
    return Response(csv_head(columns) + csv_lines(lines, columns), media_type=MEDIA_TYPES["csv"])


async def show_health(_admin: Admin, runtime: Wired) -> HealthAnswer:
    """How the system stands."""
    found = await read_health(await runtime.store(), runtime.now())
    status: Literal["ok", "attention"] = "attention" if found.overdue_leases or found.upstream_errors else "ok"
    return HealthAnswer(status=status, **asdict(found))


async def reset_all_budgets(ops: Operated, order: Ordered, runtime: Wired) -> ResetAnswer:
    """Run the monthly job now: budgets to their period, lapsed credit out, plan credit in. Safe to run at any time.
    With an `Idempotency-Key`, a call made again begins no second pass: it goes on with the one that it began."""
    store = await runtime.store()
    ordered, done = await order_pass(ops.log, order), await read_pass(store)
    if done.number == ordered.number and not done.complete:
        await run_job("reset-budgets", runtime)
        done = await read_pass(store)
    how_far = "are in their period" if done.complete else "are being gone through; call again to go on"
    return ResetAnswer(
        message=f"The budgets of {done.users} users {how_far}.",
        users=done.users,
        granted=done.granted,
        granted_usd=done.amount,
        expired=done.expired,
        complete=done.complete,
    )


async def verify_books(_admin: Admin, runtime: Wired) -> AuditAnswer:
    """Walk every wallet, ledger entry, lease and usage record, and name the first thing that does not add up."""
    done = await audit_all(await runtime.store())
    return AuditAnswer(
        clean=not done.faults,
        wallets=done.wallets,
        entries=done.entries,
        leases=done.leases,
        requests=done.records,
        tenants=done.tenants,
        restless=done.restless,
        faults=[FaultAnswer(path=fault.path, problem=fault.problem) for fault in done.faults],
    )


def _show_change(entry: AuditEntry) -> TrailAnswer:
    return TrailAnswer(
        id=entry.id,
        actor=entry.actor,
        action=entry.action,
        target=entry.target,
        before=entry.before,
        after=entry.after,
        created_at=entry.created_at,
    )
