"""The audit of tenants: each budget against the ledgers, leases and holds of all its users."""

from collections import Counter
from collections.abc import Collection

from functions.farebox.kit.money import format_usd
from functions.farebox.leases.lease import Lease
from functions.farebox.ledger.wallet import wallet_path
from functions.farebox.limits.budget import Budget
from functions.farebox.limits.tenant_budget import Membership, tenant_path
from functions.farebox.storage import Filter, Query, Store

PAGE = 500
LOOKS = 5  # at a budget that keeps changing, before it is left for the next audit


async def tenant_fault(store: Store, tenant: str, users: Collection[str]) -> str | None:
    """What of a tenant's budget does not add up, over all users that ever spent of it. Raises `Restless`."""
    for _ in range(LOOKS):
        before = await store.get(tenant_path(tenant))
        if before is None:
            return "its users have spent of a budget that is not there"
        budget = Budget.from_data(before.data["budget"])
        sums: Counter[str] = Counter()
        for uid in users:
            sums.update(await _spent_by(store, uid, Membership(tenant, budget.period)))
        after = await store.get(tenant_path(tenant))
        if after is not None and before.version == after.version:
            return _difference(budget, sums)
    raise Restless


class Restless(Exception):
    """It never stood still for long enough to be compared."""


def _difference(budget: Budget, sums: Counter[str]) -> str | None:
    for name, counted in (("spent", budget.spent), ("reserved", budget.reserved)):
        if counted != sums[name]:
            return f"{format_usd(counted)} USD is {name} of its budget, its users come to {format_usd(sums[name])} USD"
    return None


async def _spent_by(store: Store, uid: str, member: Membership) -> Counter[str]:
    path, sums = wallet_path(uid), Counter[str]()
    async for entry in store.scan(Query(f"{path}/transactions", (Filter("type", "==", "usage"),), limit=PAGE)):
        if Membership.from_data(entry.data["metadata"]) == member:
            sums["spent"] -= entry.data["amount"]
    async for document in store.scan(Query(f"{path}/leases", (Filter("state", "==", "open"),), limit=PAGE)):
        lease = Lease.from_document(document)
        if lease.scope.membership == member:
            sums["reserved"] += lease.unspent
    held = (Filter("user", "==", uid), Filter("state", "==", "open"))
    async for hold in store.scan(Query("authorizations", held, limit=PAGE)):
        if Membership.from_data(hold.data) == member:
            sums["reserved"] += hold.data["amount"]
    return sums
