"""A store that an earlier version wrote opens unchanged: every document is read, everything answers as it did, whoever
had a password or a key still has, and what instances left behind when they died is put right.

`store.sql` is that store, `expected.json` what the version that wrote it answered from it; README.md says how they
were made. Time stands where it stood then.
"""

import asyncio
import json
import os
import re
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from functions.edge.chat.receipt import receipt
from functions.farebox.accounts.account import Account
from functions.farebox.accounts.plans import Plan
from functions.farebox.admin.audit_trail import AuditEntry
from functions.farebox.admin.codes import Code
from functions.farebox.billing.payer import Payer
from functions.farebox.billing.payment import Payment
from functions.farebox.caching.answers import AnswerCache
from functions.farebox.jobs.monthly_reset import Pass
from functions.farebox.keys.api_key import ApiKey
from functions.farebox.leases.lease import Lease
from functions.farebox.ledger.verify import verify
from functions.farebox.ledger.wallet import Entry, Wallet
from functions.farebox.limits.key_counters import KeyWindow
from functions.farebox.limits.tenant_budget import Tenant
from functions.farebox.metering.authorizations import Authorization
from functions.farebox.pricing.bill import Bill
from functions.farebox.pricing.price import Price
from functions.farebox.secrets.seal import Seal
from functions.farebox.storage import Document, Store
from functions.farebox.storage.connect import open_engine
from functions.farebox.storage.sqlite.json_text import loads
from functions.farebox.storage.upgrading import upgrade_store
from functions.farebox.storage.versions import STEPS, newest
from functions.farebox.upstreams.registry import UpstreamList
from functions.farebox.usage.aggregates import latency_bucket
from functions.farebox.usage.receipts import Receipted
from functions.farebox.usage.record import UsageRecord
from functions.farebox.wiring.runtime import Runtime
from tests.support.clients.asgi import client_of
from tests.support.money.wallet_books import clean_audit
from tests.support.product.app import surface_over
from tests.support.product.mailbox import mailed_token
from tests.support.product.runtime import Clock, config_with

HERE = Path(__file__).parent
EXPECTED: dict[str, Any] = json.loads((HERE / "expected.json").read_text(encoding="utf-8"))
ENVIRONMENT: dict[str, str] = EXPECTED["environment"]
CURSORS: list[dict[str, Any]] = json.loads((HERE / "cursors.json").read_text(encoding="utf-8"))
NOW = datetime.fromisoformat(EXPECTED["now"])
AS_ADMIN = {"x-admin-key": ENVIRONMENT["ADMIN_SECRET_KEY"]}
AS_GATEWAY = {"x-api-key": ENVIRONMENT["BILLING_API_KEY"]}
USERS: dict[str, dict[str, Any]] = EXPECTED["users"]
KEYS: dict[str, dict[str, Any]] = EXPECTED["keys"]


def restore(to: Path) -> None:
    """The store as it was kept, in a new file."""
    connection = sqlite3.connect(to)
    connection.executescript((HERE / "store.sql").read_text(encoding="utf-8"))
    connection.close()


def stored(path: Path) -> list[Document]:
    """Every document of a file, whatever its collection."""
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT collection || '/' || id, data, version FROM documents ORDER BY 1").fetchall()
    connection.close()
    return [Document(name, loads(text), str(version)) for name, text, version in rows]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    restored = tmp_path / "farebox.db"
    restore(restored)
    return restored


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
async def store(path: Path) -> AsyncIterator[Store]:
    store = Store(open_engine(f"sqlite:///{path}"))
    yield store
    await store.close()


@pytest.fixture
async def runtime(path: Path, clock: Clock) -> AsyncIterator[Runtime]:
    runtime = Runtime(config_with({"FAREBOX_STORE": f"sqlite:///{path}", **ENVIRONMENT}), now=clock)
    yield runtime
    await runtime.close()


