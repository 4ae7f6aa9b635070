from datetime import timedelta
from typing import Any

import httpx
import pytest

from functions.farebox.storage import Create, Store
from functions.farebox.usage.retention import PASS
from tests.support.clients.asgi import refused
from tests.support.clients.management import register
from tests.support.product.runtime import START

RECORD: dict[str, Any] = {
    "key": "key1",
    "lease": "l1",
    "model": "gpt-x",
    "upstream": "openai",
    "status": "ok",
    "stream": True,
    "tokens": {"prompt": 9, "cached": 4, "completion": 12, "reasoning": 5},
    "cost": 113_000,
    "charged": 100_000,
    "shortfall": 13_000,
    "price_version": "v1",
    "usage_source": "provider",
    "latency_ms": 120,
    "first_token_ms": 20,
    "error": None,
    "accounted": True,
}


@pytest.fixture
async def records(signed_in: httpx.AsyncClient, sqlite_store: Store) -> None:
    uid = (await signed_in.get("/api/auth/me")).json()["id"]
    pending = {"user": uid, "key": "key2", "model": "echo", "status": "pending", "stream": False, "price_version": "v1"}
    for number, record in enumerate(
        [
            {**RECORD, "user": uid},
            {**RECORD, "user": uid, "model": "echo", "status": "error", "error": "upstream_timeout"},
            pending,
            {**RECORD, "user": "somebody else"},
        ]
    ):
        moment = START + timedelta(minutes=number)
        stored = {**record, "request_id": f"r{number}", "created_at": moment}
        await sqlite_store.write(Create(f"usage/{number}", stored))


async def ids(client: httpx.AsyncClient, **query: str | int) -> list[str]:
    return [record["request_id"] for record in (await client.get("/api/usage/logs", params=query)).json()["data"]]


@pytest.mark.usefixtures("records")
async def test_ones_own_requests_come_newest_first_and_filtered(signed_in: httpx.AsyncClient) -> None:
    assert await ids(signed_in) == ["r2", "r1", "r0"]
    assert await ids(signed_in, model="echo") == ["r2", "r1"]
    assert await ids(signed_in, key_id="key1") == ["r1", "r0"]
    assert await ids(signed_in, status="error", model="echo") == ["r1"]
    assert await ids(signed_in, **{"from": "2026-11-21T12:01:00Z", "to": "2026-11-21T12:02:00Z"}) == ["r1"]
    assert await ids(signed_in, model="no such model") == []
    page = (await signed_in.get("/api/usage/logs", params={"limit": 2})).json()
    assert await ids(signed_in, limit=2, cursor=page["next_cursor"]) == ["r0"]


@pytest.mark.usefixtures("records")
@pytest.mark.parametrize(
    "query",
    [
        {"model": "echo"},
        {"key_id": "key1"},
        {"status": "error", "model": "echo"},
        {"from": "2026-11-21T12:01:00Z", "to": "2026-11-21T12:02:00Z", "key_id": "key1"},
    ],
)
async def test_an_export_holds_what_the_log_lists_with_the_same_filters(
    signed_in: httpx.AsyncClient, query: dict[str, str]
) -> None:
    exported = (await signed_in.get("/api/usage/export", params={**query, "format": "json"})).json()["data"]
    listed = await ids(signed_in, **query)
    assert [row["request_id"] for row in exported] == listed
    assert 0 < len(listed) < 3


@pytest.mark.usefixtures("records")
async def test_lists_exports_and_receipts_say_since_when_requests_are_kept(
    signed_in: httpx.AsyncClient, sqlite_store: Store
) -> None:
    lists = ("/api/usage/logs", "/api/usage/export?format=csv")
    for path in lists:
        assert "x-farebox-kept-since" not in (await signed_in.get(path)).headers
    assert "retention" not in (await signed_in.get("/api/auth/export")).text
    await sqlite_store.write(Create(PASS, {"before_at": START.replace(hour=0)}))
    for path in lists:
        assert (await signed_in.get(path)).headers["x-farebox-kept-since"] == "2026-11-21"
    gone = await signed_in.get("/api/usage/receipts/req_gone")
    assert "before 2026-11-21 are not kept" in gone.json()["error"]["message"]
    told = '"collection":"retention","document":{"id":"usage","kept_since":"2026-11-21T00:00:00Z"}'
    assert told in (await signed_in.get("/api/auth/export")).text


@pytest.mark.usefixtures("records")
async def test_a_record_tells_tokens_cost_and_outcome(signed_in: httpx.AsyncClient) -> None:
    pending, _, done = (await signed_in.get("/api/usage/logs")).json()["data"]
    assert done == {
        "request_id": "r0",
        "key_id": "key1",
        "model": "gpt-x",
        "upstream": "openai",
        "status": "ok",
        "stream": True,
        "tokens": {"prompt": 9, "cached": 4, "completion": 12, "reasoning": 5},
        "cost_usd": "0.000113",
        "charged_usd": "0.0001",
        "price_version": "v1",
        "usage_source": "provider",
        "latency_ms": 120,
        "first_token_ms": 20,
        "error": None,
        "created_at": "2026-11-21T12:00:00Z",
    }
    assert (pending["status"], pending["tokens"], pending["cost_usd"]) == ("pending", None, "0.00")


async def test_a_paid_request_is_in_the_log_at_once(signed_in: httpx.AsyncClient) -> None:
    key = (await signed_in.post("/api/keys", json={"name": "x"})).json()
    body = {"model": "echo", "messages": [{"role": "user", "content": "Hello"}]}
    headers = {"authorization": f"Bearer {key['key']}", "x-request-id": "mine"}
    answer = await signed_in.post("/v1/chat/completions", json=body, headers=headers)
    assert answer.status_code == 200
    [record] = (await signed_in.get("/api/usage/logs")).json()["data"]
    assert (record["request_id"], record["key_id"], record["status"]) == ("mine", key["id"], "ok")
    assert record["charged_usd"] == answer.headers["x-farebox-cost-usd"]


async def test_a_person_reads_the_receipts_of_their_own_requests_and_of_no_others(
    client: httpx.AsyncClient,
) -> None:
    ada, bob = [
        {"authorization": f"Bearer {(await register(client, email))[1]}"} for email in ("ada@x.com", "bob@x.com")
    ]
    key = (await client.post("/api/keys", json={"name": "k"}, headers=ada)).json()["key"]
    with_key = {"authorization": f"Bearer {key}"}
    ask = {"model": "echo", "messages": [{"role": "user", "content": "Hello"}]}
    answer = await client.post("/v1/chat/completions", json=ask, headers=with_key)
    request_id = answer.headers["x-request-id"]

    own = await client.get(f"/api/usage/receipts/{request_id}", headers=ada)

    assert own.json() == (await client.get(f"/v1/receipts/{request_id}", headers=with_key)).json()
    assert own.json()["charged_usd"] == answer.headers["x-farebox-cost-usd"]
    refused(await client.get(f"/api/usage/receipts/{request_id}", headers=bob), 404, "not_found", "request_id")
    refused(await client.get(f"/api/usage/receipts/{request_id}"), 401, "invalid_token")
