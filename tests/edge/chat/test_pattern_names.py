"""A client that writes a model's name in another way pays for what its upstream serves, in every dialect."""

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from functions.farebox.storage import Store
from tests.support.money.customers import Customer, open_customer
from tests.support.money.wallet_books import books_of
from tests.support.product.in_process import Instance, running
from tests.support.stand_ins.upstream import StandIn, completion, embedding

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


@EACH
async def test_a_key_that_may_use_a_pattern_may_use_what_it_stands_for(
    sqlite_store: Store, instance: Instance, customer: Customer, upstream: StandIn, path: str
) -> None:
    upstream.default = embedding() if path == "/v1/embeddings" else completion()
    customer = await open_customer(sqlite_store, "10", models=["pat/*"])
    answers = [
        await instance.client.post(path, headers=customer.bearer, json={**DIALECTS[path], "model": name})
        for name in ("pat/small", "other/small")
    ]
    assert [answer.status_code for answer in answers] == [200, 403], [answer.text for answer in answers]


async def test_a_model_under_a_pattern_has_an_entry(instance: Instance, customer: Customer) -> None:
    answer = await instance.client.get("/v1/models/pat/some", headers=customer.bearer)
    assert (answer.status_code, answer.json()["id"]) == (200, "pat/some")
    assert answer.json()["pricing"]["input_usd_per_1m"] == "0.01"
    body = {**DIALECTS["/v1/messages"], "model": "pat/some"}
    counted = await instance.client.post("/v1/messages/count_tokens", headers=customer.bearer, json=body)
    assert counted.status_code == 200, counted.text
    assert (await instance.client.get("/v1/models/other/some", headers=customer.bearer)).status_code == 404


@EACH
async def test_what_has_no_price_is_named_as_it_was_asked_for(
    sqlite_store: Store, upstream: StandIn, path: str
) -> None:
    customer = await open_customer(sqlite_store, "10")
    entry = {**upstream.entry("up"), "models": {"r/*": "*"}, "priced_as": {"r/*": "secret-*"}}
    upstreams = orjson.dumps([entry]).decode()
    async with running(sqlite_store, pricing=PRICING, FAREBOX_UPSTREAMS=upstreams) as instance:
        body = {**DIALECTS[path], "model": "r/x"}
        answer = await instance.client.post(path, headers=customer.bearer, json=body)
    assert answer.status_code == 404
    assert "'r/x' has no price" in answer.text
    assert "secret" not in answer.text
