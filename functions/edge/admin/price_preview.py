"""Routes for operators: what a new price would change, before it counts."""

from fastapi import FastAPI
from pydantic import Field

from functions.edge.admin.auth import Operated
from functions.edge.admin.catalogue import Model
from functions.edge.admin.price_bodies import PriceToSet
from functions.edge.rest.app import Answer, Wired
from functions.edge.rest.money import Usd
from functions.farebox.accounts.account import user_path
from functions.farebox.admin.price_preview import DAYS, MOST_SHOWN, preview_price
from functions.farebox.pricing.price import Price
from functions.farebox.pricing.versions import load_prices


class PriceEffect(Answer):
    """What a customer's use of the model comes to, at the price that counts and at the other."""

    user_id: str
    name: str = Field(description="The address, or what an organisation is called")
    requests: int
    paid_usd: Usd = Field(description="What they paid in fact, at whatever price counted then")
    before_usd: Usd
    after_usd: Usd
    difference_usd: Usd


class PricePreview(Answer):
    """Who would pay what more or less, at each customer's own factor on list prices. What longer prompts and other
    service tiers make of it is taken from the newest requests."""

    days: int = Field(description="How many of the last days' use it is")
    users: int
    requests_looked_at: int = Field(
        description="Which told what is used of tiers, at most 50 each of a hundred customers; 0 where there are none"
    )
    before_usd: Usd
    after_usd: Usd
    difference_usd: Usd
    data: list[PriceEffect] = Field(description="At most a hundred: those who would pay most more first")


def add_price_preview(app: FastAPI) -> None:
    """Have an app answer this call."""
    app.post("/api/admin/pricing/{model:path}/preview", tags=["admin"])(preview_model_price)


async def preview_model_price(model: Model, body: PriceToSet, _ops: Operated, runtime: Wired) -> PricePreview:
    """What would change if this were the model's price. It changes nothing."""
    store = await runtime.store()
    new = Price.from_config(model, body.model_dump(exclude_none=True))
    preview = await preview_price(store, new, (await load_prices(store)).get(model), runtime.now())
    effects = preview.effects
    shown = effects[:MOST_SHOWN]
    users = await store.get_many(*(user_path(each.user) for each in shown))
    before, after = sum(each.before for each in effects), sum(each.after for each in effects)
    return PricePreview(
        days=DAYS,
        users=len(effects),
        requests_looked_at=preview.looked_at,
        before_usd=before,
        after_usd=after,
        difference_usd=after - before,
        data=[
            PriceEffect(
                user_id=each.user,
                name=(user and (user.data["email"] or user.data["full_name"])) or each.user,
                requests=each.requests,
                paid_usd=each.paid,
                before_usd=each.before,
                after_usd=each.after,
                difference_usd=each.after - each.before,
            )
            for each, user in zip(shown, users, strict=True)
        ],
    )
