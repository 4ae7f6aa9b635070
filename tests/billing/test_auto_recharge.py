"""Auto-recharge: for those who asked, one at a time, within a cap, and never against a card that says no."""

import asyncio
from dataclasses import replace

import httpx
import pytest

from functions.farebox.billing.payer import read_payer
from functions.farebox.billing.provider import (
    Charge,
    ChargeOutcome,
    Payments,
    ProviderCustomer,
    ProviderFailed,
    SavedCard,
)
from functions.farebox.billing.recharge_job import Recharged, configure, run_auto_recharge
from functions.farebox.ledger.book import post
from functions.farebox.ledger.wallet import Posting
from functions.farebox.payments.sandbox.provider import Sandbox
from functions.farebox.payments.sandbox.state import CardMood
from functions.farebox.storage import Store, Update
from functions.farebox.wiring.runtime import Runtime
from tests.support.clients.asgi import refused
from tests.support.money.customers import wallet_of
from tests.support.money.payment_events import PAYER, USD, open_account
from tests.support.product.runtime import START, Clock, runtime_over


@pytest.fixture
async def uid(client: httpx.AsyncClient, runtime: Runtime) -> str:
    """A user with 10 USD and a saved card."""
    uid = str((await client.get("/api/auth/me")).json()["id"])
    answer = await client.post("/api/wallet/checkout", json={"amount_usd": "10"})
    await client.post(f"/sandbox/checkout/{answer.json()['session_id']}/pay")
    return uid


async def opt_in(client: httpx.AsyncClient, threshold: str = "5", amount: str = "20", *, enabled: bool = True) -> None:
    body = {"enabled": enabled, "threshold_usd": threshold, "amount_usd": amount}
    answer = await client.put("/api/wallet/auto-recharge", json=body)
    assert answer.status_code == 200, answer.text


async def spend(store: Store, uid: str, amount: int) -> None:
    wallet = await wallet_of(store, uid)
    await post(store, uid, START, Posting(f"use_{wallet.seq}", "usage", -amount, "1 request"))


async def run(runtime: Runtime, payments: Payments | None = None) -> Recharged:
    return await run_auto_recharge(
        await runtime.store(),
        payments or await runtime.payments(),
        daily_max=runtime.config.shop.daily_recharge,
        now=runtime.now,
        ids=runtime.ids,
    )


async def set_card(runtime: Runtime, uid: str, mood: CardMood) -> None:
    sandbox = await runtime.payments()
    assert isinstance(sandbox, Sandbox)
    customer = (await read_payer(await runtime.store(), uid)).customers["sandbox"]
    await sandbox.state.set_card(customer, mood)


class Unclear:
    """A provider whose answer is lost on the way: the card is charged all the same, if the question arrives."""

    def __init__(self, inner: Payments, *, arrives: bool = True) -> None:
        self.name = inner.name
        self.inner = inner
        self.arrives = arrives

    async def saved_card(self, payer: ProviderCustomer) -> SavedCard | None:
        return await self.inner.saved_card(payer)

    async def charge_saved_card(self, charge: Charge) -> ChargeOutcome:
        if self.arrives:
            await self.inner.charge_saved_card(charge)
        raise ProviderFailed("The answer was lost.")

    async def outcome_of(self, _charge: Charge) -> ChargeOutcome | None:
        raise ProviderFailed("The answer was lost.")


async def test_one_user_that_cannot_be_charged_keeps_no_other_without_credit(
    client: httpx.AsyncClient, runtime: Runtime, sqlite_store: Store, uid: str
) -> None:
    await opt_in(client)
    await spend(sqlite_store, uid, 6 * USD)
    for broken in ("0", "zz"):  # one before and one after in the order of the walk
        await open_account(sqlite_store, broken)
        await configure(sqlite_store, broken, runtime.config.shop, enabled=True, threshold=5 * USD, amount=20 * USD)
        await sqlite_store.write(Update(f"billing/{broken}", {"recharge": {"unknown": True}}))
    assert await run(runtime) == Recharged(considered=3, paid=1, failed=2)
    assert (await wallet_of(sqlite_store, uid)).balance == 24 * USD


async def test_nobody_is_charged_who_did_not_ask(runtime: Runtime, sqlite_store: Store, uid: str) -> None:
    await spend(sqlite_store, uid, 10 * USD)
    assert await run(runtime) == Recharged()
    assert (await wallet_of(sqlite_store, uid)).balance == 0


