"""Routes of a user: top-ups, subscriptions, auto-recharge and payments."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import FastAPI
from pydantic import Field, StrictBool, StrictInt, StringConstraints
from starlette.responses import Response, StreamingResponse

from functions.edge.rest.acting import may, tell
from functions.edge.rest.answers.subscriptions import PaymentAnswer, payments_export, payments_page
from functions.edge.rest.app import Answer, Body, Wired
from functions.edge.rest.export import Format, offer_export
from functions.edge.rest.money import NonNegativeUsd, PositiveUsd, Usd
from functions.edge.rest.paging import DEFAULT_LIMIT, Cursor, Limit, ListAnswer, Part
from functions.farebox.accounts.plans import Plan
from functions.farebox.billing.auto_recharge import Recharge
from functions.farebox.billing.packages import Package
from functions.farebox.billing.recharge_job import configure
from functions.farebox.billing.sale import in_units
from functions.farebox.organisations.acting import Acting

MOST_SEATS = 10_000
Paying = Annotated[Acting, may("payments.make")]
ShortName = Annotated[str, StringConstraints(min_length=1, max_length=50)]


class PackageAnswer(Answer):
    """An amount that comes with a bonus."""

    id: str
    amount_usd: Usd
    bonus_usd: Usd
    expires_days: int | None = Field(description="How long the credit lasts; null: for ever")
    bonus_expires_days: int | None = Field(description="How long the bonus does")


class PlanAnswer(Answer):
    """A plan. `null` is no cap, no limit, all models."""

    id: str
    name: str
    price_usd: Usd = Field(description="A month")
    yearly_price_usd: Usd | None = Field(description="A year at once; null: it is sold by the month only")
    trial_days: int = Field(description="How long a first subscription costs nothing")
    trial_grant: bool = Field(description="Whether it brings its credit while it does")
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
    most_recharge_usd: Usd = Field(description="The most that auto-recharge charges at once; the least is `least_usd`")
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
    """The plan to subscribe to. Each seat brings the plan's credit."""

    plan: ShortName
    seats: StrictInt = Field(1, ge=1, le=MOST_SEATS)
    interval: Literal["month", "year"] = "month"


class QuoteAnswer(Answer):
    """What a change of plan comes to, if it is made now."""

    is_estimate: bool = Field(description="The provider does not say: by list prices, before tax and discounts")
    today_usd: Usd | None = Field(description="Charged at once, tax included; null: only the provider's page tells")
    currency: str = Field(description="Where it is another, the amounts are in that")
    begins_at: datetime | None = Field(description="When the plan's terms hold; null: at once")
    renewal_usd: Usd = Field(description="All seats, from the next renewal on, before tax and discounts")
    renews_at: datetime | None = Field(description="null: it ends")
    ends_at: datetime | None = Field(description="It was cancelled, which a change does not undo, and runs until then")


class LinkAnswer(Answer):
    """A page of the payment provider's."""

    url: str


class AutoRecharge(Body):
    """When to charge the saved card, and how much."""

    enabled: StrictBool
    threshold_usd: NonNegativeUsd | None = Field(
        None, description="Recharge when the balance is below this; left out, what it was before"
    )
    amount_usd: PositiveUsd | None = Field(None, description="Likewise")


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
    app.post("/api/wallet/subscribe/quote", tags=["wallet"])(quote_change)
    app.delete("/api/wallet/subscribe", status_code=204, tags=["wallet"])(give_up_subscription)
    app.post("/api/wallet/portal", tags=["wallet"])(open_portal)
    app.get("/api/wallet/payments", tags=["wallet"])(list_payments)
    offer_export(app, "/api/wallet/payments", "wallet", "The payments")(export_payments)
    app.put("/api/wallet/auto-recharge", tags=["wallet"])(set_auto_recharge)


async def list_packages(_acting: Annotated[Acting, may("wallet.read")], runtime: Wired, part: Part) -> Offer:
    """What can be bought."""
    shop = runtime.config.shop
    plans = [_show_plan(plan) for plan in await (await runtime.plans()).list() if plan.is_offered]
    packages = part.of([_show_package(package) for package in shop.packages])
    return Offer(
        data=packages.data,
        next_cursor=packages.next_cursor,
        least_usd=shop.least,
        most_usd=shop.most,
        most_recharge_usd=shop.most_recharge,
        plans=plans,
    )


