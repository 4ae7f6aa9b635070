"""Plans: products with a monthly price, a monthly grant of credit, and terms of use. Kept in `plans/{id}`.

The built-in ones are written at first use; from then on the store rules, and an admin changes it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from functions.farebox.errors import NotFound
from functions.farebox.kit.money import NANOS_PER_USD
from functions.farebox.kit.slugs import is_slug
from functions.farebox.limits.rate_windows import NO_LIMITS, Limits
from functions.farebox.pricing.bill import ONE_BP
from functions.farebox.storage import Data, Query, Store, Transaction

MOST_PLANS = 100
MARKER = "seeds/plans"
MONTHS_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan. Amounts in nano-USD a month; `None` is no cap, no limit, all models."""

    id: str
    name: str
    price: int
    grant: int
    monthly_budget: int | None = None
    limits: Limits = NO_LIMITS
    models: tuple[str, ...] | None = None
    multiplier_bp: int = ONE_BP  # on list prices
    is_offered: bool = True  # new subscriptions may be made
    products: tuple[tuple[str, str], ...] = ()  # provider, and what it calls this plan, where it must be told
    yearly_price: int | None = None  # `None`: it is not sold by the year
    yearly_products: tuple[tuple[str, str], ...] = ()  # likewise, of a year
    trial_days: int = 0  # how long a first subscription costs nothing
    trial_grant: bool = False  # whether it brings its credit while it does

    def product_at(self, provider: str) -> str | None:
        """What a provider calls this plan."""
        return dict(self.products).get(provider)

    def is_named_at(self, provider: str) -> bool:
        """Whether it says what a provider calls it, or a year of it."""
        return self.product_at(provider) is not None or self.yearly_product_at(provider) is not None

    def yearly_product_at(self, provider: str) -> str | None:
        """What a provider calls a year of this plan."""
        return dict(self.yearly_products).get(provider)

    def price_for(self, months: int) -> int:
        """What a seat costs for so many months, in nano-USD."""
        if self.yearly_price is not None and months == MONTHS_A_YEAR:
            return self.yearly_price
        return self.price * months

    @classmethod
    def from_data(cls, plan_id: str, data: Mapping[str, Any]) -> "Plan":
        """From storage."""
        return cls(
            id=plan_id,
            name=data["name"],
            price=data["price"],
            grant=data["grant"],
            monthly_budget=data["monthly_budget"],
            limits=Limits.from_data(data["limits"]),
            models=None if data["models"] is None else tuple(data["models"]),
            multiplier_bp=data.get("multiplier_bp", ONE_BP),
            is_offered=data["is_offered"],
            products=tuple(sorted(data["products"].items())),
            yearly_price=data.get("yearly_price"),
            yearly_products=tuple(sorted(data.get("yearly_products", {}).items())),
            trial_days=data.get("trial_days", 0),
            trial_grant=data.get("trial_grant", False),
        )

    def to_data(self) -> Data:
        """For storage; the id is the document's."""
        return {
            "name": self.name,
            "price": self.price,
            "grant": self.grant,
            "monthly_budget": self.monthly_budget,
            "limits": self.limits.to_data(),
            "models": None if self.models is None else list(self.models),
            "multiplier_bp": self.multiplier_bp,
            "is_offered": self.is_offered,
            "products": dict(self.products),
            "yearly_price": self.yearly_price,
            "yearly_products": dict(self.yearly_products),
            "trial_days": self.trial_days,
            "trial_grant": self.trial_grant,
        }


BUILTIN = (
    Plan(
        "starter",
        "Starter",
        price=10 * NANOS_PER_USD,
        grant=10 * NANOS_PER_USD,
        monthly_budget=50 * NANOS_PER_USD,
        limits=Limits(rpm=60, tpm=100_000, rpd=10_000),
    ),
    Plan(
        "pro",
        "Pro",
        price=50 * NANOS_PER_USD,
        grant=55 * NANOS_PER_USD,
        monthly_budget=500 * NANOS_PER_USD,
        limits=Limits(rpm=600, tpm=1_000_000),
    ),
    Plan(
        "enterprise",
        "Enterprise",
        price=500 * NANOS_PER_USD,
        grant=600 * NANOS_PER_USD,
        limits=Limits(rpm=6_000, tpm=10_000_000),
    ),
)


def plan_path(plan_id: str) -> str:
    """Where a plan is kept."""
    return f"plans/{plan_id}"


class Plans:
    """The plans there are."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    async def list(self) -> list[Plan]:
        """All of them, the cheapest first."""
        await self._seed()
        found = await self._store.query(Query("plans", limit=MOST_PLANS))
        return sorted((Plan.from_data(each.id, each.data) for each in found), key=lambda plan: (plan.price, plan.id))

    async def get(self, plan_id: str) -> Plan:
        """One plan. Raises `NotFound`."""
        await self._seed()
        document = await self._store.get(plan_path(plan_id)) if is_slug(plan_id) else None
        if document is None:
            raise NotFound("There is no such plan. GET /api/wallet/packages lists those on offer.", param="plan")
        return Plan.from_data(plan_id, document.data)

    async def _seed(self) -> None:
        if await self._store.get(MARKER) is not None:
            return

        async def work(tx: Transaction) -> None:
            marker, *known = await tx.get_many(MARKER, *(plan_path(plan.id) for plan in BUILTIN))
            if marker is not None:
                return
            tx.create(MARKER, {"seeded_at": self._now(), "count": len(BUILTIN)})
            for plan, document in zip(BUILTIN, known, strict=True):
                if document is None:
                    tx.create(plan_path(plan.id), plan.to_data())

        await self._store.transact(work)
