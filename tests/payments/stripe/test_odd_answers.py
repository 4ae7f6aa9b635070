"""What Stripe's API is asked about events and pages: an odd answer is taken for nothing, and asked for again."""

import httpx
import pytest

from functions.farebox.storage import Query, Store
from functions.farebox.wiring.runtime import utc_now
from tests.support.clients.asgi import refused
from tests.support.money.customers import wallet_of
from tests.support.money.payment_events import PAYER, USD, open_account
from tests.support.money.provider_events import name_products, stripe_event, stripe_invoice, stripe_line
from tests.support.stand_ins.stripe_server import StripeStandIn

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

DECLINED = (402, b'{"error": {"type": "card_error", "code": "card_declined", "message": "declined"}}')
SCRIPT = (200, b'{"id": "cs_1", "object": "checkout.session", "url": "javascript:alert(1)"}')
WITHOUT = (200, b'{"id": "cs_1", "object": "checkout.session"}')
INVOICE = stripe_event(
    "invoice.paid", {**stripe_invoice("a", [stripe_line("starter", 1000)]), "payment_intent": None}, utc_now()
)
ODD = {"list": (200, b"[]"), "null": (200, b"null"), "empty": (200, b""), "an object": (200, b'{"object": "charge"}')}


@pytest.mark.parametrize("answer", [*ODD.values(), DECLINED, SCRIPT, WITHOUT])
@pytest.mark.parametrize("known", [False, True])
async def test_an_odd_answer_at_a_checkout_is_the_providers_failure(
    client: httpx.AsyncClient, stripe: StripeStandIn, answer: tuple[int, bytes], known: bool
) -> None:
    if known:
        assert (await client.post("/api/wallet/checkout", json={"amount_usd": "10"})).status_code == 200
    stripe.odd_answer = answer
    for path, body in (("checkout", {"amount_usd": "10"}), ("subscribe", {"plan": "starter"})):
        refused(await client.post(f"/api/wallet/{path}", json=body), 503, "payment_provider_unavailable")


@pytest.mark.parametrize("answer", [*ODD.values(), DECLINED])
async def test_an_event_about_which_the_api_answers_oddly_is_sent_again_and_applied(
    client: httpx.AsyncClient, stripe: StripeStandIn, sqlite_store: Store, answer: tuple[int, bytes]
) -> None:
    await open_account(sqlite_store)
    await name_products(sqlite_store)
    stripe.odd_answer = answer
    assert await stripe.send(client, INVOICE) == [503]
    assert await sqlite_store.query(Query("unmatched", limit=10)) == []
    paid = b'{"object": "list", "data": [{"payment": {"type": "payment_intent", "payment_intent": "pi_1"}}]}'
    stripe.odd_answer = (200, paid)
    assert await stripe.send(client, INVOICE) == [200]
    assert (await wallet_of(sqlite_store, PAYER)).balance == 10 * USD


@pytest.mark.parametrize("count", [13, 213])
async def test_an_invoice_of_more_lines_than_its_event_holds_is_read_whole(
    client: httpx.AsyncClient, stripe: StripeStandIn, sqlite_store: Store, count: int
) -> None:
    await open_account(sqlite_store)
    await name_products(sqlite_store)
    parts = [stripe_line("starter", (-1) ** at * 100, is_proration=True) for at in range(count - 1)]
    lines = [{**each, "id": f"il_{at}"} for at, each in enumerate([*parts, stripe_line("starter", 1000)])]
    invoice = stripe_invoice("a", lines)
    invoice["lines"] = {"object": "list", "data": lines[:10], "has_more": True}
    stripe.lines["in_a"] = lines
    assert await stripe.send(client, stripe_event("invoice.paid", invoice, utc_now())) == [200]
    assert (await wallet_of(sqlite_store, PAYER)).balance == 10 * USD
