"""What the events of a subscription leave open, Stripe is asked."""

from typing import Any

import httpx
import pytest

from functions.farebox.storage import Query, Store
from tests.support.clients.management import done
from tests.support.stand_ins.stripe_server import StripeStandIn

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


async def told(client: httpx.AsyncClient) -> Any:
    return (await done(client.get("/api/wallet")))["subscription"]


def two_of_one_second(stripe: StripeStandIn) -> list[Any]:
    """A change of seats to 5 and one to 4, of which the latter came first, and is told last."""
    [own] = stripe.of_kind("subscription")
    for seats in (4, 5):
        own["items"]["data"][0]["quantity"] = seats
        stripe.tell("customer.subscription.updated", own)
    one, other = stripe.events[-2:]
    one["created"] = other["created"]
    return [other, one]


async def test_of_two_accounts_of_one_second_the_one_counts_that_stripe_says_is_so(
    client: httpx.AsyncClient, stripe: StripeStandIn, sqlite_store: Store, subscription: str
) -> None:
    assert await stripe.send(client, *two_of_one_second(stripe)) == [200, 200]
    assert (await told(client))["seats"] == 5
    assert await sqlite_store.query(Query("unmatched", limit=10)) == []


async def test_while_stripe_does_not_say_the_event_is_sent_again(
    client: httpx.AsyncClient, stripe: StripeStandIn, subscription: str
) -> None:
    first, second = two_of_one_second(stripe)
    assert await stripe.send(client, first) == [200]
    stripe.fail_next = 9
    assert await stripe.send(client, second) == [503]
    stripe.fail_next = 0
    assert await stripe.send(client, second) == [200]
    assert (await told(client))["seats"] == 5


@pytest.mark.parametrize("answer", [(404, b"nothing here"), (403, b'{"error": {"type": "invalid_request_error"}}')])
async def test_what_stripe_does_not_have_or_may_not_tell_keeps_no_event_waiting(
    client: httpx.AsyncClient, stripe: StripeStandIn, subscription: str, answer: tuple[int, bytes]
) -> None:
    first, second = two_of_one_second(stripe)
    assert await stripe.send(client, first) == [200]
    stripe.odd_answer = answer
    assert await stripe.send(client, second) == [200]
    assert (await told(client))["seats"] in (4, 5)
