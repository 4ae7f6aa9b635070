"""Second factors over the API: enrolled, asked for at sign-in, and once more for money and administrators."""

import httpx
import pyotp
import pytest

from functions.farebox.secrets.seal import Seal
from functions.farebox.storage import Store, Update
from functions.farebox.wiring.runtime import Runtime
from tests.support.clients.asgi import client_of, refused
from tests.support.clients.management import done, register
from tests.support.product.app import surface_over
from tests.support.product.runtime import Clock, runtime_over
from tests.support.stand_ins.authenticator import Authenticator

AT = "/api/auth/second-factor"
LOGIN = {"email": "ada@example.com", "password": "a long password"}
ORIGIN = "http://localhost:8080"


async def enrol_app(signed_in: httpx.AsyncClient, clock: Clock) -> tuple[pyotp.TOTP, list[str]]:
    """An app with the account's secret, and the codes for recovery."""
    begun = await done(signed_in.post(f"{AT}/totp"))
    totp = pyotp.parse_uri(begun["uri"])
    assert isinstance(totp, pyotp.TOTP)
    assert (totp.secret, totp.name, totp.issuer) == (begun["secret"], LOGIN["email"], "Farebox")
    told = await done(signed_in.post(f"{AT}/totp/confirm", json={"code": totp.at(clock())}))
    return totp, told["recovery_codes"]


async def test_an_apps_code_is_asked_for_at_sign_in_and_counts_once(signed_in: httpx.AsyncClient, clock: Clock) -> None:
    totp, _ = await enrol_app(signed_in, clock)
    refused(await signed_in.post("/api/auth/login", json=LOGIN), 401, "second_factor_required")
    clock.forward(seconds=30)
    for code in ("000000", totp.at(clock.time.replace(year=2020))):
        refused(await signed_in.post("/api/auth/login", json={**LOGIN, "code": code}), 401, "invalid_second_factor")
    code = totp.at(clock())
    session = await done(signed_in.post("/api/auth/login", json={**LOGIN, "code": code}))
    assert session["user"]["id"]
    refused(await signed_in.post("/api/auth/login", json={**LOGIN, "code": code}), 401, "invalid_second_factor")


async def test_the_secret_counts_for_nothing_before_its_first_code_was_shown(signed_in: httpx.AsyncClient) -> None:
    await done(signed_in.post(f"{AT}/totp"))
    refused(await signed_in.post(f"{AT}/totp/confirm", json={"code": "000000"}), 400, "invalid_second_factor", "code")
    await done(signed_in.post("/api/auth/login", json=LOGIN))
    assert not (await done(signed_in.get(AT)))["totp"]


async def test_a_code_for_recovery_works_once_however_it_is_written(signed_in: httpx.AsyncClient, clock: Clock) -> None:
    _, recovery = await enrol_app(signed_in, clock)
    code = recovery[0].lower().replace("-", " ")
    await done(signed_in.post("/api/auth/login", json={**LOGIN, "code": code}))
    refused(await signed_in.post("/api/auth/login", json={**LOGIN, "code": code}), 401, "invalid_second_factor")
    assert (await done(signed_in.get(AT)))["recovery_codes_left"] == len(recovery) - 1
    renewed = (await done(signed_in.post(f"{AT}/recovery-codes")))["recovery_codes"]
    assert not set(renewed) & set(recovery)
    refused(await signed_in.post("/api/auth/login", json={**LOGIN, "code": recovery[1]}), 401, "invalid_second_factor")


