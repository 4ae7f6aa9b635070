"""Anthropic's dialect, by Anthropic's own client."""

from dataclasses import replace
from typing import Any

import anthropic
import orjson
import pytest
from anthropic.types import TextBlock, ToolUseBlock

from functions.farebox.dialects.messages.request import chat_of
from functions.farebox.errors import InvalidRequest
from functions.farebox.storage import Store
from tests.support.clients.vendor_sdks import anthropic_of
from tests.support.money.customers import Customer, open_customer
from tests.support.money.wallet_books import books_of
from tests.support.product.in_process import Instance
from tests.support.stand_ins.upstream import StandIn, completion, status, stream
from tests.support.stand_ins.upstream_replies import (
    calling,
    calling_in_a_stream,
    stopping,
    stopping_in_a_stream,
    thinking,
    thinking_in_a_stream,
)

HELLO: dict[str, Any] = {
    "model": "test-model",
    "max_tokens": 64,
    "messages": [{"role": "user", "content": "Hello"}],
}
COST = "0.00013750"  # 5 plain at 2.50, 4 cached at 1.25, 12 out at 10.00 a million
TOOL: dict[str, Any] = {
    "name": "weather",
    "description": "The weather",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}},
}


async def test_a_message_is_answered_and_charged_as_a_completion_is(
    sqlite_store: Store, instance: Instance, customer: Customer, upstream: StandIn
) -> None:
    raw = await anthropic_of(instance, customer).messages.with_raw_response.create(**HELLO, system="Be brief.")
    message = await raw.parse()
    assert [block.text for block in message.content if isinstance(block, TextBlock)] == ["Hello, wörld 👋!"]
    assert (message.id, message.role, message.stop_reason) == ("msg_stand-in", "assistant", "end_turn")
    assert (message.usage.input_tokens, message.usage.output_tokens) == (5, 12)
    assert (message.usage.cache_read_input_tokens, message.usage.cache_creation_input_tokens) == (4, 0)
    assert float(raw.headers["x-farebox-cost-usd"]) == float(COST)
    assert upstream.last.path == "/v1/chat/completions"
    assert "x-api-key" not in upstream.last.headers
    assert upstream.last.json["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hello"},
    ]
    [record] = (await books_of(sqlite_store, customer.uid)).records
    assert record["usage_source"] == "provider"


async def test_a_stream_comes_in_anthropics_events_and_ends_with_the_counts_and_the_charge(
    sqlite_store: Store, instance: Instance, customer: Customer
) -> None:
    async with anthropic_of(instance, customer).messages.stream(**HELLO) as events:
        seen: list[Any] = [event async for event in events]
        message = await events.get_final_message()
    kinds = [event.type for event in seen if event.type != "text"]
    assert kinds[:2] == ["message_start", "content_block_start"]
    assert kinds[-3:] == ["content_block_stop", "message_delta", "message_stop"]
    assert set(kinds[2:-3]) == {"content_block_delta"}
    assert [block.text for block in message.content if isinstance(block, TextBlock)] == ["Hello, wörld 👋!"]
    assert (message.usage.input_tokens, message.usage.output_tokens) == (5, 12)
    [change] = [event for event in seen if event.type == "message_delta"]
    assert float(change.farebox["cost_usd"]) == float(COST)
    assert len((await books_of(sqlite_store, customer.uid)).usage) == 1


@pytest.mark.parametrize("streamed", [None, "numbered", "all of them 0"])
async def test_tools_are_called_in_blocks_of_their_own(
    instance: Instance, customer: Customer, upstream: StandIn, streamed: str | None
) -> None:
    client = anthropic_of(instance, customer)
    asked: dict[str, Any] = {**HELLO, "tools": [TOOL], "tool_choice": {"type": "any"}}
    if streamed:
        upstream.default = calling_in_a_stream(numbered=streamed == "numbered")
        async with client.messages.stream(**asked) as events:
            message = await events.get_final_message()
    else:
        upstream.default = calling()
        message = await client.messages.create(**asked)
    text, *calls = message.content
    assert isinstance(text, TextBlock) and text.text == "Let me see."
    assert [(call.id, call.name, call.input) for call in calls if isinstance(call, ToolUseBlock)] == [
        ("call_1", "weather", {"city": "Rome"}),
        ("call_2", "clock", {}),
    ]
    assert message.stop_reason == "tool_use"
    assert upstream.last.json["tool_choice"] == "required"
    assert upstream.last.json["tools"][0]["function"]["parameters"] == TOOL["input_schema"]


