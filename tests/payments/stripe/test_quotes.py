"""What a change of plan is said to cost is what Stripe charges for it: its own preview, by the portal's rules."""

from datetime import datetime
from typing import Any

import httpx
import pytest

from tests.support.clients.asgi import refused
from tests.support.clients.management import done
from tests.support.stand_ins.stripe_server import StripeStandIn

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


async def quoted(client: httpx.AsyncClient, **wanted: object) -> Any:
    return await done(client.post("/api/wallet/subscribe/quote", json=wanted))


async def payments(client: httpx.AsyncClient) -> list[Any]:
    found: list[Any] = (await done(client.get("/api/wallet/payments")))["data"]
    return found


@pytest.mark.parametrize(
    ("wanted", "price", "today"),
    [
        ({"plan": "pro"}, "price_pro", "17.85"),
        ({"plan": "pro", "seats": 3}, "price_pro", "77.35"),
        ({"plan": "starter", "seats": 5}, "price_starter", "17.85"),
        ({"plan": "starter", "interval": "year"}, "price_starter_year", "107.10"),
    ],
)
async def test_what_is_quoted_is_what_is_charged_with_its_tax(
    client: httpx.AsyncClient, stripe: StripeStandIn, subscription: str, wanted: Any, price: str, today: str
) -> None:
    stripe.portal.tax_percent = 19
    quote = await quoted(client, **wanted)
    assert (quote["today_usd"], quote["is_estimate"], quote["begins_at"]) == (today, False, None)
    renews_at = quote["renews_at"]
    stripe.change(subscription, price, wanted.get("seats", 1))
    await stripe.send(client)
    assert (await payments(client))[0]["paid_usd"] == today
    if "interval" not in wanted:
        assert (await done(client.get("/api/wallet")))["subscription"]["renews_at"] == renews_at


async def test_a_portal_that_prorates_with_the_next_invoice_charges_nothing_today(
    client: httpx.AsyncClient, stripe: StripeStandIn, subscription: str
) -> None:
    stripe.portal.proration = "create_prorations"
    assert (await quoted(client, plan="pro"))["today_usd"] == "0.00"
    assert (await quoted(client, plan="starter", interval="year"))["today_usd"] == "90.00"


async def test_what_waits_for_the_end_of_the_period_begins_then(
    client: httpx.AsyncClient, stripe: StripeStandIn, subscription: str
) -> None:
    stripe.portal.waiting = ("decreasing_item_amount",)
    quote = await quoted(client, plan="starter", seats=1)
    renews_at = (await done(client.get("/api/wallet")))["subscription"]["renews_at"]
    assert quote == {
        "is_estimate": False,
        "today_usd": "0.00",
        "currency": "usd",
        "begins_at": renews_at,
        "renewal_usd": "10.00",
        "renews_at": renews_at,
        "ends_at": None,
    }
    stripe.of_kind("subscription")[0]["cancel_at_period_end"] = True
    answer = await client.post("/api/wallet/subscribe/quote", json={"plan": "starter", "seats": 1})
    refused(answer, 409, "subscription_cancelled")


@pytest.mark.parametrize("is_moment", [True, False])
async def test_a_change_of_what_is_cancelled_renews_nothing(
    client: httpx.AsyncClient, stripe: StripeStandIn, subscription: str, is_moment: bool
) -> None:
    [told] = stripe.of_kind("subscription")
    end = told["items"]["data"][0]["current_period_end"]
    told.update(cancel_at=end if is_moment else None, cancel_at_period_end=not is_moment)
    quote = await quoted(client, plan="pro")
    assert (quote["begins_at"], quote["renews_at"]) == (None, None)
    assert datetime.fromisoformat(quote["ends_at"]).timestamp() == end


async def test_a_month_in_place_of_a_year_renews_in_a_month_and_a_trial_at_its_end(
    client: httpx.AsyncClient, stripe: StripeStandIn, subscription: str
) -> None:
    [own] = stripe.of_kind("subscription")
    [item] = own["items"]["data"]
    item.update(price=stripe.portal.prices["price_starter_year"])
    month = await quoted(client, plan="pro")
    assert datetime.fromisoformat(month["renews_at"]).timestamp() < item["current_period_end"]
    own["status"] = "trialing"
    trial = await quoted(client, plan="pro")
    assert datetime.fromisoformat(trial["renews_at"]).timestamp() == item["current_period_end"]


async def test_a_price_in_several_currencies_is_quoted_in_the_one_that_is_charged(
    client: httpx.AsyncClient, stripe: StripeStandIn, subscription: str
) -> None:
    [made] = stripe.of_kind("subscription")
    made["currency"] = stripe.portal.charged_in = "eur"
    assert (await quoted(client, plan="pro"))["is_estimate"], "Stripe does not say what it costs in euros"
    for price, cents in (("price_starter", 920), ("price_pro", 4600)):
        stripe.portal.prices[price]["currency_options"] = {"eur": {"unit_amount": cents}}
    quote = await quoted(client, plan="pro", seats=2)
    assert (quote["is_estimate"], quote["currency"], quote["renewal_usd"]) == (False, "eur", "92.00")


@pytest.mark.parametrize("amount", ["amount_due", "unit_amount"])
async def test_an_amount_that_cannot_be_one_is_no_quote(
    client: httpx.AsyncClient, stripe: StripeStandIn, subscription: str, amount: str
) -> None:
    if amount == "amount_due":
        stripe.portal.tax_percent = 10**30
    else:
        stripe.portal.prices["price_pro"]["unit_amount"] = 10**30
        stripe.portal.waiting = ("shortening_interval",)
    answer = await client.post("/api/wallet/subscribe/quote", json={"plan": "pro"})
    refused(answer, 503, "payment_provider_unavailable")


async def test_what_is_sold_beside_a_plan_is_not_what_is_changed(
    client: httpx.AsyncClient, stripe: StripeStandIn, subscription: str
) -> None:
    alone = await quoted(client, plan="pro")
    stripe.portal.sell("price_support", 100_00)
    [made] = stripe.of_kind("subscription")
    support = {**made["items"]["data"][0], "id": "si_support", "price": stripe.portal.prices["price_support"]}
    made["items"]["data"].insert(0, support)
    assert await quoted(client, plan="pro") == alone


async def test_a_price_that_stripe_does_not_have_is_estimated_and_one_without_a_subscription_is_refused(
    client: httpx.AsyncClient, stripe: StripeStandIn, subscription: str
) -> None:
    quote = await quoted(client, plan="enterprise")
    assert (quote["is_estimate"], quote["renewal_usd"]) == (True, "500.00")
    refused(await client.post("/api/wallet/subscribe/quote", json={"plan": "nothing"}), 404, "not_found", "plan")
    stripe.fail_next = 9
    answer = await client.post("/api/wallet/subscribe/quote", json={"plan": "pro"})
    refused(answer, 503, "payment_provider_unavailable")
    stripe.fail_next = 0
    stripe.cancel(subscription)
    await stripe.send(client)
    refused(await client.post("/api/wallet/subscribe/quote", json={"plan": "pro"}), 409, "no_subscription")
