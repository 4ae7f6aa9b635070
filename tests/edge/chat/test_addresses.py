"""An address that leads nowhere is told by its name, with the one that was likely meant, in the dialect that was
spoken."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import httpx
import pytest

from functions.edge.asgi.deployables import make_edge
from functions.edge.chat.addresses import MOST_CHARS, meant
from functions.farebox.storage import Store
from tests.support.clients.asgi import client_of, error_of
from tests.support.money.customers import open_customer
from tests.support.product.in_process import Instance, running

ANTHROPIC = {"anthropic-version": "2023-06-01"}
ASTRAY = {
    "/chat/completions": "/v1/chat/completions",
    "/v1/v1/chat/completions": "/v1/chat/completions",
    "//v1//chat/completions": "/v1/chat/completions",
    "/openai/v1/chat/completions": "/v1/chat/completions",
    "/api/v1/chat/completions": "/v1/chat/completions",
    "/openai/deployments/gpt-4o/chat/completions": "/v1/chat/completions",
    "/openai/deployments/gpt-4o/embeddings": "/v1/embeddings",
    "/deployments/gpt-4o/chat/completions": "/v1/chat/completions",
    "/completions": "/v1/completions",
    "/embeddings": "/v1/embeddings",
    "/openai/v1/responses": "/v1/responses",
    "/v1/engines/ada/embeddings": "/v1/embeddings",
    "/models": "/v1/models",
    "/v1beta/models": "/v1/models",
    "/v1/v1/models/openrouter/gpt-4o": "/v1/models/openrouter/gpt-4o",
    "/receipts/use_1": "/v1/receipts/use_1",
    "/messages": "/v1/messages",
    "/anthropic/v1/messages": "/v1/messages",
    "/v1/v1/messages": "/v1/messages",
    "/anthropic/v1/messages/count_tokens": "/v1/messages/count_tokens",
    "/v1/chat/completions/chat/completions": "/v1/chat/completions",
    "/v1/chat/completions/v1/chat/completions": "/v1/chat/completions",
    "/v1/chat/completions/completions": "/v1/completions",
    "/v1/chat/completions/models": "/v1/models",
    "/v1/chat/completions/embeddings": "/v1/embeddings",
    "/v1/embeddings/embeddings": "/v1/embeddings",
    "/v1/responses/responses": "/v1/responses",
    "/v1/messages/v1/messages": "/v1/messages",
    "/v1/messages/v1/messages/count_tokens": "/v1/messages/count_tokens",
    "/completion": "/v1/completions",
    "/v1/engines/ada/completions": "/v1/completions",
}
# Where the base URL is right, and the call is not.
MISSPELT = {
    "/v1/completion": "/v1/completions",
    "/v1/chat": "/v1/chat/completions",
    "/v1/chat/completion": "/v1/chat/completions",
    "/v1/embedding": "/v1/embeddings",
    "/v1/response": "/v1/responses",
    "/v1/message": "/v1/messages",
    "/v1/model": "/v1/models",
    "/v1/chat/completions/": "/v1/chat/completions",
    "/v1/messages/": "/v1/messages",
    "/v1/models/": "/v1/models",
    "/v1/responses//": "/v1/responses",
}
# What is no call of ours, and a part of what there is instead.
OPENAIS = ("/v1/chat/completions/", "/v1/responses/")  # whose own clients never speak as Anthropic's
NOT_OFFERED = {
    "/v1/images/generations": "POST /v1/chat/completions",
    "/v1/images/edits": "POST /v1/chat/completions",
    "/v1/audio/speech": '"modalities": ["text", "audio"]',
    "/v1/audio/transcriptions": "input_audio",
    "/v1/realtime/sessions": "Stream POST",
    "/v1/responses/resp_1": "Nothing is stored here",
    "/v1/responses/resp_1/cancel": "Nothing is stored here",
    "/v1/responses/input_tokens": "POST /v1/messages/count_tokens",
    "/v1/chat/completions/chatcmpl-1": "Nothing is stored here",
    "/v1/chat/completions/chatcmpl-1/messages": "Nothing is stored here",
    "/v1/conversations": "Nothing is stored here",
    "/v1/assistants": "Nothing is stored here",
    "/v1/threads/t1/messages": "Nothing is stored here",
    "/v1/files": "send files with the message",
    "/v1/files/f1/content": "send files with the message",
    "/v1/uploads": "send files with the message",
    "/v1/vector_stores/v1/search": "send files with the message",
    "/v1/containers": "send files with the message",
    "/v1/batches": "one by one",
    "/v1/messages/batches": "one by one",
    "/v1/messages/batches/b1/results": "one by one",
    "/v1/fine_tuning/jobs": "at the vendor's",
    "/v1/evals": "at the vendor's",
    "/v1/moderations": "POST /v1/chat/completions",
    "/v1/edits": "POST /v1/chat/completions",
    "/v1/rerank": "POST /v1/embeddings",
    "/v1/complete": "POST /v1/messages",
    "/v1/skills": "GET /v1/models",
    "/v1/videos": "GET /v1/models",
    "/v1/generation": "GET /v1/receipts/{id}",
    "/v1/organization/costs": "GET /v1/key",
    "/v1/organizations/usage_report/messages": "GET /v1/key",
    "/v1/dashboard/billing/usage": "GET /v1/key",
    "/v1beta/models/gemini:generateContent": "POST /v1/chat/completions",
    "/api/chat": "POST /v1/chat/completions",
    "/api/generate": "POST /v1/chat/completions",
    "/api/tags": "GET /v1/models",
    "/api/embed": "POST /v1/embeddings",
    "/api/pull": "GET /v1/models",
    "/v1/nothing/like/it": "GET /v1/models",
}


@pytest.fixture
async def instance(sqlite_store: Store) -> AsyncIterator[Instance]:
    async with running(sqlite_store) as instance:
        await instance.runtime.data_plane()
        yield instance


@pytest.fixture
def client(instance: Instance) -> httpx.AsyncClient:
    return instance.client


def anthropics(answer: httpx.Response) -> dict[str, Any]:
    """The error of a refusal in Anthropic's shape."""
    body: dict[str, Any] = answer.json()
    assert (body["type"], body["error"].keys()) == ("error", {"type", "message", "code"}), body
    assert answer.headers["request-id"] == answer.headers["x-request-id"]
    error: dict[str, Any] = body["error"]
    return error


