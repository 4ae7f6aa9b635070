"""An organisation's webhook is told each entry of its audit trail, once and whole."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from functions.farebox.notifications.alerts import Alerts
from functions.farebox.notifications.delivery import Alerted
from functions.farebox.notifications.trail_events import OVERLAP, PAGE
from functions.farebox.organisations.trail import SYSTEM, Trail
from functions.farebox.storage import Query, Store, Update
from functions.farebox.wiring.runtime import Runtime
from tests.notifications.test_alerts import HOOK, Recorder, alerts, sender, strangers, uid
from tests.support.clients.people import Person, found, sign_up
from tests.support.product.runtime import Clock

__all__ = ["alerts", "sender", "strangers", "uid"]


@pytest.fixture
async def owner(client: httpx.AsyncClient, sqlite_store: Store, clock: Clock) -> Person:
    person = await sign_up(client, sqlite_store, "olga")
    org = await found(person)
    clock.forward(seconds=1)
    return person.at(org)


def told(sender: Recorder) -> list[dict[str, Any]]:
    """What was sent, in the order of the entries and of their actions."""
    return sorted((body for _, _, body in sender.sent), key=lambda body: (body["data"]["created_at"], body["type"]))


async def test_each_entry_reaches_the_webhook_once_as_the_trail_has_it_and_no_mail(
    owner: Person, alerts: Alerts, sender: Recorder, sqlite_store: Store, clock: Clock
) -> None:
    await owner.do("PUT", "/api/wallet/alerts", {"webhook_url": HOOK})
    made = await owner.do("POST", "/api/keys", {"name": "one", "expires_at": "2027-05-01T00:00:00Z"})
    mails = len(await sqlite_store.query(Query("mail")))
    for _ in range(2):
        await alerts.run()
        clock.time += 1.2 * OVERLAP
    await owner.do("DELETE", f"/api/keys/{made['id']}")
    for _ in range(2):
        await alerts.run()
        clock.time += 1.2 * OVERLAP
    assert [body["type"] for body in told(sender)] == ["audit.alerts.change", "audit.keys.create", "audit.keys.revoke"]
    entries = (await owner.do("GET", f"/api/orgs/{owner.org}/audit"))["data"][:3]
    assert {body["data"]["id"] for body in told(sender)} == {entry["id"] for entry in entries}
    assert told(sender)[1]["data"]["target"] == f"keys/{made['id']}"
    assert len(await sqlite_store.query(Query("mail"))) == mails
    log = (await owner.do("GET", "/api/wallet/alerts/log"))["data"]
    assert {(each["mail"], each["webhook"]) for each in log} == {("none", "delivered")}


async def test_a_burst_is_told_whole_and_what_is_committed_late_is_not_missed(
    owner: Person, alerts: Alerts, sender: Recorder, sqlite_store: Store, runtime: Runtime, clock: Clock
) -> None:
    await owner.do("PUT", "/api/wallet/alerts", {"webhook_url": HOOK})
    assert owner.org is not None
    began = clock()
    late = Trail(sqlite_store, now=lambda: began + timedelta(seconds=1), ids=runtime.ids)
    trail = Trail(sqlite_store, now=runtime.now, ids=runtime.ids)
    clock.forward(seconds=60)
    for number in range(2 * PAGE):
        await trail.tell(owner.org, SYSTEM, "x", f"x/{number}")
    assert (await alerts.run()).raised == 2 * PAGE + 1
    await late.tell(owner.org, SYSTEM, "late", "x")
    clock.forward(seconds=60)
    assert (await alerts.run()).raised == 1
    assert (await alerts.run()).raised == 0


async def test_what_came_before_the_address_is_not_told_nor_what_a_person_did_alone(
    owner: Person, alerts: Alerts, sender: Recorder, sqlite_store: Store, clock: Clock
) -> None:
    await owner.do("POST", "/api/keys", {"name": "before"})
    clock.forward(seconds=1)
    await owner.do("PUT", "/api/wallet/alerts", {"webhook_url": HOOK})
    alone = Person(owner.client, owner.uid, owner.email, owner.token)
    await alone.do("PUT", "/api/wallet/alerts", {"webhook_url": HOOK})
    await alone.do("POST", "/api/keys", {"name": "mine"})
    await alerts.run()
    assert [body["type"] for body in told(sender)] == ["audit.alerts.change"]


async def test_an_address_from_an_earlier_version_is_told_what_comes_from_now_on(
    owner: Person, alerts: Alerts, sender: Recorder, sqlite_store: Store, clock: Clock
) -> None:
    await owner.do("PUT", "/api/wallet/alerts", {"webhook_url": HOOK})
    payer = await sqlite_store.get(f"billing/{owner.org}")
    assert payer is not None
    terms = {name: value for name, value in payer.data["alerts"].items() if name != "trail_from_at"}
    await sqlite_store.write(Update(payer.path, {"alerts": terms}))
    clock.forward(seconds=1)
    assert await alerts.run() == Alerted()
    clock.forward(seconds=1)
    await owner.do("POST", "/api/keys", {"name": "after"})
    assert await alerts.run() == Alerted(raised=1, delivered=1)
    assert told(sender)[0]["type"] == "audit.keys.create"
