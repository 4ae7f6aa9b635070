"""Programs that know OpenRouter find costs, prices and balances where it has them, and they equal the receipts."""

import json
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from functions.edge.chat.model_entry import model_entry
from functions.farebox.pricing.price import Price
from functions.farebox.storage import Store, Update
from tests.support.clients.asgi import refused
from tests.support.money.customers import Customer, open_customer
from tests.support.product.in_process import Instance, running
from tests.support.stand_ins.upstream import MODEL, StandIn, completion, embedding, json_reply, stream

PRICE = {
    "input_usd_per_1m": "2.50",
    "output_usd_per_1m": "10.00",
    "cached_input_usd_per_1m": "1.25",
    "request_usd": "0.0003",
    "search_usd": "0.01",
    "context_tokens": 128_000,
    "max_output_tokens": 4096,
}
COST = Decimal("0.0004375")
MESSAGES = [{"role": "user", "content": "Hello"}]
CHAT: dict[str, Any] = {"model": "test-model", "messages": MESSAGES}
TEXT: dict[str, Any] = {"model": "test-model", "prompt": "Hello"}
WISH: dict[str, Any] = {"usage": {"include": True}}


@pytest.fixture
async def upstream() -> AsyncIterator[StandIn]:
    async with StandIn() as upstream:
        yield upstream


@pytest.fixture
async def instance(sqlite_store: Store, upstream: StandIn) -> AsyncIterator[Instance]:
    async with running(sqlite_store, pricing={"test-model": PRICE}, upstream=upstream) as instance:
        await instance.runtime.data_plane()
        yield instance


@pytest.fixture
async def customer(sqlite_store: Store, instance: Instance) -> Customer:
    return await open_customer(sqlite_store, "1")


async def ask(
    instance: Instance, customer: Customer, body: dict[str, Any], path: str = "/v1/chat/completions", **headers: str
) -> httpx.Response:
    answer = await instance.client.post(path, headers={**customer.bearer, **headers}, json=body)
    assert answer.status_code == 200, answer.text
    return answer


async def read(instance: Instance, customer: Customer, path: str) -> Any:
    answer = await instance.client.get(path, headers=customer.bearer)
    assert answer.status_code == 200, answer.text
    return loads(answer.content)["data"]


def loads(text: bytes) -> Any:
    return json.loads(text, parse_float=Decimal)


async def charged(instance: Instance, customer: Customer, answer: httpx.Response) -> Decimal:
    """What its receipt says."""
    path = f"/v1/receipts/{answer.headers['x-farebox-receipt']}"
    return Decimal((await instance.client.get(path, headers=customer.bearer)).json()["charged_usd"])


@pytest.mark.parametrize("reports", [True, False], ids=["reported", "counted"])
@pytest.mark.parametrize(("path", "body"), [("/v1/chat/completions", CHAT), ("/v1/completions", TEXT)])
async def test_a_whole_answer_tells_its_cost_to_who_asks(
    instance: Instance, customer: Customer, upstream: StandIn, path: str, body: dict[str, Any], reports: bool
) -> None:
    if not reports:
        upstream.default = completion(usage=None)
    answer = await ask(instance, customer, {**body, **WISH}, path)
    usage = loads(answer.content)["usage"]
    assert usage["cost"] == await charged(instance, customer, answer) > 0
    assert (usage["is_byok"], usage["cost_details"]) == (False, {"upstream_inference_cost": None})
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert "usage" not in upstream.last.json
    assert "x-farebox-dropped" not in answer.headers


@pytest.mark.parametrize(("path", "body"), [("/v1/chat/completions", CHAT), ("/v1/completions", TEXT)])
async def test_a_stream_tells_its_cost_in_its_last_chunk_to_who_asks(
    instance: Instance, customer: Customer, path: str, body: dict[str, Any]
) -> None:
    answer = await ask(instance, customer, {**body, **WISH, "stream": True}, path)
    *_, last, _done, _ = answer.content.split(b"\n\n")
    told = loads(last.removeprefix(b"data: "))
    assert told["usage"]["cost"] == await charged(instance, customer, answer) == COST
    assert Decimal(told["farebox"]["cost_usd"]) == COST


