"""Messages to an upstream that speaks them itself: passed on as they are, priced and bounded as any other request."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import anthropic
import httpx
import orjson
import pytest
from anthropic.types import TextBlock, ToolUseBlock
from starlette.types import Message

from functions.farebox.storage import Data, Store
from tests.support.clients.vendor_sdks import anthropic_of
from tests.support.money.customers import Customer
from tests.support.money.wallet_books import books_of
from tests.support.product.in_process import Instance, running
from tests.support.stand_ins.anthropic import KEY, MODEL, PRICE, AnthropicApi, refusal
from tests.support.stand_ins.upstream import Received, Reply, StandIn, Step, completion, status

HELLO: dict[str, Any] = {
    "model": "test-model",
    "max_tokens": 4096,
    "messages": [{"role": "user", "content": "Hello"}],
}
ENTRY: dict[str, Any] = {
    "models": {"test-model": MODEL},
    "speaks": ["messages"],
    "api_key": KEY,
    "auth": {"header": "x-api-key"},
    "headers": {"anthropic-version": "2023-06-01"},
}
# What has no equivalent in a chat: a document with an image in it.
IMAGE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}}
DRAWN: list[dict[str, Any]] = [
    {"role": "user", "content": [{"type": "document", "source": {"type": "content", "content": [IMAGE]}}]}
]
LONG = "You are a coding agent. " * 400


@pytest.fixture
async def instance(
    sqlite_store: Store, upstream: StandIn, other: StandIn, vendor: AnthropicApi
) -> AsyncIterator[Instance]:
    upstreams = [upstream.entry("claude", **ENTRY), other.entry("other", priority=1)]
    async with running(
        sqlite_store,
        pricing={"test-model": {**PRICE, "search_usd": "0.01"}},
        FAREBOX_UPSTREAMS=orjson.dumps(upstreams).decode(),
    ) as instance:
        yield instance


async def ask(instance: Instance, customer: Customer, body: dict[str, Any], **headers: str) -> httpx.Response:
    """Send a request for a message, as Anthropic's clients do."""
    return await instance.client.post("/v1/messages", headers={"x-api-key": customer.key, **headers}, json=body)


async def record_of(store: Store, customer: Customer) -> Data:
    """The one record of a customer."""
    [record] = (await books_of(store, customer.uid)).records
    return record


async def test_a_message_goes_up_and_comes_back_as_it_is_but_for_the_models_name(
    sqlite_store: Store, instance: Instance, customer: Customer, upstream: StandIn, vendor: AnthropicApi
) -> None:
    mark = {"cache_control": {"type": "ephemeral"}}
    asked = {
        **HELLO,
        "system": [{"type": "text", "text": LONG, **mark}],
        "tools": [
            {"name": "weather", "input_schema": {"type": "object"}, **mark},
            {"type": "bash_20250124", "name": "bash"},
        ],
        "tool_choice": {"type": "auto", "disable_parallel_tool_use": True},
        "metadata": {"user_id": "u"},
        "stop_sequences": ["END"],
        "top_k": 5,
    }
    answer = await ask(instance, customer, asked)
    assert answer.status_code == 200, answer.text
    assert answer.content == vendor.last_sent.replace(MODEL.encode(), b"test-model")
    assert answer.headers["x-farebox-dialect"] == "messages"
    assert upstream.last.path == "/v1/messages"
    assert upstream.last.json == {**asked, "model": MODEL}
    [used] = vendor.bill
    record = await record_of(sqlite_store, customer)
    assert (record["charged"], record["usage_source"]) == (used.cost, "provider")
    assert used.write_5m > 2_000


async def test_a_stream_comes_event_by_event_as_it_is_and_ends_with_the_charge(
    sqlite_store: Store, instance: Instance, customer: Customer, vendor: AnthropicApi
) -> None:
    answer = await ask(instance, customer, {**HELLO, "stream": True})
    sent, got = (
        text.split(b"\n\n") for text in (vendor.last_sent.replace(MODEL.encode(), b"test-model"), answer.content)
    )
    assert len(got) == len(sent)
    different = [n for n, event in enumerate(sent) if got[n] != event]
    assert [sent[n].split(b"\n")[0] for n in different] == [b"event: message_delta"]
    change = orjson.loads(got[different[0]].split(b"data: ")[1])
    charge = change.pop("farebox")
    assert change == orjson.loads(sent[different[0]].split(b"data: ")[1])
    record = await record_of(sqlite_store, customer)
    assert float(charge["cost_usd"]) == record["charged"] / 1e9 == vendor.bill[0].cost / 1e9