@pytest.mark.parametrize(("path", "address"), ASTRAY.items())
async def test_a_wrong_base_url_is_told_with_the_right_address(
    client: httpx.AsyncClient, path: str, address: str
) -> None:
    method = "GET" if "/models" in address or "/receipts" in address else "POST"
    answer = await client.request(method, f"http://farebox.test{path}")
    assert answer.status_code == 404, answer.text
    error = anthropics(answer) if address.startswith("/v1/messages") else error_of(answer)
    assert error["code"] == "not_found"
    assert error["message"].startswith(f"{method} {path} is not offered here. Did you mean {address}? ")
    assert ("without /v1" in error["message"]) is address.startswith("/v1/messages")
    assert "Give your client the base URL" in error["message"]
    assert ("not of Azure's" in error["message"]) is ("/deployments/" in path)


@pytest.mark.parametrize(("path", "address"), MISSPELT.items())
async def test_a_base_url_that_is_right_is_not_blamed(client: httpx.AsyncClient, path: str, address: str) -> None:
    method = "GET" if "model" in path else "POST"
    answer = await client.request(method, path)
    assert answer.status_code == 404, answer.text
    error = anthropics(answer) if address == "/v1/messages" else error_of(answer)
    assert error["message"].startswith(f"{method} {path} is not offered here. Did you mean {address}? ")
    assert "Give your client" not in error["message"]


@pytest.mark.parametrize(("path", "instead"), NOT_OFFERED.items())
async def test_what_is_not_offered_is_told_by_its_name_with_what_there_is(
    client: httpx.AsyncClient, path: str, instead: str
) -> None:
    answer = await client.post(path, json={})
    assert answer.status_code == 404
    error = anthropics(answer) if path.startswith(("/v1/messages", "/v1/complete")) else error_of(answer)
    assert error["message"].startswith(f"POST {path} is not offered here.")
    assert instead in error["message"]
    assert "Did you mean" not in error["message"]
    if not path.startswith(OPENAIS):
        assert anthropics(await client.post(path, json={}, headers=ANTHROPIC))["type"] == "not_found_error"


async def test_the_data_plane_alone_knows_as_much(instance: Instance) -> None:
    async with client_of(make_edge("chat", instance.runtime)) as alone:
        for path, address in ASTRAY.items():
            refused = await alone.post(path, json={})
            assert refused.status_code == 404
            message = refused.json()["error"]["message"]
            assert f"Did you mean {address}? " in message


async def test_a_long_address_is_told_in_part(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/" + "x" * 5000)
    assert len(error_of(answer)["message"]) < MOST_CHARS + 200


async def test_models_are_refused_in_the_words_of_who_asks(sqlite_store: Store, client: httpx.AsyncClient) -> None:
    customer = await open_customer(sqlite_store, "1")
    for path in ("/v1/models", "/v1/models/echo"):
        assert error_of(await client.get(path))["code"] == "invalid_api_key"
        refused = await client.get(path, headers=ANTHROPIC)
        assert (refused.status_code, anthropics(refused)["type"]) == (401, "authentication_error")
        assert refused.headers["www-authenticate"]
    missing = {**ANTHROPIC, "x-api-key": customer.key}
    refused = await client.get("/v1/models/none", headers=missing)
    assert (refused.status_code, anthropics(refused)["type"]) == (404, "not_found_error")
    assert (await client.get("/v1/models", headers=missing)).status_code == 200


async def test_the_wrong_method_is_refused_in_the_words_of_who_asks(client: httpx.AsyncClient) -> None:
    refused = await client.get("/v1/messages")
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
    assert anthropics(refused)["code"] == "method_not_allowed"
    assert anthropics(refused)["type"] == "invalid_request_error"
    assert error_of(await client.get("/v1/chat/completions"))["code"] == "method_not_allowed"


async def test_openais_own_calls_keep_their_words_whatever_else_a_client_sends(client: httpx.AsyncClient) -> None:
    for path in ("/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/responses"):
        assert error_of(await client.post(path, json={}, headers=ANTHROPIC))["code"] == "invalid_api_key"


async def test_a_browser_on_its_way_to_a_page_gets_the_page(client: httpx.AsyncClient) -> None:
    answer = await client.get("/models", headers={"accept": "text/html,*/*"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("path", ["/", "/v1/chat/completions", "/v1/models/a/b", "/api/models/x/y", "/v1/", "/docs"])
def test_what_leads_somewhere_or_is_nothing_of_ours_is_meant_for_nothing_else(path: str) -> None:
    assert meant(path) in (None, "/v1/models/x/y")


async def test_anthropics_clients_find_a_models_name_and_date(sqlite_store: Store, client: httpx.AsyncClient) -> None:
    customer = await open_customer(sqlite_store, "1")
    model = (await client.get("/v1/models", headers={"x-api-key": customer.key})).json()["data"][0]
    assert (model["type"], model["display_name"]) == ("model", model["id"])
    assert int(datetime.fromisoformat(model["created_at"]).timestamp()) == model["created"]
