"""Export tells all that is kept of a person, and no secret; erasure leaves books that add up, and nothing personal."""

import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import urlsplit

import httpx
import pytest

from functions.farebox.admin.personal_data import of_person
from functions.farebox.billing.payer import AlertTerms
from functions.farebox.errors import NotFound
from functions.farebox.identity.local.credentials import Credentials
from functions.farebox.notifications.trail_events import TrailEvents
from functions.farebox.organisations.trail import SYSTEM
from functions.farebox.storage import Document, Query, Store
from functions.farebox.wiring.runtime import Runtime
from tests.support.clients.asgi import client_of, refused
from tests.support.clients.management import AS_ADMIN, DOORS, done
from tests.support.clients.people import Person, found, sign_up
from tests.support.clients.people import key_of as key_of_person
from tests.support.money.wallet_books import clean_audit
from tests.support.product.app import surface_over
from tests.support.product.mailbox import mailed_token
from tests.support.product.runtime import Clock, runtime_over
from tests.support.source.collections import collections_in_code

ADA = {"email": "ada.lovelace@example.com", "password": "a long password", "full_name": "Ada Lovelace"}
PERSONAL = ("lovelace", "Lovelace", "ada.", "203.0.113", "a browser of hers")
HELLO = {"model": "echo", "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 5}

# What holds nothing personal, or is nobody's. Everything else an export tells.
OF_NOBODY = {
    "admin_calls", "attempts", "codes", "emails", "events", "invitations", "jobs", "key_windows",
    "leases", "passes", "plans", "pricing", "provisions", "seeds", "system_days", "tenants",
    "upstream_changes", "upstream_health",
    "sign_ins", "trials", "upstreams", "versions", "welcome_days", "welcomed",
    "keys", "member_budgets", "orgs", "project_budgets", "span_budgets", "unmatched",
}  # fmt: skip


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def runtime(sqlite_store: Store, sqlite_url: str, clock: Clock) -> Runtime:
    return runtime_over(sqlite_store, sqlite_url, clock, FAREBOX_TRUSTED_PROXIES="1", **DOORS)


@pytest.fixture
async def client(runtime: Runtime, clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    """Ada, who has used everything."""
    headers = {"x-forwarded-for": "203.0.113.7", "user-agent": "a browser of hers"}
    async with client_of(surface_over(runtime)) as client:
        client.headers.update(headers)
        session = await done(client.post("/api/auth/register", json=ADA))
        client.headers["authorization"] = f"Bearer {session['token']}"
        await done(client.post("/api/auth/verify-email"))
        await done(client.post("/api/auth/verify-email/confirm", json={"token": mailed_token(runtime)}))
        await done(client.put("/api/wallet/alerts", json={"webhook_url": "https://hooks.example.com/lovelace"}))
        await done(client.post("/api/auth/second-factor/totp"))
        link = await done(client.post("/api/wallet/subscribe", json={"plan": "starter"}))
        await client.post(f"{urlsplit(link['url']).path}/pay")
        await done(
            client.patch(f"/api/admin/users/{session['user']['id']}", json={"tenant_id": "acme"}, headers=AS_ADMIN)
        )
        yield client
    await runtime.close()


async def key_of(client: httpx.AsyncClient) -> dict[str, str]:
    return {"authorization": f"Bearer {(await done(client.post('/api/keys', json={'name': 'Lovelace'})))['key']}"}


async def whole(store: Store) -> str:
    """All that a store holds, as text, but for what the sandbox keeps in a payment provider's place."""
    found = []
    for collection in sorted(collections_in_code() - {"leases", "transactions", "versions", "parts"}):
        if collection.startswith("sandbox_"):
            continue
        found += [(document.path, document.data) async for document in store.scan(Query(collection))]
    return str(found)


async def test_an_export_tells_all_that_is_kept_and_no_secret(
    client: httpx.AsyncClient, runtime: Runtime, sqlite_store: Store
) -> None:
    key = await key_of(client)
    await done(client.post("/v1/chat/completions", json=HELLO, headers=key))
    answer = await client.get("/api/auth/export")
    assert "attachment" in answer.headers["content-disposition"]
    *lines, last = [json.loads(line) for line in answer.text.splitlines()]
    assert last == {"complete": True}
    told = {line["collection"] for line in lines}
    assert {"users", "wallets", "transactions", "api_keys", "sessions", "usage", "payments", "audit", "mail"} <= told
    assert {"203.0.113.7"} <= {line["document"].get("address") for line in lines}
    stored = [document async for document in sqlite_store.scan(Query("sessions"))]
    secrets = [stored[0].data["hash"], key["authorization"].removeprefix("Bearer ")]
    credentials = [document async for document in sqlite_store.scan(Query("credentials"))]
    for secret in (*secrets, credentials[0].data["password_hash"], "whsec_"):
        assert secret not in answer.text


def test_every_collection_is_told_by_an_export_or_is_nobodys() -> None:
    told = {query.collection for query in of_person("u1")} | {
        "users",
        "wallets",
        "billing",
        "credentials",
        "factors",
        "transactions",
        "mail",
        "audit",
        "api_keys",
        "idempotency",
        "parts",  # in the document of its key
        "answer_cache",
    }
    sandbox = {name for name in collections_in_code() if name.startswith("sandbox_")}
    assert collections_in_code() - sandbox == (told & collections_in_code()) | OF_NOBODY


async def test_erasure_ends_keys_and_plans_and_leaves_books_that_add_up_and_nothing_personal(
    client: httpx.AsyncClient, runtime: Runtime, sqlite_store: Store, clock: Clock
) -> None:
    key = await key_of(client)
    await done(client.post("/v1/chat/completions", json=HELLO, headers=key))
    uid = (await done(client.get("/api/auth/me")))["id"]
    before = await done(client.get("/api/wallet"))
    assert before["plan"] == "starter"
    await done(client.delete("/api/auth/me"))

    refused(await client.get("/api/auth/me"), 401, "invalid_token")
    credentials = {name: ADA[name] for name in ("email", "password")}
    refused(await client.post("/api/auth/login", json=credentials), 401, "invalid_credentials")
    clock.time += timedelta(seconds=5)
    async with client_of(surface_over(runtime_over(sqlite_store, "sqlite:///unused/farebox.db", clock))) as elsewhere:
        refused(await elsewhere.post("/v1/chat/completions", json=HELLO, headers=key), 401, "invalid_api_key")
    assert [each.data["status"] async for each in sqlite_store.scan(Query("sandbox_subscriptions"))] == ["ended"]
    user = await sqlite_store.get(f"users/{uid}")
    assert user is not None
    assert (user.data["status"], user.data["email"]) == ("erased", f"{uid.lower()}@erased.invalid")
    kept = await whole(sqlite_store)
    for word in PERSONAL:
        assert word not in kept, kept[kept.index(word) - 400 : kept.index(word) + 40]
    await clean_audit(sqlite_store)
    wallet = await sqlite_store.get(f"wallets/{uid}")
    assert wallet is not None
    assert wallet.data["balance"] > 0

    again = await done(client.post("/api/auth/register", json=ADA))
    assert again["user"]["id"] != uid


async def test_erasure_takes_a_person_out_of_the_records_of_organisations_and_leaves_what_they_did(
    client: httpx.AsyncClient, sqlite_store: Store, clock: Clock, runtime: Runtime
) -> None:
    uid = (await done(client.get("/api/auth/me")))["id"]
    ada = Person(client, uid, ADA["email"], client.headers.pop("authorization").removeprefix("Bearer "))
    owner = await sign_up(client, sqlite_store, "olga")
    org, elsewhere = await found(owner), await found(owner, "Elsewhere")
    for each, role in ((org, "admin"), (elsewhere, "viewer")):  # one of which she joins
        await owner.do("POST", f"/api/orgs/{each}/invitations", {"email": ada.email, "role": role})
    accepting = [each.data["message"]["text"] async for each in sqlite_store.scan(Query("mail"))]
    [text] = [each for each in accepting if "to Acme" in each]
    token = re.findall(r"#token=(\S+)", text)[0]
    await ada.do("POST", "/api/invitations/accept", {"token": token})
    await ada.do("POST", f"/api/orgs/{org}/invitations", {"email": "max@example.com", "role": "viewer"})
    soon = (clock() + timedelta(days=3)).isoformat()
    held = await key_of_person(ada.at(org), name="Lovelace", scopes=["inference", "keys"], expires_at=soon)
    made = {"name": "Lovelace for a customer"}
    minted = await done(client.post("/api/keys", json=made, headers={"authorization": f"Bearer {held['key']}"}))
    own = await key_of_person(ada, name="Lovelace")
    await done(
        client.post(
            "/api/admin/credits/bonus", json={"user_id": org, "amount_usd": "1", "reason": "t"}, headers=AS_ADMIN
        )
    )
    for key in (held, minted, own):
        asking = {"authorization": f"Bearer {key['key']}", "idempotency-key": "one", "x-farebox-cache": "on"}
        await done(client.post("/v1/chat/completions", json=HELLO, headers=asking))
    assert len([each async for each in sqlite_store.scan(Query("parts", order_by="expires_at", group=True))]) == 3

    await Credentials(sqlite_store, clock).move(ada.uid, ada.email, "lovelace@example.com")
    await ada.do("POST", "/api/auth/email", {"email": "a.lovelace@example.com", "password": ADA["password"]})
    assert (await (await runtime.alerts()).run()).delivered == 1
    terms = AlertTerms(url="https://hooks.example.com", trail_from_at=clock() - timedelta(hours=1))
    assert await TrailEvents(sqlite_store, clock).look(org, terms)

    exported = [json.loads(line) for line in (await ada.ask("GET", "/api/auth/export")).text.splitlines()]
    documents = [(line.get("collection"), line.get("document", {})) for line in exported]
    for kept_in in ("idempotency", "answer_cache"):
        assert len([1 for name, each in documents if name == kept_in and "chat.completion" in each["answer"]]) == 3
    assert {each["id"] for name, each in documents if name == "api_keys"} == {held["id"], minted["id"], own["id"]}
    told = [line["document"]["action"] for line in exported if line.get("collection") == "trail"]
    assert {"keys.create", "invitations.create", "invitations.accept", "alerts.change"} <= set(told)
    assert len(told) == len({line["document"]["id"] for line in exported if line.get("collection") == "trail"})

    client.headers["x-forwarded-for"] = "198.51.100.1"
    await ada.do("DELETE", "/api/auth/me")
    kept = await whole(sqlite_store)
    for name in ("idempotency", "answer_cache"):
        assert [each async for each in sqlite_store.scan(Query(name))] == []
    assert [each async for each in sqlite_store.scan(Query("parts", order_by="expires_at", group=True))] == []
    for name in ("trail", "members", "invitations"):
        kept += str([each async for each in sqlite_store.scan(Query(name, group=True))])
    for word in ("lovelace", "Lovelace"):
        assert word not in kept, kept[kept.index(word) - 400 : kept.index(word) + 40]
    log = [each.data["data"] async for each in sqlite_store.scan(Query("alerts"))]
    assert {each["address"] for each in log if each.get("actor") == ada.uid} == {None}
    assert held["id"] in {each.get("key_id") for each in log}
    trail = (await owner.do("GET", f"/api/orgs/{org}/audit"))["data"]
    assert [line["address"] for line in trail if line["actor"] == ada.uid] == [None] * 4
    assert {"keys.create", "keys.revoke", "members.remove", "invitations.accept"} <= {line["action"] for line in trail}
    assert (await owner.do("GET", f"/api/orgs/{org}"))["id"] == org


async def test_whoever_joins_an_organisation_while_they_are_erased_belongs_to_nothing(
    client: httpx.AsyncClient, sqlite_store: Store, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    del client.headers["authorization"]
    owner, bob = await sign_up(client, sqlite_store, "olga"), await sign_up(client, sqlite_store, "bob")
    first, second = await found(owner), await found(owner, "Second")
    invitations = (await runtime.organisations()).invitations

    async def accept(org: str) -> None:
        await owner.do("POST", f"/api/orgs/{org}/invitations", {"email": bob.email, "role": "owner"})
        mails = [each.data["message"]["text"] async for each in sqlite_store.scan(Query("mail"))]
        [token] = [found[1] for text in mails if (found := re.search(rf"#token=({org}\S+)", text))]
        await invitations.accept(token, bob.uid, bob.email, verified=True, by=SYSTEM)

    erasure = await runtime.erasure()
    forget = erasure._forget_documents

    async def joining(user: Document) -> None:
        await accept(first)
        await forget(user)

    monkeypatch.setattr(erasure, "_forget_documents", joining)
    await erasure.erase(bob.uid)
    with pytest.raises(NotFound):
        await accept(second)
    for org in (first, second):
        assert (await owner.do("GET", f"/api/orgs/{org}/members"))["data"][0]["id"] == owner.uid
        account = await sqlite_store.get(f"users/{org}")
        assert account is not None
        assert (account.data["owners"], account.data["members"]) == (1, 1)


async def test_a_suspended_account_is_an_operators_to_erase(client: httpx.AsyncClient, runtime: Runtime) -> None:
    uid = (await done(client.get("/api/auth/me")))["id"]
    await done(client.patch(f"/api/admin/users/{uid}", json={"status": "suspended"}, headers=AS_ADMIN))
    refused(await client.delete("/api/auth/me"), 403, "account_suspended")
    erasure = await runtime.erasure()
    for _ in range(2):
        await erasure.erase(uid, by_operator=True)
    refused(await client.patch(f"/api/admin/users/{uid}", json={"status": "active"}, headers=AS_ADMIN), 409, "conflict")
    bonus = {"user_id": uid, "amount_usd": "5", "reason": "late"}
    refused(await client.post("/api/admin/credits/bonus", json=bonus, headers=AS_ADMIN), 409, "conflict")
