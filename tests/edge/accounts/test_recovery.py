"""Recovering an account ends every way into it that somebody else may have left."""

from typing import Any

import httpx
import pytest

from functions.farebox.billing.payer import read_payer
from functions.farebox.storage import Create, Query, Store
from functions.farebox.wiring.runtime import Runtime
from tests.support.clients.asgi import refused
from tests.support.clients.management import done
from tests.support.clients.people import Person, join, key_of, mailed_token, sign_up
from tests.support.product.runtime import Clock, runtime_over

NEW = "another long password"
IDENTITY = "ab" * 32


@pytest.fixture
def runtime(sqlite_store: Store, sqlite_url: str, clock: Clock) -> Runtime:
    """Reached by others than this machine, so that addresses have to be proved."""
    return runtime_over(sqlite_store, sqlite_url, clock, FAREBOX_TRUSTED_PROXIES="1")


@pytest.fixture
async def ada(client: httpx.AsyncClient, sqlite_store: Store, clock: Clock) -> Person:
    """Somebody into whose account there are all the ways that there can be."""
    ada = await sign_up(client, sqlite_store, "ada")
    await join(ada, sqlite_store, ada.uid, "mole", "owner")
    await ada.do("POST", f"/api/orgs/{ada.uid}/invitations", {"email": "later@example.com", "role": "admin"})
    await ada.do("PUT", "/api/wallet/alerts", {"low_balance_usd": "5", "webhook_url": "https://example.com/spy"})
    await key_of(ada)
    link = {"user": ada.uid, "issuer": "https://accounts.google.com", "subject": "1"}
    await sqlite_store.write(Create(f"identities/{IDENTITY}", link))
    clock.forward(seconds=1)  # the mail that follows is the latest
    return ada


async def ways_into(store: Store, uid: str) -> dict[str, Any]:
    """How many of each kind of way into an account there are."""
    keys = [each.data async for each in store.scan(Query("api_keys"))]
    return {
        "members": await store.count(f"users/{uid}/members"),
        "invitations": await store.count(f"users/{uid}/invitations"),
        "webhooks": int((await read_payer(store, uid)).alerts.url is not None),
        "identities": await store.count("identities"),
        "keys": sum(key["user"] == uid and key["state"] == "live" for key in keys),
    }


ALL = {"members": 1, "invitations": 1, "webhooks": 1, "identities": 1, "keys": 1}
NONE = dict.fromkeys(ALL, 0)


async def reset(ada: Person, store: Store, **more: bool) -> None:
    await ada.do("POST", "/api/auth/password-reset", {"email": ada.email})
    body = {"token": await mailed_token(store, ada.email), "password": NEW, **more}
    await ada.do("POST", "/api/auth/password-reset/confirm", body)


async def change_password(ada: Person, _store: Store, **more: bool) -> None:
    body = {"current_password": "a long password", "password": NEW, **more}
    await ada.do("POST", "/api/auth/password", body)


async def change_address(ada: Person, store: Store, **more: bool) -> None:
    await ada.do("POST", "/api/auth/email", {"email": "lovelace@example.com", "password": "a long password"})
    body = {"token": await mailed_token(store, "lovelace@example.com"), **more}
    await ada.do("POST", "/api/auth/email/confirm", body)


@pytest.mark.parametrize(
    ("recover", "more", "left"),
    [
        (reset, {}, NONE),
        (reset, {"revoke_keys": False}, ALL),
        (change_password, {"revoke_keys": True}, NONE),
        (change_password, {}, ALL),
        (change_address, {"revoke_keys": True}, NONE),
        (change_address, {}, {**ALL, "identities": 0}),
    ],
)
async def test_a_recovery_ends_every_way_in_as_it_was_told(
    ada: Person, sqlite_store: Store, recover: Any, more: dict[str, bool], left: dict[str, int]
) -> None:
    assert await ways_into(sqlite_store, ada.uid) == ALL
    await recover(ada, sqlite_store, **more)
    assert await ways_into(sqlite_store, ada.uid) == left
    alerts = (await read_payer(sqlite_store, ada.uid)).alerts
    assert alerts.low_balance == 5_000_000_000, "mails about the balance let nobody in"


async def test_a_new_administrator_is_alone_in_their_account(
    ada: Person, runtime: Runtime, sqlite_store: Store
) -> None:
    await (await runtime.recovery()).make_admin(ada.email, NEW)
    assert await ways_into(sqlite_store, ada.uid) == NONE


async def test_nobody_lets_others_in_before_their_address_is_proved(
    client: httpx.AsyncClient, sqlite_store: Store
) -> None:
    body = {"email": "ada@example.com", "password": "a long password"}
    session = await done(client.post("/api/auth/register", json=body))
    ada = Person(client, session["user"]["id"], body["email"], session["token"])
    org = (await ada.do("POST", "/api/orgs", {"name": "Acme"}))["id"]
    for each in (ada.uid, org):
        invitation = {"email": "mole@example.com", "role": "owner"}
        refused(await ada.ask("POST", f"/api/orgs/{each}/invitations", invitation), 403, "email_unverified")
    webhook = {"webhook_url": "https://example.com/spy"}
    refused(await ada.ask("PUT", "/api/wallet/alerts", webhook), 403, "email_unverified")
    await ada.do("PUT", "/api/wallet/alerts", {"low_balance_usd": "5"})
    await ada.do("POST", "/api/auth/verify-email")
    await ada.do("POST", "/api/auth/verify-email/confirm", {"token": await mailed_token(sqlite_store, ada.email)})
    await ada.do("POST", f"/api/orgs/{org}/invitations", {"email": "mole@example.com", "role": "owner"})
    await ada.do("PUT", "/api/wallet/alerts", webhook)


async def test_linked_identities_are_listed_and_ended_by_their_owner_alone(ada: Person, sqlite_store: Store) -> None:
    eve = await sign_up(ada.client, sqlite_store, "eve")
    assert (await eve.do("GET", "/api/auth/identities"))["data"] == []
    refused(await eve.ask("DELETE", f"/api/auth/identities/{IDENTITY}"), 404, "not_found", "id")
    [linked] = (await ada.do("GET", "/api/auth/identities"))["data"]
    told = {"provider": "https://accounts.google.com", "name": "accounts.google.com", "subject": "1", "email": None}
    assert linked == {"id": IDENTITY, **told}
    await ada.do("DELETE", f"/api/auth/identities/{linked['id']}")
    assert (await ada.do("GET", "/api/auth/identities"))["data"] == []
