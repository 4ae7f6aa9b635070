from typing import Any

import httpx
import pytest

from functions.edge.admin.upstream_bodies import NewUpstream, UpstreamAnswer, UpstreamTerms
from functions.farebox.gateway.entry.form import Entry
from functions.farebox.gateway.upstream import parse_upstream
from functions.farebox.secrets.seal import Seal
from functions.farebox.storage import Create, Query, Store, Update
from functions.farebox.wiring.runtime import Runtime
from tests.support.clients.asgi import refused
from tests.support.clients.management import done, register
from tests.support.product.runtime import Clock

PRICE = {"input_usd_per_1m": "1.00", "output_usd_per_1m": "2.00"}
UPSTREAM = {
    "id": "mine",
    "base_url": "echo:",
    "models": {"vendor/gpt-4.1-mini_at": "echo"},
    "api_key": "sk-very-secret",
}


async def trail(admin: httpx.AsyncClient) -> list[Any]:
    entries: list[Any] = (await done(admin.get("/api/admin/audit")))["data"]
    return entries


async def test_a_price_is_versioned_listed_and_taken_off(admin: httpx.AsyncClient, clock: Clock) -> None:
    path = "/api/admin/pricing/vendor/gpt-4.1-mini"
    refused(await admin.get(path), 404, "model_not_found", "model")
    first = await done(admin.put(path, json=PRICE))
    assert (first["version"], first["cached_input_usd_per_1m"]) == ("1", "1.00")
    clock.forward(seconds=1)
    second = await done(admin.put(path, json={**PRICE, "output_usd_per_1m": "3.00"}))
    assert second["version"] == "2"
    shown = await done(admin.get(path))
    assert (shown["active"], shown["price"]) == (True, second)
    assert [price["version"] for price in shown["versions"]] == ["2", "1"]
    assert second in (await done(admin.get("/api/admin/pricing")))["data"]
    clock.forward(seconds=1)
    assert await done(admin.delete(path)) == second
    assert (await done(admin.get(path)))["active"] is False
    assert second not in (await done(admin.get("/api/admin/pricing")))["data"]
    assert [line["action"] for line in await trail(admin)] == ["pricing.delete", "pricing.put", "pricing.put"]
    assert (await trail(admin))[1]["before"]["output"] == 2_000_000_000


async def test_a_price_that_varies_is_answered_as_it_was_put(admin: httpx.AsyncClient) -> None:
    tier = {"above_prompt_tokens": 200_000, "input_usd_per_1m": "2.00", "output_usd_per_1m": "3.00"}
    flex = {"input_usd_per_1m": "0.50", "output_usd_per_1m": "1.00"}
    varies = {
        "cache_write_1h_usd_per_1m": "2.00",
        "tiers": [tier],
        "service_tiers": {"flex": flex},
        "search_usd": "0.01",
        "tools_usd": {"code_interpreter": "0.03", "speed.fast": "0.50"},
        "tools_tokens": {"reasoning_mode.pro": 7},
        "input_modalities": ["text", "file"],
        "supported_parameters": ["tools"],
    }
    path = "/api/admin/pricing/vendor/*"
    put = await done(admin.put(path, json={**PRICE, **varies}))
    assert (await done(admin.get(path)))["price"] == put
    assert put["tiers"][0].items() >= tier.items()
    assert put["service_tiers"]["flex"].items() >= flex.items()
    assert [each["above_prompt_tokens"] for each in put["service_tiers"]["flex"]["tiers"]] == [200_000]
    told = {name: put[name] for name in ("cache_write_1h_usd_per_1m", "image_input_usd_per_1m", "search_usd")}
    assert told == {"cache_write_1h_usd_per_1m": "2.00", "image_input_usd_per_1m": None, "search_usd": "0.01"}
    assert put["tools_usd"] == {"code_interpreter": "0.03", "speed.fast": "0.50"}
    assert put["tools_tokens"] == {"reasoning_mode.pro": 7}
    capable = [put[name] for name in ("input_modalities", "output_modalities", "supported_parameters")]
    assert capable == [["text", "file"], None, ["tools"]]
    as_set = (await done(admin.get(path)))["as_set"]
    assert (as_set["cached_input_usd_per_1m"], as_set["service_tiers"]["flex"]["tiers"]) == (None, None)
    assert await done(admin.put(path, json=as_set)) == put
    dearer = await done(admin.put(path, json={**as_set, "cached_input_usd_per_1m": "0.20"}))
    assert dearer["tiers"][0]["cached_input_usd_per_1m"] == "0.40"
    wrong = {**PRICE, "tiers": [{**tier, "input_usd_per_1m": "0.10"}]}
    refused(await admin.put(path, json=wrong), 400, "invalid_price", "tiers[0].input_usd_per_1m")
    wrong = {**PRICE, "output_modalities": ["smell"]}
    refused(await admin.put(path, json=wrong), 400, "invalid_price", "output_modalities")


