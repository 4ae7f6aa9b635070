"""A client that writes a model's name in another way pays for what its upstream serves, in every dialect."""

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from functions.farebox.storage import Store
from tests.support.money.customers import Customer, open_customer
from tests.support.money.wallet_books import books_of
from tests.support.product.in_process import Instance, running
from tests.support.stand_ins.upstream import StandIn

SAID = [{"role": "user", "content": "Hello"}]
DIALECTS: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {"messages": SAID},
    "/v1/messages": {"messages": SAID, "max_tokens": 100},
    "/v1/responses": {"input": "Hello"},
    "/v1/embeddings": {"input": "Hello"},
}
PRICING = {
    "pat/*": {"input_usd_per_1m": "0.01", "output_usd_per_1m": "0.01"},
    "pat/x": {"input_usd_per_1m": "15", "output_usd_per_1m": "75"},
}
EACH = pytest.mark.parametrize("path", DIALECTS)


@pytest.fixture
async def upstream() -> AsyncIterator[StandIn]:
    async with StandIn() as upstream:
        yield upstream


@pytest.fixture
async def instance(sqlite_store: Store, upstream: StandIn) -> AsyncIterator[Instance]:
    entry = {**upstream.entry("up"), "models": {"pat/*": "*"}}
    async with running(sqlite_store, pricing=PRICING, FAREBOX_UPSTREAMS=orjson.dumps([entry]).decode()) as instance:
        yield instance


@pytest.fixture
async def customer(sqlite_store: Store, instance: Instance) -> Customer:
    await instance.runtime.data_plane()
    return await open_customer(sqlite_store, "10")


@EACH
@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(
    "name", ["pat/x:online", "pat/x@preset/y", "pat/~x", "pat//x", "pat/x%20", "pat/x?y", " pat/x "]
)
async def test_a_name_that_is_not_plain_is_no_model(
    sqlite_store: Store,
    instance: Instance,
    customer: Customer,
    upstream: StandIn,
    path: str,
    name: str,
    streamed: bool,
) -> None:
    stream = {"stream": True} if streamed and path != "/v1/embeddings" else {}
    body = {"model": name, **DIALECTS[path], **stream}
    answer = await instance.client.post(path, headers=customer.bearer, json=body)
    assert answer.status_code == 404
    assert upstream.requests == []
    assert (await books_of(sqlite_store, customer.uid)).records == []


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("name", ["pat/x:nitro", "pat/X", "pat/x-latest", "pat/x:free", "pat/org/x", "pat/models/x"])
async def test_a_dear_model_by_another_name_is_held_and_charged_as_dear(
    sqlite_store: Store, instance: Instance, customer: Customer, upstream: StandIn, name: str, streamed: bool
) -> None:
    records = []
    for each in ("pat/x", name):
        body = {"model": each, "messages": SAID, "max_tokens": 100, "stream": streamed}
        answer = await instance.client.post("/v1/chat/completions", headers=customer.bearer, json=body)
        assert answer.status_code == 200, answer.text
        records.append(upstream.last.json["model"])
    assert records == ["x", name.removeprefix("pat/")]
    own, other = (await books_of(sqlite_store, customer.uid)).records
    assert own["charged"] == other["charged"] > 0
    assert other["shortfall"] == 0
