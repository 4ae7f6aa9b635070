"""The headers of the data plane's calls that an API key may come in."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from functions.farebox.storage import Store
from tests.support.money.customers import open_customer
from tests.support.product.in_process import Instance, running

MESSAGES = [{"role": "user", "content": "Hello"}]
CALLS: dict[str, dict[str, Any] | None] = {
    "/v1/chat/completions": {"model": "echo", "messages": MESSAGES, "max_tokens": 16},
    "/v1/embeddings": {"model": "echo-embedding", "input": "Hello"},
    "/v1/messages": {"model": "echo", "messages": MESSAGES, "max_tokens": 16},
    "/v1/messages/count_tokens": {"model": "echo", "messages": MESSAGES},
    "/v1/responses": {"model": "echo", "input": "Hello", "max_output_tokens": 16},
    "/v1/models": None,
    "/v1/models/echo": None,
    "/v1/receipts/none": None,
}
ANTHROPICS = ("/v1/messages", "/v1/messages/count_tokens", "/v1/models", "/v1/models/echo", "/v1/receipts/none")


@pytest.fixture
async def instance(sqlite_store: Store) -> AsyncIterator[Instance]:
    async with running(sqlite_store) as instance:
        await instance.runtime.data_plane()
        yield instance


async def ask(instance: Instance, path: str, **headers: str) -> tuple[int, dict[str, Any]]:
    """How a call with these headers is answered."""
    body = CALLS[path]
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = await instance.client.request("GET" if body is None else "POST", path, json=body, headers=sent)
    return answer.status_code, answer.json()


@pytest.mark.parametrize("path", CALLS)
async def test_each_call_takes_a_key_in_either_header(sqlite_store: Store, instance: Instance, path: str) -> None:
    key = (await open_customer(sqlite_store, "1")).key
    is_there = 404 if "/receipts/" in path else 200
    assert (await ask(instance, path, authorization=f"Bearer {key}"))[0] == is_there
    assert (await ask(instance, path, x_api_key=key))[0] == is_there
    assert (await ask(instance, path, x_api_key=key, authorization="Basic dTpw"))[0] == is_there
    assert (await ask(instance, path, x_api_key="x" * 5000, authorization=f"Bearer {key}"))[0] == is_there


@pytest.mark.parametrize("path", CALLS)
async def test_of_two_credentials_the_key_is_what_looks_like_one(
    sqlite_store: Store, instance: Instance, path: str
) -> None:
    key = (await open_customer(sqlite_store, "1")).key
    is_there = 404 if "/receipts/" in path else 200
    assert (await ask(instance, path, authorization=f"Bearer {key}", x_api_key="a proxy's"))[0] == is_there
    assert (await ask(instance, path, authorization="Bearer a proxy's", x_api_key=key))[0] == is_there
    wrong = f"{key[:-1]}{'a' if key[-1] != 'a' else 'b'}"
    own, other = {"x_api_key": key}, {"authorization": f"Bearer {wrong}"}
    if path not in (*ANTHROPICS, "/v1/responses"):
        own, other = {"authorization": f"Bearer {key}"}, {"x_api_key": wrong}
    assert (await ask(instance, path, **own, **other))[0] == is_there


@pytest.mark.parametrize("path", CALLS)
async def test_who_sends_none_is_told_of_both(instance: Instance, path: str) -> None:
    status, answer = await ask(instance, path)
    assert (status, answer["error"]["type"]) == (401, "authentication_error")
    assert "Authorization: Bearer" in answer["error"]["message"]
    assert "x-api-key" in answer["error"]["message"]


@pytest.mark.parametrize("path", CALLS)
async def test_a_key_without_the_word_before_it_is_told_what_it_lacks(instance: Instance, path: str) -> None:
    for given, told in (("fb-live-1-secret", "does not begin"), ("Bearer", "nothing behind"), ("Token t", "not begin")):
        status, answer = await ask(instance, path, authorization=given)
        assert (status, answer["error"]["type"]) == (401, "authentication_error")
        assert told in answer["error"]["message"]
        assert "Authorization: Bearer" in answer["error"]["message"]
        assert "secret" not in answer["error"]["message"]
