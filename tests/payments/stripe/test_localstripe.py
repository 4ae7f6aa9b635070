"""Stripe's library against localstripe, a server that others wrote: saved cards, charges, refunds, signed webhooks."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from subprocess import DEVNULL, Popen
from typing import Any

import httpx
import pytest
import stripe
import uvicorn
from starlette.types import ASGIApp

from functions.edge.asgi.deployables import make_edge
from functions.farebox.billing.provider import Charge, ProviderCustomer
from functions.farebox.kit.money import NANOS_PER_USD
from functions.farebox.storage import Store
from functions.farebox.wiring.runtime import Runtime, utc_now
from tests.support.money.customers import wallet_of
from tests.support.money.payment_events import PAYER, open_account
from tests.support.patience import PATIENCE_S
from tests.support.processes import free_port
from tests.support.product.runtime import Clock, runtime_over

USD = NANOS_PER_USD
SECRET = "whsec_localstripe"
GOOD, DECLINED = "4242424242424242", "4000000000000341"  # the latter can be saved, and is declined when charged

# Stripe's library hands its body to httpx by an argument whose name is going out of use.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


@pytest.fixture(scope="module")
def localstripe() -> Iterator[str]:
    port = free_port()
    script = Path(__file__).parents[2] / "support" / "stand_ins" / "localstripe_server.py"
    command = [sys.executable, "-P", str(script), "--port", str(port), "--from-scratch"]
    process = Popen(command, stdout=DEVNULL, stderr=DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}"
        transport = httpx.HTTPTransport(retries=10)
        with httpx.Client(transport=transport, timeout=PATIENCE_S) as client:
            client.get(f"{url}/v1/customers", auth=("sk_test_1", ""))
        yield url
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def runtime(sqlite_store: Store, sqlite_url: str, localstripe: str) -> Runtime:
    return runtime_over(
        sqlite_store,
        sqlite_url,
        Clock(utc_now()),
        FAREBOX_PAYMENTS="stripe",
        STRIPE_API_KEY="sk_test_1",
        STRIPE_WEBHOOK_SECRET=SECRET,
        STRIPE_API_BASE=localstripe,
    )


@pytest.fixture
async def door(runtime: Runtime, localstripe: str) -> AsyncIterator[str]:
    """Our webhook's door on a port, where localstripe sends its events."""
    port = free_port()
    app: ASGIApp = make_edge("stripe_webhook", runtime)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="critical", lifespan="off"))
    serving = asyncio.create_task(server.serve())
    url = f"http://127.0.0.1:{port}/api/stripe/webhook"
    async with httpx.AsyncClient(base_url=localstripe, auth=("sk_test_1", ""), timeout=PATIENCE_S) as client:
        form = {"url": url, "secret": SECRET}
        (await client.post("/_config/webhooks/farebox", data=form)).raise_for_status()
    yield url
    server.should_exit = True
    await serving
    await runtime.close()


@pytest.fixture
async def client(localstripe: str) -> AsyncIterator[stripe.StripeClient]:
    """What a customer's browser and an operator's dashboard would do."""
    http = stripe.HTTPXClient(timeout=PATIENCE_S)
    yield stripe.StripeClient("sk_test_1", base_addresses={"api": localstripe}, http_client=http)
    await http.close_async()  # type: ignore[no-untyped-call]


async def with_card(client: stripe.StripeClient, number: str) -> str:
    """A customer with a saved card."""
    customer = await client.v1.customers.create_async({"email": "ada@example.com"})
    card = await client.v1.payment_methods.create_async(
        {"type": "card", "card": {"number": number, "exp_month": 12, "exp_year": 2031, "cvc": "123"}}
    )
    await client.v1.payment_methods.attach_async(card.id, {"customer": customer.id})
    return customer.id


async def tell(door: str, kind: str, told: dict[str, Any]) -> int:
    """Post an event about an object of localstripe's, signed by Stripe's library."""
    event = {"id": f"evt_{told['id']}", "type": kind, "created": told["created"], "data": {"object": told}}
    body = json.dumps(event)
    header = stripe.WebhookSignature.generate_signature_header(body, SECRET)
    async with httpx.AsyncClient(timeout=PATIENCE_S) as poster:
        return (await poster.post(door, content=body, headers={"stripe-signature": header})).status_code


async def until_balance(store: Store, balance: int) -> None:
    async with asyncio.timeout(15):
        while (await wallet_of(store, PAYER)).balance != balance:
            await asyncio.sleep(0.05)


async def test_a_saved_card_is_charged_credited_by_webhook_and_refunded(
    runtime: Runtime, sqlite_store: Store, client: stripe.StripeClient, door: str
) -> None:
    await open_account(sqlite_store)
    customer = await with_card(client, GOOD)
    payer = ProviderCustomer(PAYER, "ada@example.com", customer)
    payments = await runtime.payments()
    charge = Charge("att_1", payer, 20 * USD, await payments.saved_card(payer))
    outcome = await payments.charge_saved_card(charge)
    assert outcome.status == "paid"
    await until_balance(sqlite_store, 20 * USD)
    assert outcome.event is not None
    assert outcome.event.fact is not None
    payment = getattr(outcome.event.fact, "payment", "")
    for cents, balance in ((500, 15 * USD), (1500, 0)):
        refund = await client.v1.refunds.create_async({"payment_intent": payment, "amount": cents})
        assert await tell(door, "refund.created", refund.to_dict()) == 200  # localstripe has no event for it
        assert (await wallet_of(sqlite_store, PAYER)).balance == balance


@pytest.mark.usefixtures("door")
async def test_a_card_that_is_declined_credits_nothing(
    runtime: Runtime, sqlite_store: Store, client: stripe.StripeClient
) -> None:
    await open_account(sqlite_store)
    customer = await with_card(client, DECLINED)
    payer = ProviderCustomer(PAYER, "ada@example.com", customer)
    payments = await runtime.payments()
    charge = Charge("att_2", payer, 20 * USD, await payments.saved_card(payer))
    outcome = await payments.charge_saved_card(charge)
    assert outcome.status == "declined"
    assert (await wallet_of(sqlite_store, PAYER)).balance == 0


async def test_a_customer_without_a_card_is_not_charged(runtime: Runtime) -> None:
    payer = ProviderCustomer(PAYER, "ada@example.com", None)
    payments = await runtime.payments()
    charge = Charge("att_3", payer, 20 * USD, await payments.saved_card(payer))
    outcome = await payments.charge_saved_card(charge)
    assert outcome.status == "declined"
    await runtime.close()
