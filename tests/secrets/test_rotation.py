"""Each consumer of a secret goes on with its new value, on one running instance."""

import asyncio
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import stripe

from functions.farebox.billing.provider import BadSignature, ProviderCustomer
from functions.farebox.config import Config, read_config
from functions.farebox.payments.creem.provider import CreemPayments
from functions.farebox.payments.stripe.provider import StripePayments
from functions.farebox.secrets.rotating import LOOK_AGAIN_S, LOOK_EVERY_S, OVERLAP_S, Secret
from functions.farebox.storage import Store
from functions.farebox.wiring.runtime import Runtime
from tests.support.clients.asgi import client_of
from tests.support.product.app import surface_over
from tests.support.product.runtime import SECRET, Clock

BODY = json.dumps(
    {"id": "evt_1", "type": "noted", "data": {"object": {}}, "eventType": "noted", "object": {}, "created_at": 0}
).encode()


class Rotated:
    """A secret that a test rotates, and the time by which it is followed."""

    def __init__(self) -> None:
        self.held, self.now = "old", 1000.0
        self.secret = Secret("X", self.held, lambda: self.held, clock=lambda: self.now)

    def rotate(self) -> None:
        self.held = "new"
        self.now += LOOK_AGAIN_S


def signed_by_stripe(secret: str) -> dict[str, str]:
    return {"stripe-signature": stripe.WebhookSignature.generate_signature_header(BODY.decode(), secret)}


def signed_by_creem(secret: str) -> dict[str, str]:
    return {"creem-signature": hmac.new(secret.encode(), BODY, hashlib.sha256).hexdigest()}


@pytest.mark.parametrize(
    ("open_payments", "sign"), [(StripePayments, signed_by_stripe), (CreemPayments, signed_by_creem)]
)
async def test_a_webhook_secret_that_was_rotated_a_moment_ago_is_known_and_the_old_one_fades(
    open_payments: Callable[..., StripePayments | CreemPayments], sign: Callable[[str], dict[str, str]]
) -> None:
    rotated = Rotated()
    more = {"topup_product": "p"} if open_payments is CreemPayments else {}
    payments = open_payments(Secret("K", "key"), rotated.secret, **more)
    assert (await payments.read_event(BODY, sign("old"))).id == "evt_1"
    with pytest.raises(BadSignature):
        await payments.read_event(BODY, sign("new"))
    rotated.rotate()
    for secret in ("new", "old"):
        assert (await payments.read_event(BODY, sign(secret))).id == "evt_1"
    rotated.now += OVERLAP_S
    with pytest.raises(BadSignature):
        await payments.read_event(BODY, sign("old"))
    await payments.close()


@pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")  # Stripe's library, of httpx
@pytest.mark.parametrize("open_payments", [StripePayments, CreemPayments])
async def test_a_provider_is_asked_with_the_key_that_is_right_by_now(
    open_payments: Callable[..., StripePayments | CreemPayments], providers: list[str]
) -> None:
    rotated = Rotated()
    more = {"topup_product": "p"} if open_payments is CreemPayments else {}
    payments = open_payments(rotated.secret, Secret("W", "webhook"), api_base=providers[0], **more)
    payer = ProviderCustomer("u1", "ada@example.com", "cus_1")
    await payments.portal(payer, "http://localhost/")
    rotated.held = "new"
    rotated.now += LOOK_EVERY_S
    await payments.portal(payer, "http://localhost/")  # this one has it looked at, behind itself
    async with asyncio.timeout(10):
        while rotated.secret.value != "new":
            await asyncio.sleep(0.01)
    await payments.portal(payer, "http://localhost/")
    await payments.close()
    assert [key.removeprefix("Bearer ") for key in providers[1:]] == ["old", "old", "new"]


@pytest.fixture
def providers() -> Iterator[list[str]]:
    """The address of a payment provider, and then the keys that it was asked with."""
    seen: list[str] = []

    class Provider(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            seen.append(self.headers["x-api-key"] or self.headers["authorization"])
            body = json.dumps({"customer_portal_link": "http://portal", "url": "http://portal", "id": "x"}).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Provider) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        seen.append(f"http://127.0.0.1:{server.server_port}")
        yield seen
        server.shutdown()


async def test_the_doors_for_machines_open_to_the_new_key(sqlite_store: Store, sqlite_url: str) -> None:
    old, new = "the key that was there first", "the key that comes after it"
    held = {"projects/p/secrets/billing": old, "projects/p/secrets/admin": old}
    config = read_config(
        {
            "FAREBOX_STORE": sqlite_url,
            "FAREBOX_SECRET_KEY": SECRET,
            "BILLING_API_KEY_SECRET": "projects/p/secrets/billing",
            "ADMIN_SECRET_KEY_SECRET": "projects/p/secrets/admin",
        },
        held.__getitem__,
    )
    now = 1e9
    for secret in (config.billing_api_key, config.admin_secret_key):
        assert secret is not None
        secret._clock = lambda: now

    async def open_store(_config: Config) -> Store:
        return sqlite_store

    question = {"user_id": "nobody", "model": "echo"}
    async with client_of(surface_over(Runtime(config, open_store=open_store, now=Clock()))) as client:

        async def statuses(key: str) -> tuple[int, int]:
            billing = await client.post("/api/check-budget", json=question, headers={"x-api-key": key})
            admin = await client.get("/api/admin/health", headers={"x-admin-key": key})
            return billing.status_code, admin.status_code

        opened = await statuses(old)
        assert 401 not in opened
        assert await statuses(new) == (401, 401)
        held |= dict.fromkeys(held, new)
        now += LOOK_AGAIN_S
        assert await statuses(new) == opened
        assert await statuses(old) == opened
        now += OVERLAP_S
        assert await statuses(old) == (401, 401)