async def test_anthropics_own_client_reads_both(instance: Instance, customer: Customer, vendor: AnthropicApi) -> None:
    vendor.content = [
        {"type": "text", "text": "Let me see."},
        {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Rome"}},
    ]
    vendor.stop_reason = "tool_use"
    client = anthropic_of(instance, customer)
    whole = await client.messages.create(**HELLO)
    async with client.messages.stream(**HELLO) as events:
        streamed = await events.get_final_message()
    assert [block.type for block in whole.content] == [block.type for block in streamed.content] == ["text", "tool_use"]
    for message in (whole, streamed):
        text, call = message.content
        assert isinstance(text, TextBlock) and isinstance(call, ToolUseBlock)
        assert (text.text, call.id, call.input) == ("Let me see.", "toolu_1", {"city": "Rome"})
    assert whole.stop_reason == streamed.stop_reason == "tool_use"
    assert whole.usage.output_tokens == streamed.usage.output_tokens == 12


@pytest.mark.parametrize("streamed", [False, True])
async def test_thoughts_come_sealed_and_go_back_sealed(
    sqlite_store: Store, instance: Instance, customer: Customer, vendor: AnthropicApi, streamed: bool
) -> None:
    client = anthropic_of(instance, customer)
    asked: dict[str, Any] = {**HELLO, "thinking": {"type": "enabled", "budget_tokens": 2048}}
    vendor.content = [{"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {}}]
    vendor.stop_reason = "tool_use"
    asked["tools"] = [{"name": "weather", "input_schema": {"type": "object"}}]

    async def turn() -> anthropic.types.Message:
        if not streamed:
            return await client.messages.create(**asked)
        async with client.messages.stream(**asked) as events:
            return await events.get_final_message()

    first = await turn()
    assert first.content[0].type == "thinking"
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "sunny"}
    said = [block.model_dump(exclude_none=True) for block in first.content]
    asked["messages"] = [
        *HELLO["messages"],
        {"role": "assistant", "content": said},
        {"role": "user", "content": [result]},
    ]
    await turn()
    assert vendor.bodies[-1]["messages"][1]["content"][0]["signature"].startswith("sealed-")
    books = await books_of(sqlite_store, customer.uid)
    assert sum(record["charged"] for record in books.records) == sum(used.cost for used in vendor.bill)


async def test_a_session_of_ten_turns_reads_its_cache_from_the_second_and_is_charged_the_vendors_bill(
    sqlite_store: Store, instance: Instance, customer: Customer, vendor: AnthropicApi
) -> None:
    mark = {"cache_control": {"type": "ephemeral"}}
    hour = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}
    messages: list[dict[str, Any]] = []
    for turn in range(10):
        messages.append(
            {"role": "user", "content": [{"type": "text", "text": f"Turn {turn}. " + "Go on. " * 50, **mark}]}
        )
        asked = {
            **HELLO,
            "system": [{"type": "text", "text": LONG, **hour}],
            "messages": messages,
            "stream": turn % 2 == 1,
        }
        answer = await ask(instance, customer, asked)
        assert answer.status_code == 200, answer.text
        del messages[-1]["content"][0]["cache_control"]
        messages.append({"role": "assistant", "content": "Done. " * 20})
    assert vendor.bill[0].write_1h > 2_000 and vendor.bill[0].write_5m > 0
    assert [used.read > 2_000 and used.write_1h == 0 for used in vendor.bill[1:]] == [True] * 9
    books = await books_of(sqlite_store, customer.uid)
    assert sum(record["charged"] for record in books.records) == sum(used.cost for used in vendor.bill)


async def test_an_hour_in_the_cache_is_refused_where_it_has_no_price(
    sqlite_store: Store, customer: Customer, upstream: StandIn, vendor: AnthropicApi
) -> None:
    price = {name: value for name, value in PRICE.items() if name != "cache_write_1h_usd_per_1m"}
    upstreams = orjson.dumps([upstream.entry("claude", **ENTRY)]).decode()
    async with running(
        sqlite_store, pricing={"test-model": price}, FAREBOX_UPSTREAMS=upstreams, FAREBOX_SEED="force"
    ) as instance:
        hour = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}
        answer = await ask(instance, customer, {**HELLO, "system": [{"type": "text", "text": "Be brief.", **hour}]})
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "unsupported_parameter"
    assert upstream.requests == []


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("fault", ["overloaded", "key", "credit"])
async def test_who_speaks_chat_alone_is_asked_in_chat_after_one_that_failed(
    sqlite_store: Store,
    instance: Instance,
    customer: Customer,
    upstream: StandIn,
    other: StandIn,
    streamed: bool,
    fault: str,
) -> None:
    upstream.script(
        {
            "overloaded": refusal(529, "overloaded_error", "Overloaded"),
            "key": refusal(401, "authentication_error", "invalid x-api-key"),
            "credit": refusal(400, "invalid_request_error", "Your credit balance is too low to access the API."),
        }[fault]
    )
    answer = await ask(instance, customer, {**HELLO, "system": "Be brief.", "stream": streamed})
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-farebox-upstream"] == "claude, other"
    assert "x-farebox-dialect" not in answer.headers
    assert other.last.path == "/v1/chat/completions"
    assert other.last.json["messages"][0] == {"role": "system", "content": "Be brief."}
    assert b"Hello" in answer.content
    if streamed:
        assert answer.content.endswith(b'event: message_stop\ndata: {"type":"message_stop"}\n\n')
        assert b'"output_tokens":12' in answer.content
    else:
        assert answer.json()["usage"]["output_tokens"] == 12
    assert (await record_of(sqlite_store, customer))["upstream"] == "other"