async def begin_checkout(body: TopUp, acting: Paying, runtime: Wired) -> CheckoutAnswer:
    """Begin a top-up. The credit comes when it is paid."""
    topups = await runtime.topups()
    link = await topups.checkout(acting.org, acting.email, amount=body.amount_usd, package=body.package)
    await tell(runtime, acting, "payments.checkout", {"amount": body.amount_usd, "package": body.package})
    return CheckoutAnswer(url=link.url, session_id=link.session_id)


async def begin_subscription(body: Subscription, acting: Paying, runtime: Wired) -> LinkAnswer:
    """Begin a subscription to a plan. There is one a payer: a second answers 409, with the way to change the first."""
    topups, is_yearly = await runtime.topups(), body.interval == "year"
    link = await topups.subscribe(acting.org, acting.email, body.plan, seats=body.seats, is_yearly=is_yearly)
    await tell(runtime, acting, "payments.subscribe", {"plan": body.plan, "seats": body.seats})
    return LinkAnswer(url=link.url)


async def quote_change(body: Subscription, acting: Paying, runtime: Wired) -> QuoteAnswer:
    """What it costs to change the subscription that there is, and from when the new plan holds. Nothing is changed:
    that is done on the provider's page."""
    topups, is_yearly = await runtime.topups(), body.interval == "year"
    quote = await topups.quote_change(acting.org, body.plan, seats=body.seats, is_yearly=is_yearly)
    return QuoteAnswer(
        is_estimate=quote.is_estimate,
        today_usd=None if quote.today is None else in_units(quote.today, quote.currency),
        currency=quote.currency,
        begins_at=quote.begins_at,
        renewal_usd=in_units(quote.renewal, quote.currency),
        renews_at=quote.renews_at,
        ends_at=quote.ends_at,
    )


async def give_up_subscription(acting: Annotated[Acting, may("payments.manage")], runtime: Wired) -> Response:
    """Close the checkout of a subscription that is open, so that another can be begun."""
    await (await runtime.topups()).give_up_subscribing(acting.org)
    await tell(runtime, acting, "payments.give_up_subscription")
    return Response(status_code=204)


async def open_portal(acting: Annotated[Acting, may("payments.manage")], runtime: Wired) -> LinkAnswer:
    """The page for cards, invoices and subscriptions: for a suspended account too."""
    return LinkAnswer(url=await (await runtime.topups()).portal(acting.org, acting.email))


async def list_payments(
    acting: Annotated[Acting, may("ledger.read")],
    runtime: Wired,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> ListAnswer[PaymentAnswer]:
    """One's payments, newest first, with the provider's receipts."""
    return await payments_page(runtime, acting.org, limit=limit, cursor=cursor)


async def export_payments(
    acting: Annotated[Acting, may("ledger.read")], runtime: Wired, format: Format = "csv"
) -> StreamingResponse:
    """The payments that `/api/wallet/payments` lists, as a download."""
    return await payments_export(runtime, acting.org, format)


async def set_auto_recharge(body: AutoRecharge, acting: Paying, runtime: Wired) -> AutoRechargeAnswer:
    """Opt in to or out of auto-recharge. It charges the card that was saved at the latest checkout."""
    recharge = await configure(
        await runtime.store(),
        acting.org,
        runtime.config.shop,
        enabled=body.enabled,
        threshold=body.threshold_usd,
        amount=body.amount_usd,
    )
    terms = {"enabled": recharge.enabled, "threshold": recharge.threshold, "amount": recharge.amount}
    await tell(runtime, acting, "payments.auto_recharge", terms)
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


def _show_package(package: Package) -> PackageAnswer:
    return PackageAnswer(
        id=package.id,
        amount_usd=package.amount,
        bonus_usd=package.bonus,
        expires_days=package.credit_days,
        bonus_expires_days=package.bonus_days,
    )


def _show_plan(plan: Plan) -> PlanAnswer:
    return PlanAnswer(
        id=plan.id,
        name=plan.name,
        price_usd=plan.price,
        yearly_price_usd=plan.yearly_price,
        trial_days=plan.trial_days,
        trial_grant=plan.trial_grant,
        grant_usd=plan.grant,
        monthly_budget_usd=plan.monthly_budget,
        rpm=plan.limits.rpm,
        tpm=plan.limits.tpm,
        rpd=plan.limits.rpd,
        models=None if plan.models is None else list(plan.models),
    )
