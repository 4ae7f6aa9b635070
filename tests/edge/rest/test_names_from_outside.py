"""No name, id or day that a caller makes up breaks a call, wherever it stands: in the path, the query or the body."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from starlette.types import ASGIApp

from functions.farebox.wiring.runtime import Runtime
from tests.support.clients.asgi import client_of
from tests.support.clients.management import AS_ADMIN, AS_GATEWAY, register
from tests.support.fixtures.whole_app import app, clock, runtime
from tests.support.product.app import api_document

__all__ = ["app", "clock", "runtime"]

NAMES = ("", "a/b", "..", "__a__", "0001-01-01", "9999-12-31")
ENDING = {("delete", "/api/auth/me"), ("post", "/api/auth/logout"), ("delete", "/api/auth/sessions")}
LONG = {("post", "/api/admin/verify-books")}
Document = dict[str, Any]


@pytest.fixture
async def calling(app: ASGIApp, runtime: Runtime) -> Any:
    """A client that no failure of the app stops, signed in at each door, and the document of all calls."""
    async with client_of(app) as client:
        _, token = await register(client)
        client.headers["authorization"] = f"Bearer {token}"
        yield client, api_document(runtime)
    await runtime.close()


async def test_no_name_from_outside_breaks_a_call(calling: tuple[httpx.AsyncClient, Document]) -> None:
    client, document = calling
    broken = set()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if path.startswith("/v1/") or (method, path) in ENDING | LONG:
                continue
            for sent in _variants(document, path, operation):
                answer = await client.request(method, **sent, headers=_door(path))
                if answer.status_code >= 500:
                    broken.add((method, path, str(sent)))
    assert not broken


def _door(path: str) -> dict[str, str]:
    return AS_ADMIN if path.startswith(("/api/admin", "/jobs")) else AS_GATEWAY


def _variants(document: Document, path: str, operation: Document) -> Iterator[dict[str, Any]]:
    """The call with each of `NAMES` in each place for a text, and all else as small as it may be."""
    address = re.sub(r"\{\w+}", "a", path)
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    fields = _resolved(document, body).get("properties", {}) if body else {}
    least = _least(document, body) if body else None
    yield {"url": address, "json": least}
    for name in NAMES:
        for hole in re.findall(r"\{\w+}", path):
            at = re.sub(r"\{\w+}", "a", path.replace(hole, quote(name, safe="")))
            yield {"url": at, "json": least}
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "query":
                yield {"url": address, "params": {parameter["name"]: name}, "json": least}
        for field, schema in fields.items():
            if isinstance(_least(document, schema), str):
                yield {"url": address, "json": {**(least or {}), field: name}}


def _resolved(document: Document, schema: Document) -> Document:
    if "$ref" in schema:
        named: Document = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return named
    return next((s for s in schema.get("anyOf", ()) if s.get("type") != "null"), schema)


def _least(document: Document, schema: Document) -> Any:
    """Something small that a schema allows, mostly."""
    schema = _resolved(document, schema)
    if "enum" in schema or "const" in schema:
        return [schema.get("const"), *schema.get("enum", ())][-1]
    match schema.get("type"):
        case "object":
            return {name: _least(document, schema["properties"][name]) for name in schema.get("required", ())}
        case "array":
            return [_least(document, schema["items"])]
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case _:
            return schema.get("examples", ["a" * schema.get("minLength", 1)])[0]