@pytest.fixture
async def client(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(surface_over(runtime)) as client:
        yield client


def of_user(name: str) -> dict[str, str]:
    return {"authorization": f"Bearer {USERS[name]['token']}"}


def of_key(name: str) -> dict[str, str]:
    return {"authorization": f"Bearer {KEYS[name]['key']}"}


async def answer(client: httpx.AsyncClient, path: str, headers: Mapping[str, str]) -> dict[str, Any]:
    """An answer as `expected.json` has it: of statistics by day, the days on which something happened."""
    told = await client.get(path, headers=dict(headers))
    body = told.json()
    if "by_day" in body:
        body["by_day"] = [day for day in body["by_day"] if day["requests"] or day.get("lost")]
    return {"status": told.status_code, "body": body}


SOUND = {"audio_input_usd_per_1m": "input_usd_per_1m", "audio_output_usd_per_1m": "output_usd_per_1m"}


GROWING = {"/api/admin/jobs/body/data": "name"}  # lists to which a version may add, and what their items are known by


def holds(new: Any, old: Any, at: str = "") -> None:
    """Hold that all that was answered then is answered now, the same; more may have come."""
    if isinstance(old, dict) and isinstance(new, dict):
        for name, value in old.items():
            if name in SOUND and name not in new and value == old[SOUND[name]]:
                continue  # it was text's price, filled in: sound that nobody has priced is refused by now
            assert name in new, f"{at}/{name} is gone"
            if re.fullmatch(r"latency_p\d\d_ms", name) and value is not None:
                # An estimate, that the sum of the latencies bounds by now: as slow at most, and in the same bucket.
                assert new[name] <= value and latency_bucket(new[name]) == latency_bucket(value), f"{at}/{name}"
                continue
            holds(new[name], value, f"{at}/{name}")
    elif at in GROWING:
        holds({each[GROWING[at]]: each for each in new}, {each[GROWING[at]]: each for each in old}, at)
    elif isinstance(old, list) and isinstance(new, list):
        assert len(new) == len(old), at
        for n, (one, other) in enumerate(zip(new, old, strict=True)):
            holds(one, other, f"{at}/{n}")
    else:
        assert new == old, at


# What each kind of document is read by. Where that can write it again, it comes out as it was.


def _account(document: Document) -> None:
    account = Account.from_data(document.id, document.data)
    assert (account.email, account.status) == (document.data["email"], document.data["status"])


def _lease(document: Document) -> dict[str, Any]:
    return Lease.from_document(document).to_data()


def _key_window(document: Document) -> dict[str, Any]:
    window = KeyWindow.read(document.id, document, document.data["budget"]["period"])
    return {"budget": window.budget.to_data(), "windows": window.windows.to_data()}


def _usage(document: Document) -> dict[str, Any]:
    record = UsageRecord.from_data(document.data)
    shown = receipt(Receipted(document.id, record))
    assert (shown["request_id"], shown["status"]) == (record.request_id, record.status)
    bill = document.data.get("bill")
    return record.to_data() | ({"bill": Bill.from_data(bill).to_data()} if bill else {})


def _tenant(document: Document) -> dict[str, Any]:
    # A budget is read as of a moment in the period that it was written in.
    moment = datetime.fromisoformat(f"{document.data['budget']['period']}-15T12:00:00Z")
    return Tenant.from_data(document.id, document.data, moment).to_data()


def _payment(document: Document) -> None:
    payment = Payment.from_data(document.id, document.data)
    assert (payment.status, payment.reversed) == (document.data["status"], document.data["reversed"])


def _counted(document: Document) -> None:
    assert document.data.keys() >= {"date", "model"}
    assert all(isinstance(value, int | str) for value in document.data.values())


def _plain(document: Document) -> None:
    """No type stands for it: what looks for it is exercised by the other tests."""
    assert document.data


READERS: dict[str, Callable[[Document], dict[str, Any] | None]] = {
    "admin_calls": _plain,
    "alerts": _plain,
    "answer_cache": _plain,
    "api_keys": lambda document: ApiKey.from_data(document.id, document.data).to_data(),
    "attempts": _plain,
    "audit": lambda document: {"action": AuditEntry.from_data(document.id, document.data).action},
    "authorizations": lambda document: Authorization.from_data(document.id, document.data).to_data(),
    "billing": lambda document: Payer.from_document(document).to_data(),
    "codes": lambda document: Code.from_data(document.id, document.data).to_data(),
    "credentials": _plain,
    "emails": _plain,
    "events": _plain,
    "idempotency": _plain,
    "jobs": _plain,
    "key_windows": _key_window,
    "leases": _lease,
    "mail": _plain,
    "parts": _plain,
    "passes": lambda document: Pass.from_document(document).to_data(),
    "payments": _payment,
    "plans": lambda document: Plan.from_data(document.id, document.data).to_data(),
    "pricing": lambda document: Price.from_document(document.data).to_document(),
    "provisions": _plain,
    "sandbox_charges": _plain,
    "sandbox_customers": _plain,
    "sandbox_events": _plain,
    "sandbox_payments": _plain,
    "sandbox_sessions": _plain,
    "sandbox_subscriptions": _plain,
    "seeds": _plain,
    "sessions": _plain,
    "system_days": _counted,
    "tenants": _tenant,
    "transactions": lambda document: Entry.from_data(document.id, document.data).to_data(),
    "upstream_health": _plain,
    "upstreams": _plain,
    "usage": _usage,
    "usage_days": _counted,
    "users": _account,
    "versions": lambda document: Price.from_document(document.data).to_document(),
    "wallets": lambda document: Wallet.from_data(document.data).to_data(),
}


def _says(now: Any, then: Any) -> bool:
    """Whether what was said then is still said. Something more may be said by now."""
    if isinstance(now, dict) and isinstance(then, dict):
        return all(name in now and _says(now[name], value) for name, value in then.items())
    return bool(now == then)


def test_every_document_is_read_by_what_reads_its_kind_and_says_what_it_said(path: Path) -> None:
    seen = set()
    for document in stored(path):
        kind = document.path.split("/")[-2]
        seen.add(kind)
        again = READERS[kind](newest(document))
        for name, value in (again or {}).items():
            assert name not in document.data or _says(value, document.data[name]), f"{document.path}: {name}"
    assert seen == READERS.keys(), "the store has a document of each kind"


def test_the_store_holds_what_it_is_kept_for(path: Path) -> None:
    documents = stored(path)
    leases = [each.data for each in documents if each.path.split("/")[-2] == "leases"]
    assert {(lease["state"], lease.get("closed_by")) for lease in leases} == {
        ("open", None),
        ("closed", "holder"),
        ("closed", "sweep"),
    }
    usage = [each.data for each in documents if each.path.startswith("usage/")]
    assert {record["status"] for record in usage} == {"ok", "error", "aborted", "lost", "pending"}
    assert {record.get("was_lost") for record in usage if record["late"]} == {True, False}
    assert any(record.get("shortfall") for record in usage)
    assert any(record.get("upstream") == "cache" for record in usage)
    holds_of = [each.data["state"] for each in documents if each.path.startswith("authorizations/")]
    assert set(holds_of) == {"open", "captured", "voided", "expired"}


async def test_an_upgrade_brings_all_of_it_to_its_newest_form(path: Path, store: Store) -> None:
    assert {each.path.split("/")[0] for each in stored(path) if newest(each).is_older} == STEPS.keys()
    async for _ in upgrade_store(store):
        pass
    assert [each.path for each in stored(path) if newest(each).is_older] == []
    await clean_audit(store)


async def test_opening_it_changes_nothing(path: Path, client: httpx.AsyncClient) -> None:
    before = {document.path: document.version for document in stored(path)}
    for name in USERS:
        await answer(client, "/api/wallet", of_user(name))
    await answer(client, "/v1/models", of_key("ada plain"))
    assert {document.path: document.version for document in stored(path)} == before


@pytest.mark.parametrize("name", USERS)
async def test_a_user_is_answered_what_they_were_answered_then(client: httpx.AsyncClient, name: str) -> None:
    for path, told in EXPECTED["answers"]["users"][name].items():
        if path == "/api/auth/me":
            told["body"]["is_admin"] = False  # until the address is proved once more: see below
        holds(await answer(client, path, of_user(name)), told, path)
    for request_id, told in EXPECTED["answers"]["receipts"].get(name, {}).items():
        path = f"/api/usage/receipts/{request_id}"
        holds(await answer(client, path, of_user(name)), told, path)


async def test_operators_are_answered_what_they_were_answered_then(client: httpx.AsyncClient) -> None:
    for path, told in EXPECTED["answers"]["admin"].items():
        holds(await answer(client, path, AS_ADMIN), told, path)


@pytest.mark.parametrize("page", CURSORS, ids=[page["path"] for page in CURSORS])
async def test_whoever_was_in_the_middle_of_a_list_goes_on_in_it(
    client: httpx.AsyncClient, page: dict[str, Any]
) -> None:
    headers = AS_ADMIN if page["user"] is None else of_user(page["user"])
    answer = await client.get(f"{page['path']}&cursor={page['cursor']}", headers=headers)
    assert answer.status_code == 200, answer.text
    holds(answer.json()["data"], page["data"])


async def test_an_administrator_proves_their_address_once_more_and_signs_in_after_that(
    client: httpx.AsyncClient, runtime: Runtime, clock: Clock
) -> None:
    """Whoever proved it to the versions before need not have been who had the account."""
    root, login = of_user("root"), {name: USERS["root"][name] for name in ("email", "password")}
    assert (await answer(client, "/api/admin/users", root))["status"] == 403
    clock.forward(seconds=1)
    assert (await client.post("/api/auth/verify-email", headers=root)).status_code == 202
    proof = mailed_token(runtime)
    confirmed = await client.post("/api/auth/verify-email/confirm", json={"token": proof}, headers=root)
    assert confirmed.status_code == 200, confirmed.text
    assert (await answer(client, "/api/admin/users", root))["status"] == 403
    clock.forward(seconds=1)
    token = (await client.post("/api/auth/login", json=login)).json()["token"]
    assert (await answer(client, "/api/admin/users", {"authorization": f"Bearer {token}"}))["status"] == 200
    assert (await answer(client, "/api/admin/users", of_user("ada")))["status"] == 403


@pytest.mark.parametrize("name", USERS)
async def test_passwords_tokens_and_refresh_tokens_still_count(client: httpx.AsyncClient, name: str) -> None:
    user = USERS[name]
    login = {"email": user["email"], "password": user["password"]}
    signed_in = await client.post("/api/auth/login", json=login)
    assert signed_in.status_code == 200, signed_in.text
    assert signed_in.json()["user"]["id"] == user["id"]
    wrong = await client.post("/api/auth/login", json={**login, "password": "not that one"})
    assert wrong.status_code == 401
    assert (await answer(client, "/api/auth/me", of_user(name)))["status"] == 200
    first = await client.post("/api/auth/refresh", json={"refresh_token": user["refresh_token"]})
    assert first.status_code == 200, first.text
    used = await client.post("/api/auth/refresh", json={"refresh_token": user["refresh_token"]})
    assert used.status_code == 401, "a refresh token is used once"
    for token in (user["token"], first.json()["token"]):
        ended = await answer(client, "/api/auth/me", {"authorization": f"Bearer {token}"})
        assert ended["status"] == 401, "and its second use ends the session, with all of its tokens"
    assert (await answer(client, "/api/auth/me", {"authorization": f"Bearer {signed_in.json()['token']}"}))[
        "status"
    ] == 200


@pytest.mark.parametrize("name", KEYS)
async def test_a_key_is_still_what_it_was(client: httpx.AsyncClient, name: str) -> None:
    for path, told in EXPECTED["answers"]["keys"][name].items():
        holds(await answer(client, path, of_key(name)), told, path)


async def ask(client: httpx.AsyncClient, key: str, **fields: Any) -> httpx.Response:
    body = {"model": "echo", "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 5, **fields}
    return await client.post("/v1/chat/completions", headers=of_key(key), json=body)


async def test_whoever_had_a_wallet_has_an_organisation_of_one_and_nothing_moved(
    client: httpx.AsyncClient, store: Store, path: Path
) -> None:
    before = {document.path for document in stored(path)}
    ada = of_user("ada")
    [own] = (await client.get("/api/orgs", headers=ada)).json()["data"]
    assert (own["id"], own["role"], own["is_personal"]) == (USERS["ada"]["id"], "owner", True)
    at = {**ada, "x-farebox-org": own["id"]}
    for told in ("/api/wallet", "/api/keys", "/api/wallet/transactions", "/api/usage/logs", "/api/usage/stats?days=7"):
        named, plain = await client.get(told, headers=at), await client.get(told, headers=ada)
        assert named.status_code == 200
        assert named.json().get("data", named.json()) == plain.json().get("data", plain.json())
    assert {document.path for document in stored(path)} == before
    key = (await client.get("/api/keys?limit=1", headers=ada)).json()["data"][0]
    assert (key["scopes"], key["member"], key["project"]) == (["inference"], None, None)
    await clean_audit(store)


async def test_the_old_wallets_pay(client: httpx.AsyncClient, runtime: Runtime, store: Store) -> None:
    before = (await answer(client, "/api/wallet", of_user("ada")))["body"]["balance_usd"]
    paid = await ask(client, "ada plain")
    assert paid.status_code == 200, paid.text
    assert paid.headers["x-farebox-cost-usd"] == "0.019"
    streamed = await ask(client, "ada every limit", stream=True, stream_options={"include_usage": True})
    assert streamed.text.endswith("data: [DONE]\n\n")
    after = (await answer(client, "/api/wallet", of_user("ada")))["body"]["balance_usd"]
    assert round((float(before) - float(after)) * 1e9) == 2 * 19_000_000
    found = await answer(client, f"/v1/receipts/{paid.headers['x-request-id']}", of_key("ada plain"))
    assert found["body"]["charged_usd"] == "0.019"
    for name in ("tess key", "tom key", "gia key", "una key"):
        answered = await ask(client, name)
        assert answered.status_code == 200, f"{name}: {answered.text}"
    await runtime.close()
    await clean_audit(store)


@pytest.mark.parametrize(
    ("key", "status", "code"),
    [
        ("ada revoked", 401, "invalid_api_key"),
        ("ada expired", 401, None),
        ("pia key, old secret", 401, "invalid_api_key"),
        ("sam key", 403, "account_suspended"),
        ("finn key", 402, None),  # a payment of theirs is disputed
        ("dora key", 402, None),  # they owe
        ("olga key", 402, None),  # nothing is left
    ],
)
async def test_who_could_not_pay_then_cannot_now(
    client: httpx.AsyncClient, key: str, status: int, code: str | None
) -> None:
    refused = await ask(client, key)
    assert refused.status_code == status, refused.text
    assert code is None or refused.json()["error"]["code"] == code


async def test_the_limits_of_the_keys_count(client: httpx.AsyncClient) -> None:
    assert (await ask(client, "ada every limit", model="gpt-4o-mini")).status_code == 403
    assert (await ask(client, "ada one a day")).status_code == 200
    assert (await ask(client, "ada one a day")).status_code == 429
    for secret in ("ada renamed", "ada renamed, new secret"):
        assert (await ask(client, secret)).status_code == 200, "a rotated key works in its days of grace"


async def test_the_grace_of_a_rotated_key_ends(client: httpx.AsyncClient, clock: Clock) -> None:
    clock.forward(days=1)
    assert (await ask(client, "ada renamed")).status_code == 401
    assert (await ask(client, "ada renamed, new secret")).status_code == 200


@pytest.mark.parametrize("kept", EXPECTED["replays"], ids=lambda kept: kept["as"])
async def test_an_answer_that_was_kept_is_given_again(client: httpx.AsyncClient, kept: dict[str, Any]) -> None:
    headers = {**of_key(kept["key"]), **kept["headers"], "content-type": "application/json"}
    again = await client.post(kept["path"], content=kept["body"], headers=headers)
    assert (again.status_code, again.headers["content-type"]) == (kept["status"], kept["content_type"])
    assert again.text == kept["answer"]
    if kept["as"] == "cached":
        assert again.headers["x-farebox-cache"] == "hit"
    else:
        assert again.headers["x-farebox-idempotent-replay"] == "true"


async def test_an_operators_call_that_was_made_then_is_not_made_again(client: httpx.AsyncClient, clock: Clock) -> None:
    clock.time = datetime.fromisoformat("2026-09-14T10:00:00+00:00")
    body = {"user_id": USERS["olga"]["id"], "amount_usd": "0.25", "reason": "ticket 71"}
    headers = {**AS_ADMIN, "idempotency-key": "ticket-71", "content-type": "application/json"}
    raw = json.dumps(body, separators=(",", ":"), ensure_ascii=False)
    before = await answer(client, f"/api/admin/users/{USERS['olga']['id']}/transactions", AS_ADMIN)
    again = await client.post("/api/admin/credits/bonus", content=raw, headers=headers)
    assert again.status_code == 200, again.text
    assert again.json()["transaction"]["created_at"] < "2026-09-14T10:00"
    assert await answer(client, f"/api/admin/users/{USERS['olga']['id']}/transactions", AS_ADMIN) == before


async def test_what_was_sealed_opens(runtime: Runtime, store: Store, clock: Clock) -> None:
    secret = runtime.config.secret_key
    upstreams = UpstreamList(store, secret.derive("upstream-keys"), now=clock, clock=lambda: 0.0)
    found = {upstream.id: upstream.api_key for upstream in await upstreams.read()}
    assert found == {**EXPECTED["sealed"], "echo": None}
    billing = Payer.from_document(await store.get(f"billing/{USERS['tess']['id']}"))
    assert billing.alerts.secret is not None
    opened = Seal(secret.derive("webhook-secrets")).open(billing.alerts.secret)
    assert opened == USERS["tess"]["webhook_secret"]


async def test_cached_answers_are_found(path: Path, store: Store, clock: Clock) -> None:
    cache = AnswerCache(store, ttl_s=3600, memory_bytes=1_000_000, now=clock)
    for document in stored(path):
        if document.path.startswith("answer_cache/"):
            kept = await cache.get(document.id)
            assert kept is not None
            assert kept.body


async def test_the_sandbox_goes_on_where_it_was(client: httpx.AsyncClient, store: Store) -> None:
    tom, una = USERS["tom"], USERS["una"]
    before = {
        name: (await answer(client, "/api/wallet", of_user(name)))["body"]["balance_usd"] for name in ("tom", "una")
    }
    assert (await client.get(tom["untold_portal"])).status_code == 200  # tells what was paid while nobody listened
    assert (await client.post(f"/sandbox/checkout/{una['open_checkout']}/pay")).status_code == 303
    after = {
        name: (await answer(client, "/api/wallet", of_user(name)))["body"]["balance_usd"] for name in ("tom", "una")
    }
    assert round(float(after["tom"]) - float(before["tom"]), 9) == 10
    assert round(float(after["una"]) - float(before["una"]), 9) == 7
    finn = USERS["finn"]
    link = (await client.post("/api/wallet/portal", headers=of_user("finn"))).json()["url"]
    page = httpx.URL(link).path
    won = await client.post(f"{page}/dispute", data={"payment": finn["payment"], "status": "won"})
    assert won.status_code == 303, won.text
    assert (await answer(client, "/api/wallet", of_user("finn")))["body"]["frozen"] is False
    link = (await client.post("/api/wallet/portal", headers=of_user("pia"))).json()["url"]
    form = {"subscription": USERS["pia"]["subscription"]}
    assert (await client.post(f"{httpx.URL(link).path}/renew", data=form)).status_code == 303
    entries = (await answer(client, "/api/wallet/transactions", of_user("pia")))["body"]["data"]
    assert (entries[0]["type"], entries[0]["amount_usd"]) == ("grant", "55.00")
    await clean_audit(store)


async def test_holds_of_other_gateways_go_on(client: httpx.AsyncClient, store: Store) -> None:
    async def call(name: str, body: dict[str, Any]) -> httpx.Response:
        return await client.post(f"/api/{name}", json=body, headers=AS_GATEWAY)

    captured = await call("capture", {"request_id": "hold/2", "cost_usd": "0.01"})
    assert (captured.json()["status"], captured.json()["charged_usd"]) == ("captured", "0.01")
    assert (await call("void", {"request_id": "hold/5"})).json()["status"] == "voided"
    late = await call("capture", {"request_id": "hold/3", "cost_usd": "0.05"})
    assert late.json()["charged_usd"] == "0.05", "it had expired, and its capture may still come"
    assert (await call("capture", {"request_id": "hold/0", "cost_usd": "0.10"})).status_code == 200, "done before"
    assert (await call("capture", {"request_id": "hold/0", "cost_usd": "0.11"})).status_code == 409
    assert (await call("capture", {"request_id": "hold/1", "cost_usd": "0.11"})).status_code == 409
    await clean_audit(store)


async def test_the_sweep_closes_what_dead_instances_left_and_the_books_stay_clean(
    client: httpx.AsyncClient, clock: Clock, store: Store, path: Path
) -> None:
    await clean_audit(store)
    for sweep in EXPECTED["sweeps"]:
        clock.time = datetime.fromisoformat(sweep["at"])
        swept = await client.post("/jobs/sweep-leases", headers=AS_ADMIN)
        holds(swept.json(), sweep["answer"])
        for name, told in sweep["wallets"].items():
            holds(await answer(client, "/api/wallet", of_user(name)), told, name)
        holds(await answer(client, "/api/admin/tenants?limit=200", AS_ADMIN), sweep["tenants"])
        await clean_audit(store)
    documents = stored(path)
    assert {each.data["state"] for each in documents if "/leases/" in each.path} == {"closed"}
    assert not [each for each in documents if each.path.startswith("usage/") and each.data["status"] == "pending"]
    for name in USERS:
        assert (await verify(store, USERS[name]["id"])).fault is None


async def test_the_key_of_a_lost_request_is_free_again_after_the_sweep(client: httpx.AsyncClient, store: Store) -> None:
    headers = {**of_key("ada every limit"), "idempotency-key": EXPECTED["dead_idempotency_key"]}
    body = {"model": "lab-chat", "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 30}
    raw = json.dumps(body)
    headers["content-type"] = "application/json"
    running = await client.post("/v1/chat/completions", content=raw, headers=headers)
    assert (running.status_code, running.json()["error"]["code"]) == (409, "in_progress")
    await client.post("/jobs/sweep-leases", headers=AS_ADMIN)
    answered = await client.post("/v1/chat/completions", content=raw, headers=headers)
    assert answered.status_code == 200, answered.text
    again = await client.post("/v1/chat/completions", content=raw, headers=headers)
    assert again.text == answered.text


async def test_the_jobs_go_on(client: httpx.AsyncClient, clock: Clock, store: Store) -> None:
    clock.forward(hours=1)
    for job in ("sweep-leases", "auto-recharge", "reset-budgets", "sweep-leases"):
        done = await client.post(f"/jobs/{job}", headers=AS_ADMIN)
        assert done.status_code == 200, f"{job}: {done.text}"
        if job == "reset-budgets":
            assert done.json()["complete"] is True, "the pass that was cut off is gone on with"
    clock.time = NOW + timedelta(days=40)
    done = await client.post("/jobs/reset-budgets", headers=AS_ADMIN)
    assert done.json()["complete"] is True
    assert done.json()["granted"] > 0
    await clean_audit(store)


async def test_the_audit_at_a_terminal_is_clean(path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "functions.farebox.audit",
        env={**os.environ, "FAREBOX_STORE": f"sqlite:///{path}", **ENVIRONMENT},
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    told = cast("dict[str, Any]", EXPECTED["audit_before"])
    assert (process.returncode, out.decode()) == (told["exit"], told["said"])
