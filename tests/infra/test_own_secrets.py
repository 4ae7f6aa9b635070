"""Each function does all that it is there for with the secrets that infra/ lets it read, and no others."""

from collections.abc import Iterator
from typing import Any

import pytest

from functions.edge.asgi.deployables import EDGES, edge_of, make_edge
from functions.edge.standalone.openapi import merged_document
from functions.farebox.config import PaymentsName
from functions.farebox.storage import Store
from functions.farebox.wiring.runtime import Runtime
from tests.infra.terraform import read_module
from tests.support.clients.management import ADMIN_KEY, AS_ADMIN, AS_GATEWAY, BILLING_KEY, register
from tests.support.product.in_process import running
from tests.support.product.runtime import SECRET
from tests.support.stand_ins.stripe_server import StripeStandIn

NOBODY_LISTENS = "http://127.0.0.1:9"
SECRETS = {
    "FAREBOX_SECRET_KEY": SECRET,
    "ADMIN_SECRET_KEY": ADMIN_KEY,
    "BILLING_API_KEY": BILLING_KEY,
    "STRIPE_API_KEY": "sk_test_stand_in",
    "STRIPE_WEBHOOK_SECRET": "whsec_of_the_tests",
    "CREEM_API_KEY": "creem_test_stand_in",
    "CREEM_WEBHOOK_SECRET": "whsec_of_the_tests",
}
GIVEN = {
    "email": "grace@example.com",
    "password": "a long password",
    "current_password": "a long password",
    "amount_usd": "10",
    "plan": "starter",
    "name": "x",
    "reason": "a test",
}
LAST = ("DELETE /api/auth/me", "POST /api/auth/logout", "DELETE /api/auth/sessions")  # there is nobody after them


@pytest.mark.parametrize("provider", ["stripe", "creem"])
async def test_no_call_fails_for_want_of_a_secret(provider: PaymentsName, sqlite_store: Store) -> None:
    functions = read_module().locals["function"]
    assert functions.keys() == EDGES.keys()
    failed = []
    async with StripeStandIn() as stripe:
        plain: dict[str, Any] = {
            "FAREBOX_PAYMENTS": provider,
            "STRIPE_API_BASE": stripe.url,
            "CREEM_API_BASE": NOBODY_LISTENS,
            "CREEM_TOPUP_PRODUCT": "prod_topup",
        }
        for name in sorted(EDGES):
            own: dict[str, Any] = {
                secret: SECRETS[secret] for secret in functions[name]["secrets"] if secret in SECRETS
            }
            if name == "scheduled":  # in place of the scheduler's token
                own["ADMIN_SECRET_KEY"] = ADMIN_KEY
            async with running(sqlite_store, **plain) as everything:
                uid, token = await register(everything.client, f"{name}@example.com")
            headers = {**AS_ADMIN, **AS_GATEWAY, "authorization": f"Bearer {token}"}
            async with running(sqlite_store, **plain, **own) as instance:
                for method, path, body in _calls(instance.runtime, name):
                    at = path.replace("{id}", uid).replace("{org}", uid).replace("{name}", "check-upstreams")
                    answer = await instance.client.request(method, at, json=body, headers=headers)
                    if answer.status_code == 500:
                        failed.append(f"{name}: {method} {path}")
    assert failed == []


def _calls(runtime: Runtime, name: str) -> list[tuple[str, str, Any]]:
    """What a function answers, with a body that is in the right form where it takes one."""
    document = merged_document({name: make_edge(name, runtime)})
    calls = [
        (method.upper(), path, _body(document, operation))
        for path, operations in document["paths"].items()
        if edge_of(path) == name
        for method, operation in operations.items()
    ]
    return sorted(calls, key=lambda call: f"{call[0]} {call[1]}" in LAST)


def _body(document: dict[str, Any], operation: dict[str, Any]) -> Any:
    schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    if schema is None:
        return None
    schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    return dict(_fields(schema))


def _fields(schema: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, said in schema.get("properties", {}).items():
        if name in GIVEN:
            yield name, GIVEN[name]
        elif name in schema.get("required", ()):
            yield (
                name,
                {"string": "x", "integer": 1, "number": 1, "boolean": True, "array": []}.get(said.get("type"), {}),
            )