async def test_who_speaks_messages_is_asked_in_messages_after_one_that_does_not(
    sqlite_store: Store, customer: Customer, upstream: StandIn, other: StandIn, vendor: AnthropicApi
) -> None:
    upstreams = orjson.dumps([other.entry("other"), upstream.entry("claude", priority=1, **ENTRY)]).decode()
    other.script(status(503))
    async with running(
        sqlite_store, pricing={"test-model": PRICE}, FAREBOX_UPSTREAMS=upstreams, FAREBOX_SEED="force"
    ) as instance:
        answer = await ask(instance, customer, HELLO)
    assert answer.headers["x-farebox-upstream"] == "other, claude"
    assert answer.content == vendor.last_sent.replace(MODEL.encode(), b"test-model")


async def test_an_error_before_the_first_word_of_a_stream_goes_to_the_next(
    instance: Instance, customer: Customer, vendor: AnthropicApi
) -> None:
    vendor.fails_after = 2  # the beginning of the message and a ping
    answer = await ask(instance, customer, {**HELLO, "stream": True})
    assert answer.headers["x-farebox-upstream"] == "claude, other"
    assert b"overloaded" not in answer.content


@pytest.mark.parametrize("fault", ["fails_after", "breaks_after"])
async def test_a_stream_that_breaks_off_ends_in_anthropics_error_and_costs_what_came(
    sqlite_store: Store, instance: Instance, customer: Customer, vendor: AnthropicApi, fault: str
) -> None:
    setattr(vendor, fault, 5)  # two pieces of text
    answer = await ask(instance, customer, {**HELLO, "stream": True})
    last = answer.content.split(b"\n\n")[-2]
    assert last.startswith(b"event: error\ndata: ")
    error = orjson.loads(last.split(b"data: ")[1])
    assert (error["type"], error["error"]["type"]) == ("error", "api_error")
    assert b"message_stop" not in answer.content
    record = await record_of(sqlite_store, customer)
    assert record["status"] == "error"
    assert 0 < record["charged"] < vendor.bill[0].cost


