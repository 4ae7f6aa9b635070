"""The webhook's door: what is not the provider's changes nothing, and what fails is sent again."""

import base64
import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from standardwebhooks import Webhook

from functions.farebox.billing.apply_event import event_path
from functions.farebox.billing.provider import BadSignature, Payments
from functions.farebox.payments.creem.provider import CreemPayments
from functions.farebox.payments.stripe.provider import StripePayments
from functions.farebox.secrets.rotating import Secret
from functions.farebox.storage import Query, Store
from functions.farebox.wiring.runtime import Runtime
from tests.support.clients.asgi import refused
from tests.support.money.customers import wallet_of
from tests.support.money.payment_events import PAYER, USD, open_account

DOOR = "/api/stripe/webhook"
SALE = {"user": "ada", "kind": "topup", "credit": 10 * USD, "bonus": 0, "total": 10 * USD, "reference": ""}
PAID = {"id": "evt_1", "type": "payment.paid", "data": {"payment": "pay_1", "sale": SALE}}


@pytest.fixture
def signer(runtime: Runtime) -> Webhook:
    return Webhook(base64.b64encode(runtime.config.secret_key.derive("sandbox-webhooks")).decode())


def headers(signer: Webhook, body: str, *, age: timedelta = timedelta(), name: str = "evt_1") -> dict[str, str]:
    at = datetime.now(UTC) - age
    return {
        "webhook-id": name,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signer.sign(name, at, body),
    }


async def test_a_signed_event_is_applied_once(client: httpx.AsyncClient, sqlite_store: Store, signer: Webhook) -> None:
    await open_account(sqlite_store)
    body = json.dumps(PAID)
    first = await client.post(DOOR, content=body, headers=headers(signer, body))
    again = await client.post(DOOR, content=body, headers=headers(signer, body))
    assert (first.status_code, first.json()) == (200, {"received": True, "applied": True})
    assert (again.status_code, again.json()) == (200, {"received": True, "applied": False})
    assert (await wallet_of(sqlite_store, PAYER)).balance == 10 * USD


@pytest.mark.parametrize("fault", ["none", "foreign", "stale", "future", "other body", "garbage"])
async def test_an_event_that_is_not_signed_right_and_now_changes_nothing_and_answers_400(
    client: httpx.AsyncClient, sqlite_store: Store, signer: Webhook, fault: str
) -> None:
    await open_account(sqlite_store)
    body = json.dumps(PAID)
    foreign = Webhook(base64.b64encode(b"somebody else's key, 32 bytes...").decode())
    sent = {
        "none": {},
        "foreign": headers(foreign, body),
        "stale": headers(signer, body, age=timedelta(minutes=6)),
        "future": headers(signer, body, age=timedelta(minutes=-6)),
        "other body": headers(signer, body.replace("ada", "bob")),
        "garbage": {"webhook-id": "a", "webhook-timestamp": "soon", "webhook-signature": "v1,%%%"},
    }[fault]
    refused(await client.post(DOOR, content=body, headers=sent), 400, "invalid_signature")
    assert (await wallet_of(sqlite_store, PAYER)).balance == 0
    assert await sqlite_store.get(event_path("sandbox", "evt_1")) is None


SENT: dict[str, list[str]] = {  # a signature by provider, most of them in no form
    "webhook-signature": ["v1,xx", "v1,x", "v1", "v1,a,b", "v1,\xe9", "\xe9"],
    "stripe-signature": ["t={now},v1=xx", "t={now},v1=\xe9", "t={now}", "t=\xe9,v1=xx", "\xe9"],
    "creem-signature": ["xx", "\xe9"],
}


@pytest.mark.parametrize("header", SENT)
async def test_whatever_is_sent_that_is_not_signed_is_a_bad_signature(runtime: Runtime, header: str) -> None:
    key, now = Secret("KEY", "sk_test"), str(int(datetime.now(UTC).timestamp()))
    providers: dict[str, Payments] = {
        "webhook-signature": await runtime.payments(),
        "stripe-signature": StripePayments(key, Secret("SECRET", "whsec_a")),
        "creem-signature": CreemPayments(key, Secret("SECRET", "whsec_a"), topup_product="prod"),
    }
    for signature in SENT[header]:
        given = {"webhook-id": "a", "webhook-timestamp": now, header: signature.format(now=now)}
        for body in (b"{}", b"", b"\xff", b"\0", b"\xff\xfe{\0}\0"):
            with pytest.raises(BadSignature):
                await providers[header].read_event(body, given)


async def test_a_body_that_is_no_text_answers_400(client: httpx.AsyncClient) -> None:
    refused(await client.post(DOOR, content=b"\xff"), 400, "invalid_signature")


async def test_a_body_of_two_megabytes_is_refused(client: httpx.AsyncClient, signer: Webhook) -> None:
    body = json.dumps({**PAID, "padding": "x" * 2 * 1024 * 1024})
    refused(await client.post(DOOR, content=body, headers=headers(signer, body)), 413, "request_too_large")


