"""A wallet with every budget that counts beside it, and what each of them has promised and spent."""

from dataclasses import dataclass
from datetime import datetime

from functions.farebox.kit.periods import period_of
from functions.farebox.ledger.book import Book
from functions.farebox.ledger.wallet import Posting, Wallet, wallet_path
from functions.farebox.limits.budget import Budget
from functions.farebox.limits.key_counters import key_window_path
from functions.farebox.limits.rate_windows import NO_LIMITS, Limits, Windows
from functions.farebox.limits.tenant_budget import Tenant, tenant_path
from functions.farebox.storage import Create, Store, Transaction
from tests.support.product.runtime import START

UID, KEY, TENANT = "ada", "key-1", "acme"


@dataclass(frozen=True)
class Gates:
    """What is stored of all of them. The budgets: the user's own, the key's, the tenant's."""

    wallet: Wallet
    key: Budget
    tenant: Budget

    @property
    def reserved(self) -> set[int]:
        """What each has promised: one amount, where they agree."""
        return {self.wallet.reserved, self.wallet.budget.reserved, self.key.reserved, self.tenant.reserved}

    @property
    def spent(self) -> set[int]:
        """What each budget has spent: one amount, where they agree."""
        return {self.wallet.budget.spent, self.key.spent, self.tenant.spent}


async def open_gates(
    store: Store,
    balance: int,
    *,
    user: int | None = None,
    key: int | None = None,
    tenant: int | None = None,
    limits: Limits = NO_LIMITS,
    now: datetime = START,
) -> None:
    """Make a wallet with a balance, and budgets with these caps beside it: its own, a key's, its tenant's."""

    async def work(tx: Transaction) -> None:
        await tx.get(wallet_path(UID))
        book = Book.blank(UID, now)
        book.set_terms(budget_limit=user, tenant=TENANT, limits=limits)
        if balance:
            book.post(Posting("topup", "topup", balance, "Top-up"))
        book.save(tx)

    await store.transact(work)
    month = period_of(now, "UTC")
    counters = {"budget": Budget(month, key).to_data(), "windows": Windows().to_data(), "last_used_at": None}
    await store.write(
        Create(tenant_path(TENANT), Tenant(TENANT, Budget(month, tenant), "UTC").to_data()),
        Create(key_window_path(KEY), counters),
    )


async def read_gates(store: Store) -> Gates:
    """All of them as they are stored."""
    wallet, key, tenant = await store.get_many(wallet_path(UID), key_window_path(KEY), tenant_path(TENANT))
    assert wallet and key and tenant
    return Gates(
        Wallet.from_data(wallet.data), Budget.from_data(key.data["budget"]), Budget.from_data(tenant.data["budget"])
    )
