"""Lists that are short and read whole are paged like all others by who asks for that."""

import httpx

from functions.farebox.storage import Store
from tests.support.clients.management import ADMIN_KEY, AS_ADMIN, done
from tests.support.product.in_process import running

LISTS = (
    "/api/orgs",
    "/api/auth/sessions",
    "/api/auth/identities",
    "/api/wallet/packages",
    "/api/admin/plans",
    "/api/admin/pricing",
    "/api/admin/upstreams",
    "/api/admin/users/{uid}/sessions",
)
PRICE = {"input_usd_per_1m": "1", "output_usd_per_1m": "2"}


async def test_each_takes_a_limit_and_a_cursor(sqlite_store: Store) -> None:
    account = {"email": "ada@example.com", "password": "a long password"}
    async with running(sqlite_store, ADMIN_SECRET_KEY=ADMIN_KEY) as instance:
        client = instance.client
        session = await done(client.post("/api/auth/register", json=account))
        await done(client.post("/api/auth/login", json=account))
        own = {"authorization": f"Bearer {session['token']}"}
        await done(client.post("/api/orgs", json={"name": "Acme"}, headers=own))
        for name in "ab":
            await done(client.put(f"/api/admin/pricing/{name}", json=PRICE, headers=AS_ADMIN))
            upstream = {"id": name, "base_url": "https://up.example.com/v1", "models": {name: name}}
            await done(client.post("/api/admin/upstreams", json=upstream, headers=AS_ADMIN))
        for path in LISTS:
            at = path.format(uid=session["user"]["id"])
            headers = AS_ADMIN if "/admin/" in at else own
            whole = await done(client.get(at, headers=headers))
            assert whole["next_cursor"] is None
            assert len(whole["data"]) > 1 or path == "/api/auth/identities", path
            assert await _paged(client, at, headers) == whole["data"], path
            for wrong in ({"limit": 0}, {"limit": 201}, {"limit": "x"}, {"cursor": "bogus"}):
                answer = await client.get(at, params=wrong, headers=headers)
                assert (answer.status_code, answer.json()["error"]["param"]) == (400, next(iter(wrong))), path


async def test_without_a_limit_fifty_come(sqlite_store: Store) -> None:
    async with running(sqlite_store, ADMIN_SECRET_KEY=ADMIN_KEY) as instance:
        for number in range(51):
            await done(instance.client.put(f"/api/admin/pricing/{number}", json=PRICE, headers=AS_ADMIN))
        first = await done(instance.client.get("/api/admin/pricing", headers=AS_ADMIN))
        rest = await done(
            instance.client.get("/api/admin/pricing", params={"cursor": first["next_cursor"]}, headers=AS_ADMIN)
        )
    assert (len(first["data"]), len(rest["data"]), rest["next_cursor"]) == (50, 1, None)


async def _paged(client: httpx.AsyncClient, at: str, headers: dict[str, str]) -> list[object]:
    found: list[object] = []
    cursor: dict[str, str] = {}
    while True:
        page = await done(client.get(at, params={"limit": 1, **cursor}, headers=headers))
        assert len(page["data"]) <= 1
        found += page["data"]
        if page["next_cursor"] is None:
            return found
        cursor = {"cursor": page["next_cursor"]}
