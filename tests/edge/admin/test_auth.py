"""Who gets in: a rule for every admin call of the OpenAPI document, and none without one."""

from typing import Any

import httpx
import pytest

from functions.farebox.storage import Store, Update
from functions.farebox.wiring.runtime import Runtime
from tests.support.clients.asgi import client_of, refused
from tests.support.clients.management import ADMIN_KEY, register
from tests.support.product.app import api_document, surface_over
from tests.support.product.runtime import Clock, runtime_over

Call = tuple[str, str]

# Every admin call, with a body that is right, so that nothing but the door can refuse it.
CREDIT = {"user_id": "u1", "amount_usd": "1.00", "reason": "test"}
BODIES: dict[Call, Any] = {
    ("get", "/api/admin/users"): None,
    ("get", "/api/admin/users/export"): None,
    ("get", "/api/admin/users/{id}"): None,
    ("patch", "/api/admin/users/{id}"): {"status": "suspended"},
    ("delete", "/api/admin/users/{id}/second-factors"): None,
    ("get", "/api/admin/users/{id}/transactions"): None,
    ("get", "/api/admin/users/{id}/transactions/export"): None,
    ("get", "/api/admin/users/{id}/keys"): None,
    ("get", "/api/admin/users/{id}/keys/export"): None,
    ("get", "/api/admin/users/{id}/stats"): None,
    ("post", "/api/admin/credits/bonus"): CREDIT,
    ("post", "/api/admin/credits/set"): {"user_id": "u1", "balance_usd": "1.00", "reason": "test"},
    ("post", "/api/admin/provision-user"): {"email": "new@example.com"},
    ("get", "/api/admin/pricing"): None,
    ("get", "/api/admin/pricing/{model}"): None,
    ("put", "/api/admin/pricing/{model}"): {"input_usd_per_1m": "1", "output_usd_per_1m": "2"},
    ("delete", "/api/admin/pricing/{model}"): None,
    ("get", "/api/admin/upstreams"): None,
    ("post", "/api/admin/upstreams"): {"id": "x", "base_url": "echo:", "models": {"x": "x"}},
    ("get", "/api/admin/upstreams/{id}"): None,
    ("patch", "/api/admin/upstreams/{id}"): {"enabled": False},
    ("delete", "/api/admin/upstreams/{id}"): None,
    ("get", "/api/admin/plans"): None,
    ("put", "/api/admin/plans/{id}"): {"name": "X", "price_usd": "1", "grant_usd": "1"},
    ("get", "/api/admin/tenants"): None,
    ("get", "/api/admin/tenants/{id}"): None,
    ("put", "/api/admin/tenants/{id}"): {"monthly_budget_usd": "1"},
    ("get", "/api/admin/codes"): None,
    ("post", "/api/admin/codes"): {"amount_usd": "1"},
    ("delete", "/api/admin/codes/{code}"): None,
    ("get", "/api/admin/audit"): None,
    ("get", "/api/admin/audit/export"): None,
    ("get", "/api/admin/codes/export"): None,
    ("get", "/api/admin/pricing/export"): None,
    ("get", "/api/admin/upstreams/export"): None,
    ("get", "/api/admin/plans/export"): None,
    ("get", "/api/admin/tenants/export"): None,
    ("get", "/api/admin/stats"): None,
    ("get", "/api/admin/health"): None,
    ("post", "/api/admin/reset-budgets"): None,
    ("post", "/api/admin/verify-books"): None,
    ("get", "/api/admin/payments/unmatched"): None,
    ("get", "/api/admin/payments/unmatched/export"): None,
    ("delete", "/api/admin/payments/unmatched/{id}"): None,
    ("get", "/api/admin/users/count"): None,
    ("get", "/api/admin/users/{id}/requests"): None,
    ("get", "/api/admin/users/{id}/requests/export"): None,
    ("get", "/api/admin/users/{id}/requests/{request_id}"): None,
    ("get", "/api/admin/users/{id}/sessions"): None,
    ("post", "/api/admin/users/{id}/see"): {"reason": "ticket 7"},
    ("get", "/api/admin/users/{id}/payments"): None,
    ("get", "/api/admin/users/{id}/payments/export"): None,
    ("get", "/api/admin/users/{id}/billing"): None,
    ("get", "/api/admin/failures"): None,
    ("get", "/api/admin/setup"): None,
    ("get", "/api/admin/upstreams/{id}/health"): None,
    ("post", "/api/admin/pricing/{model}/preview"): {"input_usd_per_1m": "1", "output_usd_per_1m": "1"},
    ("get", "/api/admin/jobs"): None,
    ("post", "/api/admin/jobs/{name}"): None,
}