async def test_a_low_balance_is_recharged_once_and_never_lowered(
    client: httpx.AsyncClient, runtime: Runtime, sqlite_store: Store, uid: str
) -> None:
    await opt_in(client)
    assert await run(runtime) == Recharged(considered=1)
    await spend(sqlite_store, uid, 6 * USD)
    assert await run(runtime) == Recharged(considered=1, paid=1)
    assert (await wallet_of(sqlite_store, uid)).balance == 24 * USD
    assert await run(runtime) == Recharged(considered=1)
    entries = (await client.get("/api/wallet/transactions")).json()["data"]
    assert [(each["type"], each["amount_usd"]) for each in entries[:1]] == [("topup", "20.00")]


async def test_runs_at_the_same_time_charge_once(
    client: httpx.AsyncClient, runtime: Runtime, sqlite_store: Store, uid: str
) -> None:
    await opt_in(client)
    await spend(sqlite_store, uid, 6 * USD)
    await asyncio.gather(*(run(runtime) for _ in range(5)))
    assert (await wallet_of(sqlite_store, uid)).balance == 24 * USD


async def test_an_attempt_whose_outcome_is_unclear_stays_in_flight_and_is_asked_again_under_its_id(
    client: httpx.AsyncClient, runtime: Runtime, sqlite_store: Store, uid: str, clock: Clock
) -> None:
    await opt_in(client)
    await spend(sqlite_store, uid, 6 * USD)
    unclear = Unclear(await runtime.payments())
    assert await run(runtime, unclear) == Recharged(considered=1, pending=1)  # type: ignore[arg-type]
    clock.forward(minutes=1)
    assert await run(runtime) == Recharged(considered=1)
    clock.forward(minutes=1)
    assert await run(runtime) == Recharged(considered=1, paid=1)
    assert (await wallet_of(sqlite_store, uid)).balance == 24 * USD
    recharge = (await read_payer(sqlite_store, uid)).recharge
    assert (recharge.attempt, recharge.attempts) == (None, 1)


async def test_a_decline_waits_longer_each_time_and_then_turns_it_off(
    client: httpx.AsyncClient, runtime: Runtime, sqlite_store: Store, uid: str, clock: Clock
) -> None:
    await opt_in(client)
    await set_card(runtime, uid, "declines")
    await spend(sqlite_store, uid, 6 * USD)
    for wait_h in (1, 2, 4):
        assert (await run(runtime)).declined == 1
        clock.forward(hours=wait_h, minutes=-1)
        assert (await run(runtime)).declined == 0
        clock.forward(minutes=1)
    assert (await run(runtime)).declined == 1
    clock.forward(days=2)
    assert await run(runtime) == Recharged()
    recharge = (await read_payer(sqlite_store, uid)).recharge
    assert (recharge.enabled, recharge.off_reason) == (False, "card_declined")
    assert (await wallet_of(sqlite_store, uid)).balance == 4 * USD


async def test_a_card_that_wants_its_holder_turns_it_off_at_once_until_they_opt_in_again(
    client: httpx.AsyncClient, runtime: Runtime, sqlite_store: Store, uid: str
) -> None:
    await opt_in(client)
    await set_card(runtime, uid, "asks_its_holder")
    await spend(sqlite_store, uid, 6 * USD)
    assert (await run(runtime)).declined == 1
    shown = (await client.get("/api/wallet")).json()["auto_recharge"]
    assert (shown["enabled"], shown["off_reason"]) == (False, "authentication_required")
    await set_card(runtime, uid, "pays")
    await opt_in(client)
    assert (await run(runtime)).paid == 1


async def test_no_more_than_the_daily_cap_is_charged(
    client: httpx.AsyncClient, runtime: Runtime, sqlite_store: Store, uid: str, clock: Clock
) -> None:
    await opt_in(client, threshold="100", amount="90")
    for expected in (1, 0):  # 10, then 100 USD: not below the threshold any more
        assert (await run(runtime)).paid == expected
    for expected in (1, 0):
        await spend(sqlite_store, uid, (await wallet_of(sqlite_store, uid)).balance)
        assert (await run(runtime)).paid == expected
    clock.forward(days=1)
    assert (await run(runtime)).paid == 1


