import asyncio

import httpx
import pytest

from functions.farebox.storage import Store
from tests.support.clients.asgi import refused
from tests.support.clients.management import done, register
from tests.support.money.wallet_books import clean_audit
from tests.support.product.runtime import Clock


async def redeem(client: httpx.AsyncClient, token: str, code: str) -> httpx.Response:
    headers = {"authorization": f"Bearer {token}"}
    return await client.post("/api/wallet/redeem", json={"code": code}, headers=headers)


async def test_a_code_is_good_so_many_times_and_once_a_user(
    client: httpx.AsyncClient, admin: httpx.AsyncClient, sqlite_store: Store
) -> None:
    made = await done(admin.post("/api/admin/codes", json={"amount_usd": "5", "max_uses": 2}))
    assert len(made["code"]) == 19
    people = [await register(client, f"u{number}@example.com") for number in range(4)]
    answers = await asyncio.gather(
        *(redeem(client, token, made["code"].lower()) for _, token in people for _ in range(3))
    )
    good = [answer.json() for answer in answers if answer.status_code == 200]
    assert {entry["amount_usd"] for entry in good} == {"5.00"}
    assert {answer.status_code for answer in answers} == {200, 400}
    balances = sorted([(await done(admin.get(f"/api/admin/users/{uid}")))["balance_usd"] for uid, _ in people])
    assert balances == ["1.00", "1.00", "6.00", "6.00"]
    [shown] = (await done(admin.get("/api/admin/codes")))["data"]
    assert shown == {**made, "uses": 2}
    await clean_audit(sqlite_store)


async def test_a_code_is_good_once_a_person_whichever_of_their_wallets_it_is_for(
    client: httpx.AsyncClient, admin: httpx.AsyncClient
) -> None:
    made = await done(admin.post("/api/admin/codes", json={"amount_usd": "5", "max_uses": 9}))
    _, token = await register(client)
    headers = {"authorization": f"Bearer {token}"}
    org = (await client.post("/api/orgs", json={"name": "A"}, headers=headers)).json()["id"]
    body, ours = {"code": made["code"]}, {**headers, "x-farebox-org": org}
    first = [await client.post("/api/wallet/redeem", json=body, headers=ours) for _ in range(2)]
    assert [answer.status_code for answer in first] == [200, 200], "told of the first time"
    refused(await redeem(client, token, made["code"]), 409, "already_redeemed")
    assert (await done(admin.get("/api/admin/codes")))["data"][0]["uses"] == 1


async def test_a_code_ends_in_time_or_when_it_is_told_to(
    client: httpx.AsyncClient, admin: httpx.AsyncClient, clock: Clock
) -> None:
    _, token = await register(client)
    body = {"amount_usd": "5", "code": "summer-2026", "expires_at": "2026-11-21T12:30:00Z", "max_uses": 9}
    assert (await done(admin.post("/api/admin/codes", json=body)))["code"] == "SUMMER-2026"
    refused(await admin.post("/api/admin/codes", json=body), 409, "conflict", "code")
    await done(admin.post("/api/admin/codes", json={"amount_usd": "5", "code": "WINTER"}))
    ended = await done(admin.delete("/api/admin/codes/winter"))
    assert ended["expires_at"] == "2026-11-21T12:00:00Z"
    refused(await redeem(client, token, "WINTER"), 400, "invalid_code", "code")
    clock.forward(minutes=30)
    refused(await redeem(client, token, "SUMMER-2026"), 400, "invalid_code", "code")
    refused(await admin.delete("/api/admin/codes/AUTUMN"), 404, "not_found", "code")


async def test_a_code_that_would_be_over_already_is_not_made(admin: httpx.AsyncClient) -> None:
    for over in ("2026-11-21T12:00:00Z", "2020-01-01T00:00:00Z"):
        body = {"amount_usd": "5", "expires_at": over}
        refused(await admin.post("/api/admin/codes", json=body), 400, "invalid_value", "expires_at")


@pytest.mark.parametrize("moment", [5, 1.5, "5", "1999999999", True, "2030-01-01", "tomorrow"])
async def test_a_time_is_written_as_rfc_3339_has_it_and_never_as_a_number(
    admin: httpx.AsyncClient, moment: object
) -> None:
    body = {"amount_usd": "5", "expires_at": moment}
    refused(await admin.post("/api/admin/codes", json=body), 400, "invalid_type", "expires_at")


async def test_guessing_is_bounded(client: httpx.AsyncClient, admin: httpx.AsyncClient, clock: Clock) -> None:
    _, token = await register(client)
    await done(admin.post("/api/admin/codes", json={"amount_usd": "5", "code": "SECRET"}))
    for number in range(10):
        refused(await redeem(client, token, f"GUESS-{number}"), 400, "invalid_code", "code")
    refused(await redeem(client, token, "SECRET"), 429, "rate_limit_exceeded")
    clock.forward(minutes=59)
    refused(await redeem(client, token, "SECRET"), 429, "rate_limit_exceeded")