def admin_calls(runtime: Runtime) -> dict[Call, Any]:
    document = api_document(runtime)
    return {
        (method, path): operation
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if path.startswith("/api/admin")
    }


def test_there_is_a_rule_for_every_admin_call_and_for_no_other(runtime: Runtime) -> None:
    calls = admin_calls(runtime)
    assert calls.keys() == BODIES.keys()
    for operation in calls.values():
        schemes = {name for requirement in operation["security"] for name in requirement}
        assert schemes == {"admin_key", "token"}


@pytest.mark.parametrize("call", BODIES, ids=" ".join)
async def test_an_admin_call_refuses_a_plain_user_a_wrong_key_and_a_missing_key(
    call: Call, client: httpx.AsyncClient
) -> None:
    method, path = call
    address = (
        path.replace("{id}", "u1")
        .replace("{model}", "echo")
        .replace("{code}", "LAUNCH")
        .replace("{name}", "sweep-leases")
    )
    _, token = await register(client)

    async def knock(**headers: str) -> httpx.Response:
        return await client.request(method, address, json=BODIES[call], headers=headers)

    refused(await knock(), 401, "invalid_token")
    refused(await knock(**{"x-admin-key": "wrong"}), 401, "invalid_token")
    refused(await knock(**{"x-admin-key": ""}), 401, "invalid_token")
    refused(await knock(authorization=f"Bearer {token}"), 403, "forbidden")
    refused(await knock(authorization=f"Bearer {token}", **{"x-admin-key": "wrong"}), 401, "invalid_token")


async def test_who_sends_many_wrong_keys_is_told_to_wait_and_shuts_nobody_else_out(
    client: httpx.AsyncClient, admin: httpx.AsyncClient, gateway: httpx.AsyncClient, uid: str
) -> None:
    asked = {"user_id": uid, "model": "echo", "tokens_input": 1, "tokens_output": 1, "cost_estimate": 0.01}
    for _ in range(20):
        as_admin = await client.get("/api/admin/plans", headers={"x-admin-key": "wrong"})
        as_gateway = await client.post("/api/check-budget", json=asked, headers={"x-api-key": "wrong"})
    refused(as_admin, 429, "rate_limit_exceeded")
    refused(as_gateway, 429, "rate_limit_exceeded")
    assert (await admin.get("/api/admin/plans")).status_code == 200
    assert (await gateway.post("/api/check-budget", json=asked)).status_code == 200


async def test_no_key_opens_a_door_that_was_not_given_one(sqlite_store: Store, sqlite_url: str, clock: Clock) -> None:
    shut = runtime_over(sqlite_store, sqlite_url, clock)
    async with client_of(surface_over(shut)) as client:
        for key in ("None", "", ADMIN_KEY):
            refused(await client.get("/api/admin/plans", headers={"x-admin-key": key}), 401, "invalid_token")


async def test_an_administrator_comes_in_once_their_address_is_verified_and_while_they_are_not_suspended(
    client: httpx.AsyncClient, admin: httpx.AsyncClient, runtime: Runtime
) -> None:
    root, token = await register(client, "root@example.com")
    headers = {"authorization": f"Bearer {token}"}
    refused(await client.get("/api/admin/users", headers=headers), 403, "forbidden")
    proved = {"email_verified": True, "verified_at": runtime.now()}
    await (await runtime.store()).write(Update(f"credentials/{root}", proved))
    assert (await client.get("/api/admin/users", headers=headers)).status_code == 200
    assert (await admin.patch(f"/api/admin/users/{root}", json={"status": "suspended"})).status_code == 200
    refused(await client.get("/api/admin/users", headers=headers), 403, "account_suspended")
