"""Routes for operators: prices, upstreams and plans."""

from typing import Annotated

from fastapi import FastAPI, Path, Query
from pydantic import Field
from starlette.responses import StreamingResponse

from functions.edge.admin.auth import Operated, Ordered
from functions.edge.admin.price_bodies import Line, ModelPrice, PriceAnswer, PriceToSet, show_model_price, show_price
from functions.edge.admin.upstream_bodies import OPTIONAL, NewUpstream, UpstreamAnswer, UpstreamTerms, show_upstream
from functions.edge.admin.users.users import RateLimits, Slug
from functions.edge.rest.app import Body, Wired
from functions.edge.rest.export import Format, export_all, offer_export
from functions.edge.rest.money import NonNegativeUsd, Usd
from functions.edge.rest.paging import ListAnswer, Part
from functions.edge.rest.text import Models, Name
from functions.farebox.accounts.plans import Plan
from functions.farebox.admin.audit_trail import AuditEntry
from functions.farebox.kit.slugs import SLUG
from functions.farebox.limits.rate_windows import Limits
from functions.farebox.pricing.bill import format_multiplier, parse_multiplier
from functions.farebox.pricing.price import Price
from functions.farebox.pricing.versions import get_versions, load_prices, unpriced
from functions.farebox.wiring.runtime import Runtime

Model = Annotated[str, Path(min_length=1, max_length=200)]
UpstreamId = Annotated[str, Path(max_length=64)]
MOST_TRIAL_DAYS = 365
PlanId = Annotated[str, Path(pattern=SLUG)]


class PlanToSet(Body):
    """A plan. `null` is no cap, no limit, all models."""

    name: Name
    price_usd: NonNegativeUsd = Field(description="A month")
    grant_usd: NonNegativeUsd = Field(description="Credit a month; what is not used within it lapses")
    monthly_budget_usd: NonNegativeUsd | None = None
    limits: RateLimits = RateLimits()
    models: Models | None = None
    multiplier: str = Field("1", description="On list prices", examples=["1.25"])
    is_offered: bool = Field(True, description="Whether new subscriptions may be made")
    products: dict[Slug, Line] = Field({}, description="What payment providers call it")
    yearly_price_usd: NonNegativeUsd | None = Field(None, description="A year at once; null: it is not sold so")
    yearly_products: dict[Slug, Line] = Field({}, description="What payment providers call a year of it")
    trial_days: int = Field(0, ge=0, le=MOST_TRIAL_DAYS, description="How long a first subscription costs nothing")
    trial_grant: bool = Field(False, description="Whether it brings its credit while it does")


class ManagedPlan(PlanToSet):
    """A plan, as operators see it."""

    id: str
    price_usd: Usd
    grant_usd: Usd
    monthly_budget_usd: Usd | None
    yearly_price_usd: Usd | None


def add_catalogue_calls(app: FastAPI) -> None:
    """Have an app answer these calls."""
    app.get("/api/admin/pricing", tags=["admin"])(list_prices)
    offer_export(app, "/api/admin/pricing", "admin", "The prices; tiers and tools as JSON in a table")(export_prices)
    app.get("/api/admin/pricing/{model:path}", tags=["admin"])(read_price)
    app.put("/api/admin/pricing/{model:path}", tags=["admin"])(put_price)
    app.delete("/api/admin/pricing/{model:path}", tags=["admin"])(delete_price)
    app.get("/api/admin/upstreams", tags=["admin"])(list_upstreams)
    app.post("/api/admin/upstreams", status_code=201, tags=["admin"])(create_upstream)
    offer_export(app, "/api/admin/upstreams", "admin", "The upstreams, without their secrets")(export_upstreams)
    app.get("/api/admin/upstreams/{id}", tags=["admin"])(read_upstream)
    app.patch("/api/admin/upstreams/{id}", tags=["admin"])(change_upstream)
    app.delete("/api/admin/upstreams/{id}", tags=["admin"])(delete_upstream)
    app.get("/api/admin/plans", tags=["admin"])(list_plans)
    offer_export(app, "/api/admin/plans", "admin", "The plans")(export_plans)
    app.put("/api/admin/plans/{id}", tags=["admin"])(put_plan)


async def list_prices(_ops: Operated, runtime: Wired, part: Part) -> ListAnswer[PriceAnswer]:
    """Every price that counts now, by name of model."""
    return part.of([show_price(price) for price in await _prices(runtime)])


async def export_prices(_ops: Operated, runtime: Wired, format: Format = "csv") -> StreamingResponse:
    """The prices that `/api/admin/pricing` lists, as a download."""
    return export_all(await _prices(runtime), show_price, PriceAnswer, format, "prices")


async def _prices(runtime: Runtime) -> list[Price]:
    prices = await load_prices(await runtime.store())
    return [price for _, price in sorted(prices.items())]


async def read_price(model: Model, _ops: Operated, runtime: Wired) -> ModelPrice:
    """A model's price, and those that it had."""
    store = await runtime.store()
    versions = await get_versions(store, model)
    if not versions:
        raise unpriced(model)
    return show_model_price((await load_prices(store)).get(model), versions)


