"""A vendor's search beside a program's own tools: passed on where it is offered and has a price, elsewhere left out and
named, by one rule in every dialect and to upstreams of every dialect."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest

from functions.farebox.storage import Store
from tests.support.money.customers import Customer, open_customer
from tests.support.patience import PATIENCE_S
from tests.support.product.in_process import Instance, running
from tests.support.stand_ins.anthropic import KEY, MODEL, PRICE, AnthropicApi
from tests.support.stand_ins.responses import ResponsesApi
from tests.support.stand_ins.upstream import StandIn, completion, status

SCHEMA = {"type": "object", "properties": {}}
SAID = [{"role": "user", "content": "Hello"}]
SEARCH = {"search_usd": "0.01", "tools_tokens": {"search": 500}}
PATHS = {"chat": "/v1/chat/completions", "messages": "/v1/messages", "responses": "/v1/responses"}
OWN: dict[str, Any] = {
    "chat": {"type": "function", "function": {"name": "look", "parameters": SCHEMA}},
    "messages": {"name": "look", "input_schema": SCHEMA},
    "responses": {"type": "function", "name": "look", "parameters": SCHEMA},
}
WEB: dict[str, Any] = {
    "chat": {"type": "web_search"},
    "messages": {"type": "web_search_20250305", "name": "web_search"},
    "responses": {"type": "web_search"},
}


@pytest.fixture
async def openai() -> AsyncIterator[tuple[StandIn, ResponsesApi]]:
    async with StandIn() as stand_in:
        api = ResponsesApi()
        stand_in.default = api.answer
        yield stand_in, api


@pytest.fixture
async def instance(
    sqlite_store: Store, upstream: StandIn, other: StandIn, vendor: AnthropicApi, openai: tuple[StandIn, ResponsesApi]
) -> AsyncIterator[Instance]:
    """Three upstreams that speak one dialect each, with a model of that name, one whose searches have a price, one
    where what they find is dear, and one where a single one is too dear."""
    anthropics = {"api_key": KEY, "auth": {"header": "x-api-key"}, "headers": {"anthropic-version": "2023-06-01"}}
    kinds = ("", "searching-", "dear-", "too-dear-")
    models = dict.fromkeys(["spared", *[f"{kind}messages" for kind in kinds]], MODEL)
    spare = {"priority": 1, "priced_as": {"spared": "spare"}}
    upstreams = [
        upstream.entry("anthropic", models=models, speaks=["messages"], **anthropics),
        upstream.entry("spare", models={"spared": MODEL}, speaks=["messages"], **anthropics, **spare),
        other.entry("other", *[f"{kind}chat" for kind in kinds]),
        openai[0].entry("openai", *[f"{kind}responses" for kind in kinds], speaks=["responses"]),
    ]
    pricing = dict.fromkeys(PATHS, PRICE) | {f"searching-{name}": {**PRICE, **SEARCH} for name in PATHS}
    dear = {**PRICE, "search_usd": "0.01", "tools_tokens": {"search": 90_000}}
    pricing |= {f"dear-{name}": dear for name in PATHS}
    pricing |= {name: {**PRICE, **SEARCH, "search_usd": usd} for name, usd in (("spared", "0.01"), ("spare", "0.3"))}
    pricing |= {f"too-dear-{name}": {**dear, "search_usd": "10"} for name in PATHS}
    async with running(sqlite_store, pricing=pricing, FAREBOX_UPSTREAMS=orjson.dumps(upstreams).decode()) as instance:
        yield instance


async def ask(instance: Instance, customer: Customer, dialect: str, model: str, **fields: Any) -> httpx.Response:
    said = {"input": "Hello"} if dialect == "responses" else {"messages": SAID, "max_tokens": 100}
    return await instance.client.post(PATHS[dialect], headers=customer.bearer, json={"model": model, **said, **fields})


@pytest.mark.parametrize("model", PATHS)
async def test_one_that_is_not_offered_is_left_out_and_named_once(
    instance: Instance,
    customer: Customer,
    upstream: StandIn,
    other: StandIn,
    openai: tuple[StandIn, ResponsesApi],
    model: str,
) -> None:
    asked = {"messages": upstream, "chat": other, "responses": openai[0]}[model]
    for dialect in PATHS:
        search, own = WEB[dialect], OWN[dialect]
        for priced in (model, f"searching-{model}"):
            both = await ask(instance, customer, dialect, priced, tools=[search, own])
            assert both.status_code == 200, both.text
            sent = asked.last.json["tools"]
            if priced != model and dialect == model:
                assert sent == [search, own]
                assert "x-farebox-dropped" not in both.headers
                continue
            assert len(sent) == 1
            assert "look" in orjson.dumps(sent).decode()
            assert both.headers["x-farebox-dropped"] == f"tools.{search['type']}"
            alone = await ask(instance, customer, dialect, priced, tools=[search])
            refused = alone.status_code, alone.json()["error"]["code"]
            assert refused == (400, "unsupported_parameter"), alone.text


@pytest.mark.parametrize("model", PATHS)
@pytest.mark.parametrize("dialect", ["chat", "responses"])
async def test_what_draws_is_left_out_beside_others_as_well(
    instance: Instance, customer: Customer, dialect: str, model: str
) -> None:
    """Cline offers both with OpenAI's models."""
    drawing, search, own = {"type": "image_generation", "output_format": "png"}, WEB[dialect], OWN[dialect]
    answer = await ask(instance, customer, dialect, model, tools=[search, drawing, own])
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-farebox-dropped"] == "tools.web_search, tools.image_generation"
    for tools, choice in (
        ([drawing], "auto"),
        ([drawing, search], "auto"),
        ([drawing, own], {"type": drawing["type"]}),
    ):
        refused = await ask(instance, customer, dialect, model, tools=tools, tool_choice=choice)
        assert refused.status_code == 400, refused.text
        assert refused.json()["error"]["code"] == "unsupported_parameter"