@pytest.mark.parametrize("begins_with", [None, {}, {"output_tokens": 1}])
async def test_a_prompt_that_a_stream_does_not_tell_is_counted(
    sqlite_store: Store, instance: Instance, customer: Customer, upstream: StandIn, begins_with: dict[str, Any] | None
) -> None:
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": MODEL, "content": []}
    block = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": "Hi"}}
    ended = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 7}}
    begun = message | ({} if begins_with is None else {"usage": begins_with})
    events = [{"type": "message_start", "message": begun}, block, ended, {"type": "message_stop"}]
    steps: list[Step] = [b"data: " + orjson.dumps(event) + b"\n\n" for event in events]
    upstream.script(Reply(200, {"content-type": "text/event-stream"}, steps))
    answer = await ask(instance, customer, {**HELLO, "stream": True})
    assert answer.status_code == 200, answer.text
    tokens = (await record_of(sqlite_store, customer))["tokens"]
    assert (tokens["prompt"] > 0, tokens["completion"]) == (True, 7)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
async def test_who_is_answered_by_a_chat_that_tells_no_prompt_is_shown_what_is_charged(
    sqlite_store: Store, instance: Instance, customer: Customer, upstream: StandIn, other: StandIn, stream: bool
) -> None:
    upstream.script(status(503))
    chunk = {
        "id": "c",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "usage": {"completion_tokens": 2},
    }
    said = {"index": 0, "delta": {"content": "Hi"}, "finish_reason": "stop"}
    streamed: list[Step] = [b"data: " + orjson.dumps({**chunk, "choices": [said]}) + b"\n\n", b"data: [DONE]\n\n"]
    events = Reply(200, {"content-type": "text/event-stream"}, streamed)
    other.script(events if stream else completion("Hi", usage={"completion_tokens": 2}))
    answer = await ask(instance, customer, {**HELLO, "stream": stream})
    tokens = (await record_of(sqlite_store, customer))["tokens"]
    assert (tokens["prompt"] > 0, tokens["completion"]) == (True, 2)
    last = [line for line in answer.text.splitlines() if '"message_delta"' in line and "data:" in line]
    told = orjson.loads(last[0].removeprefix("data: ")) if stream else answer.json()
    assert (told["usage"]["input_tokens"], told["usage"]["output_tokens"]) == (tokens["prompt"], 2)


async def test_what_cannot_be_said_as_a_chat_goes_only_to_who_speaks_messages(
    instance: Instance, customer: Customer, upstream: StandIn, other: StandIn, vendor: AnthropicApi
) -> None:
    asked = {**HELLO, "messages": DRAWN}
    assert (await ask(instance, customer, asked)).status_code == 200
    upstream.script(refusal(529, "overloaded_error", "Overloaded"))
    assert (await ask(instance, customer, asked)).status_code in (502, 503)
    assert other.requests == []


async def test_what_nobody_can_be_asked_is_refused_by_name_and_costs_nothing(
    sqlite_store: Store, customer: Customer, other: StandIn, vendor: AnthropicApi
) -> None:
    upstreams = orjson.dumps([other.entry("claude"), other.entry("other")]).decode()
    async with running(
        sqlite_store, pricing={"test-model": PRICE}, FAREBOX_UPSTREAMS=upstreams, FAREBOX_SEED="force"
    ) as instance:
        answer = await ask(instance, customer, {**HELLO, "messages": DRAWN})
    assert (answer.status_code, other.requests) == (400, [])
    assert (await books_of(sqlite_store, customer.uid)).records == []


@pytest.mark.parametrize("status", [400, 200])
async def test_a_refusal_has_anthropics_shape_and_costs_nothing(
    sqlite_store: Store, instance: Instance, customer: Customer, upstream: StandIn, status: int
) -> None:
    upstream.script(
        refusal(status, "invalid_request_error", f"{MODEL}: prompt is too long: 250000 tokens > 200000 maximum")
    )
    answer = await ask(instance, customer, HELLO)
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert answer.json()["error"]["code"] == "context_length_exceeded"
    assert MODEL not in answer.text
    assert "x-farebox-dialect" not in answer.headers
    assert (await record_of(sqlite_store, customer))["charged"] == 0


async def test_what_no_table_knows_is_left_out_and_named(
    instance: Instance, customer: Customer, upstream: StandIn
) -> None:
    answer = await ask(instance, customer, {**HELLO, "novel": 1, "n": 3})
    assert answer.status_code == 200, answer.text
    assert set(answer.headers["x-farebox-dropped"].split(", ")) == {"novel", "n"}
    assert upstream.last.json.keys() == HELLO.keys()


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_key_replays_what_was_passed_on(
    sqlite_store: Store, instance: Instance, customer: Customer, upstream: StandIn, streamed: bool
) -> None:
    asked = {**HELLO, "stream": streamed}
    first = await ask(instance, customer, asked, **{"idempotency-key": "k"})
    again = await ask(instance, customer, asked, **{"idempotency-key": "k"})
    assert again.content == first.content
    assert again.headers["x-farebox-idempotent-replay"] == "true"
    assert len(upstream.requests) == 1