async def test_a_tenfold_jump_needs_force(admin: httpx.AsyncClient) -> None:
    path = "/api/admin/pricing/m"
    await done(admin.put(path, json=PRICE))
    slip = {**PRICE, "input_usd_per_1m": "0.10"}
    refused(await admin.put(path, json=slip), 400, "price_jump", "input_usd_per_1m")
    assert (await done(admin.put(path, json=slip, params={"force": True})))["version"] == "2"


@pytest.mark.parametrize(
    "change",
    [{"input_usd_per_1m": "-1"}, {"input_usd_per_1m": 1.0}, {"input_usd_per_1m": "100001"}, {"context_tokens": 0}],
)
async def test_a_price_that_cannot_be_is_refused(admin: httpx.AsyncClient, change: dict[str, Any]) -> None:
    answer = await admin.put("/api/admin/pricing/m", json={**PRICE, **change})
    assert answer.status_code == 400
    assert await trail(admin) == []


async def test_an_upstream_and_a_price_are_live_at_once_in_this_process(
    client: httpx.AsyncClient, admin: httpx.AsyncClient
) -> None:
    _, token = await register(client)
    key = await done(client.post("/api/keys", json={"name": "x"}, headers={"authorization": f"Bearer {token}"}))
    headers = {"authorization": f"Bearer {key['key']}"}
    body = {"model": "vendor/gpt-4.1-mini_at", "messages": [{"role": "user", "content": "Hello"}]}

    async def ask() -> httpx.Response:
        return await client.post("/v1/chat/completions", json=body, headers=headers)

    refused(await ask(), 404, "model_not_found", "model")
    created = await done(admin.post("/api/admin/upstreams", json=UPSTREAM))
    assert (created["models"], created["has_api_key"]) == (UPSTREAM["models"], True)
    refused(await ask(), 404, "model_not_found", "model")  # never served free
    await done(admin.put("/api/admin/pricing/vendor/gpt-4.1-mini_at", json=PRICE))
    answer = await ask()
    assert (answer.status_code, answer.headers["x-farebox-upstream"]) == (200, "mine")
    await done(admin.patch("/api/admin/upstreams/mine", json={"enabled": False}))
    assert (await ask()).status_code >= 400
    await done(admin.patch("/api/admin/upstreams/mine", json={"enabled": True}))
    assert (await ask()).status_code == 200
    await done(admin.delete("/api/admin/pricing/vendor/gpt-4.1-mini_at"))
    refused(await ask(), 404, "model_not_found", "model")


