"""Chat completions from an upstream that speaks Anthropic's Messages alone: with its caches, thoughts and counts."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest

from functions.farebox.storage import Store
from tests.support.clients.vendor_sdks import openai_of
from tests.support.money.customers import Customer, open_customer
from tests.support.money.wallet_books import books_of
from tests.support.product.in_process import Instance, running
from tests.support.stand_ins.anthropic import KEY, MODEL, PRICE, AnthropicApi, refusal
from tests.support.stand_ins.upstream import StandIn, status

HI: dict[str, Any] = {"role": "user", "content": "Hello"}
ASKED: dict[str, Any] = {"model": "test-model", "max_tokens": 4096, "messages": [HI]}
ENTRY: dict[str, Any] = {
    "models": {"test-model": MODEL},
    "speaks": ["messages"],
    "api_key": KEY,
    "auth": {"header": "x-api-key"},
}
TOOL: dict[str, Any] = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}
LONG = "You are a coding agent. " * 400


@pytest.fixture
async def upstream() -> AsyncIterator[StandIn]:
    async with StandIn() as upstream:
        yield upstream


@pytest.fixture
async def instance(
    sqlite_store: Store, upstream: StandIn, other: StandIn, vendor: AnthropicApi
) -> AsyncIterator[Instance]:
    entry = {**ENTRY, "models": {"test-model": MODEL, "both": MODEL}}
    upstreams = [upstream.entry("claude", **entry), other.entry("other", "both", priority=1)]
    async with running(
        sqlite_store,
        pricing={"test-model": PRICE, "both": PRICE},
        FAREBOX_UPSTREAMS=orjson.dumps(upstreams).decode(),
    ) as instance:
        yield instance


@pytest.fixture
async def customer(sqlite_store: Store, instance: Instance) -> Customer:
    await instance.runtime.data_plane()
    return await open_customer(sqlite_store, "1")


async def charged(store: Store, customer: Customer) -> int:
    """What all requests of a customer were charged."""
    return sum(record["charged"] for record in (await books_of(store, customer.uid)).records)


async def test_a_chat_is_answered_by_a_message(
    sqlite_store: Store, instance: Instance, customer: Customer, upstream: StandIn, vendor: AnthropicApi
) -> None:
    answer = await instance.ask(customer.bearer, {**ASKED, "seed": 1, "top_k": 5})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["object"], told["model"], told["id"]) == ("chat.completion", "test-model", "chatcmpl-stand-in")
    [choice] = told["choices"]
    assert (choice["message"]["content"], choice["finish_reason"]) == ("Hello, wörld 👋!", "stop")
    [used] = vendor.bill
    assert told["usage"] == {
        "prompt_tokens": used.uncached,
        "completion_tokens": 12,
        "total_tokens": used.uncached + 12,
    }
    assert answer.headers["x-farebox-dropped"] == "seed"
    assert "x-farebox-dialect" not in answer.headers
    assert upstream.last.json.keys() == {"model", "messages", "max_tokens", "top_k"}
    [record] = (await books_of(sqlite_store, customer.uid)).records
    assert (record["charged"], record["usage_source"]) == (used.cost, "provider")
    assert record["path"] == "/chat/completions"


@pytest.mark.parametrize("wanted", [True, False])
async def test_a_stream_of_it_tells_its_usage_to_who_asked(
    sqlite_store: Store, instance: Instance, customer: Customer, vendor: AnthropicApi, wanted: bool
) -> None:
    options = {"stream_options": {"include_usage": True}} if wanted else {}
    answer = await instance.ask(customer.bearer, {**ASKED, "stream": True, **options})
    *events, done = [line.removeprefix("data: ") for line in answer.text.split("\n\n") if line]
    assert done == "[DONE]"
    chunks = [orjson.loads(event) for event in events]
    assert {chunk["model"] for chunk in chunks} == {"test-model"}
    said = [choice["delta"].get("content") or "" for chunk in chunks for choice in chunk["choices"]]
    assert "".join(said) == "Hello, wörld 👋!"
    assert [chunk["usage"]["completion_tokens"] for chunk in chunks if chunk.get("usage")] == ([12] if wanted else [])
    assert await charged(sqlite_store, customer) == vendor.bill[0].cost


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_loop_of_tools_thinks_on_where_its_thoughts_come_back(
    sqlite_store: Store, instance: Instance, customer: Customer, vendor: AnthropicApi, streamed: bool
) -> None:
    client = openai_of(instance, customer)
    vendor.content = [{"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Rome"}}]
    vendor.stop_reason = "tool_use"
    asked: dict[str, Any] = {**ASKED, "tools": [TOOL], "reasoning_effort": "low"}
    if streamed:
        async with client.chat.completions.stream(**asked) as events:
            message = (await events.get_final_completion()).choices[0].message
    else:
        message = (await client.chat.completions.create(**asked)).choices[0].message
    assert message.tool_calls is not None and message.tool_calls[0].id == "toolu_1"
    said = message.model_dump(exclude_none=True)
    assert said["reasoning_content"] == "Let me think."
    said = {name: said[name] for name in ("role", "tool_calls", "reasoning_details")}
    for each in said["tool_calls"]:
        each.pop("index", None)
        each["function"].pop("parsed_arguments", None)
    result = {"role": "tool", "tool_call_id": "toolu_1", "content": "sunny"}
    vendor.content, vendor.stop_reason = [{"type": "text", "text": "Sunny."}], "end_turn"
    asked["messages"] = [HI, said, result]
    second = await client.chat.completions.create(**asked)
    assert second.choices[0].message.content == "Sunny."
    assert [block["type"] for block in vendor.bodies[-1]["messages"][1]["content"]] == ["thinking", "tool_use"]
    assert await charged(sqlite_store, customer) == sum(used.cost for used in vendor.bill)


async def test_marks_for_the_cache_reach_it_and_what_they_cost_is_charged_to_the_nano(
    sqlite_store: Store, instance: Instance, customer: Customer, vendor: AnthropicApi
) -> None:
    messages: list[dict[str, Any]] = [
        {
            "role": "system",
            "content": [{"type": "text", "text": LONG, "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
        }
    ]
    mark = {"cache_control": {"type": "ephemeral"}}
    for turn in range(5):
        part: dict[str, Any] = {"type": "text", "text": f"Turn {turn}. " + "Go on. " * 50, **mark}
        messages.append({"role": "user", "content": [part]})
        asked = {**ASKED, "messages": messages, "stream": turn % 2 == 1}
        answer = await instance.ask(customer.bearer, asked)
        assert answer.status_code == 200, answer.text
        if turn == 2:
            details = answer.json()["usage"]["prompt_tokens_details"]
            assert details == {"cached_tokens": vendor.bill[2].read, "cache_write_tokens": vendor.bill[2].write_5m}
        del part["cache_control"]
        messages.append({"role": "assistant", "content": "Done. " * 20})
    assert vendor.bill[0].write_1h > 2_000
    assert all(used.read > 2_000 and used.write_1h == 0 and used.write_5m > 0 for used in vendor.bill[1:])
    assert await charged(sqlite_store, customer) == sum(used.cost for used in vendor.bill)


@pytest.mark.parametrize("streamed", [False, True])
async def test_responses_reach_it_as_well(
    sqlite_store: Store, instance: Instance, customer: Customer, vendor: AnthropicApi, streamed: bool
) -> None:
    client = openai_of(instance, customer)
    asked: dict[str, Any] = {"model": "test-model", "input": "Hello", "instructions": "Be brief."}
    if streamed:
        async with client.responses.stream(**asked) as events:
            response: Any = await events.get_final_response()
    else:
        response = await client.responses.create(**asked)
    assert response.output_text == "Hello, wörld 👋!"
    assert response.usage.output_tokens == 12
    assert vendor.bodies[-1]["system"] == [{"type": "text", "text": "Be brief."}]
    assert await charged(sqlite_store, customer) == vendor.bill[0].cost


@pytest.mark.parametrize("streamed", [False, True])
async def test_either_stands_in_for_the_other(
    instance: Instance, customer: Customer, upstream: StandIn, other: StandIn, streamed: bool
) -> None:
    asked = {**ASKED, "model": "both", "stream": streamed}
    upstream.script(refusal(529, "overloaded_error", "Overloaded"))
    answer = await instance.ask(customer.bearer, asked)
    assert answer.headers["x-farebox-upstream"] == "claude, other"
    assert "Hello" in answer.text
    assert other.last.json["model"] == "up-model"
    other.script(status(503))
    again = await instance.ask(customer.bearer, {**asked, "seed": 1})
    assert again.status_code == 200
    assert again.headers.get("x-farebox-dropped") in ("seed", None)


async def test_what_it_cannot_say_goes_to_who_can_or_is_refused_by_name(
    instance: Instance, customer: Customer, upstream: StandIn, other: StandIn
) -> None:
    answer = await instance.ask(customer.bearer, {**ASKED, "model": "both", "n": 2})
    assert (answer.headers["x-farebox-upstream"], len(upstream.requests)) == ("other", 0)
    refused = await instance.ask(customer.bearer, {**ASKED, "n": 2})
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "n")
    embedded = await instance.client.post(
        "/v1/embeddings", headers=customer.bearer, json={"model": "test-model", "input": "a"}
    )
    assert (embedded.status_code, embedded.json()["error"]["code"]) == (400, "unsupported_parameter")


@pytest.mark.parametrize("streamed", [False, True])
async def test_the_cache_keeps_chats_and_messages_of_the_same_words_apart(
    sqlite_store: Store, customer: Customer, upstream: StandIn, vendor: AnthropicApi, streamed: bool
) -> None:
    upstreams = orjson.dumps([upstream.entry("claude", **ENTRY)]).decode()
    cache = '{"models": ["*"]}'
    async with running(
        sqlite_store, pricing={"test-model": PRICE}, FAREBOX_UPSTREAMS=upstreams, FAREBOX_CACHE=cache
    ) as instance:
        content = [{"type": "text", "text": "Hello"}]  # the same in both
        asked = {**ASKED, "messages": [{"role": "user", "content": content}], "temperature": 0, "stream": streamed}
        answers = [
            await instance.client.post(path, headers=customer.bearer, json=asked)
            for path in ("/v1/messages", "/v1/chat/completions", "/v1/messages", "/v1/chat/completions")
        ]
    assert [answer.headers["x-farebox-cache"] for answer in answers] == ["miss", "miss", "hit", "hit"]
    assert [b"chatcmpl-" in answer.content for answer in answers] == [False, True, False, True]


async def test_a_refusal_and_a_break_are_told_in_openais_shape(
    sqlite_store: Store, instance: Instance, customer: Customer, upstream: StandIn, vendor: AnthropicApi
) -> None:
    upstream.script(refusal(400, "invalid_request_error", "messages.0: all messages must have non-empty content"))
    refused = await instance.ask(customer.bearer, ASKED)
    assert (refused.status_code, refused.json()["error"]["type"]) == (400, "invalid_request_error")
    vendor.fails_after = 5
    broken = await instance.ask(customer.bearer, {**ASKED, "stream": True})
    assert orjson.loads(_last(broken).removeprefix("data: "))["error"]["type"] == "upstream_error"
    assert 0 < await charged(sqlite_store, customer) < vendor.bill[-1].cost


def _last(answer: httpx.Response) -> str:
    return answer.text.split("\n\n")[-2]
