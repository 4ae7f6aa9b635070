from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from starlette.applications import Starlette
from starlette.routing import Route

from functions.edge.asgi.deployables import EDGES, edge_of, make_edge
from functions.farebox.wiring.runtime import Runtime
from tests.support.product.app import api_document

Document = dict[str, Any]

DATA_PLANE = {
    ("post", "/v1/chat/completions"),
    ("post", "/v1/completions"),
    ("post", "/v1/embeddings"),
    ("post", "/v1/messages"),
    ("post", "/v1/messages/count_tokens"),
    ("post", "/v1/responses"),
    ("get", "/v1/models"),
    ("get", "/v1/key"),
    ("get", "/v1/credits"),
    ("get", "/v1/models/{model}"),
    ("get", "/v1/receipts/{request_id}"),
}


@pytest.fixture
def document(runtime: Runtime) -> Document:
    return api_document(runtime)


def schema_of(document: Document, method: str, path: str, status: int) -> Document:
    answer = document["paths"][path][method]["responses"][str(status)]
    schema: Document = answer["content"]["application/json"]["schema"]
    return schema


def fits(document: Document, answer: httpx.Response, method: str, path: str) -> None:
    schema = {**schema_of(document, method, path, answer.status_code), "components": document["components"]}
    Draft202012Validator(schema).validate(answer.json())


def test_the_document_is_one_of_openapi_3_1(document: Document) -> None:
    assert document["openapi"].startswith("3.1")
    validate(document)


def test_every_call_is_described_once_and_at_its_own_edge(document: Document, runtime: Runtime) -> None:
    described = {(method, path) for path, operations in document["paths"].items() for method in operations}
    served = set()
    for name in EDGES:
        app = make_edge(name, runtime)
        assert isinstance(app, Starlette)
        kind = APIRoute if isinstance(app, FastAPI) else Route
        for route in app.routes:
            if isinstance(route, kind) and route.include_in_schema and not route.path.startswith("/sandbox"):
                assert edge_of(route.path) == name
                path = route.path.replace(":path}", "}")
                served |= {(method.lower(), path) for method in route.methods or () if method != "HEAD"}
    assert served == described | DATA_PLANE == described
    operations = [operation for each in document["paths"].values() for operation in each.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)
    assert all("4XX" in operation["responses"] for operation in operations)


async def test_answers_fit_their_description(client: httpx.AsyncClient, document: Document) -> None:
    body = {"email": "ada@example.com", "password": "a long password"}
    session = await client.post("/api/auth/register", json=body)
    fits(document, session, "post", "/api/auth/register")
    client.headers["authorization"] = f"Bearer {session.json()['token']}"
    key = await client.post("/api/keys", json={"name": "x", "monthly_budget_usd": "5"})
    fits(document, key, "post", "/api/keys")
    for path in ("/api/auth/me", "/api/keys", "/api/wallet", "/api/wallet/transactions", "/api/usage/logs"):
        fits(document, await client.get(path), "get", path)
    client.headers["authorization"] = f"Bearer {key.json()['key']}"
    fits(document, await client.get("/v1/models"), "get", "/v1/models")
    completion = {"model": "echo", "messages": [{"role": "user", "content": "Hello"}]}
    answer = await client.post("/v1/chat/completions", json=completion)
    fits(document, answer, "post", "/v1/chat/completions")
    embedding = await client.post("/v1/embeddings", json={"model": "echo-embedding", "input": "Hello"})
    fits(document, embedding, "post", "/v1/embeddings")
    receipt = await client.get(f"/v1/receipts/{answer.headers['x-request-id']}")
    fits(document, receipt, "get", "/v1/receipts/{request_id}")


def test_every_list_takes_a_limit_fifty_by_default_and_a_cursor(document: Document) -> None:
    lists = 0
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            answered = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
            name = answered.get("schema", {}).get("$ref", "").rpartition("/")[2]
            if "next_cursor" in document["components"]["schemas"].get(name, {}).get("properties", ()):
                taken = {each["name"]: each["schema"] for each in operation["parameters"] if each["in"] == "query"}
                asked = {bound: taken["limit"].get(bound) for bound in ("minimum", "maximum", "default")}
                assert asked == {"minimum": 1, "maximum": 200, "default": 50}, (method, path)
                assert "cursor" in taken, (method, path)
                lists += 1
    assert lists > 20
