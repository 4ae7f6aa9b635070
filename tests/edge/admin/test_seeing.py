"""Seeing as a user: every call of the API, through the one door. It answers as the user would be answered, or refuses,
and changes nothing."""

import httpx
import pytest

from functions.farebox.accounts.account import user_path
from functions.farebox.storage import Store, Update
from functions.farebox.wiring.runtime import Runtime
from tests.support.clients.asgi import refused
from tests.support.clients.management import done, register
from tests.support.product.app import api_document
from tests.support.product.runtime import Clock


@pytest.fixture
async def root(client: httpx.AsyncClient, runtime: Runtime) -> dict[str, str]:
    """The headers of a signed-in administrator."""
    uid, token = await register(client, "root@example.com")
    proved = {"email_verified": True, "verified_at": runtime.now()}
    await (await runtime.store()).write(Update(f"credentials/{uid}", proved))
    return {"authorization": f"Bearer {token}"}


async def see(client: httpx.AsyncClient, root: dict[str, str], uid: str) -> dict[str, str]:
    sight = await done(client.post(f"/api/admin/users/{uid}/see", json={"reason": "ticket 7"}, headers=root))
    return {**root, "x-farebox-see-as": sight["pass"]}


async def test_nothing_but_looking_goes_through_the_door_whatever_the_call(
    client: httpx.AsyncClient, runtime: Runtime, root: dict[str, str], uid: str
) -> None:
    seeing = await see(client, root, uid)
    document = api_document(runtime)
    looked = 0
    for path, operations in document["paths"].items():
        for method in operations:
            schemes = {name for each in operations[method].get("security", ()) for name in each}
            if "token" not in schemes:
                continue
            address = path
            for name in ("id", "org", "uid", "request_id", "model", "code", "name"):
                address = address.replace("{" + name + "}", uid if name in ("org", "uid") else "x")
            answer = await client.request(method, address, json={}, headers=seeing)
            if method == "get":
                assert answer.status_code in (200, 403, 404), (path, answer.text)
                looked += answer.status_code == 200
                assert answer.status_code != 200 or not path.startswith("/api/admin"), path
            else:
                refused(answer, 403, "read_only")
    assert looked > 15
    for path in ("/api/auth/export", "/api/auth/identities", "/api/auth/second-factor"):
        refused(await client.get(path, headers=seeing), 403, "read_only")


async def test_it_shows_what_the_user_sees_and_the_trail_tells_of_it(
    client: httpx.AsyncClient, admin: httpx.AsyncClient, root: dict[str, str], uid: str, sqlite_store: Store
) -> None:
    await sqlite_store.write(Update(user_path(uid), {"welcome": "due"}))
    seeing = await see(client, root, uid)
    me = await done(client.get("/api/auth/me", headers=seeing))
    assert (me["id"], me["is_admin"], me["welcome_credit_due"]) == (uid, False, True)
    assert (await done(client.get("/api/wallet", headers=seeing)))["balance_usd"] == "1.00"
    assert (await done(client.get("/api/auth/me", headers=root)))["email"] == "root@example.com"
    [entry] = (await done(admin.get("/api/admin/audit", params={"action": "users.see"})))["data"]
    assert (entry["target"], entry["after"]["reason"]) == (f"users/{uid}", "ticket 7")


async def test_a_pass_is_its_operators_alone_while_they_are_one_and_ends_by_itself(
    client: httpx.AsyncClient, admin: httpx.AsyncClient, root: dict[str, str], uid: str, clock: Clock
) -> None:
    seeing = await see(client, root, uid)
    _, other = await register(client, "eve@example.com")
    stolen = {**seeing, "authorization": f"Bearer {other}"}
    refused(await client.get("/api/auth/me", headers=stolen), 403, "view_ended")
    refused(await client.get("/api/auth/me", headers={**root, "x-farebox-see-as": "made.up.pass"}), 403, "view_ended")
    sight = admin.post(f"/api/admin/users/{uid}/see", json={"reason": "ticket 7"})
    refused(await sight, 403, "forbidden")
    clock.forward(minutes=31)
    refused(await client.get("/api/auth/me", headers=seeing), 403, "view_ended")


async def test_an_operator_reads_a_users_requests_and_sessions(
    client: httpx.AsyncClient, admin: httpx.AsyncClient
) -> None:
    uid, token = await register(client)
    own = {"authorization": f"Bearer {token}"}
    key = (await done(client.post("/api/keys", json={"name": "first"}, headers=own)))["key"]
    body = {"model": "echo", "messages": [{"role": "user", "content": "Hello"}]}
    await done(client.post("/v1/chat/completions", json=body, headers={"authorization": f"Bearer {key}"}))
    at = f"/api/admin/users/{uid}"
    [request] = (await done(admin.get(f"{at}/requests", params={"status": "ok"})))["data"]
    assert (await done(client.get("/api/usage/logs", headers=own)))["data"] == [request]
    receipt = await done(admin.get(f"{at}/requests/{request['request_id']}"))
    assert receipt["model"] == "echo"
    assert len((await admin.get(f"{at}/requests/export")).text.splitlines()) == 2
    [session] = (await done(admin.get(f"{at}/sessions")))["data"]
    assert not session["is_current"]
    for view in ("requests", "requests/x", "sessions", "requests/export"):
        refused(await admin.get(f"/api/admin/users/nobody/{view}"), 404, "not_found", "user_id")