async def test_an_app_whose_secret_does_not_open_is_told_so_and_other_factors_still_count(
    signed_in: httpx.AsyncClient, clock: Clock, sqlite_store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    totp, recovery = await enrol_app(signed_in, clock)
    uid = (await done(signed_in.get("/api/auth/me")))["id"]
    await sqlite_store.write(Update(f"factors/{uid}", {"totp": Seal(b"o" * 32).close(totp.secret)}))
    clock.forward(seconds=30)
    answer = await signed_in.post("/api/auth/login", json={**LOGIN, "code": totp.at(clock())})
    refused(answer, 401, "invalid_second_factor")
    assert "a code for recovery" in answer.json()["error"]["message"]
    assert f"the app of user {uid}" in caplog.text
    await done(signed_in.post("/api/auth/login", json={**LOGIN, "code": recovery[0]}))


async def test_an_app_that_was_shown_and_does_not_open_is_shown_anew(
    signed_in: httpx.AsyncClient, clock: Clock, sqlite_store: Store
) -> None:
    await done(signed_in.post(f"{AT}/totp"))
    uid = (await done(signed_in.get("/api/auth/me")))["id"]
    await sqlite_store.write(Update(f"factors/{uid}", {"pending_totp": "damaged"}))
    refused(await signed_in.post(f"{AT}/totp/confirm", json={"code": "000000"}), 409, "conflict")
    await enrol_app(signed_in, clock)


async def test_the_store_holds_neither_secrets_nor_codes(
    signed_in: httpx.AsyncClient, clock: Clock, sqlite_store: Store
) -> None:
    totp, recovery = await enrol_app(signed_in, clock)
    uid = (await done(signed_in.get("/api/auth/me")))["id"]
    kept = await sqlite_store.get(f"factors/{uid}")
    assert kept is not None
    for secret in (totp.secret, *recovery, *(code.replace("-", "") for code in recovery)):
        assert secret not in str(kept.data)


async def test_guesses_of_a_code_are_slowed(signed_in: httpx.AsyncClient, clock: Clock) -> None:
    await enrol_app(signed_in, clock)
    for _ in range(5):
        refused(await signed_in.post(AT, json={"code": "000000"}), 401, "invalid_second_factor")
    refused(await signed_in.post(AT, json={"code": "000000"}), 429, "rate_limit_exceeded")


async def test_money_takes_a_factor_that_was_shown_lately(signed_in: httpx.AsyncClient, clock: Clock) -> None:
    checkout = {"amount_usd": "10.00"}
    await done(signed_in.post("/api/wallet/checkout", json=checkout))
    totp, _ = await enrol_app(signed_in, clock)
    await done(signed_in.post("/api/wallet/checkout", json=checkout))
    clock.forward(minutes=16)
    for call in (
        signed_in.post("/api/wallet/checkout", json=checkout),
        signed_in.post("/api/wallet/portal"),
        signed_in.post("/api/wallet/redeem", json={"code": "LAUNCH"}),
        signed_in.post("/api/auth/password", json={"current_password": "x", "password": "another password"}),
        signed_in.delete(f"{AT}/totp"),
    ):
        refused(await call, 403, "second_factor_required")
    await done(signed_in.post(AT, json={"code": totp.at(clock())}))
    await done(signed_in.post("/api/wallet/checkout", json=checkout))
    await done(signed_in.delete(f"{AT}/totp"))
    await done(signed_in.post("/api/auth/login", json=LOGIN))


async def test_a_passkey_is_made_asked_for_and_taken_away(signed_in: httpx.AsyncClient, clock: Clock) -> None:
    passkey = Authenticator(ORIGIN)
    options = (await done(signed_in.post(f"{AT}/passkeys/options")))["options"]
    made = passkey.create(options)
    told = await done(signed_in.post(f"{AT}/passkeys", json={"name": "my laptop", "credential": made}))
    assert len(told["recovery_codes"]) == 10
    again = await signed_in.post(f"{AT}/passkeys", json={"name": "the same", "credential": made})
    refused(again, 400, "invalid_second_factor")

    refused(await signed_in.post("/api/auth/login", json=LOGIN), 401, "second_factor_required")
    answer = passkey.get((await done(signed_in.post(f"{AT}/challenge", json=LOGIN)))["options"])
    await done(signed_in.post("/api/auth/login", json={**LOGIN, "passkey": answer}))
    refused(await signed_in.post("/api/auth/login", json={**LOGIN, "passkey": answer}), 401, "invalid_second_factor")

    clock.forward(minutes=16)
    late = passkey.get((await done(signed_in.post(f"{AT}/challenge", json={})))["options"])
    clock.forward(minutes=6)
    refused(await signed_in.post(AT, json={"passkey": late}), 401, "invalid_second_factor")
    options = (await done(signed_in.post(f"{AT}/challenge", json={})))["options"]
    foreign = Authenticator("https://elsewhere.example.com", passkey).get(options)
    refused(await signed_in.post(AT, json={"passkey": foreign}), 401, "invalid_second_factor")
    copy = Authenticator(ORIGIN, passkey)  # of its key: its count stands where the passkey's stood
    await done(signed_in.post(AT, json={"passkey": passkey.get(options)}))
    options = (await done(signed_in.post(f"{AT}/challenge", json={})))["options"]
    refused(await signed_in.post(AT, json={"passkey": copy.get(options)}), 401, "invalid_second_factor")
    [shown] = (await done(signed_in.get(AT)))["passkeys"]
    await done(signed_in.delete(f"{AT}/passkeys/{shown['id']}"))
    refused(await signed_in.post(f"{AT}/challenge", json={}), 409, "no_passkey")
    await done(signed_in.post("/api/auth/login", json=LOGIN))


@pytest.mark.parametrize("body", [{"email": "ada@example.com"}, {"email": "ada@example.com", "password": "wrong"}])
async def test_a_challenge_tells_nobody_who_has_a_passkey(client: httpx.AsyncClient, body: dict[str, str]) -> None:
    await register(client)
    known = await client.post(f"{AT}/challenge", json=body)
    unknown = await client.post(f"{AT}/challenge", json={**body, "email": "bob@example.com"})
    assert known.status_code == 401
    assert known.json() == unknown.json()


async def test_an_operator_can_have_administrators_need_a_second_factor(
    sqlite_store: Store, sqlite_url: str, clock: Clock
) -> None:
    variables = {"FAREBOX_ADMIN_EMAILS": "ada@example.com", "FAREBOX_ADMIN_SECOND_FACTOR": "required"}
    runtime = runtime_over(sqlite_store, sqlite_url, clock, **variables)
    async with client_of(surface_over(runtime)) as client:
        uid, token = await register(client)
        await make_admin(runtime, uid)
        client.headers["authorization"] = f"Bearer {token}"
        refused(await client.get("/api/admin/users"), 403, "second_factor_required")
        await enrol_app(client, clock)
        plan = {"name": "X", "price_usd": "1", "grant_usd": "1"}
        await done(client.put("/api/admin/plans/x", json=plan))
        clock.forward(minutes=16)
        await done(client.get("/api/admin/users"))
        refused(await client.put("/api/admin/plans/x", json=plan), 403, "second_factor_required")
    await runtime.close()


async def test_an_operator_takes_away_factors_that_are_lost_and_it_is_in_the_trail(
    sqlite_store: Store, sqlite_url: str, clock: Clock
) -> None:
    runtime = runtime_over(sqlite_store, sqlite_url, clock, ADMIN_SECRET_KEY="a key of the operator's")
    async with client_of(surface_over(runtime)) as client:
        uid, token = await register(client)
        client.headers["authorization"] = f"Bearer {token}"
        await enrol_app(client, clock)
        refused(await client.post("/api/auth/login", json=LOGIN), 401, "second_factor_required")
        operator = {"x-admin-key": "a key of the operator's"}
        lost = f"/api/admin/users/{uid}/second-factors"
        assert await done(client.delete(lost, headers=operator)) == {"user_id": uid, "totp": True, "passkeys": 0}
        await done(client.post("/api/auth/login", json=LOGIN))
        [entry] = (await done(client.get("/api/admin/audit", headers=operator)))["data"]
        assert (entry["action"], entry["target"]) == ("users.remove_factors", f"users/{uid}")
        refused(await client.delete(lost.replace(uid, "nobody"), headers=operator), 404, "not_found", "user_id")
    await runtime.close()


async def make_admin(runtime: Runtime, uid: str) -> None:
    proved = {"email_verified": True, "verified_at": runtime.now()}
    await (await runtime.store()).write(Update(f"credentials/{uid}", proved))
