"""The plans, by what payment providers call them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from functions.farebox.accounts.plans import Plan, Plans
from functions.farebox.storage import Store


class UnknownPlan(Exception):
    """An event names a plan that is not there."""


@dataclass(frozen=True, slots=True)
class PlanCatalogue:
    """The plans at one moment."""

    plans: Mapping[str, Plan]

    def find(self, provider: str, product: str | None, otherwise: str) -> Plan:
        """The plan that names a provider's product, or whose id it is, or else the one with this id. Raises
        `UnknownPlan`."""
        plan = self.named(provider, product)
        if plan is not None:
            return plan
        if otherwise not in self.plans:
            raise UnknownPlan(f"there is no plan {otherwise}, and none names the product {product} of {provider}")
        return self.plans[otherwise]

    def named(self, provider: str, product: str | None) -> Plan | None:
        """The plan that names a provider's product, or whose id it is."""
        if product is None:
            return None
        for plan in self.plans.values():
            if product in (plan.product_at(provider), plan.yearly_product_at(provider)):
                return plan
        return self.plans.get(product)

    def names(self, provider: str) -> frozenset[str]:
        """All that `named` finds a plan by."""
        sold = ((plan.product_at(provider), plan.yearly_product_at(provider)) for plan in self.plans.values())
        return frozenset(name for names in sold for name in names if name is not None) | self.plans.keys()

    def prices(self) -> dict[str, int]:
        """What each costs a month, in nano-USD."""
        return {plan.id: plan.price for plan in self.plans.values()}


async def read_catalogue(store: Store, now: datetime) -> PlanCatalogue:
    """The plans as they are now."""
    return PlanCatalogue({plan.id: plan for plan in await Plans(store, lambda: now).list()})