@pytest.mark.parametrize(
    ("reason", "stop_reason"),
    [("stop", "end_turn"), ("length", "max_tokens"), ("content_filter", "refusal"), ("novel", "end_turn")],
)
async def test_the_reason_to_stop_is_told_in_anthropics_words(
    instance: Instance, customer: Customer, upstream: StandIn, reason: str, stop_reason: str
) -> None:
    upstream.default = completion(finish_reason=reason)
    message = await anthropic_of(instance, customer).messages.create(**HELLO)
    assert message.stop_reason == stop_reason


@pytest.mark.parametrize("streamed", [False, True])
async def test_the_stop_sequence_that_was_met_is_told_where_the_upstream_tells_it(
    instance: Instance, customer: Customer, upstream: StandIn, streamed: bool
) -> None:
    upstream.default = stopping_in_a_stream("END") if streamed else stopping("END")
    client = anthropic_of(instance, customer)
    if streamed:
        async with client.messages.stream(**HELLO) as events:
            message = await events.get_final_message()
    else:
        message = await client.messages.create(**HELLO)
    assert (message.stop_reason, message.stop_sequence) == ("stop_sequence", "END")


async def test_what_nobody_counted_is_counted_here_and_told(
    instance: Instance, customer: Customer, upstream: StandIn
) -> None:
    upstream.default = completion("one two three", usage=None)
    message = await anthropic_of(instance, customer).messages.create(**HELLO)
    assert message.usage.output_tokens == 3
    assert message.usage.input_tokens > 0
    upstream.default = stream(["one", " two"], usage=None)
    async with anthropic_of(instance, customer).messages.stream(**HELLO) as events:
        assert (await events.get_final_message()).usage.output_tokens == 2


async def test_a_refusal_has_anthropics_shape_and_class(
    instance: Instance, customer: Customer, upstream: StandIn
) -> None:
    client = anthropic_of(instance, customer)
    with pytest.raises(anthropic.NotFoundError) as missing:
        await client.messages.create(**{**HELLO, "model": "nothing"})
    assert missing.value.body == {
        "type": "error",
        "error": {
            "type": "not_found_error",
            "message": missing.value.body["error"]["message"],
            "code": "model_not_found",
        },
    }
    with pytest.raises(anthropic.AuthenticationError):
        await client.with_options(api_key="fb-live-none-at-all").messages.create(**HELLO)
    with pytest.raises(anthropic.BadRequestError, match="max_tokens"):
        await client.messages.create(**{**HELLO, "max_tokens": 0})
    upstream.script(status(400, message="No such thing."))
    with pytest.raises(anthropic.BadRequestError, match=r"No such thing\."):
        await client.messages.create(**HELLO)
    upstream.default = status(500)
    with pytest.raises(anthropic.InternalServerError):
        await client.messages.create(**HELLO)


async def test_the_official_client_finds_the_requests_id_on_answers_and_refusals(
    instance: Instance, customer: Customer
) -> None:
    client = anthropic_of(instance, customer).with_options(default_headers={"x-request-id": "mine-1"})
    message = await client.messages.create(**HELLO)
    assert message._request_id == "mine-1"
    with pytest.raises(anthropic.NotFoundError) as missing:
        await client.messages.create(**{**HELLO, "model": "nothing"})
    assert missing.value.request_id == "mine-1"


async def test_an_empty_wallet_is_a_billing_error_that_is_not_tried_again(
    sqlite_store: Store, instance: Instance
) -> None:
    poor = await open_customer(sqlite_store, "0.000001")
    answer = await instance.client.post("/v1/messages", headers={"x-api-key": poor.key}, json=HELLO)
    assert answer.status_code == 402
    assert answer.json()["error"]["type"] == "billing_error"
    assert answer.headers["x-should-retry"] == "false"


async def test_a_body_that_is_too_large_is_refused_in_anthropics_shape(instance: Instance, customer: Customer) -> None:
    headers = {"x-api-key": customer.key, "content-type": "application/json"}
    answer = await instance.client.post("/v1/messages", headers=headers, content=b" " * (32 * 1024 * 1024 + 1))
    assert (answer.status_code, answer.json()["error"]["type"]) == (413, "request_too_large")


async def test_a_stream_that_breaks_ends_in_an_error_event(
    sqlite_store: Store, instance: Instance, customer: Customer, upstream: StandIn
) -> None:
    upstream.default = stream(["half", " of"], break_after=2)
    async with anthropic_of(instance, customer).messages.stream(**HELLO) as events:
        with pytest.raises(anthropic.APIStatusError, match="broke off"):
            await events.get_final_message()
    [record] = (await books_of(sqlite_store, customer.uid)).records
    assert record["status"] == "error"
    assert record["charged"] > 0