async def test_embeddings_tell_their_cost_too(instance: Instance, customer: Customer, upstream: StandIn) -> None:
    upstream.default = embedding()
    answer = await ask(instance, customer, {"model": "test-model", "input": "Hello", **WISH}, "/v1/embeddings")
    assert loads(answer.content)["usage"]["cost"] == await charged(instance, customer, answer)


@pytest.mark.parametrize("wish", [{}, {"usage": {"include": False}}, {"usage": None}, {"usage": {}}])
async def test_who_does_not_ask_is_answered_as_before(
    instance: Instance, customer: Customer, upstream: StandIn, wish: dict[str, Any]
) -> None:
    answer = await ask(instance, customer, {**CHAT, **wish})
    assert "cost" not in answer.json()["usage"]
    upstream.script(stream())
    streamed = await ask(instance, customer, {**CHAT, **wish, "stream": True})
    assert '"usage"' not in streamed.text


@pytest.mark.parametrize("wish", [True, {"include": 1}, {"include": "yes"}])
async def test_a_wish_that_is_none_is_refused(instance: Instance, customer: Customer, wish: object) -> None:
    answer = await instance.client.post("/v1/chat/completions", headers=customer.bearer, json={**CHAT, "usage": wish})
    assert answer.status_code == 400
    assert answer.json()["error"]["param"].startswith("usage")


@pytest.mark.parametrize("streamed", [False, True])
async def test_an_answer_that_comes_again_tells_the_cost_that_it_had(
    instance: Instance, customer: Customer, streamed: bool
) -> None:
    body = {**CHAT, **WISH, "stream": streamed}
    first, again = [await ask(instance, customer, body, **{"idempotency-key": "k"}) for _ in range(2)]
    assert again.headers["x-farebox-idempotent-replay"] == "true"
    assert first.content == again.content
    assert b'"cost":0.0004375' in first.content


