"""The budget of a tenant: a cap on what all its users spend in a calendar month of the tenant's time zone.

`tenants/{id}` is there from when an operator sets a budget, and counts from then on. It is read and written in the
transaction that grants or settles a lease of one of its users, so it is never exceeded, on any number of instances;
a request that its lease covers touches it as little as it touches the wallet. A tenant without a budget has no such
document, and its users share nothing.

A lease or hold remembers the `Membership` that it was granted under and is settled there, wherever its user and the
month have gone since.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from functions.farebox.errors import InvalidRequest
from functions.farebox.kit.periods import period_of
from functions.farebox.kit.slugs import is_slug
from functions.farebox.limits.budget import Budget, BudgetCounter
from functions.farebox.storage import Data, Transaction


def tenant_path(tenant: str) -> str:
    """Where a tenant's budget is kept."""
    return f"tenants/{tenant}"


def check_tenant(tenant: str) -> str:
    """A tenant's name that an operator gives. Raises `InvalidRequest` for one that cannot be a tenant's."""
    if not is_slug(tenant):
        raise InvalidRequest(
            "Name a tenant by 1 to 64 letters, digits, dots, underscores and hyphens, a letter or digit first.",
            param="tenant",
        )
    return tenant


@dataclass(frozen=True, slots=True)
class Membership:
    """The tenant and the period of its budget that an amount counts in; no `period` where the tenant has no budget."""

    tenant: str | None = None
    period: str = ""

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Membership":
        """From a stored lease, hold or ledger entry's metadata."""
        return cls(data.get("tenant"), data.get("tenant_period", ""))

    def to_data(self) -> Data:
        """For storage, among the fields of what it belongs to."""
        return {"tenant": self.tenant, "tenant_period": self.period}

    def as_metadata(self) -> Data:
        """For a ledger entry: nothing where nothing is counted."""
        return self.to_data() if self.period else {}


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant that has a budget."""

    id: str
    budget: Budget
    time_zone: str

    @classmethod
    def from_data(cls, tenant: str, data: Mapping[str, Any], now: datetime) -> "Tenant":
        """From storage; the budget is moved to the current period."""
        budget = Budget.from_data(data["budget"]).in_period(period_of(now, data["time_zone"]))
        return cls(tenant, budget, data["time_zone"])

    def to_data(self) -> Data:
        """For storage; the id is the document's."""
        return {"budget": self.budget.to_data(), "time_zone": self.time_zone}


class TenantBudget(BudgetCounter):
    """A tenant's budget, open in a transaction."""

    def __init__(self, tenant: Tenant, stored: Data) -> None:
        super().__init__(tenant.budget)
        self._tenant = tenant
        self._stored = stored  # as it was read: a new period is written too, since what settles in it is history there

    @classmethod
    async def open(cls, tx: Transaction, tenant: str | None, now: datetime) -> "TenantBudget | None":
        """Read it, before anything is written; `None` where there is no tenant, or it has no budget."""
        document = None if tenant is None else await tx.get(tenant_path(tenant))
        if document is None:
            return None
        return cls(Tenant.from_data(document.id, document.data, now), document.data["budget"])

    def write(self, tx: Transaction, now: datetime) -> None:
        """Write it, if it has changed."""
        if self.budget.to_data() != self._stored:
            tx.set(tenant_path(self._tenant.id), replace(self._tenant, budget=self.budget).to_data())
