"""Alerts: once for each occasion, by mail and by signed webhook, with a record of delivery."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import httpx
import pytest

from functions.farebox.accounts.account import user_path
from functions.farebox.billing.auto_recharge import Recharge
from functions.farebox.billing.payer import Payer, billing_path
from functions.farebox.ledger.book import post
from functions.farebox.ledger.wallet import Posting
from functions.farebox.limits.group_budget import group_budget_path
from functions.farebox.limits.span_budgets import span_budgets_path
from functions.farebox.notifications.alerts import Alerts
from functions.farebox.notifications.delivery import Alerted
from functions.farebox.notifications.webhooks import Undeliverable, WebhookSender
from functions.farebox.organisations.membership import Membership, membership_path
from functions.farebox.secrets.seal import Seal
from functions.farebox.storage import Query, Set, Store, Update
from functions.farebox.wiring.runtime import Runtime
from tests.support.clients.asgi import refused
from tests.support.money.payment_events import PAYER, USD, open_account
from tests.support.product.runtime import START, Clock, runtime_over

HOOK = "https://hooks.example.com/farebox"


class Recorder(WebhookSender):
    """Takes down what would be sent, or fails to."""

    def __init__(self) -> None:
        super().__init__(is_local=False)
        self.sent: list[tuple[str, str, dict[str, Any]]] = []
        self.is_down = False

    def be_down(self, is_down: bool) -> None:
        self.is_down = is_down

    async def send(
        self, url: str, secret: str, message_id: str, body: Any, now: Any, *, may_stay_here: bool = False
    ) -> None:
        if self.is_down:
            raise Undeliverable("it answered 503")
        assert secret.startswith("whsec_")
        self.sent.append((url, message_id, body))


@pytest.fixture
def sender() -> Recorder:
    return Recorder()


@pytest.fixture
def strangers() -> set[str]:
    """Whose addresses are not proved theirs."""
    return set()


@pytest.fixture
async def alerts(runtime: Runtime, sender: Recorder, strangers: set[str]) -> Alerts:
    seal = Seal(runtime.config.secret_key.derive("webhook-secrets"))

    async def may_mail(uid: str) -> bool:
        return uid not in strangers

    return Alerts(await runtime.store(), await runtime.mailer(), sender, seal, may_mail, runtime.now)


@pytest.fixture
async def uid(client: httpx.AsyncClient) -> str:
    return str((await client.get("/api/auth/me")).json()["id"])


async def change(store: Store, uid: str, amount: int, name: str) -> None:
    kind = "usage" if amount < 0 else "topup"
    await post(store, uid, START, Posting(name, kind, amount, "1 request"))  # type: ignore[arg-type]


async def subjects(store: Store) -> Sequence[str]:
    mails = await store.query(Query("mail", order_by="created_at"))
    return [mail.data["message"]["subject"] for mail in mails]


async def set_up(client: httpx.AsyncClient, **body: str) -> dict[str, str | None]:
    answer = await client.put("/api/wallet/alerts", json=body)
    assert answer.status_code == 200, answer.text
    result: dict[str, str | None] = answer.json()
    return result


async def test_a_low_balance_is_told_once_each_time_it_comes_to_be(
    client: httpx.AsyncClient, alerts: Alerts, sender: Recorder, sqlite_store: Store, uid: str
) -> None:
    await set_up(client, low_balance_usd="5", webhook_url=HOOK)
    await change(sqlite_store, uid, 10 * USD, "a")
    assert await alerts.run() == Alerted()
    await change(sqlite_store, uid, -6 * USD, "b")
    assert await alerts.run() == Alerted(raised=1, delivered=1)
    assert await alerts.run() == Alerted()
    await change(sqlite_store, uid, 6 * USD, "c")
    assert await alerts.run() == Alerted()
    await change(sqlite_store, uid, -6 * USD, "d")
    assert await alerts.run() == Alerted(raised=1, delivered=1)
    assert await subjects(sqlite_store) == ["Your balance is low"] * 2
    [(url, first, body), (_, second, _)] = sender.sent
    assert (url, body["type"], body["data"]["balance_usd"]) == (HOOK, "balance.low", "4.00")
    assert first != second


@pytest.mark.parametrize(("spent", "mark"), [(79, None), (80, 80), (89, 80), (90, 90), (100, 100)])
async def test_a_budget_is_told_of_at_80_90_and_100_per_cent(
    client: httpx.AsyncClient, alerts: Alerts, sender: Recorder, sqlite_store: Store, uid: str, spent: int, mark: int
) -> None:
    await set_up(client, webhook_url=HOOK)
    budget = {"period": "2026-11", "limit": 100 * USD, "spent": spent * USD, "reserved": 0}
    await sqlite_store.write(Update(f"wallets/{uid}", {"budget": budget}))
    await alerts.run()
    await alerts.run()
    assert [body["data"]["percent"] for _, _, body in sender.sent] == ([mark] if mark else [])


async def test_every_budget_of_a_payer_their_keys_members_and_projects_is_told_of_once_a_period(
    client: httpx.AsyncClient, alerts: Alerts, sender: Recorder, sqlite_store: Store, clock: Clock, uid: str
) -> None:
    await set_up(client, webhook_url=HOOK)
    key = (await client.post("/api/keys", json={"name": "laptop", "daily_budget_usd": "10"})).json()
    minted = (await client.post("/api/keys", json={"name": "customer", "daily_budget_usd": "10"})).json()
    at = f"api_keys/{key['id']}"
    await sqlite_store.write(
        Update(at, {"monthly_budget": 10 * USD, "total_budget": 10 * USD, "total_before": 1 * USD, "project": "p1"}),
        Update(f"api_keys/{minted['id']}", {"made_by": key["id"]}),
        Update(user_path(uid), {"weekly_budget": 10 * USD}),
    )
    budget = {"period": "2026-11", "limit": 10 * USD, "spent": 9 * USD, "reserved": 0}
    days = {"day": {**budget, "period": "2026-11-21"}, "week": {**budget, "period": "2026-W47"}}
    spans = {**days, "total": {**budget, "period": "total", "spent": 7 * USD}}
    await sqlite_store.write(
        *(Set(f"key_windows/{each['id']}", {"budget": budget, "last_used_at": START}) for each in (key, minted)),
        *(Set(span_budgets_path(uid, name), spans) for name in (None, key["id"], minted["id"])),
        Set(group_budget_path(uid, "project", "p1"), {"budget": budget}),
    )
    for _ in range(2):
        await alerts.run()
    of_key = f"budget-key-{key['id']}-"
    occasions = {
        "budget-week-2026-W47-90",
        f"{of_key}2026-11-90",
        f"{of_key}day-2026-11-21-90",
        f"{of_key}total-{10 * USD}-80",
        "budget-project-p1-2026-11-90",
    }
    assert {message.removeprefix(f"{uid}_") for _, message, _ in sender.sent} == occasions
    assert len(sender.sent) == len(occasions)
    await sqlite_store.write(Update(at, {"total_budget": 8 * USD + 1}))
    clock.forward(days=1, hours=-1)
    await alerts.run()
    assert {message.removeprefix(f"{uid}_") for _, message, _ in sender.sent} - occasions == {
        f"{of_key}total-{8 * USD + 1}-90"
    }


async def test_a_failed_recharge_is_told_once(alerts: Alerts, sqlite_store: Store, uid: str) -> None:
    recharge = Recharge(enabled=True, amount=USD, attempt="rch_1").declined("rch_1", "card_declined", START)
    await sqlite_store.write(Set(billing_path(uid), Payer(recharge=recharge).to_data()))
    assert (await alerts.run()).raised == 1
    assert (await alerts.run()).raised == 0
    assert await subjects(sqlite_store) == ["Auto-recharge failed"]


async def test_an_organisation_is_told_through_its_owners_and_whoever_looks_after_billing(
    client: httpx.AsyncClient, alerts: Alerts, sqlite_store: Store, uid: str
) -> None:
    org = (await client.post("/api/orgs", json={"name": "Acme"})).json()["id"]
    await client.put("/api/wallet/alerts", json={"low_balance_usd": "5"}, headers={"x-farebox-org": org})
    bill, mia = Membership(org, "bill", "billing", None, START), Membership(org, "mia", "member", None, START)
    for each in (bill, mia):
        await open_account(sqlite_store, each.user)
        await sqlite_store.write(Set(membership_path(org, each.user), each.to_data()))
    assert (await alerts.run()).delivered == 1
    mails = await sqlite_store.query(Query("mail", order_by="created_at"))
    owner = (await client.get("/api/auth/me")).json()["email"]
    assert {mail.data["to"] for mail in mails if "low" in mail.data["message"]["subject"]} == {
        owner,
        "bill@example.com",
    }


async def test_an_address_that_nobody_has_proved_is_mailed_nothing(
    client: httpx.AsyncClient, alerts: Alerts, sqlite_store: Store, uid: str, strangers: set[str], sender: Recorder
) -> None:
    strangers.add(uid)
    await set_up(client, low_balance_usd="5", webhook_url="https://hooks.example.com/")
    org = (await client.post("/api/orgs", json={"name": "Acme"})).json()["id"]
    await client.put("/api/wallet/alerts", json={"low_balance_usd": "5"}, headers={"x-farebox-org": org})
    key = {"name": "Buy now at spam.example.com", "expires_at": (START + timedelta(days=1)).isoformat()}
    await client.post("/api/keys", json=key)
    assert (await alerts.run()).delivered == 3
    assert await subjects(sqlite_store) == []
    told = (await client.get("/api/wallet/alerts/log")).json()["data"]
    assert {(each["mail"], each["webhook"]) for each in told} == {("none", "delivered")}


async def test_a_key_that_expires_within_a_week_is_told_once_for_each_expiry(
    runtime: Runtime, alerts: Alerts, sqlite_store: Store, uid: str, clock: Clock
) -> None:
    keys = await runtime.keys()
    key, _ = await keys.create(uid, {"name": "soon", "expires_at": START + timedelta(days=8)})
    await keys.create(uid, {"name": "never"})
    assert (await alerts.run()).raised == 0
    clock.forward(days=2)
    assert (await alerts.run()).raised == 1
    assert (await alerts.run()).raised == 0
    await keys.change(uid, key.id, {"expires_at": START + timedelta(days=9)})
    assert (await alerts.run()).raised == 1
    await keys.revoke(uid, key.id)
    assert (await alerts.run()).raised == 0


async def test_what_does_not_arrive_is_sent_again_later_and_later_and_given_up_in_the_end(
    client: httpx.AsyncClient, alerts: Alerts, sender: Recorder, sqlite_store: Store, uid: str, clock: Clock
) -> None:
    await set_up(client, low_balance_usd="5", webhook_url=HOOK)
    sender.be_down(True)
    assert await alerts.run() == Alerted(raised=1, failed=1)
    assert await alerts.run() == Alerted()
    clock.forward(minutes=1)
    assert await alerts.run() == Alerted(failed=1)
    sender.be_down(False)
    clock.forward(minutes=2)
    assert await alerts.run() == Alerted(delivered=1)
    assert await subjects(sqlite_store) == ["Your balance is low"]
    [record] = await sqlite_store.query(Query("alerts"))
    assert (record.data["mail"], record.data["webhook"], record.data["attempts"]) == ("sent", "delivered", 3)
    sender.be_down(True)
    await change(sqlite_store, uid, 10 * USD, "a")
    await alerts.run()
    await change(sqlite_store, uid, -10 * USD, "b")
    runs = []
    for _ in range(11):
        runs.append(await alerts.run())
        clock.forward(hours=12)
    assert sum(run.given_up for run in runs) == 1
    assert sum(run.failed for run in runs) == 9


async def test_a_webhook_whose_secret_does_not_open_is_named_and_keeps_no_mail_back(
    client: httpx.AsyncClient,
    alerts: Alerts,
    sqlite_store: Store,
    uid: str,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await set_up(client, low_balance_usd="5", webhook_url=HOOK)
    billing = await sqlite_store.get(f"billing/{uid}")
    assert billing is not None
    closed = {**billing.data["alerts"], "secret": "of another key"}
    await sqlite_store.write(Update(billing.path, {"alerts": closed}))
    assert await alerts.run() == Alerted(raised=1, failed=1)
    [record] = await sqlite_store.query(Query("alerts"))
    assert (record.data["mail"], record.data["webhook"]) == ("sent", "waits")
    assert "name it again" in record.data["problem"]
    assert f"billing/{uid}: the secret of its webhook does not open" in caplog.text
    for url in (f"{HOOK}/2", HOOK):
        await set_up(client, low_balance_usd="5", webhook_url=url)
    clock.forward(minutes=1)
    assert (await alerts.run()).delivered == 1


async def test_a_user_sees_what_they_were_told_and_whether_it_arrived(
    client: httpx.AsyncClient, alerts: Alerts, sender: Recorder, sqlite_store: Store, uid: str
) -> None:
    await set_up(client, low_balance_usd="5", webhook_url=HOOK)
    assert (await client.get("/api/wallet/alerts")).json() == {
        "low_balance_usd": "5.00",
        "webhook_url": HOOK,
        "webhook_secret": None,
    }
    sender.be_down(True)
    await alerts.run()
    [told] = (await client.get("/api/wallet/alerts/log")).json()["data"]
    assert (told["type"], told["mail"], told["webhook"], told["attempts"]) == ("balance.low", "sent", "waits", 1)
    assert (told["problem"], told["next_attempt_at"]) == ("it answered 503", "2026-11-21T12:01:00Z")


async def test_runs_at_the_same_time_send_an_alert_once(
    client: httpx.AsyncClient, alerts: Alerts, sender: Recorder, uid: str
) -> None:
    await set_up(client, low_balance_usd="5", webhook_url=HOOK)
    runs = await asyncio.gather(*(alerts.run() for _ in range(5)))
    assert sum(run.raised for run in runs) == sum(run.delivered for run in runs) == len(sender.sent) == 1


async def test_one_alert_that_cannot_be_sent_keeps_no_other_from_arriving(
    client: httpx.AsyncClient, alerts: Alerts, sender: Recorder, sqlite_store: Store, uid: str
) -> None:
    await set_up(client, low_balance_usd="5", webhook_url=HOOK)
    for payer in ("a", "z"):
        await open_account(sqlite_store, payer)
        await alerts.configure(payer, low_balance=5 * USD, url=None, may_stay_here=False)
    billing = await sqlite_store.get(billing_path(uid))
    assert billing is not None
    unreadable = {**billing.data["alerts"], "secret": "sealed with another key"}
    await sqlite_store.write(Update(billing_path(uid), {"alerts": unreadable}))
    assert await alerts.run() == Alerted(raised=3, delivered=2, failed=1)
    assert sender.sent == []
    assert await subjects(sqlite_store) == ["Your balance is low"] * 3


async def test_a_new_address_gets_a_new_secret_which_is_shown_once(client: httpx.AsyncClient) -> None:
    first = await set_up(client, webhook_url=HOOK)
    again = await set_up(client, webhook_url=HOOK, low_balance_usd="5")
    moved = await set_up(client, webhook_url=f"{HOOK}/2")
    assert again["webhook_secret"] is None
    assert len({first["webhook_secret"], moved["webhook_secret"]}) == 2
    assert (await client.get("/api/wallet")).json()["low_balance_usd"] is None


async def test_an_address_inside_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.put("/api/wallet/alerts", json={"webhook_url": "http://metadata.google.internal/"})
    refused(answer, 400, "invalid_value", "webhook_url")


async def test_what_is_due_is_found_on_each_engine(store: Store, store_url: str, clock: Clock) -> None:
    runtime = runtime_over(store, store_url, clock)
    await open_account(store)
    await store.write(Set(f"credentials/{PAYER}", {"email_verified": True}))
    alerts = await runtime.alerts()
    await alerts.configure(PAYER, low_balance=5 * USD, url=None, may_stay_here=False)
    await (await runtime.keys()).create(PAYER, {"name": "soon", "expires_at": START + timedelta(days=2)})
    assert await alerts.run() == Alerted(raised=2, delivered=2)
    assert await alerts.run() == Alerted()
    assert sorted(await subjects(store)) == ["An API key expires soon", "Your balance is low"]