@pytest.mark.parametrize("streamed", [False, True])
async def test_an_idempotent_request_is_answered_again_alike_and_charged_once(
    sqlite_store: Store, instance: Instance, customer: Customer, upstream: StandIn, streamed: bool
) -> None:
    headers = {"x-api-key": customer.key, "idempotency-key": "once"}
    body = {**HELLO, "stream": streamed}
    first, second = [await instance.client.post("/v1/messages", headers=headers, json=body) for _ in range(2)]
    assert first.text == second.text
    assert second.headers["x-farebox-idempotent-replay"] == "true"
    assert len(upstream.requests) == 1
    assert len((await books_of(sqlite_store, customer.uid)).records) == 1


def test_a_conversation_with_tools_and_media_becomes_one_of_openais() -> None:
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}}
    asked = {
        **HELLO,
        "stop_sequences": ["END"],
        "metadata": {"user_id": "u1"},
        "top_k": 5,
        "system": [{"type": "text", "text": "One."}, {"type": "text", "text": "Two."}],
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "Look:"}, image]},
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "hm", "signature": "s"},
                    {"type": "text", "text": "I look."},
                    {"type": "tool_use", "id": "t1", "name": "weather", "input": {"city": "Rome"}},
                ],
            },
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": "sun"}, image]},
                    {"type": "text", "text": "And?"},
                ],
            },
        ],
    }
    chat = chat_of(asked)
    url = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    assert chat["messages"] == [
        {"role": "system", "content": "One.\n\nTwo."},
        {"role": "user", "content": [{"type": "text", "text": "Look:"}, url]},
        {
            "role": "assistant",
            "content": "I look.",
            "tool_calls": [
                {"id": "t1", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Rome"}'}}
            ],
        },
        {"role": "tool", "tool_call_id": "t1", "content": "sun"},
        {"role": "user", "content": [url, {"type": "text", "text": "And?"}]},
    ]
    assert (chat["stop"], chat["user"], chat["top_k"], chat["max_tokens"]) == (["END"], "u1", 5, 64)
    assert "metadata" not in chat and "system" not in chat


EFFORTS: list[tuple[dict[str, Any], str | None]] = [
    ({"thinking": {"type": "enabled", "budget_tokens": 1024}}, "low"),
    ({"thinking": {"type": "enabled", "budget_tokens": 16_384}}, "medium"),
    ({"thinking": {"type": "enabled", "budget_tokens": 32_000}}, "high"),
    ({"thinking": {"type": "disabled"}}, None),
    ({"thinking": {"type": "adaptive"}}, None),
    ({"thinking": {"type": "adaptive"}, "output_config": {"effort": "high"}}, "high"),
    ({"output_config": {"effort": "max"}}, "xhigh"),
    ({}, None),
]


@pytest.mark.parametrize(("fields", "effort"), EFFORTS)
def test_thinking_is_asked_for_in_openais_word_and_in_no_other(fields: dict[str, Any], effort: str | None) -> None:
    chat = chat_of({**HELLO, **fields, "cache_control": {"type": "ephemeral"}, "speed": "standard"})
    assert chat.get("reasoning_effort") == effort
    assert chat.keys() <= {"model", "messages", "max_tokens", "reasoning_effort"}


def test_an_answer_can_be_held_to_a_schema() -> None:
    chat = chat_of({**HELLO, "output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}}})
    assert chat["response_format"]["json_schema"] == {"name": "answer", "schema": {"type": "object"}, "strict": True}


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
async def test_what_a_model_thought_is_shown_to_those_who_asked_for_it(
    instance: Instance, customer: Customer, upstream: StandIn, streamed: bool, name: str
) -> None:
    client = anthropic_of(instance, customer)

    async def ask(**fields: Any) -> list[str]:
        if not streamed:
            message = await client.messages.create(**{**HELLO, "max_tokens": 2_000, **fields})
        else:
            async with client.messages.stream(**{**HELLO, "max_tokens": 2_000, **fields}) as events:
                message = await events.get_final_message()
        return [block.thinking if block.type == "thinking" else block.type for block in message.content]

    upstream.default = thinking_in_a_stream(name) if streamed else thinking(name)
    assert await ask() == ["text"]
    assert await ask(thinking={"type": "adaptive", "display": "omitted"}) == ["text"]
    assert await ask(thinking={"type": "enabled", "budget_tokens": 1024}) == ["Let me think.", "text"]


@pytest.mark.usefixtures("unasked")
async def test_a_prompt_is_counted_for_nothing_and_without_asking_anybody(
    instance: Instance, customer: Customer
) -> None:
    client = anthropic_of(instance, customer)
    messages: list[Any] = HELLO["messages"]
    tools: list[Any] = [TOOL]
    short = await client.messages.count_tokens(model="test-model", messages=messages)
    longer = await client.messages.count_tokens(model="test-model", messages=messages, system="Be brief.", tools=tools)
    assert 0 < short.input_tokens < longer.input_tokens
    with pytest.raises(anthropic.NotFoundError):
        await client.messages.count_tokens(model="nothing", messages=messages)
    with pytest.raises(anthropic.AuthenticationError):
        await client.with_options(api_key="fb-live-none").messages.count_tokens(model="test-model", messages=messages)


def saying(*blocks: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": list(blocks)}]}


IMAGE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aGk="}}
TOLD = [{"type": "text", "text": "One."}, {"type": "text", "text": "Two."}]


@pytest.mark.parametrize(
    ("block", "text"),
    [
        ({"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "One."}}, "One."),
        (
            {
                "type": "document",
                "title": "Title",
                "context": "Context",
                "source": {"type": "text", "media_type": "text/plain", "data": "One."},
            },
            "Title\n\nContext\n\nOne.",
        ),
        ({"type": "document", "title": "Title", "source": {"type": "content", "content": TOLD}}, "Title\n\nOne.\nTwo."),
        ({"type": "document", "source": {"type": "content", "content": "One."}}, "One."),
        (
            {"type": "search_result", "title": "Title", "source": "https://a.example", "content": TOLD},
            "Title\n\nhttps://a.example\n\nOne.\nTwo.",
        ),
    ],
)
def test_documents_and_found_pages_of_texts_are_texts_of_a_chat(block: dict[str, Any], text: str) -> None:
    assert chat_of({**HELLO, **saying(block)})["messages"] == [{"role": "user", "content": text}]
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": [block]}
    assert chat_of({**HELLO, **saying(result)})["messages"][0]["content"] == text


REFUSED: list[tuple[dict[str, Any], str]] = [
    (saying({"type": "web_search_result", "title": "T", "url": "https://a.example"}), "messages.0.content.0.type"),
    (saying({"type": "search_result"}), "messages.0.content.0.content"),
    (
        saying({"type": "document", "source": {"type": "content", "content": [IMAGE]}}),
        "messages.0.content.0.source.content.0.type",
    ),
    *(
        (saying({"type": "document", "title": {"a": 1}, "source": source}), "messages.0.content.0.title")
        for source in (
            {"type": "base64", "media_type": "application/pdf", "data": "AAAA"},
            {"type": "text", "media_type": "text/plain", "data": "One."},
        )
    ),
    (saying({"type": "image", "source": {"type": "novel"}}), "messages.0.content.0.source.type"),
    (saying({"type": "image"}), "messages.0.content.0.source"),
    (saying({"type": "text"}), "messages.0.content.0.text"),
    (saying("text"), "messages.0.content.0"),
    ({"messages": [{"role": "tool", "content": "x"}]}, "messages.0.role"),
    ({"messages": [{"role": "user"}]}, "messages.0.content"),
    ({"tools": [{"type": "web_search_20250305", "name": "web_search"}]}, "tools.0.type"),
    ({"tool_choice": {"type": "some"}}, "tool_choice.type"),
    ({"system": [{"type": "text"}]}, "system.0.text"),
    ({"thinking": {"type": "deep"}}, "thinking.type"),
    ({"thinking": {"type": "enabled"}}, "thinking.budget_tokens"),
    ({"output_config": {"effort": "some"}}, "output_config.effort"),
    ({"output_config": {"format": {"type": "xml"}}}, "output_config.format.type"),
    ({"speed": "fast"}, "speed"),
    ({"container": "c"}, "container"),
    ({"mcp_servers": [{"type": "url"}]}, "mcp_servers"),
    ({"inference_geo": "us"}, "inference_geo"),
]


@pytest.mark.usefixtures("unasked")
@pytest.mark.parametrize(("fields", "param"), REFUSED)
async def test_what_has_no_equivalent_is_refused_by_name_before_it_costs(
    instance: Instance, customer: Customer, fields: dict[str, Any], param: str
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        chat_of({**HELLO, **fields})
    assert caught.value.param == param
    headers = {"x-api-key": customer.key, "content-type": "application/json"}
    body = orjson.dumps({**HELLO, **fields})
    answer = await instance.client.post("/v1/messages", headers=headers, content=body)
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "invalid_request_error")


async def test_the_cap_goes_into_the_field_that_the_upstream_knows(
    instance: Instance, customer: Customer, upstream: StandIn
) -> None:
    plane = await instance.runtime.data_plane()
    upstreams = await plane.upstreams.read()
    plane.gateway.configure([replace(one, cap_field="max_completion_tokens") for one in upstreams])
    await anthropic_of(instance, customer).messages.create(**HELLO)
    assert upstream.last.json["max_completion_tokens"] == 64
    assert "max_tokens" not in upstream.last.json
