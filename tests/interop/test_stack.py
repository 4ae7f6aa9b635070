"""The whole product as production has it: Firestore, Firebase, a process a function, the load balancer's paths."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest

from functions.edge.asgi.deployables import EDGES
from functions.farebox.kit.money import parse_usd
from functions.farebox.storage import Store
from functions.farebox.storage.connect import open_engine
from tests.support.clients.asgi import refused
from tests.support.clients.management import AS_ADMIN, AS_GATEWAY, done, register
from tests.support.clients.streams import told_by, wanting
from tests.support.emulators.firebase_auth import FirebaseAuth
from tests.support.money.wallet_books import books_of, clean_audit
from tests.support.patience import PATIENCE_S
from tests.support.product.production_stack import Stack

pytestmark = pytest.mark.timeout(600)

PASSWORD = "a long password"
STREAMS, STREAMS_EACH = 30, 4
HELLO = {"model": "echo", "messages": [{"role": "user", "content": "Hello"}]}


@pytest.fixture
async def users(stack: Stack) -> AsyncIterator[FirebaseAuth]:
    users = FirebaseAuth(stack.auth_emulator)
    yield users
    await users.close()


@pytest.fixture
async def client(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=stack.url, timeout=PATIENCE_S) as client:
        yield client


async def make_key(client: httpx.AsyncClient, signed_in: dict[str, str]) -> dict[str, str]:
    """Make an API key; answers the header that pays with it."""
    made = await done(client.post("/api/keys", json={"name": "test"}, headers=signed_in))
    return {"authorization": f"Bearer {made['key']}"}


async def balance_of(client: httpx.AsyncClient, signed_in: dict[str, str]) -> int:
    return parse_usd((await done(client.get("/api/wallet", headers=signed_in)))["balance_usd"])


async def test_a_customer_is_served_by_all_functions_together(stack: Stack, client: httpx.AsyncClient) -> None:
    store = Store(open_engine(stack.store_url))
    uid, token = await register(client, f"{uuid4().hex}@example.com")
    signed_in = {"authorization": f"Bearer {token}"}
    given = {"user_id": uid, "amount_usd": "1", "reason": "Welcome"}
    assert (await client.post("/api/admin/credits/bonus", json=given, headers=AS_ADMIN)).is_success
    paying = await make_key(client, signed_in)
    balance = 1_000_000_000
    for streamed in (False, True):
        answer = await client.post("/v1/chat/completions", json={**HELLO, **wanting(streamed=streamed)}, headers=paying)
        assert answer.status_code == 200, answer.text
        charged, left = told_by(answer)
        assert left == balance - charged < balance
        balance = left
    budget = {"user_id": uid, "model": "echo"}
    assert (await client.post("/api/check-budget", json=budget, headers=AS_GATEWAY)).json()["allowed"]
    assert (await books_of(store, uid)).balance == balance
    assert await balance_of(client, signed_in) == balance
    logged = (await client.get("/api/usage/logs", headers=signed_in)).json()["data"]
    assert sorted(record["stream"] for record in logged) == [False, True]
    await clean_audit(store)
    await store.close()


async def test_thirty_streams_at_once_are_each_whole_and_paid_for(stack: Stack, client: httpx.AsyncClient) -> None:
    store = Store(open_engine(stack.store_url))
    uid, token = await register(client, f"{uuid4().hex}@example.com")
    given = {"user_id": uid, "amount_usd": "1", "reason": "Welcome"}
    await done(client.post("/api/admin/credits/bonus", json=given, headers=AS_ADMIN))
    paying = await make_key(client, {"authorization": f"Bearer {token}"})

    async def ask() -> int:
        answer = await client.post("/v1/chat/completions", json={**HELLO, **wanting(streamed=True)}, headers=paying)
        assert answer.status_code == 200, answer.text
        assert answer.text.endswith("data: [DONE]\n\n")
        return told_by(answer)[0]

    charged = [cost for _ in range(STREAMS_EACH) for cost in await asyncio.gather(*(ask() for _ in range(STREAMS)))]
    books = await books_of(store, uid)
    assert (len(charged), books.balance) == (STREAMS * STREAMS_EACH, 1_000_000_000 - sum(charged))
    await clean_audit(store)
    await store.close()


async def test_mails_sessions_and_administrators_are_firebases(client: httpx.AsyncClient, users: FirebaseAuth) -> None:
    email = "root@example.com"
    credentials = {"email": email, "password": PASSWORD}
    session = (await client.post("/api/auth/register", json=credentials)).json()
    signed_in = {"authorization": f"Bearer {session['token']}"}
    refused(await client.get("/api/admin/stats", headers=signed_in), 403, "forbidden")
    assert (await client.post("/api/auth/verify-email", headers=signed_in)).status_code == 202
    proof = {"token": await users.mailed_code(email)}
    assert (await client.post("/api/auth/verify-email/confirm", json=proof, headers=signed_in)).status_code == 200
    refused(await client.get("/api/admin/stats", headers=signed_in), 403, "forbidden")
    while not session["user"]["is_admin"]:  # a session that began before: Firebase dates them by whole seconds
        await asyncio.sleep(0.2)
        session = await done(client.post("/api/auth/login", json=credentials))
    signed_in = {"authorization": f"Bearer {session['token']}"}
    assert (await client.get("/api/admin/stats", headers=signed_in)).status_code == 200
    renewed = (await client.post("/api/auth/refresh", json={"refresh_token": session["refresh_token"]})).json()
    assert renewed["user"]["is_admin"]
    assert (await client.post("/api/auth/password-reset", json={"email": email})).status_code == 202
    change = {"token": await users.mailed_code(email), "password": f"{PASSWORD} too"}
    assert (await client.post("/api/auth/password-reset/confirm", json=change)).status_code == 200
    refused(await client.post("/api/auth/login", json=credentials), 401, "invalid_credentials")
    assert (
        await client.post("/api/auth/login", json={**credentials, "password": change["password"]})
    ).status_code == 200


async def test_who_signed_in_with_google_has_an_account_and_a_disabled_user_makes_no_keys(
    client: httpx.AsyncClient, users: FirebaseAuth
) -> None:
    uid, token = await users.sign_in_with_google(f"{uuid4().hex}@example.com")
    signed_in = {"authorization": f"Bearer {token}"}
    profile = (await client.get("/api/auth/me", headers=signed_in)).json()
    assert (profile["id"], profile["email_verified"]) == (uid, True)
    await make_key(client, signed_in)
    await users.change(uid, disableUser=True)
    refused(await client.post("/api/keys", json={"name": "x"}, headers=signed_in), 403, "account_suspended")


async def test_an_operator_makes_an_account_that_its_owner_enters_by_mail(
    client: httpx.AsyncClient, users: FirebaseAuth
) -> None:
    email = f"{uuid4().hex}@example.com"
    made = [
        await client.post("/api/admin/provision-user", json={"email": email, "credit_usd": "5"}, headers=AS_ADMIN)
        for _ in range(2)
    ]
    assert all(answer.is_success for answer in made), made[-1].text
    await client.post("/api/auth/password-reset", json={"email": email})
    change = {"token": await users.mailed_code(email), "password": PASSWORD}
    assert (await client.post("/api/auth/password-reset/confirm", json=change)).status_code == 200
    session = (await client.post("/api/auth/login", json={"email": email, "password": PASSWORD})).json()
    signed_in = {"authorization": f"Bearer {session['token']}"}
    assert await balance_of(client, signed_in) == 5_000_000_000


async def test_each_function_is_well_and_the_jobs_are_not_to_be_reached_from_outside(
    stack: Stack, client: httpx.AsyncClient
) -> None:
    for name in EDGES.keys() - {"scheduled"}:
        assert (await client.get(f"/health/{name}")).json() == {"status": "ok"}
    assert (await client.post("/jobs/sweep-leases", headers=AS_ADMIN)).status_code in (404, 405)
    job = f"{stack.functions['scheduled']}/jobs/sweep-leases"
    assert (await client.post(job)).status_code == 401
    assert (await client.post(job, headers=AS_ADMIN)).status_code == 200
