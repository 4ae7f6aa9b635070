"""Nothing goes on charging a card for an organisation that was closed, or a person who was erased."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from functions.farebox.billing.payer import Payer, billing_path
from functions.farebox.billing.provider import ProviderFailed
from functions.farebox.storage import Set, Store
from functions.farebox.wiring.runtime import Runtime
from tests.support.clients.asgi import refused
from tests.support.clients.people import Person, found, key_of, sign_up
from tests.support.product.runtime import START, Clock

CHECKOUT = {
    "order": "ord_1",
    "plan": "starter",
    "url": None,
    "session": "cs_1",
    "expires_at": START + timedelta(days=9),
}
SUBSCRIPTION = {"plan": "starter", "told_at": START, "started_at": START, "renews_at": None, "provider": "sandbox"}


class Provider:
    """A payment provider's part in ends, which may be down."""

    def __init__(self) -> None:
        self.is_down = False
        self.ended: list[str] = []

    async def close_checkout(self, session_id: str) -> None:
        self._end(session_id)

    async def cancel_subscription(self, subscription: str) -> None:
        self._end(subscription)

    def _end(self, what: str) -> None:
        if self.is_down:
            raise ProviderFailed("It is down.")
        self.ended.append(what)


@pytest.fixture
async def owner(client: httpx.AsyncClient, sqlite_store: Store) -> Person:
    return await sign_up(client, sqlite_store, "olga")


@pytest.fixture
async def provider(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> Provider:
    stand_in, payments = Provider(), await runtime.payments()
    for name in ("close_checkout", "cancel_subscription"):
        monkeypatch.setattr(payments, name, getattr(stand_in, name))
    return stand_in


async def pays(store: Store, uid: str, **fields: Any) -> None:
    await store.write(Set(billing_path(uid), replace(Payer(), **fields).to_data()))


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"subscriptions": {"sub_1": {**SUBSCRIPTION, "status": "paused"}}}, "plan_active"),
        ({"subscriptions": {"sub_1": {**SUBSCRIPTION, "status": "active"}}}, "plan_active"),
        ({"checkout": CHECKOUT}, "checkout_open"),
        ({"pending": {"pay_1": 5}}, "payment_pending"),
    ],
)
async def test_an_organisation_with_business_at_the_provider_is_not_closed(
    owner: Person, sqlite_store: Store, clock: Clock, fields: dict[str, Any], code: str
) -> None:
    org = await found(owner)
    await pays(sqlite_store, org, **fields)
    refused(await owner.ask("DELETE", f"/api/orgs/{org}"), 409, code)
    ended = {**SUBSCRIPTION, "status": "ended"}
    await pays(sqlite_store, org, subscriptions={"sub_1": ended}, checkout={**CHECKOUT, "expires_at": clock.time})
    await owner.do("DELETE", f"/api/orgs/{org}")


async def test_an_erasure_ends_plans_and_checkouts_or_nothing_and_says_which(
    owner: Person, sqlite_store: Store, provider: Provider
) -> None:
    key = await key_of(owner)
    paused = {**SUBSCRIPTION, "status": "paused"}
    await pays(sqlite_store, owner.uid, subscriptions={"sub_1": paused}, checkout=CHECKOUT)
    provider.is_down = True
    failed = await owner.ask("DELETE", "/api/auth/me")
    refused(failed, 503, "payment_provider_unavailable")
    assert "Nothing was erased" in failed.json()["error"]["message"]
    assert (await owner.do("GET", f"/api/keys/{key['id']}"))["state"] == "live"
    provider.is_down = False
    await owner.do("DELETE", "/api/auth/me")
    assert provider.ended == ["cs_1", "sub_1"]


async def test_an_erasure_waits_for_a_checkout_that_is_being_opened(owner: Person, sqlite_store: Store) -> None:
    await pays(sqlite_store, owner.uid, checkout={**CHECKOUT, "session": None})
    refused(await owner.ask("DELETE", "/api/auth/me"), 409, "in_progress")
    assert (await owner.ask("GET", "/api/auth/me")).status_code == 200
