"""Routes of a user: top-ups, subscriptions, auto-recharge and payments."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import FastAPI
from pydantic import Field, StrictBool, StringConstraints

from functions.edge.rest.app import Answer, Body, ConfirmedUser, SignedIn, Wired
from functions.edge.rest.money import NonNegativeUsd, PositiveUsd, Usd
from functions.edge.rest.paging import DEFAULT_LIMIT, Cursor, Limit, ListAnswer, Pager
from functions.farebox.accounts.plans import Plan
from functions.farebox.billing.auto_recharge import Recharge
from functions.farebox.billing.events import SaleKind
from functions.farebox.billing.payment import PaymentStatus
from functions.farebox.billing.recharge_job import configure
from functions.farebox.identity.factors.second_factors import require_recent
from functions.farebox.storage import Document

ShortName = Annotated[str, StringConstraints(min_length=1, max_length=50)]


class PackageAnswer(Answer):
    """An amount that comes with a bonus."""

    id: str
    amount_usd: Usd
    bonus_usd: Usd


class PlanAnswer(Answer):
    """A plan. `null` is no cap, no limit, all models."""

    id: str
    name: str
    price_usd: Usd = Field(description="A month")
    grant_usd: Usd = Field(description="Credit a month; what is not used within it lapses")
    monthly_budget_usd: Usd | None
    rpm: int | None
    tpm: int | None
    rpd: int | None
    models: list[str] | None


class Offer(ListAnswer[PackageAnswer]):
    """Packages, the bounds of any other amount, and plans."""

    least_usd: Usd
    most_usd: Usd
    plans: list[PlanAnswer]


class TopUp(Body):
    """What to pay: an amount, or a package."""

    amount_usd: PositiveUsd | None = None
    package: ShortName | None = None


class CheckoutAnswer(Answer):
    """The page to pay on."""

    url: str
    session_id: str


class Subscription(Body):
    """The plan to subscribe to."""

    plan: ShortName


class LinkAnswer(Answer):
    """A page of the payment provider's."""

    url: str


class PaymentAnswer(Answer):
    """A payment. The receipt is the provider's."""

    id: str
    kind: SaleKind
    status: PaymentStatus
    paid_usd: Usd
    credit_usd: Usd
    bonus_usd: Usd
    returned_usd: Usd = Field(description="Of the credit and the bonus, what was taken back")
    reference: str = Field(description="The package or the plan")
    receipt_url: str | None
    created_at: datetime


class AutoRecharge(Body):
    """When to charge the saved card, and how much."""

    enabled: StrictBool
    threshold_usd: NonNegativeUsd = Field(description="Recharge when the balance is below this")
    amount_usd: PositiveUsd


class AutoRechargeAnswer(Answer):
    """How auto-recharge stands."""

    enabled: bool
    threshold_usd: Usd
    amount_usd: Usd
    in_flight: bool = Field(description="The card is being charged")
    last_failure: str | None = Field(description="Why the card was declined last, since it was last charged")
    retry_at: datetime | None = Field(description="Not before then is it charged again")
    off_reason: str | None = Field(description="Why it was turned off for you, if it was")


def add_wallet_actions(app: FastAPI) -> None:
    """Have an app answer these calls."""
    app.get("/api/wallet/packages", tags=["wallet"])(list_packages)
    app.post("/api/wallet/checkout", tags=["wallet"])(begin_checkout)
    app.post("/api/wallet/subscribe", tags=["wallet"])(begin_subscription)
    app.post("/api/wallet/portal", tags=["wallet"])(open_portal)
    app.get("/api/wallet/payments", tags=["wallet"])(list_payments)
    app.put("/api/wallet/auto-recharge", tags=["wallet"])(set_auto_recharge)


async def list_packages(_person: SignedIn, runtime: Wired) -> Offer:
    """What can be bought."""
    shop = runtime.config.shop
    plans = [_show_plan(plan) for plan in await (await runtime.plans()).list() if plan.is_offered]
    packages = [PackageAnswer(id=each.id, amount_usd=each.amount, bonus_usd=each.bonus) for each in shop.packages]
    return Offer(data=packages, next_cursor=None, least_usd=shop.least, most_usd=shop.most, plans=plans)


async def begin_checkout(body: TopUp, person: ConfirmedUser, runtime: Wired) -> CheckoutAnswer:
    """Begin a top-up. The credit comes when it is paid."""
    topups = await runtime.topups()
    link = await topups.checkout(person.uid, person.email, amount=body.amount_usd, package=body.package)
    return CheckoutAnswer(url=link.url, session_id=link.session_id)


async def begin_subscription(body: Subscription, person: ConfirmedUser, runtime: Wired) -> LinkAnswer:
    """Begin a subscription to a plan."""
    link = await (await runtime.topups()).subscribe(person.uid, person.email, body.plan)
    return LinkAnswer(url=link.url)


async def open_portal(person: SignedIn, runtime: Wired) -> LinkAnswer:
    """The page for cards, invoices and subscriptions: for a suspended account too."""
    require_recent(person, runtime.now())
    return LinkAnswer(url=await (await runtime.topups()).portal(person.uid, person.email))


async def list_payments(
    person: SignedIn, runtime: Wired, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> ListAnswer[PaymentAnswer]:
    """One's payments, newest first, with the provider's receipts."""
    pager = Pager(runtime, f"payments {person.uid}")
    page = await (await runtime.topups()).payments(person.uid, limit=limit, after=pager.position(cursor))
    return pager.answer(page, _show_payment)


async def set_auto_recharge(body: AutoRecharge, person: ConfirmedUser, runtime: Wired) -> AutoRechargeAnswer:
    """Opt in to or out of auto-recharge. It charges the card that was saved at the latest checkout."""
    recharge = await configure(
        await runtime.store(),
        person.uid,
        runtime.config.shop,
        enabled=body.enabled,
        threshold=body.threshold_usd,
        amount=body.amount_usd,
    )
    return show_recharge(recharge)


def show_recharge(recharge: Recharge) -> AutoRechargeAnswer:
    """Auto-recharge as its user sees it."""
    return AutoRechargeAnswer(
        enabled=recharge.enabled,
        threshold_usd=recharge.threshold,
        amount_usd=recharge.amount,
        in_flight=recharge.attempt is not None,
        last_failure=recharge.last_failure,
        retry_at=recharge.retry_at,
        off_reason=recharge.off_reason,
    )


def _show_plan(plan: Plan) -> PlanAnswer:
    return PlanAnswer(
        id=plan.id,
        name=plan.name,
        price_usd=plan.price,
        grant_usd=plan.grant,
        monthly_budget_usd=plan.monthly_budget,
        rpm=plan.limits.rpm,
        tpm=plan.limits.tpm,
        rpd=plan.limits.rpd,
        models=None if plan.models is None else list(plan.models),
    )


def _show_payment(document: Document) -> PaymentAnswer:
    data: dict[str, Any] = document.data
    sale = data["sale"]
    return PaymentAnswer(
        id=document.id,
        kind=sale["kind"],
        status=data["status"],
        paid_usd=sale["total"],
        credit_usd=sale["credit"],
        bonus_usd=sale["bonus"],
        returned_usd=data["reversed"],
        reference=sale["reference"] if sale["kind"] != "auto_recharge" else "",
        receipt_url=data["receipt_url"],
        created_at=data["created_at"],
    )
