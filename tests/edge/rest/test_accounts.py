from pathlib import Path

import httpx
import pytest

from functions.farebox.wiring.runtime import Runtime
from tests.support.clients.asgi import error_of, refused
from tests.support.product.mailbox import mailed_token
from tests.support.product.runtime import Clock

CREDENTIALS = {"email": "ada@example.com", "password": "a long password"}


async def test_registering_answers_the_user_and_the_tokens_to_go_on_with(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/auth/register", json={**CREDENTIALS, "full_name": " Ada "})
    assert answer.status_code == 201
    body = answer.json()
    assert body.keys() == {"user", "token", "refresh_token", "expires_in"}
    assert body["expires_in"] == 3600
    assert body["user"] == {
        "id": body["user"]["id"],
        "email": "ada@example.com",
        "email_verified": False,
        "full_name": "Ada",
        "time_zone": "UTC",
        "status": "active",
        "plan": None,
        "is_admin": False,
        "has_second_factor": False,
        "has_password": True,
        "welcome_credit_due": False,
        "created_at": "2026-11-21T12:00:00Z",
    }
    headers = {"authorization": f"bearer {body['token']}"}
    assert (await client.get("/api/auth/me", headers=headers)).json() == body["user"]


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"password": "short"}, "invalid_value", "password"),
        ({"password": "x" * 201}, "invalid_value", "password"),
        ({"password": None}, "invalid_type", "password"),
        ({"email": "nobody"}, "invalid_value", "email"),
        ({"email": "a@b@c.com"}, "invalid_value", "email"),
        ({"email": "a" * 250 + "@b.com"}, "invalid_value", "email"),
        ({"admin": True}, "unknown_field", "admin"),
    ],
)
async def test_a_registration_that_cannot_be_is_refused_without_telling_the_password(
    client: httpx.AsyncClient, change: dict[str, object], code: str, param: str
) -> None:
    answer = await client.post("/api/auth/register", json={**CREDENTIALS, **change})
    refused(answer, 400, code, param)
    assert "x" * 20 not in answer.text


async def test_a_taken_address_is_a_conflict(client: httpx.AsyncClient) -> None:
    await client.post("/api/auth/register", json=CREDENTIALS)
    refused(await client.post("/api/auth/register", json=CREDENTIALS), 409, "email_taken", "email")


async def test_login_and_refresh_answer_what_registering_did(client: httpx.AsyncClient) -> None:
    registered = (await client.post("/api/auth/register", json=CREDENTIALS)).json()
    login = await client.post("/api/auth/login", json=CREDENTIALS)
    refresh = await client.post("/api/auth/refresh", json={"refresh_token": registered["refresh_token"]})
    for answer in (login, refresh):
        assert answer.status_code == 200
        assert answer.json().keys() == registered.keys()
        assert answer.json()["user"] == registered["user"]
    again = await client.post("/api/auth/refresh", json={"refresh_token": registered["refresh_token"]})
    refused(again, 401, "invalid_token")


async def test_a_refresh_is_made_again_under_its_key(client: httpx.AsyncClient) -> None:
    body = {"refresh_token": (await client.post("/api/auth/register", json=CREDENTIALS)).json()["refresh_token"]}
    once, again = [
        await client.post("/api/auth/refresh", json=body, headers={"idempotency-key": "the page's"}) for _ in range(2)
    ]
    assert again.status_code == 200
    assert again.json()["refresh_token"] == once.json()["refresh_token"]
    refused(await client.post("/api/auth/refresh", json=body), 401, "invalid_token")


async def test_wrong_credentials_are_one_error_and_too_many_are_a_matter_of_pace(client: httpx.AsyncClient) -> None:
    await client.post("/api/auth/register", json=CREDENTIALS)
    wrong = await client.post("/api/auth/login", json={**CREDENTIALS, "password": "wrong"})
    unknown = await client.post("/api/auth/login", json={**CREDENTIALS, "email": "bob@example.com"})
    refused(wrong, 401, "invalid_credentials")
    assert error_of(wrong) == error_of(unknown)
    for _ in range(4):
        await client.post("/api/auth/login", json={**CREDENTIALS, "password": "wrong"})
    slow = await client.post("/api/auth/login", json=CREDENTIALS)
    refused(slow, 429, "rate_limit_exceeded")
    assert slow.headers["retry-after"] == "1"


async def test_a_profile_can_be_changed_and_its_time_zone_is_ianas(signed_in: httpx.AsyncClient) -> None:
    change = {"full_name": "Ada Lovelace", "time_zone": "Europe/London"}
    answer = await signed_in.patch("/api/auth/me", json=change)
    assert {name: answer.json()[name] for name in change} == change
    refused(await signed_in.patch("/api/auth/me", json={"time_zone": "Mars"}), 400, "invalid_time_zone", "time_zone")
    refused(await signed_in.patch("/api/auth/me", json={"time_zone": None}), 400, "invalid_type", "time_zone")
    refused(await signed_in.patch("/api/auth/me", json={"is_admin": True}), 400, "unknown_field", "is_admin")
    cleared = await signed_in.patch("/api/auth/me", json={"full_name": None})
    assert (cleared.json()["full_name"], cleared.json()["time_zone"]) == (None, "Europe/London")


async def test_an_address_is_verified_by_mail(signed_in: httpx.AsyncClient, runtime: Runtime) -> None:
    assert (await signed_in.post("/api/auth/verify-email")).status_code == 202
    token = mailed_token(runtime)
    assert (await signed_in.post("/api/auth/verify-email/confirm", json={"token": token})).status_code == 200
    assert (await signed_in.get("/api/auth/me")).json()["email_verified"]
    forged = await signed_in.post("/api/auth/verify-email/confirm", json={"token": "forged"})
    refused(forged, 401, "invalid_token")


async def test_a_forgotten_password_is_replaced_by_mail_and_old_tokens_end(
    signed_in: httpx.AsyncClient, runtime: Runtime, clock: Clock
) -> None:
    known = await signed_in.post("/api/auth/password-reset", json={"email": CREDENTIALS["email"]})
    unknown = await signed_in.post("/api/auth/password-reset", json={"email": "bob@example.com"})
    assert (known.status_code, known.json()) == (unknown.status_code, unknown.json()) == (202, known.json())
    change = {"token": mailed_token(runtime), "password": "another password"}
    clock.forward(seconds=1)
    assert (await signed_in.post("/api/auth/password-reset/confirm", json=change)).status_code == 200
    refused(await signed_in.get("/api/auth/me"), 401, "invalid_token")
    assert (await signed_in.post("/api/auth/login", json=CREDENTIALS)).status_code == 401
    changed = {**CREDENTIALS, "password": "another password"}
    assert (await signed_in.post("/api/auth/login", json=changed)).status_code == 200


def test_the_outbox_lies_beside_the_database(runtime: Runtime, tmp_path: Path) -> None:
    assert runtime.config.state_dir == tmp_path
