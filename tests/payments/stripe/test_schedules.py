"""What a subscription was agreed to become in Stripe's own pages is told as its `next`, and decides nothing."""

from datetime import datetime
from typing import Any

import httpx
import pytest

from functions.farebox.payments.stripe.schedules import MOST_COMING, read_schedule
from functions.farebox.storage import Query, Store
from functions.farebox.wiring.runtime import utc_now
from tests.support.clients.management import done
from tests.support.stand_ins.stripe_server import StripeStandIn

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

NOW = utc_now()


async def told(client: httpx.AsyncClient) -> Any:
    return (await done(client.get("/api/wallet")))["subscription"]


def made(stripe: StripeStandIn) -> Any:
    [subscription] = stripe.of_kind("subscription")
    return subscription


async def test_a_schedule_is_followed_while_it_is_made_changed_and_let_go(
    client: httpx.AsyncClient, stripe: StripeStandIn, sqlite_store: Store, subscription: str
) -> None:
    before, own = await told(client), made(stripe)
    renews_at = int(datetime.fromisoformat(before["renews_at"]).timestamp())
    now = ((renews_at - 40 * 24 * 3600), "price_starter", 2)
    schedule = stripe.portal.agree(own, now, (renews_at, "price_pro", 3))
    stripe.tell("subscription_schedule.created", schedule)
    assert await stripe.send(client) == [200]
    agreed = {"plan": "pro", "seats": 3, "interval": "month", "price_usd": "50.00", "begins_at": before["renews_at"]}
    assert await told(client) == {**before, "next": agreed}
    stripe.tell("customer.subscription.updated", own)
    assert await stripe.send(client) == [200]
    assert (await told(client))["next"] == agreed
    later = stripe.portal.agree(own, now, (renews_at, "price_starter", 2), (renews_at + 1, "price_starter_year", 2))
    stripe.tell("subscription_schedule.updated", later)
    assert await stripe.send(client) == [200]
    coming = (await told(client))["next"]
    assert (coming["plan"], coming["interval"], coming["price_usd"]) == ("starter", "year", "100.00")
    own["schedule"] = None
    released = {**schedule, "status": "released", "subscription": None, "released_subscription": own["id"]}
    stripe.tell("subscription_schedule.released", released)
    assert await stripe.send(client) == [200]
    assert await told(client) == before
    assert await sqlite_store.query(Query("unmatched", limit=10)) == []


async def test_a_subscription_is_not_lost_for_a_schedule_that_cannot_be_read(
    client: httpx.AsyncClient, stripe: StripeStandIn, sqlite_store: Store, subscription: str
) -> None:
    own = made(stripe)
    stripe.portal.agree(own, (0, "price_pro", 1))["phases"] = [{"start_date": "soon", "items": []}]
    own["items"]["data"][0]["quantity"] = 5
    stripe.tell("customer.subscription.updated", own)
    assert await stripe.send(client) == [200]
    assert ((await told(client))["seats"], (await told(client))["next"]) == (5, None)
    own["items"]["data"][0]["quantity"] = 6
    stripe.portal.refuses_schedules = True
    stripe.tell("customer.subscription.updated", own)
    assert await stripe.send(client) == [200]
    assert (await told(client))["seats"] == 6
    stripe.fail_next = 9
    stripe.tell("subscription_schedule.updated", stripe.portal.schedules[own["schedule"]])
    [event] = stripe.events
    assert await stripe.send(client, event) == [503]  # to be sent again
    stripe.fail_next = 0
    assert await stripe.send(client, event) == [200]
    assert await sqlite_store.query(Query("unmatched", limit=10)) == []


@pytest.mark.parametrize("whose", [{"subscription": None}, {"subscription": "sub_gone"}, {}])
async def test_a_schedule_of_nothing_or_of_somebody_elses_is_no_case(
    client: httpx.AsyncClient, stripe: StripeStandIn, sqlite_store: Store, subscription: str, whose: dict[str, Any]
) -> None:
    before, own = await told(client), made(stripe)
    own["metadata"] = {}
    stripe.tell("subscription_schedule.created", {**stripe.portal.agree(own), **whose})
    assert await stripe.send(client) == [200]
    assert await told(client) == before
    assert await sqlite_store.query(Query("unmatched", limit=10)) == []


def test_only_phases_that_are_ahead_count_and_no_more_than_anybody_reads() -> None:
    at = int(NOW.timestamp())
    items = [{"price": "price_pro", "quantity": None}] * MOST_COMING
    phases = [{"start_date": at + day, "items": items} for day in (1, -1, 0)]
    running = {"status": "active", "phases": phases}
    found = read_schedule(running, "usd", NOW)
    assert len(found) == MOST_COMING
    assert {(each.product, each.seats, each.price) for each in found} == {("price_pro", 1, None)}
    assert read_schedule({**running, "status": "canceled"}, "usd", NOW) == ()
    for wrong in (None, [None], [{"start_date": at + 1, "items": [{"price": None}]}], [{"start_date": at + 1}]):
        assert read_schedule({**running, "phases": wrong}, "usd", NOW) == ()