async def test_nobody_is_charged_while_a_payment_of_theirs_is_disputed_or_they_owe_or_are_suspended(
    client: httpx.AsyncClient, runtime: Runtime, sqlite_store: Store, uid: str
) -> None:
    await opt_in(client, threshold="50")
    wallet = await wallet_of(sqlite_store, uid)
    for barred in (replace(wallet, frozen=True), replace(wallet, balance=0, debt=USD)):
        await sqlite_store.write(Update(f"wallets/{uid}", barred.to_data()))
        assert await run(runtime) == Recharged(considered=1)
    await sqlite_store.write(
        Update(f"wallets/{uid}", wallet.to_data()), Update(f"users/{uid}", {"status": "suspended"})
    )
    assert await run(runtime) == Recharged(considered=1)


@pytest.mark.parametrize("arrives", [True, False])
async def test_an_attempt_is_given_up_only_once_its_provider_says_that_it_never_heard_of_it(
    client: httpx.AsyncClient, runtime: Runtime, sqlite_store: Store, uid: str, clock: Clock, arrives: bool
) -> None:
    await opt_in(client)
    await spend(sqlite_store, uid, 6 * USD)
    unclear = Unclear(await runtime.payments(), arrives=arrives)
    for _ in range(2):
        assert await run(runtime, unclear) == Recharged(considered=1, pending=1)  # type: ignore[arg-type]
        recharge = (await read_payer(sqlite_store, uid)).recharge
        assert (recharge.attempts, recharge.day_amount) == (1, 20 * USD), "it counts as long as nobody knows"
        clock.forward(hours=21)
    await set_card(runtime, uid, "declines")  # no card is charged for it any more
    assert await run(runtime) == Recharged(considered=1, paid=arrives, declined=not arrives)
    recharge = (await read_payer(sqlite_store, uid)).recharge
    assert (recharge.attempt, recharge.last_failure) == (None, None if arrives else "outcome_unknown")
    assert (await wallet_of(sqlite_store, uid)).balance == (24 if arrives else 4) * USD


@pytest.mark.parametrize("amount", ["4.99", "200.01", "10.001"])
async def test_an_amount_that_could_not_be_charged_is_refused(client: httpx.AsyncClient, amount: str) -> None:
    body = {"enabled": True, "threshold_usd": "5", "amount_usd": amount}
    refused(await client.put("/api/wallet/auto-recharge", json=body), 400, "invalid_value", "amount_usd")


async def test_it_is_turned_off_and_on_without_saying_its_amounts_again(client: httpx.AsyncClient, uid: str) -> None:
    async def switch(**terms: object) -> httpx.Response:
        return await client.put("/api/wallet/auto-recharge", json=terms)

    refused(await switch(enabled=True), 400, "missing_field", "threshold_usd")
    refused(await switch(enabled=True, threshold_usd="5"), 400, "missing_field", "amount_usd")
    assert (await switch(enabled=False)).json()["enabled"] is False
    # One alone would have it be on later without a threshold, and never charge.
    refused(await switch(enabled=False, amount_usd="20"), 400, "missing_field", "threshold_usd")
    await opt_in(client, "5", "20")
    for enabled in (False, True):
        told = (await switch(enabled=enabled)).json()
        assert (told["enabled"], told["threshold_usd"], told["amount_usd"]) == (enabled, "5.00", "20.00")
    assert (await switch(enabled=True, amount_usd="30")).json()["threshold_usd"] == "5.00"


async def test_who_is_low_is_found_and_charged_on_each_engine(store: Store, store_url: str, clock: Clock) -> None:
    runtime = runtime_over(store, store_url, clock, FAREBOX_PAYMENTS="sandbox")
    await open_account(store)
    sandbox = await runtime.payments()
    assert isinstance(sandbox, Sandbox)
    link = await (await runtime.topups()).checkout(PAYER, "ada@example.com", amount=10 * USD, package=None)
    await sandbox.state.pay(link.session_id)
    await configure(store, PAYER, runtime.config.shop, enabled=True, threshold=5 * USD, amount=20 * USD)
    runs = await asyncio.gather(*(run(runtime) for _ in range(3)))
    assert sum(each.paid for each in runs) >= 1
    assert (await wallet_of(store, PAYER)).balance == 20 * USD
    assert await run(runtime) == Recharged(considered=1)
