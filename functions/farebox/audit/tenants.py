"""The audit of tenants: each budget against the ledgers, leases and holds of all its users."""

from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing

from functions.farebox.audit.door import read
from functions.farebox.audit.fault import Fault, budget_faults
from functions.farebox.audit.reading import PAGE, books_of
from functions.farebox.audit.wallet_books import WalletBooks
from functions.farebox.limits.budget import Budget
from functions.farebox.limits.tenant_budget import Membership, tenant_path
from functions.farebox.storage import Document, Query, Store

COUNTED = ("leases", "authorizations", "transactions")  # what says who has spent of a budget, and holds of it


class TenantSums:
    """What wallets say that was spent of the budgets of tenants, and is reserved of them."""

    def __init__(self) -> None:
        self.users: defaultdict[str, set[str]] = defaultdict(set)  # that have spent of a tenant's budget
        self._spent: Counter[Membership] = Counter()
        self._reserved: Counter[Membership] = Counter()

    def add(self, books: WalletBooks) -> None:
        """Add the books of a wallet."""
        for sums, amounts in ((self._spent, books.spent_of_tenants), (self._reserved, books.reserved_of_tenants)):
            for member, amount in amounts.items():
                if member.tenant is not None and member.period:
                    self.users[member.tenant].add(books.uid)
                    sums[member] += amount

    def faults(self, tenant: str, found: Document | None) -> list[Fault]:
        """What of a tenant's budget does not add up, when the books of all its users were added."""
        if found is None:
            return [Fault(tenant_path(tenant), "its users have spent of a budget that is not there")]
        return read("tenants", found, self._compare)

    def _compare(self, found: Document) -> list[Fault]:
        budget = Budget.from_data(found.data["budget"])
        member = Membership(found.id, budget.period)
        return budget_faults(
            found.path,
            "budget",
            "its users come to {} USD",
            spent=(budget.spent, self._spent[member]),
            reserved=(budget.reserved, self._reserved[member]),
        )


async def budgets_of_tenants(store: Store, spent: Iterable[str]) -> AsyncGenerator[tuple[str, Document | None]]:
    """Every tenant that has a budget, whether or not anybody spent of it; then those that were spent of and are not
    there."""
    missing = set(spent)
    async with aclosing(store.walk(Query("tenants", limit=PAGE))) as tenants:
        async for found in tenants:
            missing.discard(found.id)
            yield found.id, found
    for tenant in sorted(missing):  # or were made since
        yield tenant, await store.get(tenant_path(tenant))


async def sums_of(store: Store, users: Iterable[str]) -> TenantSums:
    """The sums of these users."""
    sums = TenantSums()
    for uid in users:
        sums.add(await books_of(store, uid, COUNTED))
    return sums
