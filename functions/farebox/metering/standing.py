"""An account's standing, which other gateways ask for before a request, and the charge that they report after it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from functions.farebox.accounts.account import is_active, user_path
from functions.farebox.accounts.terms import read_multiplier
from functions.farebox.errors import NotFound
from functions.farebox.kit.money import format_usd
from functions.farebox.kit.periods import period_of
from functions.farebox.ledger.wallet import Wallet, wallet_path
from functions.farebox.limits.budget import Budget
from functions.farebox.limits.span_budgets import SpanBudgets, SpanCaps, span_budgets_path
from functions.farebox.limits.tenant_budget import Tenant, tenant_path
from functions.farebox.pricing.bill import charge
from functions.farebox.pricing.price import Price
from functions.farebox.pricing.prices import Prices
from functions.farebox.pricing.versions import load_patterns, load_prices, price_path, unpriced
from functions.farebox.storage import Store
from functions.farebox.tokens.usage.usage import Usage

StandingStatus = Literal[
    "ok", "credit_balance_exhausted", "user_budget_exceeded", "tenant_budget_exceeded", "account_suspended"
]


@dataclass(frozen=True, slots=True)
class Standing:
    """What a user may spend, in nano-USD. `used` counts this month's spend and what requests in flight hold; `total`
    is the monthly budget, or without one all that was used and is left."""

    verdict: StandingStatus
    total: int
    used: int
    remaining: int
    message: str

    @property
    def allowed(self) -> bool:
        """Whether the request may be sent."""
        return self.verdict == "ok"


async def check_standing(store: Store, uid: str, cost: int, now: datetime) -> Standing:
    """Whether a request that may cost so much could be paid for now. It promises nothing: two that are asked about at
    once may each be allowed; `Authorizations.authorize` holds the money. Raises `NotFound`."""
    user, document, counted = await store.get_many(user_path(uid), wallet_path(uid), span_budgets_path(uid))
    if user is None or document is None:
        raise NotFound("There is no such user.", param="user_id")
    wallet = Wallet.from_data(document.data)
    budget = wallet.budget.in_period(period_of(now, wallet.time_zone))
    spans = SpanBudgets(span_budgets_path(uid), counted, now, wallet.time_zone)
    spans.set_limits(SpanCaps.from_data(user.data))
    used = budget.spent + budget.reserved
    shared = await _shared_budget(store, wallet.tenant, now)
    remaining = min(free for free in (wallet.spendable, budget.free, spans.free, shared.free) if free is not None)
    total = used + remaining if budget.limit is None else budget.limit
    verdict: StandingStatus = "ok"
    message = f"{format_usd(remaining)} USD may be spent."
    if not is_active(user.data):
        verdict, message = "account_suspended", "This account is suspended."
    elif budget.free is not None and (budget.free < cost or not budget.free):
        verdict, message = "user_budget_exceeded", f"The monthly budget leaves {format_usd(budget.free)} USD."
    elif spans.free is not None and (spans.free < cost or not spans.free):
        left = format_usd(spans.free)
        verdict, message = "user_budget_exceeded", f"The budgets of a day, a week and in total leave {left} USD."
    elif shared.free is not None and (shared.free < cost or not shared.free):
        verdict, message = "tenant_budget_exceeded", f"The tenant's budget leaves {format_usd(shared.free)} USD."
    elif wallet.spendable < cost or not wallet.spendable:
        verdict, message = "credit_balance_exhausted", f"The credit left is {format_usd(wallet.spendable)} USD."
    return Standing(verdict, total, used, remaining, message)


async def _shared_budget(store: Store, tenant: str | None, now: datetime) -> Budget:
    document = None if tenant is None else await store.get(tenant_path(tenant))
    return Budget() if document is None else Tenant.from_data(document.id, document.data, now).budget


async def estimate(store: Store, uid: str, model: str, usage: Usage) -> int:
    """What tokens would cost a user, in nano-USD: nothing that is known where the model has no price here."""
    try:
        price = await current_price(store, model)
    except NotFound:
        return 0
    return charge(price, usage, multiplier_bp=await read_multiplier(store, uid)).total


async def current_price(store: Store, model: str) -> Price:
    """The price that a model has now, by its own name or by a pattern. Raises `NotFound` with `model_not_found`."""
    document = await store.get(price_path(model))
    if document is not None and document.data["active"]:
        return Price.from_document(document.data)
    price = Prices(await load_patterns(store)).get(model)
    if price is not None:  # it may mean one that has a price of its own
        price = Prices(await load_prices(store)).get(model)
    if price is None:
        raise unpriced(model)
    return price