def said(part: dict[str, Any]) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": [part, {"type": "text", "text": "?"}]}]}


PAPER = {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "x"}}


@pytest.mark.parametrize(
    "fields",
    [
        {"thinking": {"type": "enabled", "budget_tokens": 1024}},
        {"cache_control": {"type": "ephemeral", "ttl": "5m"}},
        {"context_management": {"edits": [{"type": "clear_tool_uses_20250919"}]}},
        {"novel": "a"},
        said(PAPER),
        said({**PAPER, "citations": {"enabled": True}}),
        said({**PAPER, "context": "delete nothing"}),
        {"stream": True},
        {},
    ],
)
async def test_a_key_stands_for_all_that_its_client_sent(
    instance: Instance, customer: Customer, fields: dict[str, Any]
) -> None:
    headers = {"idempotency-key": "k", "anthropic-beta": "context-management-2025-06-27"}
    first = await ask(instance, customer, {**HELLO, **fields}, **headers)
    assert first.status_code == 200, first.text
    other = {**HELLO, "messages": [*HELLO["messages"], *HELLO["messages"]]} if not fields else HELLO
    again = await ask(instance, customer, other, **headers)
    assert (again.status_code, again.json()["error"]["type"]) == (422, "invalid_request_error"), again.text


async def test_a_key_stands_for_the_headers_that_are_sent_on_as_well(instance: Instance, customer: Customer) -> None:
    by_beta = [
        await ask(instance, customer, HELLO, **{"idempotency-key": "k", "anthropic-beta": beta, "x-novel": beta})
        for beta in ("a", "a", "b")
    ]
    assert [answer.status_code for answer in by_beta] == [200, 200, 422]
    assert by_beta[1].headers["x-farebox-idempotent-replay"] == "true"


@pytest.mark.parametrize("streamed", [False, True])
async def test_the_cache_gives_again_what_was_passed_on_and_to_nobody_who_asks_in_another_dialect(
    sqlite_store: Store, customer: Customer, upstream: StandIn, other: StandIn, vendor: AnthropicApi, streamed: bool
) -> None:
    upstreams = orjson.dumps([upstream.entry("claude", **ENTRY), other.entry("other", priority=1)]).decode()
    async with running(
        sqlite_store,
        pricing={"test-model": PRICE},
        FAREBOX_UPSTREAMS=upstreams,
        FAREBOX_CACHE='{"models": ["*"]}',
        FAREBOX_SEED="force",
    ) as instance:
        asked = {**HELLO, "temperature": 0, "stream": streamed}
        first = await ask(instance, customer, asked)
        again = await ask(instance, customer, asked)
        assert (first.headers["x-farebox-cache"], again.headers["x-farebox-cache"]) == ("miss", "hit")
        assert _without_charge(again.content) == _without_charge(first.content)
        chat = await instance.ask(
            customer.bearer,
            {
                "model": "test-model",
                "max_tokens": 4096,
                "temperature": 0,
                "messages": HELLO["messages"],
                "stream": streamed,
            },
        )
    assert chat.headers["x-farebox-cache"] == "miss"
    assert b"chatcmpl-stand-in" in chat.content
    assert len(upstream.requests) == 2


def _without_charge(content: bytes) -> bytes:
    return content.partition(b',"farebox":')[0]


async def test_a_client_that_hangs_up_pays_for_the_prompt_and_for_what_came(
    sqlite_store: Store, instance: Instance, customer: Customer, upstream: StandIn, vendor: AnthropicApi
) -> None:
    vendor.stalls_after = 5
    gone = asyncio.Event()
    asked = [{"type": "http.request", "body": orjson.dumps({**HELLO, "stream": True})}]

    async def receive() -> Message:
        if asked:
            return asked.pop()
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if b"text_delta" in message.get("body", b""):
            gone.set()

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/messages",
        "query_string": b"",
        "headers": [(b"x-api-key", customer.key.encode())],
    }
    await instance.app(scope, receive, send)
    await upstream.last.hang_up()
    record = await record_of(sqlite_store, customer)
    assert record["status"] == "aborted"
    assert record["tokens"]["prompt"] == vendor.bill[0].uncached
    assert 0 < record["charged"] < vendor.bill[0].cost