async def test_what_an_upstream_says_of_its_own_cost_is_not_shown(
    instance: Instance, customer: Customer, upstream: StandIn
) -> None:
    told = {"prompt_tokens": 9, "completion_tokens": 12, "total_tokens": 21, "cost": 0.00001, "is_byok": True}
    choice = {"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}
    head = {"id": "c", "object": "chat.completion", "created": 1, "model": MODEL}
    upstream.default = json_reply({**head, "choices": [choice], "usage": told})
    answer = await ask(instance, customer, {**CHAT, **WISH})
    usage = loads(answer.content)["usage"]
    assert (usage["cost"], usage["is_byok"]) == (await charged(instance, customer, answer), False)


async def test_a_model_tells_what_a_token_costs_this_caller(
    sqlite_store: Store, instance: Instance, customer: Customer
) -> None:
    await sqlite_store.write(Update(f"users/{customer.uid}", {"multiplier_bp": 12_500}))
    dear = await open_customer(sqlite_store, "1")
    [model] = await read(instance, dear, "/v1/models")
    assert (await instance.client.get("/v1/models/test-model", headers=dear.bearer)).json() == model
    pricing = model["pricing"]
    assert {name: pricing[name] for name in ("prompt", "completion", "input_cache_read", "request", "web_search")} == {
        "prompt": "0.0000025",
        "completion": "0.00001",
        "input_cache_read": "0.00000125",
        "request": "0.0003",
        "web_search": "0.01",
    }
    assert pricing["input_usd_per_1m"] == "2.50"
    assert (model["context_length"], model["top_provider"]["max_completion_tokens"]) == (128_000, 4096)
    assert model["architecture"]["input_modalities"] == ["text"]
    assert "supported_parameters" not in model
    [model] = await read(instance, customer, "/v1/models")
    assert (model["pricing"]["prompt"], model["pricing"]["input_usd_per_1m"]) == ("0.000003125", "2.50")
    usage = loads((await ask(instance, customer, {**CHAT, **WISH})).content)["usage"]
    cached = usage["prompt_tokens_details"]["cached_tokens"]
    own = {name: Decimal(text) for name, text in model["pricing"].items() if name != "service_tiers"}
    assert usage["cost"] == (
        own["prompt"] * (usage["prompt_tokens"] - cached)
        + own["input_cache_read"] * cached
        + own["completion"] * usage["completion_tokens"]
        + own["request"]
    )


@pytest.mark.parametrize("own", [{}, {"audio_input_usd_per_1m": "1"}])
def test_tiers_tell_a_price_of_sound_only_where_the_model_is_sold_with_it(own: dict[str, str]) -> None:
    cheap = {"input_usd_per_1m": "0.05", "output_usd_per_1m": "0.20"}
    dear = {"input_usd_per_1m": "0.20", "output_usd_per_1m": "0.80", "above_prompt_tokens": 20}
    entry = {"input_usd_per_1m": "0.10", "output_usd_per_1m": "0.40", "tiers": [dear], "service_tiers": {"flex": cheap}}
    pricing = model_entry(Price.from_config("m", {**entry, **own}))["pricing"]
    told = [name for rates in _every_rates(pricing) for name in rates if name.startswith("audio_")]
    assert set(told) == set(own)


def _every_rates(pricing: dict[str, Any]) -> list[dict[str, Any]]:
    within = [*pricing.get("tiers", ()), *pricing.get("service_tiers", {}).values()]
    return [pricing, *(rates for each in within for rates in _every_rates(each))]


async def test_a_model_tells_what_it_can_do(sqlite_store: Store, upstream: StandIn) -> None:
    said = {**PRICE, "input_modalities": ["text", "image", "file"], "supported_parameters": ["tools", "reasoning"]}
    async with running(sqlite_store, pricing={"test-model": said}, upstream=upstream) as instance:
        customer = await open_customer(sqlite_store, "1")
        [model] = await read(instance, customer, "/v1/models")
    assert model["architecture"]["input_modalities"] == ["text", "image", "file"]
    assert model["architecture"]["modality"] == "text+image+file->text"
    assert model["supported_parameters"] == ["tools", "reasoning"]


@pytest.mark.parametrize("path", ["/v1/key", "/v1/auth/key"])
async def test_a_key_tells_what_it_has_spent_and_what_is_left_of_its_budget(
    sqlite_store: Store, instance: Instance, customer: Customer, path: str
) -> None:
    fresh = await read(instance, customer, path)
    assert (fresh["limit"], fresh["limit_remaining"], fresh["limit_reset"], fresh["usage"]) == (None, None, None, 0)
    await sqlite_store.write(Update(f"api_keys/{customer.key_id}", {"monthly_budget": 2_000_000_000}))
    await ask(instance, customer, CHAT)
    told = await read(instance, customer, path)
    assert {told[f"usage{span}"] for span in ("", "_daily", "_weekly", "_monthly")} == {COST}
    assert (told["limit"], told["limit_remaining"], told["limit_reset"]) == (2, 2 - COST, "monthly")
    tighter = {"daily_budget": 1_900_000_000, "weekly_budget": 1_800_000_000, "total_budget": 1_700_000_000}
    for (name, cap), reset in zip(tighter.items(), ("daily", "weekly", None), strict=True):
        await sqlite_store.write(Update(f"api_keys/{customer.key_id}", {name: cap}))
        told = await read(instance, customer, path)
        left = Decimal(cap) / 1_000_000_000
        assert (told["limit"], told["limit_remaining"], told["limit_reset"]) == (left, left, reset)
    assert told["label"].startswith("fb-live-")
    assert customer.key not in str(told)


async def test_credits_tell_what_came_in_and_what_was_spent(
    sqlite_store: Store, instance: Instance, customer: Customer
) -> None:
    assert await read(instance, customer, "/v1/credits") == {"total_credits": 1, "total_usage": 0}
    await ask(instance, customer, CHAT)
    assert await read(instance, customer, "/v1/credits") == {"total_credits": 1, "total_usage": COST}


@pytest.mark.parametrize("path", ["/v1/key", "/v1/credits"])
async def test_nobody_else_is_told(instance: Instance, path: str) -> None:
    refused(await instance.client.get(path), 401, "invalid_api_key")
