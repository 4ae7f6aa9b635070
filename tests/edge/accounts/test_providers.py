"""Signing in with other providers, against one that speaks the real protocols."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pyotp
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from functions.farebox.accounts.sign_in_providers import read_providers
from functions.farebox.storage import Store
from functions.farebox.wiring.runtime import Runtime
from tests.support.clients.asgi import client_of, refused
from tests.support.clients.management import done
from tests.support.product.app import surface_over
from tests.support.product.mailbox import mailed_token
from tests.support.product.runtime import Clock, runtime_over
from tests.support.stand_ins.authenticator import Authenticator
from tests.support.stand_ins.sign_in_provider import CLIENT_ID, CLIENT_SECRET, ProviderStandIn, with_query

PASSWORD = "a long password"
ADA = {"email": "ada@example.com", "password": PASSWORD}


@pytest.fixture
async def provider() -> AsyncIterator[ProviderStandIn]:
    async with ProviderStandIn() as stand_in:
        yield stand_in


@pytest.fixture
def runtime(sqlite_store: Store, sqlite_url: str, clock: Clock, provider: ProviderStandIn) -> Runtime:
    client = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    entries = [
        {"id": "google", "issuer": provider.url, **client},
        {"id": "github", "issuer": provider.url, "api_url": provider.url, **client},
    ]
    variables = {"FAREBOX_SIGN_IN_PROVIDERS": json.dumps(entries), "FAREBOX_ADMIN_EMAILS": "ada@example.com"}
    return runtime_over(sqlite_store, sqlite_url, clock, **variables)


@pytest.fixture
async def client(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(surface_over(runtime)) as client:
        yield client
    await runtime.close()


async def begin(client: httpx.AsyncClient, name: str = "google") -> dict[str, str]:
    begun: dict[str, str] = await done(client.post(f"/api/auth/providers/{name}/begin"))
    return begun


async def finish(client: httpx.AsyncClient, name: str = "google", **body: Any) -> httpx.Response:
    return await client.post(f"/api/auth/providers/{name}/finish", json=body)


async def sign_in(client: httpx.AsyncClient, provider: ProviderStandIn, name: str = "google") -> httpx.Response:
    begun = await begin(client, name)
    return await finish(client, name, **provider.visit(begun["url"]), flow=begun["flow"])


@pytest.mark.parametrize("name", ["google", "github"])
async def test_a_first_sign_in_makes_the_account_with_a_proved_address_and_the_next_finds_it(
    client: httpx.AsyncClient, provider: ProviderStandIn, name: str
) -> None:
    options = await done(client.get("/api/auth/options"))
    assert [each["name"] for each in options["providers"]] == ["Google", "GitHub"]
    first = (await sign_in(client, provider, name)).json()["user"]
    assert (first["email"], first["email_verified"], first["full_name"]) == ("ada@example.com", True, "Ada")
    assert first["is_admin"], "the provider has proved the address in this very sign-in"
    assert not first["has_password"]
    provider.someone.email = "lovelace@example.com"
    session = (await sign_in(client, provider, name)).json()
    assert (session["user"]["id"], session["user"]["email"]) == (first["id"], "ada@example.com")
    headers = {"authorization": f"Bearer {session['token']}"}
    [linked] = (await done(client.get("/api/auth/identities", headers=headers)))["data"]
    assert linked["name"] in ("Google", "GitHub"), "which are at one address here"
    assert (linked["subject"], linked["email"]) == ("1001", "lovelace@example.com")
    refused(await client.post("/api/auth/login", json={**ADA, "password": ""}), 401, "invalid_credentials")


async def test_an_account_that_has_proved_its_address_is_linked_and_another_is_not(
    client: httpx.AsyncClient, provider: ProviderStandIn, runtime: Runtime, clock: Clock
) -> None:
    squatter = await done(client.post("/api/auth/register", json=ADA))
    refused(await sign_in(client, provider), 409, "email_taken")
    headers = {"authorization": f"Bearer {squatter['token']}"}
    await done(client.post("/api/auth/verify-email", headers=headers))
    body = {"token": mailed_token(runtime)}
    await done(client.post("/api/auth/verify-email/confirm", json=body, headers=headers))
    entered = (await sign_in(client, provider)).json()["user"]
    assert (entered["id"], entered["has_password"]) == (squatter["user"]["id"], True)


@pytest.mark.parametrize("change", [{"email_verified": False}, {"email": None}])
async def test_an_address_that_the_provider_does_not_vouch_for_makes_nothing(
    client: httpx.AsyncClient, provider: ProviderStandIn, change: dict[str, Any], sqlite_store: Store
) -> None:
    vars(provider.someone).update(change)
    refused(await sign_in(client, provider), 403, "forbidden")
    assert await sqlite_store.count("users") == 0


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another sign-in's"}, {"aud": "another client"}, {"iss": "https://elsewhere.example.com"},
        {"exp": 1_000_000_000}, {"sub": None}, {"azp": "another client", "aud": [CLIENT_ID, "another client"]},
    ],
    ids=["nonce", "audience", "issuer", "time", "subject", "party"],
)  # fmt: skip
async def test_an_id_token_that_is_not_for_this_sign_in_opens_nothing(
    client: httpx.AsyncClient, provider: ProviderStandIn, claims: dict[str, Any]
) -> None:
    provider.claims = {name: value for name, value in claims.items() if value is not None}
    if claims == {"sub": None}:
        provider.claims = {"sub": 7}
    refused(await sign_in(client, provider), 401, "invalid_token")


async def test_a_signature_of_somebody_else_opens_nothing_and_a_new_key_is_read(
    client: httpx.AsyncClient, provider: ProviderStandIn
) -> None:
    assert (await sign_in(client, provider)).status_code == 200
    provider.roll_keys()
    assert (await sign_in(client, provider)).status_code == 200
    provider.signing_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    refused(await sign_in(client, provider), 401, "invalid_token")


async def test_a_code_counts_once_for_whoever_began_and_with_their_state_and_verifier(
    client: httpx.AsyncClient, provider: ProviderStandIn, clock: Clock
) -> None:
    mine, theirs = await begin(client), await begin(client)
    back = provider.visit(mine["url"])
    for wrong in (
        {**back, "flow": theirs["flow"]},
        {**back, "state": theirs["state"], "flow": mine["flow"]},
        {**back, "state": "made up", "flow": mine["flow"]},
    ):
        refused(await finish(client, **wrong), 401, "invalid_token")
    injected = {"code": back["code"], "state": theirs["state"], "flow": theirs["flow"]}
    refused(await finish(client, **injected), 401, "invalid_token")  # another verifier: the code is spent, too
    refused(await finish(client, **back, flow=mine["flow"]), 401, "invalid_token")

    begun = await begin(client)
    back = provider.visit(with_query(begun["url"], redirect_uri="https://elsewhere.example.com/"))
    refused(await finish(client, **back, flow=begun["flow"]), 401, "invalid_token")
    late = await begin(client)
    back = provider.visit(late["url"])
    refused(await finish(client, "github", **back, flow=late["flow"]), 401, "invalid_token")
    clock.forward(minutes=10)
    refused(await finish(client, **back, flow=late["flow"]), 401, "invalid_token")


async def test_the_second_factor_is_asked_for_here_too(
    client: httpx.AsyncClient, provider: ProviderStandIn, clock: Clock
) -> None:
    token = (await sign_in(client, provider)).json()["token"]
    headers = {"authorization": f"Bearer {token}"}
    secret = (await done(client.post("/api/auth/second-factor/totp", headers=headers)))["secret"]
    totp = pyotp.TOTP(secret)
    code = {"code": totp.at(clock())}
    await done(client.post("/api/auth/second-factor/totp/confirm", json=code, headers=headers))
    begun = await begin(client)
    back = {**provider.visit(begun["url"]), "flow": begun["flow"]}
    refused(await finish(client, **back), 401, "second_factor_required")
    refused(await finish(client, **back, factor_code="000000"), 401, "invalid_second_factor")
    clock.forward(seconds=30)
    assert (await finish(client, **back, factor_code=totp.at(clock()))).status_code == 200
    refused(await finish(client, **back, factor_code=totp.at(clock())), 401, "invalid_token")


async def test_a_sign_in_that_waits_for_its_second_factor_ends_with_the_sessions_of_its_time(
    client: httpx.AsyncClient, provider: ProviderStandIn, runtime: Runtime, clock: Clock
) -> None:
    headers = {"authorization": f"Bearer {(await sign_in(client, provider)).json()['token']}"}
    totp = pyotp.TOTP((await done(client.post("/api/auth/second-factor/totp", headers=headers)))["secret"])
    code = {"code": totp.at(clock())}
    await done(client.post("/api/auth/second-factor/totp/confirm", json=code, headers=headers))
    begun = await begin(client)
    back = {**provider.visit(begun["url"]), "flow": begun["flow"]}
    refused(await finish(client, **back), 401, "second_factor_required")
    clock.forward(seconds=30)
    await done(client.post("/api/auth/password-reset", json={"email": "ada@example.com"}))
    reset = {"token": mailed_token(runtime), "password": PASSWORD}
    await done(client.post("/api/auth/password-reset/confirm", json=reset))
    late = (await finish(client, **back, factor_code=totp.at(clock()))).json()
    refused(
        await client.get("/api/auth/me", headers={"authorization": f"Bearer {late['token']}"}), 401, "invalid_token"
    )
    refused(await client.post("/api/auth/refresh", json={"refresh_token": late["refresh_token"]}), 401, "invalid_token")


async def test_a_passkey_is_asked_of_whoever_has_come_back_from_a_provider_and_of_nobody_else(
    client: httpx.AsyncClient, provider: ProviderStandIn
) -> None:
    at, passkey = "/api/auth/second-factor", Authenticator("http://localhost:8080")
    headers = {"authorization": f"Bearer {(await sign_in(client, provider)).json()['token']}"}
    options = (await done(client.post(f"{at}/passkeys/options", headers=headers)))["options"]
    made = {"name": "my laptop", "credential": passkey.create(options)}
    await done(client.post(f"{at}/passkeys", json=made, headers=headers))
    begun = await begin(client)
    waiting = {"state": begun["state"], "flow": begun["flow"]}
    refused(await client.post(f"{at}/challenge", json=waiting), 401, "invalid_token")  # nobody has come back yet
    back = {**provider.visit(begun["url"]), "flow": begun["flow"]}
    refused(await finish(client, **back), 401, "second_factor_required")
    other = await begin(client)
    for wrong in (
        {**waiting, "flow": other["flow"]},
        {**waiting, "state": "a/b"},
        {**waiting, "state": other["state"]},
    ):
        refused(await client.post(f"{at}/challenge", json=wrong), 401, "invalid_token")
    options = (await done(client.post(f"{at}/challenge", json=waiting)))["options"]
    assert (await finish(client, **back, passkey=passkey.get(options))).status_code == 200
    refused(await client.post(f"{at}/challenge", json=waiting), 401, "invalid_token")


async def test_a_provider_that_is_not_there_or_does_not_answer_is_said_so(
    client: httpx.AsyncClient, provider: ProviderStandIn
) -> None:
    refused(await client.post("/api/auth/providers/nobody/begin"), 404, "not_found", "id")
    begun = await begin(client, "github")
    back = provider.visit(begun["url"])
    await provider.__aexit__()
    refused(await finish(client, "github", **back, flow=begun["flow"]), 503, "identity_provider_unavailable")
    await provider.__aenter__()


@pytest.mark.parametrize(
    "entry",
    [
        "google", {"id": "google"}, {"id": "x", "client_id": "a", "client_secret": "b"},
        {"id": "x", "issuer": "http://id.example.com", "client_id": "a", "client_secret": "b"},
        {"id": "x y", "issuer": "https://id.example.com", "client_id": "a", "client_secret": "b"},
        {"id": "google", "client_id": "a", "client_secret": "b", "colour": "red"},
        {"id": "x", "kind": "saml", "issuer": "https://id.example.com", "client_id": "a", "client_secret": "b"},
    ],
)  # fmt: skip
def test_a_provider_that_is_written_wrongly_is_refused(entry: Any) -> None:
    with pytest.raises(ValueError, match=r"provider|issuer|id|kind"):
        read_providers([entry])