async def test_the_key_of_an_upstream_is_sealed_and_never_told(
    admin: httpx.AsyncClient, sqlite_store: Store, runtime: Runtime
) -> None:
    answers = [await admin.post("/api/admin/upstreams", json=UPSTREAM, headers={"idempotency-key": "k"})]
    answers.append(await admin.get("/api/admin/upstreams/mine"))
    answers.append(await admin.get("/api/admin/upstreams"))
    answers.append(await admin.patch("/api/admin/upstreams/mine", json={"priority": 3}))
    answers.append(await admin.get("/api/admin/audit"))
    stored = [
        document.data
        for name in ("upstreams", "audit", "admin_calls")
        for document in await sqlite_store.query(Query(name))
    ]
    assert "sk-very-secret" not in repr(stored) + "".join(answer.text for answer in answers)
    plane = await runtime.data_plane()
    mine = next(upstream for upstream in await plane.upstreams.read() if upstream.id == "mine")
    assert (mine.api_key, mine.priority) == ("sk-very-secret", 3)
    assert (await done(admin.patch("/api/admin/upstreams/mine", json={"api_key": None})))["has_api_key"] is False


async def test_an_upstream_that_cannot_be_is_refused(admin: httpx.AsyncClient) -> None:
    await done(admin.post("/api/admin/upstreams", json=UPSTREAM))
    refused(await admin.post("/api/admin/upstreams", json=UPSTREAM), 409, "conflict", "id")
    changes: list[dict[str, Any]] = [{"base_url": "ftp://x"}, {"models": {}}, {"weight": 0}, {"base_url": None}]
    for change in changes:
        refused(await admin.patch("/api/admin/upstreams/mine", json=change), 400, "invalid_upstream")
    refused(await admin.patch("/api/admin/upstreams/none", json={"enabled": True}), 404, "not_found", "id")
    deleted = await done(admin.delete("/api/admin/upstreams/mine"))
    assert deleted["id"] == "mine"
    refused(await admin.delete("/api/admin/upstreams/mine"), 404, "not_found", "id")


FULL: dict[str, Any] = {
    "id": "full",
    "base_url": "https://acme.openai.azure.com/openai/deployments/gpt",
    "models": {"gpt": "gpt", "more/*": "*"},
    "api_key": "hush-key",
    "auth": {"header": "api-key"},
    "headers": {"x-title": "hush-title", "x-named": {"secret": "projects/p/secrets/s"}},
    "query": {"api-version": "2024-10-21", "code": "hush-code"},
    "speaks": ["chat", "messages"],
    "pass_headers": ["openai-project"],
    "priority": 1,
    "weight": 2,
    "timeout_s": 30.5,
    "connect_timeout_s": 2,
    "idle_timeout_s": 20,
    "cap_field": "max_tokens",
    "developer_role": True,
    "priced_as": {"gpt": "gpt-4o", "more/*": "gpt-4o"},
    "pass_fields": ["x_let"],
    "drop_fields": ["seed"],
}
NOT_TOLD = {"api_key", "headers", "query"}


async def test_the_api_takes_each_field_that_the_configuration_takes_and_answers_all_but_secrets(
    admin: httpx.AsyncClient, sqlite_store: Store, runtime: Runtime
) -> None:
    assert FULL.keys() == set(Entry.__struct_fields__)
    await runtime.data_plane()
    created = await done(admin.post("/api/admin/upstreams", json=FULL))
    told = {name: value for name, value in FULL.items() if name not in NOT_TOLD}
    assert created.items() >= told.items()
    assert created["headers"] == {"x-title": None, "x-named": {"secret": "projects/p/secrets/s"}}
    assert created["query"] == {"api-version": None, "code": None}
    assert (created["has_api_key"], created["api_key_secret"]) == (True, None)
    assert await done(admin.get("/api/admin/upstreams/full")) == created
    stored = [
        document.data
        for name in ("upstreams", "audit", "admin_calls")
        for document in await sqlite_store.query(Query(name))
    ]
    assert "hush" not in repr(stored) + str(created) + str(await trail(admin))
    changes: dict[str, Any]
    for name, value in FULL.items():
        changes = {name: value}
        assert await done(admin.patch("/api/admin/upstreams/full", json=changes)) == created, name
    upstreams = await runtime.upstreams()
    document = await sqlite_store.get("upstreams/full")
    assert document is not None
    assert upstreams.decode(document.data).entry == FULL


