"""What a request may not be, may not ask for, and may not get back; and media, priced as the upstream counts them."""

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from functions.farebox.accounts.account import user_path
from functions.farebox.gateway.gateway import MAX_BODY_BYTES
from functions.farebox.kit.money import parse_usd
from functions.farebox.pricing.bill import bill_json, recompute
from functions.farebox.storage import Store, Update
from tests.support.clients.asgi import refused
from tests.support.money.customers import Customer, open_customer
from tests.support.money.wallet_books import books_of
from tests.support.product.in_process import Instance, running
from tests.support.stand_ins.upstream import StandIn, completion

MODEL = "test-model"
PRICE = {
    "input_usd_per_1m": "2",
    "output_usd_per_1m": "10",
    "cached_input_usd_per_1m": "1",
    "audio_input_usd_per_1m": "40",
    "audio_output_usd_per_1m": "80",
    "reasoning_usd_per_1m": "20",
    "context_tokens": 2000,
}
HELLO: dict[str, Any] = {"model": MODEL, "messages": [{"role": "user", "content": "Hello"}]}


@pytest.fixture
async def upstream() -> AsyncIterator[StandIn]:
    async with StandIn() as upstream:
        yield upstream


@pytest.fixture
async def instance(sqlite_store: Store, upstream: StandIn) -> AsyncIterator[Instance]:
    async with running(sqlite_store, pricing={MODEL: PRICE}, upstream=upstream) as instance:
        yield instance


async def allow(store: Store, customer: Customer, **lists: list[str] | None) -> None:
    await store.write(Update(user_path(customer.uid), dict(lists)))


@pytest.mark.parametrize("whose", ["models", "plan_models"])
@pytest.mark.parametrize(("names", "status"), [([MODEL, "other"], 200), (["other"], 403), ([], 403), (None, 200)])
async def test_a_model_must_be_allowed_to_the_user_and_by_the_plan(
    sqlite_store: Store, instance: Instance, upstream: StandIn, whose: str, names: list[str] | None, status: int
) -> None:
    customer = await open_customer(sqlite_store, "1")
    await allow(sqlite_store, customer, **{whose: names})
    answer = await instance.ask(customer.bearer, HELLO)
    listed = (await instance.client.get("/v1/models", headers=customer.bearer)).json()["data"]
    assert answer.status_code == status
    assert [model["id"] for model in listed] == ([MODEL] if status == 200 else [])
    if status == 403:
        refused(answer, 403, "model_not_allowed", "model")
        assert upstream.requests == []


async def test_a_key_may_use_no_model_that_the_plan_does_not_have(sqlite_store: Store, instance: Instance) -> None:
    customer = await open_customer(sqlite_store, "1", models=[MODEL])
    await allow(sqlite_store, customer, plan_models=["other"])
    refused(await instance.ask(customer.bearer, HELLO), 403, "model_not_allowed", "model")


async def test_a_prompt_over_the_context_is_refused_before_it_costs(sqlite_store: Store, upstream: StandIn) -> None:
    name = "gpt-4o"  # a model whose tokens can be counted here
    upstreams = orjson.dumps([{**upstream.entry("up"), "models": {name: name}}]).decode()
    async with running(sqlite_store, pricing={name: PRICE}, FAREBOX_UPSTREAMS=upstreams) as instance:
        customer = await open_customer(sqlite_store, "1")
        long = [{"role": "user", "content": "word " * 2_100}]
        answer = await instance.ask(customer.bearer, {"model": name, "messages": long})
    refused(answer, 400, "context_length_exceeded", "messages")
    assert upstream.requests == []
    assert (await books_of(sqlite_store, customer.uid)).balance == parse_usd("1")


async def test_models_are_listed_to_either_header_of_a_key(sqlite_store: Store, instance: Instance) -> None:
    customer = await open_customer(sqlite_store, "1")
    key = customer.bearer["authorization"].removeprefix("Bearer ")
    for headers in (customer.bearer, {"x-api-key": key}):
        assert (await instance.client.get("/v1/models", headers=headers)).status_code == 200
    refused(await instance.client.get("/v1/models", headers={"x-api-key": "wrong"}), 401, "invalid_api_key")


async def test_an_answer_that_is_too_long_is_not_relayed_and_costs_nothing(
    sqlite_store: Store, instance: Instance, upstream: StandIn
) -> None:
    customer = await open_customer(sqlite_store, "1")
    upstream.default = completion("x" * MAX_BODY_BYTES)
    answer = await instance.ask(customer.bearer, HELLO)
    refused(answer, 502, "upstream_error")
    books = await books_of(sqlite_store, customer.uid)
    [record] = books.records
    assert (books.balance, record["charged"]) == (parse_usd("1"), 0)
    assert record["shortfall"] == record["cost"] > 0, "the upstream was paid all the same"


async def test_what_an_answer_has_that_nobody_knows_is_passed_on(
    sqlite_store: Store, instance: Instance, upstream: StandIn
) -> None:
    customer = await open_customer(sqlite_store, "1")
    upstream.default = completion(message={"x_extra": {"deep": [1, None]}})
    answer = await instance.ask(customer.bearer, {**HELLO, "logit_bias": {"50256": -100}})
    assert upstream.last.json["logit_bias"] == {"50256": -100}
    assert answer.json()["choices"][0]["message"]["x_extra"] == {"deep": [1, None]}


async def test_vision_sound_and_tools_are_charged_as_the_upstream_counts_them(
    sqlite_store: Store, instance: Instance, upstream: StandIn
) -> None:
    customer = await open_customer(sqlite_store, "5")
    upstream.default = completion(
        usage={
            "prompt_tokens": 1000,
            "completion_tokens": 200,
            "total_tokens": 1200,
            "prompt_tokens_details": {"cached_tokens": 100, "audio_tokens": 300},
            "completion_tokens_details": {"reasoning_tokens": 50, "audio_tokens": 70},
        }
    )
    content = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": "https://example.com/cat.png"}},
        {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
    ]
    tools = [{"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}]
    answer = await instance.ask(
        customer.bearer, {**HELLO, "messages": [{"role": "user", "content": content}], "tools": tools}
    )
    # Per million: 600 plain at 2, 100 cached at 1, 300 of sound at 40; 80 plain at 10, 50 reasoning at 20, 70 at 80.
    assert answer.headers["x-farebox-cost-usd"] == "0.0207"
    [record] = (await books_of(sqlite_store, customer.uid)).records
    assert recompute(bill_json(record["bill"])) == parse_usd("0.0207")