async def test_one_that_an_answer_has_to_use_is_refused(instance: Instance, customer: Customer) -> None:
    wish = {"type": "tool", "name": "web_search"}
    for model in PATHS:
        both = [WEB["messages"], OWN["messages"]]
        answer = await ask(instance, customer, "messages", model, tools=both, tool_choice=wish)
        assert answer.status_code == 400, answer.text
        both = [WEB["chat"], OWN["chat"]]
        answer = await ask(instance, customer, "chat", model, tools=both, tool_choice={"type": "web_search"})
        assert answer.status_code == 400, answer.text
        both = [WEB["responses"], OWN["responses"]]
        for name in ("web_search", "undeclared"):
            chosen = {"type": "function", "name": name}
            answer = await ask(instance, customer, "responses", model, tools=both, tool_choice=chosen)
            assert answer.status_code == 400, answer.text


@pytest.mark.parametrize("model", PATHS)
async def test_one_that_is_allowed_beside_others_or_declared_in_the_input_is_left_out(
    instance: Instance, customer: Customer, model: str
) -> None:
    search, own = WEB["responses"], OWN["responses"]
    allowed = {"type": "allowed_tools", "mode": "auto", "tools": [search, {"type": "function", "name": "look"}]}
    namespace = {"type": "namespace", "name": "n", "description": "d", "tools": [search, own]}
    added = [{"type": "additional_tools", "tools": [search]}, *SAID]
    for fields in (
        {"tools": [search, own], "tool_choice": allowed},
        {"tools": [namespace]},
        {"tools": [own], "input": added},
    ):
        answer = await ask(instance, customer, "responses", model, **fields)
        assert answer.status_code == 200, (fields, answer.text)
        assert answer.headers["x-farebox-dropped"] == "tools.web_search"


@pytest.mark.parametrize("dialect", PATHS)
async def test_one_that_the_money_is_not_enough_for_is_left_out_where_others_remain(
    instance: Instance,
    customer: Customer,
    upstream: StandIn,
    other: StandIn,
    openai: tuple[StandIn, ResponsesApi],
    dialect: str,
) -> None:
    asked = {"messages": upstream, "chat": other, "responses": openai[0]}[dialect]
    search, own = WEB[dialect], OWN[dialect]
    both = await ask(instance, customer, dialect, f"too-dear-{dialect}", tools=[search, own])
    assert both.status_code == 200, both.text
    assert asked.last.json["tools"] == [own]
    assert both.headers["x-farebox-dropped"] == f"tools.{search['type']}"
    alone = await ask(instance, customer, dialect, f"too-dear-{dialect}", tools=[search])
    assert alone.status_code == 402, alone.text
    assert "max_uses" in alone.text