async def test_what_is_answered_may_be_sent_back_and_keeps_what_was_not_told(
    admin: httpx.AsyncClient, sqlite_store: Store, runtime: Runtime
) -> None:
    created = await done(admin.post("/api/admin/upstreams", json=FULL))
    path = "/api/admin/upstreams/full"
    back = {name: created[name] for name in ("headers", "query")}
    assert await done(admin.patch(path, json=back)) == created
    changed = await done(admin.patch(path, json={"headers": {"x-title": None, "x-new": "1"}, "query": None}))
    assert (changed["headers"], changed["query"]) == ({"x-title": None, "x-new": None}, None)
    document = await sqlite_store.get("upstreams/full")
    assert document is not None
    entry = (await runtime.upstreams()).decode(document.data).entry
    assert (entry["headers"], "query" in entry) == ({"x-title": "hush-title", "x-new": "1"}, False)
    named = {"secret": "projects/p/secrets/key"}
    keyed = await done(admin.patch(path, json={"api_key": named}))
    assert (keyed["has_api_key"], keyed["api_key_secret"]) == (True, named["secret"])
    refused(await admin.patch(path, json={"headers": {"x-unknown": None}}), 400, "invalid_upstream")


async def test_a_patch_of_models_takes_the_place_of_those_that_were_there(admin: httpx.AsyncClient) -> None:
    await done(admin.post("/api/admin/upstreams", json=UPSTREAM))
    changed = await done(admin.patch("/api/admin/upstreams/mine", json={"models": {"other": "echo"}}))
    assert changed["models"] == {"other": "echo"}


@pytest.mark.parametrize(
    "change",
    [
        {"speaks": ["messages"]},  # it is the built-in one, which does not
        {"speaks": ["gemini"]},
        {"tiemout_s": 5},
        {"timeout_s": 0},
        {"weight": 1.5},
        {"headers": {"host": "x"}},
        {"pass_headers": ["cookie"]},
        {"priced_as": {"nobody": "m"}},
        {"auth": "google"},
    ],
    ids=str,
)
async def test_the_api_refuses_what_the_configuration_refuses(admin: httpx.AsyncClient, change: dict[str, Any]) -> None:
    await done(admin.post("/api/admin/upstreams", json=UPSTREAM))
    refused(await admin.patch("/api/admin/upstreams/mine", json=change), 400, "invalid_upstream")
    refused(await admin.post("/api/admin/upstreams", json={**UPSTREAM, "id": "b", **change}), 400, "invalid_upstream")
    with pytest.raises(ValueError, match="upstream"):
        parse_upstream({**UPSTREAM, **change})


async def test_an_upstream_keeps_its_id_and_needs_one(admin: httpx.AsyncClient) -> None:
    await done(admin.post("/api/admin/upstreams", json=UPSTREAM))
    refused(await admin.patch("/api/admin/upstreams/mine", json={"id": "other"}), 400, "invalid_upstream", "id")
    for id in (None, 7, "a/b"):
        refused(await admin.post("/api/admin/upstreams", json={**UPSTREAM, "id": id}), 400, "invalid_upstream")


def test_the_description_of_the_api_has_each_field_of_the_one_definition() -> None:
    fields = set(Entry.__struct_fields__)
    own = {"enabled"}
    assert set(UpstreamTerms.model_json_schema()["properties"]) == fields - {"id"} | own
    assert set(NewUpstream.model_json_schema()["properties"]) == fields | own
    answered = set(UpstreamAnswer.model_json_schema(mode="serialization")["properties"])
    assert answered == fields - {"api_key"} | own | {"has_api_key", "api_key_secret", "unopened", "added_at"}


