from decimal import Decimal

import httpx

from functions.farebox.accounts.account import user_path
from functions.farebox.storage import Create, Store, Update
from tests.support.clients.asgi import refused
from tests.support.product.runtime import START, Clock

TERMS = {
    "name": "first",
    "expires_at": "2027-01-01T01:00:00+01:00",
    "models": ["echo", "gpt-x", "echo"],
    "rpm": 10,
    "tpm": 1000,
    "rpd": 100,
    "monthly_budget_usd": "12.5",
}


async def test_a_keys_text_is_in_the_first_answer_only(signed_in: httpx.AsyncClient) -> None:
    answer = await signed_in.post("/api/keys", json=TERMS)
    assert answer.status_code == 201
    made = answer.json()
    assert made.pop("key").startswith(made["prefix"])
    assert made == {
        "id": made["id"],
        "name": "first",
        "prefix": made["prefix"],
        "state": "live",
        "models": ["echo", "gpt-x"],
        "rpm": 10,
        "tpm": 1000,
        "rpd": 100,
        "allowed_ips": None,
        "monthly_budget_usd": "12.50",
        "budget": {"period": None, "limit_usd": "12.50", "spent_usd": "0.00", "resets_at": "2026-12-01T00:00:00Z"},
        "daily_budget_usd": None,
        "weekly_budget_usd": None,
        "total_budget_usd": None,
        "budgets": None,
        "expires_at": "2027-01-01T00:00:00Z",
        "previous_expires_at": None,
        "created_at": "2026-11-21T12:00:00Z",
        "revoked_at": None,
        "last_used_at": None,
        "scopes": ["inference"],
        "member": None,
        "service_account": None,
        "project": None,
        "made_by": None,
    }
    assert (await signed_in.get(f"/api/keys/{made['id']}")).json() == made
    assert (await signed_in.get("/api/keys")).json() == {"data": [made], "next_cursor": None}


async def test_a_patch_changes_what_it_names_and_null_clears(signed_in: httpx.AsyncClient) -> None:
    made = (await signed_in.post("/api/keys", json=TERMS)).json()
    path = f"/api/keys/{made['id']}"
    assert (await signed_in.patch(path, json={})).json()["name"] == "first"
    changed = (await signed_in.patch(path, json={"name": "renamed", "rpm": None, "monthly_budget_usd": None})).json()
    assert (changed["name"], changed["rpm"], changed["monthly_budget_usd"], changed["tpm"]) == (
        "renamed",
        None,
        None,
        1000,
    )
    refused(await signed_in.patch(path, json={"name": None}), 400, "invalid_type", "name")


async def test_a_key_is_rotated_with_and_without_grace(signed_in: httpx.AsyncClient) -> None:
    made = (await signed_in.post("/api/keys", json=TERMS)).json()
    path = f"/api/keys/{made['id']}/rotate"
    at_once = (await signed_in.post(path)).json()
    assert at_once["key"] != made["key"]
    assert at_once["previous_expires_at"] is None
    later = (await signed_in.post(path, json={"grace_seconds": 3600})).json()
    assert later["previous_expires_at"] == "2026-11-21T13:00:00Z"
    for grace in (-1, 604801, "60", 1.5):
        answer = await signed_in.post(path, json={"grace_seconds": grace})
        assert answer.status_code == 400


async def test_deleting_revokes_and_keeps_the_record(signed_in: httpx.AsyncClient) -> None:
    made = (await signed_in.post("/api/keys", json=TERMS)).json()
    path = f"/api/keys/{made['id']}"
    for _ in range(2):
        answer = await signed_in.delete(path)
        assert (answer.status_code, answer.json()["state"]) == (200, "revoked")
    assert (await signed_in.get(path)).json()["revoked_at"] == "2026-11-21T12:00:00Z"
    refused(await signed_in.patch(path, json={"name": "again"}), 409, "key_revoked")


async def test_somebody_elses_key_is_not_there(signed_in: httpx.AsyncClient) -> None:
    made = (await signed_in.post("/api/keys", json=TERMS)).json()
    body = {"email": "eve@example.com", "password": "a long password"}
    eve = {"authorization": f"Bearer {(await signed_in.post('/api/auth/register', json=body)).json()['token']}"}
    path = f"/api/keys/{made['id']}"
    for answer in (
        await signed_in.get(path, headers=eve),
        await signed_in.patch(path, headers=eve, json={"name": "mine"}),
        await signed_in.post(f"{path}/rotate", headers=eve),
        await signed_in.delete(path, headers=eve),
    ):
        refused(answer, 404, "not_found", "id")
    assert (await signed_in.get("/api/keys", headers=eve)).json()["data"] == []


async def test_keys_come_in_pages(signed_in: httpx.AsyncClient, clock: Clock) -> None:
    for number in range(3):
        await signed_in.post("/api/keys", json={"name": str(number)})
        clock.forward(seconds=1)
    first = (await signed_in.get("/api/keys?limit=2")).json()
    second = (await signed_in.get("/api/keys", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [key["name"] for key in first["data"] + second["data"]] == ["2", "1", "0"]
    assert second["next_cursor"] is None
    wallet = await signed_in.get("/api/wallet/transactions", params={"cursor": first["next_cursor"]})
    refused(wallet, 400, "invalid_cursor", "cursor")


async def test_what_a_key_was_used_for_is_shown(signed_in: httpx.AsyncClient, sqlite_store: Store) -> None:
    made = (await signed_in.post("/api/keys", json={"name": "x"})).json()
    budget = {"period": "2026-11", "limit": None, "spent": 1_500_000, "reserved": 0}
    await sqlite_store.write(Create(f"key_windows/{made['id']}", {"budget": budget, "last_used_at": START}))
    shown = (await signed_in.get(f"/api/keys/{made['id']}")).json()
    assert shown["last_used_at"] == "2026-11-21T12:00:00Z"
    assert shown["budget"] == {
        "period": "2026-11",
        "limit_usd": None,
        "spent_usd": "0.0015",
        "resets_at": "2026-12-01T00:00:00Z",
    }


async def test_the_models_of_a_person_are_those_that_a_key_of_theirs_without_limits_is_told(
    signed_in: httpx.AsyncClient, sqlite_store: Store
) -> None:
    uid = (await signed_in.get("/api/auth/me")).json()["id"]
    key = (await signed_in.post("/api/keys", json={"name": "x"})).json()["key"]

    told = await signed_in.get("/v1/models", headers={"authorization": f"Bearer {key}"})
    assert [model["id"] for model in told.json()["data"]] == ["echo", "echo-embedding"]
    assert (await signed_in.get("/api/models")).json() == told.json()

    await sqlite_store.write(Update(user_path(uid), {"multiplier_bp": 12_500}))
    [before, _], [dearer, _] = (answer.json()["data"] for answer in (told, await signed_in.get("/api/models")))
    assert (before["pricing"]["multiplier"], dearer["pricing"]["multiplier"]) == ("1", "1.25")
    assert Decimal(dearer["pricing"]["prompt"]) == Decimal(before["pricing"]["prompt"]) * 5 / 4

    await sqlite_store.write(Update(user_path(uid), {"models": ["echo"]}))
    assert [model["id"] for model in (await signed_in.get("/api/models")).json()["data"]] == ["echo"]
