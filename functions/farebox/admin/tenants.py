"""Tenants, as operators list and change them: each with a budget that all its users share."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from functions.farebox.accounts.account import check_time_zone
from functions.farebox.admin.audit_trail import AdminCommand, AuditEntry, AuditTrail, Change
from functions.farebox.errors import NotFound
from functions.farebox.kit.periods import period_of
from functions.farebox.limits.budget import Budget
from functions.farebox.limits.tenant_budget import Tenant, check_tenant, tenant_path
from functions.farebox.storage import Query, Store, Transaction
from functions.farebox.storage.pages import Page, read_page


class Tenants:
    """The tenants that have a budget."""

    def __init__(self, store: Store, log: AuditTrail, now: Callable[[], datetime]) -> None:
        self._store = store
        self._log = log
        self._now = now

    async def find(self, tenant: str) -> Tenant | None:
        """A tenant, if it has a budget."""
        document = await self._store.get(tenant_path(tenant))
        return None if document is None else Tenant.from_data(tenant, document.data, self._now())

    async def get(self, tenant: str) -> Tenant:
        """A tenant. Raises `NotFound` where it has no budget."""
        found = await self.find(tenant)
        if found is None:
            raise NotFound("This tenant has no budget. PUT /api/admin/tenants/{id} sets one.", param="id")
        return found

    async def page(self, *, limit: int, after: tuple[Any, ...] | None) -> Page[Tenant]:
        """All that have a budget, by id."""
        query = Query("tenants", limit=limit, after=after)
        now = self._now()
        return await read_page(self._store, query, lambda each: Tenant.from_data(each.id, each.data, now))

    async def set_budget(self, order: AdminCommand, tenant: str, limit: int | None, time_zone: str) -> AuditEntry:
        """Set a tenant's budget, in nano-USD a month of an IANA time zone; `None` lifts the cap and goes on counting.

        What leases hold already stays theirs. Raises `InvalidRequest` for a name or a time zone
        that there is not.
        """
        check_tenant(tenant)
        check_time_zone(time_zone)

        async def work(tx: Transaction, _id: str) -> Change:
            document, now = await tx.get(tenant_path(tenant)), self._now()
            known = None if document is None else Tenant.from_data(tenant, document.data, now)
            budget = Budget() if known is None else known.budget
            budget = replace(budget.in_period(period_of(now, time_zone)), limit=limit)
            after = Tenant(tenant, budget, time_zone).to_data()
            tx.set(tenant_path(tenant), after)
            return Change("tenants.set_budget", tenant_path(tenant), None if known is None else known.to_data(), after)

        return await self._log.change(order, work)