async def test_plans_are_made_and_changed(admin: httpx.AsyncClient, clock: Clock) -> None:
    plans = (await done(admin.get("/api/admin/plans")))["data"]
    assert [plan["id"] for plan in plans] == ["starter", "pro", "enterprise"]
    body = {"name": "Team", "price_usd": "20", "grant_usd": "25", "limits": {"rpm": 9}, "models": ["echo"]}
    team = await done(admin.put("/api/admin/plans/team", json=body))
    assert (team["grant_usd"], team["limits"]["rpm"], team["is_offered"]) == ("25.00", 9, True)
    assert team in (await done(admin.get("/api/admin/plans")))["data"]
    clock.forward(seconds=1)
    await done(admin.put("/api/admin/plans/team", json={**body, "grant_usd": "0"}))
    last, first = await trail(admin)
    assert (first["before"], last["before"]["grant"], last["after"]["grant"]) == (None, 25_000_000_000, 0)


async def test_health_says_when_leases_wait_for_a_sweep(
    client: httpx.AsyncClient, admin: httpx.AsyncClient, uid: str, sqlite_store: Store, runtime: Runtime
) -> None:
    await runtime.data_plane()
    healthy = await done(admin.get("/api/admin/health"))
    assert healthy == {"status": "ok", "users": 1, "upstreams": 1, "overdue_leases": 0, "upstream_errors": {}}
    await sqlite_store.write(Create(f"wallets/{uid}/leases/l", {"state": "open", "expires_at": runtime.now()}))
    assert (await done(admin.get("/api/admin/health")))["status"] == "attention"


async def test_health_says_which_upstream_lacks_a_credential(
    admin: httpx.AsyncClient, sqlite_store: Store, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fetch(name: str) -> str:
        raise LookupError(f"Secret Manager did not give {name}: PermissionDenied")

    monkeypatch.setattr("functions.farebox.secrets.secret_manager.fetch", fetch)
    named = {**UPSTREAM, "base_url": "http://127.0.0.1:9/v1", "api_key": {"secret": "projects/p/secrets/s"}}
    await done(admin.post("/api/admin/upstreams", json=named))
    await runtime.check_upstreams()
    health = await done(admin.get("/api/admin/health"))
    assert health["status"] == "attention"
    assert health["upstream_errors"] == {"mine": "projects/p/secrets/s could not be read from Secret Manager"}
    await done(admin.patch("/api/admin/upstreams/mine", json={"enabled": False}))
    assert (await done(admin.get("/api/admin/health")))["upstream_errors"] == {}


async def test_an_upstream_whose_key_does_not_open_is_seen_mended_and_deleted(
    admin: httpx.AsyncClient, sqlite_store: Store, runtime: Runtime
) -> None:
    for id in ("lost", "gone", "sound"):
        await done(admin.post("/api/admin/upstreams", json={**UPSTREAM, "id": id, "base_url": "http://127.0.0.1:9/v1"}))
    closed = Seal(b"o" * 32).close("sk-of-another-key")
    for id in ("lost", "gone"):
        await sqlite_store.write(Update(f"upstreams/{id}", {"sealed_key": closed}))
    plane = await runtime.data_plane()
    await plane.refresh()
    assert (await admin.get("/health")).json() == {"status": "ok", "upstreams_not_called": 2}
    await runtime.check_upstreams()
    errors = (await done(admin.get("/api/admin/health")))["upstream_errors"]
    assert "its api_key does not open" in errors["lost"]
    assert "does not open" not in errors["sound"]
    listed = {each["id"]: each["unopened"] for each in (await done(admin.get("/api/admin/upstreams")))["data"]}
    assert (listed["lost"], listed["sound"]) == (["api_key"], [])
    assert (await done(admin.get("/api/admin/upstreams/lost")))["has_api_key"] is True
    kept = await done(admin.patch("/api/admin/upstreams/lost", json={"enabled": False}))
    assert (kept["enabled"], kept["unopened"]) == (False, ["api_key"])
    mended = await done(admin.patch("/api/admin/upstreams/lost", json={"api_key": "sk-new", "enabled": True}))
    assert mended["unopened"] == []
    await done(admin.delete("/api/admin/upstreams/gone"))
    assert (await admin.get("/health")).json() == {"status": "ok"}
