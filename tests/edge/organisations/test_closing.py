"""Nothing goes on charging a card for an organisation that was closed, or a person who was erased."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from functions.farebox.billing.payer import Payer, billing_path, read_payer
from functions.farebox.billing.provider import Link
from functions.farebox.errors import NotFound
from functions.farebox.jobs.schedule import run_job
from functions.farebox.kit.money import NANOS_PER_USD
from functions.farebox.storage import Set, Store
from functions.farebox.wiring.runtime import Runtime
from tests.support.clients.asgi import refused
from tests.support.clients.people import Person, found, sign_up
from tests.support.money.ending_provider import EndingProvider
from tests.support.product.runtime import START, Clock

CHECKOUT = {
    "order": "ord_1",
    "plan": "starter",
    "url": None,
    "session": "cs_1",
    "expires_at": START + timedelta(days=9),
}
SUBSCRIPTION = {"plan": "starter", "told_at": START, "started_at": START, "renews_at": None, "provider": "sandbox"}


@pytest.fixture
async def owner(client: httpx.AsyncClient, sqlite_store: Store) -> Person:
    return await sign_up(client, sqlite_store, "olga")


@pytest.fixture
async def provider(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> EndingProvider:
    stand_in, payments = EndingProvider(), await runtime.payments()
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


async def test_an_erasure_ends_plans_and_checkouts_and_while_the_provider_is_down_a_job_goes_on_with_it(
    owner: Person, runtime: Runtime, sqlite_store: Store, provider: EndingProvider
) -> None:
    paused = {**SUBSCRIPTION, "status": "paused"}
    topup = await owner.do("POST", "/api/wallet/checkout", {"amount_usd": "5"})
    page = topup["session_id"]
    payer = await read_payer(sqlite_store, owner.uid)
    await sqlite_store.write(
        Set(billing_path(owner.uid), replace(payer, subscriptions={"sub_1": paused}, checkout=dict(CHECKOUT)).to_data())
    )
    provider.is_down = True
    await owner.do("DELETE", "/api/auth/me")
    refused(await owner.ask("GET", "/api/auth/me"), 401, "invalid_token")
    assert provider.ended == []
    provider.is_down = False
    for _ in range(2):
        await run_job("auto-recharge", runtime)
    assert provider.ended == ["cs_1", page, "sub_1"]


async def test_a_page_that_is_opened_while_its_payer_goes_is_closed_and_told_to_nobody(
    owner: Person, runtime: Runtime, provider: EndingProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    payments, topups = await runtime.payments(), await runtime.topups()

    async def open_page(_: object) -> Link:
        await (await runtime.erasure()).erase(owner.uid)
        return Link("https://pay.example.com/late", "cs_late")

    monkeypatch.setattr(payments, "checkout", open_page)
    with pytest.raises(NotFound):
        await topups.checkout(owner.uid, owner.email, amount=5 * NANOS_PER_USD, package=None)
    assert provider.ended == ["cs_late"]


async def test_closing_an_organisation_closes_the_pages_on_which_it_may_be_topped_up(
    owner: Person, sqlite_store: Store, provider: EndingProvider
) -> None:
    org = await found(owner)
    page = (await owner.at(org).do("POST", "/api/wallet/checkout", {"amount_usd": "5"}))["session_id"]
    await owner.do("DELETE", f"/api/orgs/{org}")
    assert provider.ended == [page]
    assert (await read_payer(sqlite_store, org)).customers == {}


async def test_an_erasure_waits_for_a_checkout_that_is_being_opened(owner: Person, sqlite_store: Store) -> None:
    await pays(sqlite_store, owner.uid, checkout={**CHECKOUT, "session": None})
    refused(await owner.ask("DELETE", "/api/auth/me"), 409, "in_progress")
    assert (await owner.ask("GET", "/api/auth/me")).status_code == 200
