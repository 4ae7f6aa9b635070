"""Every list as a table: whole, as its route answers it, and such that a spreadsheet opens it right."""

import csv
import io
from datetime import timedelta
from typing import Any

import httpx
import pytest

from functions.edge.rest import export
from functions.farebox.organisations.membership import Membership
from functions.farebox.storage import Create, Store
from tests.support.clients.management import AS_ADMIN, done, register
from tests.support.product.runtime import START


async def test_every_list_is_exported_whole_and_opens_in_excel(
    client: httpx.AsyncClient, admin: httpx.AsyncClient, sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "EXPORT_PAGE", 2)
    uid, token = await register(client)
    own = {"authorization": f"Bearer {token}"}
    for number in range(3):
        await register(client, f"=user{number}@example.com")
        bonus = {"user_id": uid, "amount_usd": "1", "reason": "=1+1"}
        await done(admin.post("/api/admin/credits/bonus", json=bonus))
        terms = {"name": f"=key{number}", "models": ["echo", "b"], "monthly_budget_usd": "2"}
        await done(client.post("/api/keys", json=terms, headers=own))
        await sqlite_store.write(Create(f"payments/{number}", payment(uid, number)))
        await sqlite_store.write(Create(f"unmatched/{number}", case(number)))
        await sqlite_store.write(Create(f"alerts/{uid}_{number}", alert(uid, number)))
        await sqlite_store.write(Create(f"users/{uid}/members/u{number}", member(uid, number)))
        await sqlite_store.write(Create(f"users/{uid}/invitations/{number}", invitation(number)))
        for group in ("projects", "service-accounts"):
            await done(client.post(f"/api/orgs/{uid}/{group}", json={"name": f"=group{number}"}, headers=own))
        code = {"amount_usd": "1", "code": f"CODE{number:04}", "note": "=1+1"}
        await done(admin.post("/api/admin/codes", json=code))
        await done(admin.put(f"/api/admin/tenants/t{number}", json={"monthly_budget_usd": "5"}))
        entry = {"id": f"up{number}", "base_url": "https://up.example.com/v1", "models": {"=model": "m"}}
        await done(admin.post("/api/admin/upstreams", json={**entry, "api_key": "sk-secret"}))
        price = {"input_usd_per_1m": "1", "output_usd_per_1m": "2"}
        await done(admin.put(f"/api/admin/pricing/model{number}", json=price))
    for of_whom, path in LISTS:
        headers = own if of_whom == "own" else AS_ADMIN
        at = path.format(uid=uid)
        listed = (await done(client.get(at, headers=headers)))["data"]
        assert len(listed) >= 3, at
        assert (await done(client.get(f"{at}/export?format=json", headers=headers)))["data"] == listed
        answer = await client.get(f"{at}/export", headers=headers)
        assert answer.content.startswith(b"\xef\xbb\xbf")
        assert answer.content.count(b"\n") == answer.content.count(b"\r\n")
        table = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
        name = {"/api/admin/codes": "code", "/api/admin/pricing": "model"}.get(at, "id")
        assert "sk-secret" not in answer.text
        assert [row[name] for row in table] == [each[name] for each in listed], at
        assert next(iter(table[0])) == name, at  # what a row is about is the first that one reads of it
        assert not any(cell.startswith("=") for row in table for cell in row.values())
    [key, *_] = await rows_of(client, "/api/keys/export", own)
    assert (key["budget_limit_usd"], key["budget_spent_usd"], key["models"]) == ("2.00", "0.00", '["echo","b"]')
    plans = await rows_of(admin, "/api/admin/plans/export", {})
    assert [(row["id"], row["price_usd"], row["limits_rpm"]) for row in plans][:2] == [
        ("starter", "10.00", "60"),
        ("pro", "50.00", "600"),
    ]
    [upstream] = [row for row in await rows_of(admin, "/api/admin/upstreams/export", {}) if row["id"] == "up1"]
    assert (upstream["base_url"], upstream["models"]) == ("https://up.example.com/v1", '{"=model":"m"}')
    assert {row["email"] for row in await rows_of(admin, "/api/admin/users/export?email=%3Duser", {})} == {
        f"'=user{number}@example.com" for number in range(3)
    }


async def test_exports_are_of_what_their_reader_may_see(client: httpx.AsyncClient, admin: httpx.AsyncClient) -> None:
    uid, token = await register(client)
    _, other = await register(client, "other@example.com")
    await done(client.post("/api/keys", json={"name": "mine"}, headers={"authorization": f"Bearer {token}"}))
    assert await rows_of(client, "/api/keys/export", {"authorization": f"Bearer {other}"}) == []
    for path in ("transactions", "payments", "keys"):
        assert (await admin.get(f"/api/admin/users/nobody/{path}/export")).status_code == 404
        assert (await admin.get(f"/api/admin/users/{uid}/{path}/export")).status_code == 200


LISTS = (
    ("own", "/api/keys"),
    ("own", "/api/wallet/transactions"),
    ("own", "/api/wallet/payments"),
    ("admin", "/api/admin/users"),
    ("admin", "/api/admin/users/{uid}/transactions"),
    ("admin", "/api/admin/users/{uid}/payments"),
    ("admin", "/api/admin/users/{uid}/keys"),
    ("admin", "/api/admin/audit"),
    ("admin", "/api/admin/payments/unmatched"),
    ("admin", "/api/admin/codes"),
    ("admin", "/api/admin/tenants"),
    ("admin", "/api/admin/pricing"),
    ("admin", "/api/admin/upstreams"),
    ("admin", "/api/admin/plans"),
    ("own", "/api/wallet/alerts/log"),
    ("own", "/api/orgs/{uid}/members"),
    ("own", "/api/orgs/{uid}/invitations"),
    ("own", "/api/orgs/{uid}/projects"),
    ("own", "/api/orgs/{uid}/service-accounts"),
)


def alert(uid: str, number: int) -> dict[str, Any]:
    told = {"kind": "balance.low", "subject": "=low", "text": "", "mail": "sent", "webhook": "none", "attempts": 1}
    moment = START + timedelta(seconds=number)
    return {**told, "user": uid, "problem": None, "due_at": None, "created_at": moment}


def member(org: str, number: int) -> dict[str, Any]:
    return Membership(org, f"u{number}", "member", None, START + timedelta(seconds=number)).to_data()


def invitation(number: int) -> dict[str, Any]:
    told = {"email": f"=guest{number}@example.com", "role": "viewer", "monthly_budget": None, "invited_by": "u1"}
    moment = START + timedelta(seconds=number)
    return {**told, "hash": "", "created_at": moment, "expires_at": START + timedelta(days=7)}


def payment(uid: str, number: int) -> dict[str, Any]:
    sale = {"kind": "topup", "total": 1, "credit": 1, "bonus": 0, "reference": "=package"}
    told = {"status": "paid", "sale": sale, "reversed": 0, "receipt_url": None}
    return {**told, "user": uid, "created_at": START + timedelta(seconds=number)}


def case(number: int) -> dict[str, Any]:
    told = dict.fromkeys(("amount", "currency", "user"))
    names = {
        "provider": "stripe",
        "reason": "no_payment",
        "about": "=re_1",
        "detail": "",
        "type": "refund",
        "event": "e",
    }
    moment = START + timedelta(seconds=number)
    return {**told, **names, "times": 1, "created_at": moment, "updated_at": moment}


async def rows_of(client: httpx.AsyncClient, path: str, headers: dict[str, str]) -> list[dict[str, str]]:
    answer = await client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