async def put_price(
    model: Model,
    body: PriceToSet,
    ops: Operated,
    order: Ordered,
    runtime: Wired,
    force: Annotated[bool, Query(description="Even if a unit price moves tenfold")] = False,
) -> PriceAnswer:
    """Give a model a price from now on, as a new version. Other instances follow within half a minute."""
    changed = await ops.catalogue.put_price(order, model, body.model_dump(exclude_none=True), force=force)
    await runtime.refresh_here()
    return _show_changed_price(changed)


async def delete_price(model: Model, ops: Operated, order: Ordered, runtime: Wired) -> PriceAnswer:
    """Take a model off the list: it is refused from now on, never served free. Answers the price it had."""
    changed = await ops.catalogue.delete_price(order, model)
    await runtime.refresh_here()
    return _show_changed_price(changed)


async def list_upstreams(ops: Operated, part: Part) -> ListAnswer[UpstreamAnswer]:
    """Every upstream."""
    return part.of([show_upstream(data) for data in await ops.catalogue.upstreams()])


async def export_upstreams(ops: Operated, format: Format = "csv") -> StreamingResponse:
    """The upstreams that `/api/admin/upstreams` lists, as a download."""
    listed = await ops.catalogue.upstreams()
    return export_all(
        listed, show_upstream, UpstreamAnswer, format, "upstreams", more=["base_url", "models", *OPTIONAL]
    )


async def create_upstream(body: NewUpstream, ops: Operated, order: Ordered, runtime: Wired) -> UpstreamAnswer:
    """Add an upstream. Instances follow within 15 seconds."""
    created = await ops.catalogue.create_upstream(order, body.entry, enabled=body.enabled)
    await runtime.refresh_here()
    return show_upstream(created.after)


async def read_upstream(id: UpstreamId, ops: Operated) -> UpstreamAnswer:
    """One upstream."""
    return show_upstream(await ops.catalogue.upstream(id))


async def change_upstream(
    id: UpstreamId, body: UpstreamTerms, ops: Operated, order: Ordered, runtime: Wired
) -> UpstreamAnswer:
    """Change an upstream, or switch it on or off. What is absent stays; `null` is the default again. An object or a
    list takes the place of what is there; in `headers` and `query`, `null` keeps the value that a name has."""
    enabled = body.enabled if "enabled" in body.model_fields_set else None
    changed = await ops.catalogue.change_upstream(order, id, body.entry, enabled=enabled)
    await runtime.refresh_here()
    return show_upstream(changed.after)


async def delete_upstream(id: UpstreamId, ops: Operated, order: Ordered, runtime: Wired) -> UpstreamAnswer:
    """Forget an upstream and its key. Answers what it was."""
    deleted = await ops.catalogue.delete_upstream(order, id)
    await runtime.refresh_here()
    return show_upstream(deleted.before)


async def list_plans(_ops: Operated, runtime: Wired, part: Part) -> ListAnswer[ManagedPlan]:
    """Every plan, offered or not, the cheapest first."""
    return part.of([_show_plan(plan) for plan in await (await runtime.plans()).list()])


async def export_plans(_ops: Operated, runtime: Wired, format: Format = "csv") -> StreamingResponse:
    """The plans that `/api/admin/plans` lists, as a download."""
    return export_all(await (await runtime.plans()).list(), _show_plan, ManagedPlan, format, "plans")


async def put_plan(id: PlanId, body: PlanToSet, ops: Operated, order: Ordered) -> ManagedPlan:
    """Make or change a plan. Users get its new terms with their next renewal or change."""
    plan = Plan(
        id=id,
        name=body.name,
        price=body.price_usd,
        grant=body.grant_usd,
        monthly_budget=body.monthly_budget_usd,
        limits=Limits(**body.limits.model_dump()),
        models=None if body.models is None else tuple(dict.fromkeys(body.models)),
        multiplier_bp=parse_multiplier(body.multiplier),
        is_offered=body.is_offered,
        products=tuple(sorted(body.products.items())),
        yearly_price=body.yearly_price_usd,
        yearly_products=tuple(sorted(body.yearly_products.items())),
        trial_days=body.trial_days,
        trial_grant=body.trial_grant,
    )
    after = (await ops.catalogue.put_plan(order, plan)).after
    assert after is not None
    return _show_plan(Plan.from_data(id, after))


def _show_changed_price(entry: AuditEntry) -> PriceAnswer:
    assert entry.after is not None
    return show_price(Price.from_document(entry.after))


def _show_plan(plan: Plan) -> ManagedPlan:
    return ManagedPlan(
        id=plan.id,
        name=plan.name,
        price_usd=plan.price,
        grant_usd=plan.grant,
        monthly_budget_usd=plan.monthly_budget,
        limits=RateLimits(**plan.limits.to_data()),
        models=None if plan.models is None else list(plan.models),
        multiplier=format_multiplier(plan.multiplier_bp),
        is_offered=plan.is_offered,
        products=dict(plan.products),
        yearly_price_usd=plan.yearly_price,
        yearly_products=dict(plan.yearly_products),
        trial_days=plan.trial_days,
        trial_grant=plan.trial_grant,
    )
