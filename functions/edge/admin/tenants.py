"""Routes for operators: tenants and the budgets that their users share."""

from typing import Annotated

from fastapi import FastAPI, Path
from pydantic import Field
from starlette.responses import StreamingResponse

from functions.edge.admin.auth import Operated, Ordered
from functions.edge.rest.answers.ledger import BudgetAnswer, show_budget
from functions.edge.rest.app import Answer, Body, Wired
from functions.edge.rest.export import Format, export_list, offer_export
from functions.edge.rest.money import NonNegativeUsd
from functions.edge.rest.paging import DEFAULT_LIMIT, Cursor, Limit, ListAnswer, Pager
from functions.farebox.kit.slugs import SLUG
from functions.farebox.limits.tenant_budget import Tenant

TenantId = Annotated[str, Path(pattern=SLUG)]


class TenantBudgetToSet(Body):
    """What all users of a tenant may spend together in a calendar month of its time zone."""

    monthly_budget_usd: NonNegativeUsd | None = Field(description="`null` lifts the cap, and goes on counting")
    time_zone: str = Field("UTC", max_length=64, examples=["Europe/Berlin"])


class TenantAnswer(Answer):
    """A tenant that has a budget. It counts from when it was first set."""

    id: str
    budget: BudgetAnswer
    time_zone: str


def add_tenant_calls(app: FastAPI) -> None:
    """Have an app answer these calls."""
    app.get("/api/admin/tenants", tags=["admin"])(list_tenants)
    offer_export(app, "/api/admin/tenants", "admin", "The tenants")(export_tenants)
    app.get("/api/admin/tenants/{id}", tags=["admin"])(read_tenant)
    app.put("/api/admin/tenants/{id}", tags=["admin"])(set_tenant_budget)


async def list_tenants(
    ops: Operated, runtime: Wired, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> ListAnswer[TenantAnswer]:
    """Every tenant that has a budget, by id."""
    pager = Pager(runtime, "tenants")
    return pager.answer(await ops.tenants.page(limit=limit, after=pager.position(cursor)), _show)


async def export_tenants(ops: Operated, format: Format = "csv") -> StreamingResponse:
    """The same, as a download."""
    return export_list(
        lambda limit, after: ops.tenants.page(limit=limit, after=after), _show, TenantAnswer, format, "tenants"
    )


async def read_tenant(id: TenantId, ops: Operated) -> TenantAnswer:
    """A tenant's budget, and what its users have spent of it this month."""
    return _show(await ops.tenants.get(id))


async def set_tenant_budget(id: TenantId, body: TenantBudgetToSet, ops: Operated, order: Ordered) -> TenantAnswer:
    """Set a tenant's budget. It holds from each user's next lease on, within a minute."""
    entry = await ops.tenants.set_budget(order, id, body.monthly_budget_usd, body.time_zone)
    assert entry.after is not None
    return _show(Tenant.from_data(id, entry.after, entry.created_at))


def _show(tenant: Tenant) -> TenantAnswer:
    return TenantAnswer(id=tenant.id, budget=show_budget(tenant.budget), time_zone=tenant.time_zone)
