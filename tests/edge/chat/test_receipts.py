"""Each charge has a receipt that can be reached, whatever a client calls its requests."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from functions.farebox.storage import Store
from tests.support.clients.asgi import refused
from tests.support.money.customers import open_customer
from tests.support.product.in_process import Instance, running

MESSAGES = [{"role": "user", "content": "Hello"}]
ASKED: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {"model": "echo", "messages": MESSAGES},
    "/v1/embeddings": {"model": "echo", "input": "Hello"},
    "/v1/messages": {"model": "echo", "messages": MESSAGES, "max_tokens": 20},
    "/v1/responses": {"model": "echo", "input": "Hello"},
}
STREAMED = [path for path in ASKED if path != "/v1/embeddings"]


@pytest.fixture
async def instance(sqlite_store: Store) -> AsyncIterator[Instance]:
    async with running(sqlite_store) as instance:
        yield instance


@pytest.fixture
async def paying(sqlite_store: Store, instance: Instance) -> httpx.AsyncClient:
    """A client that pays with a key of its own."""
    instance.client.headers.update((await open_customer(sqlite_store, "1")).bearer)
    return instance.client


async def receipt_of(client: httpx.AsyncClient, named: str) -> dict[str, object]:
    answer = await client.get(f"/v1/receipts/{named}")
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


async def test_each_of_the_charges_that_bear_a_clients_own_id_has_its_receipt(paying: httpx.AsyncClient) -> None:
    calls = [(path, False) for path in ASKED] + [(path, True) for path in STREAMED]
    ids = []
    for path, stream in calls:
        body = {**ASKED[path], **({"stream": True} if stream else {})}
        answer = await paying.post(path, json=body, headers={"x-request-id": "mine"})
        assert (answer.status_code, answer.headers["x-request-id"]) == (200, "mine"), answer.text
        ids.append(answer.headers["x-farebox-receipt"])
        receipt = await receipt_of(paying, ids[-1])
        assert (receipt["id"], receipt["request_id"], receipt["status"]) == (ids[-1], "mine", "ok")
        if not stream:
            assert receipt["charged_usd"] == answer.headers["x-farebox-cost-usd"]
    assert len(set(ids)) == len(calls)
    newest = await receipt_of(paying, "mine")
    assert newest["id"] == ids[-1]
    assert newest["same_request_id"] == ids[-2::-1]


async def test_a_client_cannot_hide_a_receipt_behind_an_id_that_it_chose(paying: httpx.AsyncClient) -> None:
    path = "/v1/chat/completions"
    first = (await paying.post(path, json=ASKED[path])).headers["x-farebox-receipt"]
    second = (await paying.post(path, json=ASKED[path], headers={"x-request-id": first})).headers["x-farebox-receipt"]
    assert (await receipt_of(paying, first))["id"] == first
    assert (await receipt_of(paying, second))["id"] == second
    mine = {"x-request-id": "use_mine"}
    third = (await paying.post(path, json=ASKED[path], headers=mine)).headers["x-farebox-receipt"]
    assert (await receipt_of(paying, "use_mine"))["id"] == third


@pytest.mark.parametrize("stream", [False, True])
async def test_an_answer_that_is_given_again_names_the_receipt_of_its_one_charge(
    paying: httpx.AsyncClient, stream: bool
) -> None:
    path = "/v1/chat/completions"
    headers = {"idempotency-key": f"k{stream}"}
    first, again = [await paying.post(path, json={**ASKED[path], "stream": stream}, headers=headers) for _ in "ab"]
    assert again.headers["x-farebox-idempotent-replay"] == "true"
    assert again.headers["x-farebox-receipt"] == first.headers["x-farebox-receipt"]


async def test_a_receipt_is_its_owners(sqlite_store: Store, paying: httpx.AsyncClient) -> None:
    path = "/v1/chat/completions"
    answer = await paying.post(path, json=ASKED[path])
    path = f"/v1/receipts/{answer.headers['x-farebox-receipt']}"
    other = await open_customer(sqlite_store, "1")
    refused(await paying.get(path, headers=other.bearer), 404, "not_found", "request_id")