LOWERED = {
    "chat": ({"max_uses": 9}, "tools.web_search.max_uses"),
    "messages": ({}, "tools.web_search_20250305.max_uses"),
    "responses": ({}, "max_tool_calls"),
}


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("dialect", PATHS)
async def test_one_that_the_money_is_enough_for_now_and_then_is_offered_so_often_and_that_is_named(
    instance: Instance,
    customer: Customer,
    upstream: StandIn,
    other: StandIn,
    openai: tuple[StandIn, ResponsesApi],
    dialect: str,
    streamed: bool,
) -> None:
    asked = {"messages": upstream, "chat": other, "responses": openai[0]}[dialect]
    bound, named = LOWERED[dialect]
    search, own = {**WEB[dialect], **bound}, OWN[dialect]
    for tools in ([search, own], [search]):
        answer = await ask(instance, customer, dialect, f"dear-{dialect}", tools=tools, stream=streamed)
        assert answer.status_code == 200, answer.text
        most = int(answer.headers["x-farebox-max-tool-calls"])
        assert 1 <= most < 9
        assert answer.headers["x-farebox-dropped"] == named
        sent = asked.last.json
        if dialect == "responses":
            assert (sent["tools"], sent["max_tool_calls"]) == (tools, most)
        else:
            assert sent["tools"] == [{**search, "max_uses": most}, *tools[1:]]


async def test_as_often_as_whoever_may_answer_can_be_paid_for(
    instance: Instance, customer: Customer, upstream: StandIn, vendor: AnthropicApi
) -> None:
    """Two upstreams answer for the model, and a search at the second costs thirty times as much."""
    upstream.script(status(503))
    answer = await ask(instance, customer, "messages", "spared", tools=[WEB["messages"]])
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-farebox-upstream"] == "anthropic, spare"
    assert answer.headers["x-farebox-max-tool-calls"] == "3"
    assert [received.json["tools"][0]["max_uses"] for received in upstream.requests] == [3, 3]


@pytest.mark.parametrize(("tpm", "fits_one"), [(10_000, False), (400_000, True)])
@pytest.mark.parametrize("dialect", PATHS)
async def test_a_pace_that_is_too_slow_for_what_is_found_is_no_reason_to_refuse_what_else_is_asked(
    instance: Instance, sqlite_store: Store, dialect: str, tpm: int, fits_one: bool
) -> None:
    """A minute of such a key never has the tokens that ten searches may find: waiting would help nobody."""
    customer = await open_customer(sqlite_store, "20", tpm=tpm)
    search, own = WEB[dialect], OWN[dialect]
    answer = await ask(instance, customer, dialect, f"dear-{dialect}", tools=[search, own])
    assert answer.status_code == 200, answer.text
    is_bounded = fits_one and dialect != "chat"
    named = LOWERED[dialect][1] if is_bounded else f"tools.{search['type']}"
    assert answer.headers["x-farebox-dropped"] == named
    assert ("x-farebox-max-tool-calls" in answer.headers) == is_bounded


async def test_a_minute_that_others_have_used_up_is_waited_for_with_the_search(
    instance: Instance, sqlite_store: Store, other: StandIn
) -> None:
    customer = await open_customer(sqlite_store, "20", tpm=150_000)
    tools = [{**WEB["chat"], "max_uses": 1}, OWN["chat"]]
    other.script(completion(delay_s=2.0))
    first = asyncio.create_task(ask(instance, customer, "chat", "dear-chat", tools=tools))
    async with asyncio.timeout(PATIENCE_S):
        while not other.requests:
            await asyncio.sleep(0.01)
    second = await ask(instance, customer, "chat", "dear-chat", tools=tools)
    assert second.status_code == 429, second.text
    assert int(second.headers["retry-after"]) <= 60
    assert (await first).status_code == 200
    assert "x-farebox-dropped" not in first.result().headers
