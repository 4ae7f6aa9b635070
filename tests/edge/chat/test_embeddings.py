"""Embeddings: paid for and charged like completions."""

import base64
import struct
from collections.abc import AsyncIterator
from typing import Any

import pytest

from functions.farebox.kit.money import parse_usd
from functions.farebox.pricing.bill import recompute
from functions.farebox.request.counting import bound_prompt
from functions.farebox.storage import Store
from tests.support.calls import checked
from tests.support.clients.asgi import refused
from tests.support.clients.vendor_sdks import openai_of
from tests.support.money.customers import open_customer
from tests.support.money.wallet_books import books_of
from tests.support.product.in_process import Instance, running
from tests.support.stand_ins.upstream import StandIn, json_reply

ECHO = "echo-embedding"
PRICING = {
    "test-model": {"input_usd_per_1m": "1000", "output_usd_per_1m": "0"},  # a tenth of a cent a token
    ECHO: {"input_usd_per_1m": "0.02", "output_usd_per_1m": "0"},
}


@pytest.fixture
async def upstream() -> AsyncIterator[StandIn]:
    async with StandIn() as upstream:
        yield upstream


@pytest.fixture
async def instance(sqlite_store: Store) -> AsyncIterator[Instance]:
    async with running(sqlite_store, pricing=PRICING) as instance:
        yield instance


async def test_the_official_client_gets_numbers_and_base64_of_the_same_vector(
    sqlite_store: Store, instance: Instance
) -> None:
    customer = await open_customer(sqlite_store, "1")
    client = openai_of(instance, customer)
    as_default = await client.embeddings.create(model=ECHO, input="Hello")  # asks for base64 and decodes it
    as_floats = await client.embeddings.create(model=ECHO, input="Hello", encoding_format="float")
    body = {"model": ECHO, "input": "Hello", "encoding_format": "base64"}
    raw = (await instance.client.post("/v1/embeddings", headers=customer.bearer, json=body)).json()
    text = base64.b64decode(raw["data"][0]["embedding"])
    assert as_default.data[0].embedding == pytest.approx(as_floats.data[0].embedding, abs=1e-6)
    assert list(struct.unpack(f"<{len(text) // 4}f", text)) == pytest.approx(as_floats.data[0].embedding, abs=1e-6)


@pytest.mark.parametrize(
    ("given", "vectors"),
    [("Hello", 1), (["Hello", "world", "!"], 3), ([1, 2, 3, 4], 1), ([[1, 2], [3]], 2)],
    ids=["a text", "texts", "tokens", "lists of tokens"],
)
async def test_every_form_of_input_is_answered_and_charged_as_the_receipt_says(
    sqlite_store: Store, instance: Instance, given: Any, vectors: int
) -> None:
    customer = await open_customer(sqlite_store, "1")
    body = {"model": ECHO, "input": given}
    answer = await instance.client.post("/v1/embeddings", headers=customer.bearer, json=body)
    assert len(answer.json()["data"]) == vectors
    path = f"/v1/receipts/{answer.headers['x-request-id']}"
    receipt = (await instance.client.get(path, headers=customer.bearer)).json()
    assert receipt["usage_source"] == "provider"
    assert receipt["tokens"]["prompt"] == answer.json()["usage"]["prompt_tokens"] > 0
    assert receipt["tokens"]["completion"] == 0
    assert parse_usd(answer.headers["x-farebox-cost-usd"]) == recompute(receipt["bill"]) > 0
    assert (await books_of(sqlite_store, customer.uid)).records[0]["charged"] == recompute(receipt["bill"])


@pytest.mark.parametrize(
    "given", [[5] * 1000, [[1], [2], [3] * 500], list(range(100_000))], ids=["least", "lists", "most"]
)
def test_the_bound_of_a_token_array_covers_every_token(given: list[Any]) -> None:
    body = {"model": "m", "input": given}
    tokens = sum(len(one) if isinstance(one, list) else 1 for one in given)
    assert bound_prompt(checked(body)) > tokens


async def test_tokens_that_nobody_reported_are_charged_one_by_one(sqlite_store: Store, upstream: StandIn) -> None:
    upstream.default = json_reply({"object": "list", "data": [], "model": "up-model"})
    async with running(sqlite_store, pricing=PRICING, upstream=upstream) as instance:
        customer = await open_customer(sqlite_store, "10")
        body = {"model": "test-model", "input": [[1, 2, 3], [4, 5]]}
        answer = await instance.client.post("/v1/embeddings", headers=customer.bearer, json=body)
    assert parse_usd(answer.headers["x-farebox-cost-usd"]) == 5 * parse_usd("0.001")
    assert [record["tokens"]["prompt"] for record in (await books_of(sqlite_store, customer.uid)).records] == [5]


async def test_what_the_wallet_cannot_cover_is_refused_before_it_is_sent(
    sqlite_store: Store, upstream: StandIn
) -> None:
    async with running(sqlite_store, pricing=PRICING, upstream=upstream) as instance:
        customer = await open_customer(sqlite_store, "0.01")
        body = {"model": "test-model", "input": list(range(100))}
        answer = await instance.client.post("/v1/embeddings", headers=customer.bearer, json=body)
    refused(answer, 402, "credit_balance_exhausted")
    assert upstream.requests == []


async def test_a_wish_for_a_stream_means_nothing_for_an_embedding(sqlite_store: Store, instance: Instance) -> None:
    customer = await open_customer(sqlite_store, "1")
    body = {"model": ECHO, "input": "Hello", "stream": True}
    answer = await instance.client.post("/v1/embeddings", headers=customer.bearer, json=body)
    assert answer.json()["object"] == "list"