async def test_what_comes_as_no_message_goes_to_the_next(
    instance: Instance, customer: Customer, upstream: StandIn
) -> None:
    upstream.script(completion(usage=None))
    answer = await ask(instance, customer, HELLO)
    assert answer.headers["x-farebox-upstream"] == "claude, other"


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("reason", ["unavailable", "context"])
async def test_a_fallback_model_is_asked_in_the_dialect_of_its_own_upstream(
    sqlite_store: Store,
    customer: Customer,
    upstream: StandIn,
    other: StandIn,
    vendor: AnthropicApi,
    reason: str,
    streamed: bool,
) -> None:
    upstreams = orjson.dumps([upstream.entry("claude", **ENTRY), other.entry("other", "spare")]).decode()
    faults = {
        "unavailable": refusal(529, "overloaded_error", "Overloaded"),
        "context": refusal(400, "invalid_request_error", "prompt is too long: 250000 tokens > 200000 maximum"),
    }
    upstream.script(faults[reason])
    async with running(
        sqlite_store,
        pricing={"test-model": PRICE, "spare": {**PRICE, "output_usd_per_1m": "30"}},
        FAREBOX_UPSTREAMS=upstreams,
        FAREBOX_FALLBACKS='{"test-model": ["spare"]}',
        FAREBOX_SEED="force",
    ) as instance:
        answer = await ask(instance, customer, {**HELLO, "stream": streamed})
        assert answer.headers["x-farebox-upstream"] == "claude, other"
        assert b'"type":"message"' in answer.content and b"H" in answer.content
        assert other.last.path == "/v1/chat/completions"
        other.script(status(503))
        back = await ask(instance, customer, {**HELLO, "model": "spare", "stream": streamed})
        assert back.status_code in (502, 503)
    records = (await books_of(sqlite_store, customer.uid)).records
    assert max(record["charged"] for record in records) == (5 * 3_000 + 4 * 300 + 12 * 30_000)


async def test_a_prompt_that_only_such_an_upstream_can_read_is_counted(instance: Instance, customer: Customer) -> None:
    client = anthropic_of(instance, customer)
    tools: Any = [{"type": "bash_20250124", "name": "bash"}]
    counted = await client.messages.count_tokens(model="test-model", messages=HELLO["messages"], tools=tools)
    assert counted.input_tokens > 5


@pytest.mark.parametrize("asked_in", ["messages", "chat"])
@pytest.mark.parametrize("streamed", [False, True])
async def test_one_form_of_answer_in_place_of_the_other_is_understood_and_not_asked_twice(
    sqlite_store: Store,
    instance: Instance,
    customer: Customer,
    upstream: StandIn,
    other: StandIn,
    vendor: AnthropicApi,
    streamed: bool,
    asked_in: str,
) -> None:
    def answer_in_the_other_form(received: Received) -> Reply:
        return vendor.answer(replace(received, body=orjson.dumps({**received.json, "stream": not streamed})))

    path = "/v1/messages" if asked_in == "messages" else "/v1/chat/completions"
    upstreams = orjson.dumps([upstream.entry("claude", **ENTRY), upstream.entry("other", priority=1, **ENTRY)]).decode()
    upstream.default = answer_in_the_other_form
    async with running(
        sqlite_store, pricing={"test-model": PRICE}, FAREBOX_UPSTREAMS=upstreams, FAREBOX_SEED="force"
    ) as instance:
        answer = await instance.client.post(path, headers=customer.bearer, json={**HELLO, "stream": streamed})
    assert len(vendor.bill) == 1
    record = await record_of(sqlite_store, customer)
    assert answer.status_code == 200, answer.text
    assert "lo, w" in answer.text
    assert ("chatcmpl-stand-in" in answer.text) is (asked_in == "chat")
    assert record["charged"] == record["cost"] == vendor.bill[0].cost