async def test_an_event_of_an_unknown_kind_answers_200_and_is_recorded(
    client: httpx.AsyncClient, sqlite_store: Store, signer: Webhook
) -> None:
    body = json.dumps({"id": "evt_9", "type": "weather.changed", "data": {}})
    answer = await client.post(DOOR, content=body, headers=headers(signer, body))
    assert (answer.status_code, answer.json()["applied"]) == (200, False)
    marker = await sqlite_store.get(event_path("sandbox", "evt_9"))
    assert marker is not None
    assert (marker.data["type"], marker.data["outcome"]) == ("weather.changed", "recorded")


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(PAID),  # nobody of that name has a wallet
        json.dumps({"id": "evt_1", "type": "payment.paid", "data": {}}),
    ],
)
async def test_an_event_that_nothing_can_be_made_of_answers_200_and_is_an_operators(
    client: httpx.AsyncClient, sqlite_store: Store, signer: Webhook, body: str
) -> None:
    for _ in range(2):
        answer = await client.post(DOOR, content=body, headers=headers(signer, body))
        assert (answer.status_code, answer.json()) == (200, {"received": True, "applied": False})
    [case] = await sqlite_store.query(Query("unmatched", limit=10))
    assert case.data["reason"] in ("nobody", "unreadable")
    assert case.data["event"] == "evt_1"


SALE_OF = json.dumps({"id": "evt_1", "type": "payment.paid", "data": {"payment": "pay_1", "sale": SALE}})


@pytest.mark.parametrize(
    "body",
    [
        "[]",
        "null",
        "{}",
        "{",
        "1",
        SALE_OF.replace(str(10 * USD), "1e400"),
        SALE_OF.replace(str(10 * USD), '"1000"'),
        SALE_OF.replace(str(10 * USD), "1" + "0" * 40),
        SALE_OF.replace('"ada"', '""'),
        SALE_OF.replace('"ada"', '"a/../b"'),
        SALE_OF.replace('"ada"', json.dumps("x" * 3000)),
        SALE_OF.replace('"pay_1"', r'"\ud800"'),
        SALE_OF.replace('"evt_1"', '{"a": 1}').replace('"ada"', "null"),
    ],
)
async def test_what_is_signed_and_no_event_answers_200_and_is_an_operators_once(
    client: httpx.AsyncClient, sqlite_store: Store, signer: Webhook, body: str
) -> None:
    await open_account(sqlite_store)
    for _ in range(2):
        answer = await client.post(DOOR, content=body, headers=headers(signer, body))
        assert (answer.status_code, answer.json()) == (200, {"received": True, "applied": False})
    [case] = await sqlite_store.query(Query("unmatched", limit=10))
    assert (case.data["reason"], case.data["times"]) == ("unreadable", 1)
    assert (await wallet_of(sqlite_store, PAYER)).balance == 0


async def test_an_event_that_could_not_be_read_is_applied_when_it_is_sent_again_and_can_be(
    client: httpx.AsyncClient, sqlite_store: Store, signer: Webhook
) -> None:
    await open_account(sqlite_store)
    for body, is_applied in ((json.dumps({**PAID, "data": {"id": "about"}}), False), (json.dumps(PAID), True)):
        answer = await client.post(DOOR, content=body, headers=headers(signer, body))
        assert (answer.status_code, answer.json()["applied"]) == (200, is_applied)
    assert (await wallet_of(sqlite_store, PAYER)).balance == 10 * USD
    assert await sqlite_store.query(Query("unmatched", limit=10)) == [], "its case is closed"


async def test_an_event_for_nobody_is_applied_once_when_it_is_sent_again_and_somebody_is_there(
    client: httpx.AsyncClient, sqlite_store: Store, signer: Webhook
) -> None:
    body = json.dumps(PAID)
    await client.post(DOOR, content=body, headers=headers(signer, body))
    await open_account(sqlite_store)
    for applied in (True, False):
        answer = await client.post(DOOR, content=body, headers=headers(signer, body))
        assert answer.json() == {"received": True, "applied": applied}
    assert (await wallet_of(sqlite_store, PAYER)).balance == 10 * USD
    assert await sqlite_store.query(Query("unmatched", limit=10)) == []


async def test_an_event_that_the_store_did_not_take_answers_5xx_and_is_not_marked(
    runtime: Runtime, sqlite_store: Store, signer: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    from functions.stripe_webhook import make_app

    async def refuse(_writes: object) -> list[str | None]:
        raise ConnectionError("the machine died")

    await open_account(sqlite_store)
    monkeypatch.setattr(sqlite_store.engine, "commit", refuse)
    body = json.dumps(PAID)
    transport = httpx.ASGITransport(make_app(runtime), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://farebox.test") as client:
        answer = await client.post(DOOR, content=body, headers=headers(signer, body))
    assert answer.status_code >= 500
    assert await sqlite_store.get(event_path("sandbox", "evt_1")) is None
