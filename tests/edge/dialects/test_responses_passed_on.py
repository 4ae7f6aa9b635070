"""Responses to an upstream that speaks them itself: passed on as they are, priced and bounded as any other request."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest

from functions.farebox.gateway.stream.own_events import named_event
from functions.farebox.storage import Store
from tests.edge.dialects.conftest import PRICE
from tests.support.clients.vendor_sdks import openai_of
from tests.support.money.customers import Customer
from tests.support.money.wallet_books import books_of
from tests.support.product.in_process import Instance, running
from tests.support.stand_ins.responses import SEAL, ResponsesApi
from tests.support.stand_ins.upstream import MODEL, StandIn, json_reply, raw, status

HELLO: dict[str, Any] = {"model": "test-model", "input": "Hello"}
COST = 137_500  # nano-USD: 5 plain at 2.50, 4 cached at 1.25, 12 out at 10.00 a million
THINKER = "gpt-5-test"  # a name of OpenAI's models that think
PATCH = {"type": "custom", "name": "apply_patch", "format": {"type": "text"}}

CALL = {"id": "fc_1", "type": "function_call", "call_id": "call_1", "name": "look", "arguments": "{}"}
OUTPUT = {"type": "function_call_output", "call_id": "call_1", "output": "rain"}


@pytest.fixture
def vendor(upstream: StandIn) -> ResponsesApi:
    vendor = ResponsesApi()
    upstream.default = vendor.answer
    return vendor


@pytest.fixture
async def instance(
    sqlite_store: Store, upstream: StandIn, other: StandIn, vendor: ResponsesApi
) -> AsyncIterator[Instance]:
    upstreams = [
        upstream.entry(
            "openai", "test-model", THINKER, speaks=["chat", "responses"], cap_field="max_completion_tokens"
        ),
        other.entry("other", priority=1),
    ]
    async with running(
        sqlite_store, pricing={"test-model": PRICE, THINKER: PRICE}, FAREBOX_UPSTREAMS=orjson.dumps(upstreams).decode()
    ) as instance:
        yield instance


async def ask(instance: Instance, customer: Customer, **fields: Any) -> httpx.Response:
    return await instance.client.post("/v1/responses", headers=customer.bearer, json={**HELLO, **fields})


def named(sent: bytes) -> bytes:
    """What was sent, with the model's public name."""
    return sent.replace(b'"model":"' + MODEL.encode(), b'"model":"test-model')


async def test_a_response_goes_up_and_comes_back_as_it_is_but_for_the_models_name(
    sqlite_store: Store, instance: Instance, customer: Customer, upstream: StandIn, vendor: ResponsesApi
) -> None:
    asked = {
        "instructions": "Be brief.",
        "max_output_tokens": 500,
        "tools": [PATCH],
        "include": ["reasoning.encrypted_content"],
        "truncation": "auto",
        "reasoning": {"effort": "low", "summary": "auto"},
        "prompt_cache_key": "k",
    }
    answer = await ask(instance, customer, **asked)
    assert answer.status_code == 200, answer.text
    assert answer.content == named(vendor.last_sent)
    assert answer.headers["x-farebox-dialect"] == "responses"
    assert upstream.last.path == "/v1/responses"
    assert upstream.last.json == {**HELLO, **asked, "model": MODEL, "store": False}
    [record] = (await books_of(sqlite_store, customer.uid)).records
    assert (record["charged"], record["usage_source"], record["path"]) == (COST, "provider", "/responses")


async def test_a_stream_comes_event_by_event_as_it_is_and_ends_with_the_charge(
    sqlite_store: Store, instance: Instance, customer: Customer, vendor: ResponsesApi
) -> None:
    answer = await ask(instance, customer, stream=True)
    *sent, last_sent, _ = named(vendor.last_sent).split(b"\n\n")
    *got, last, _ = answer.content.split(b"\n\n")
    assert got == sent
    told = orjson.loads(last.split(b"data: ")[1])
    charge = told["response"].pop("farebox")
    assert told == orjson.loads(last_sent.split(b"data: ")[1])
    assert float(charge["cost_usd"]) == COST / 1e9
    [record] = (await books_of(sqlite_store, customer.uid)).records
    assert record["charged"] == COST


@pytest.mark.parametrize("streamed", [False, True])
async def test_sealed_thoughts_and_calls_go_round_in_a_loop(
    instance: Instance, customer: Customer, vendor: ResponsesApi, streamed: bool
) -> None:
    call = {"id": "ctc_1", "type": "custom_tool_call", "call_id": "call_1", "name": "apply_patch", "input": "*** x"}
    vendor.output = ({**call, "status": "completed"},)
    client = openai_of(instance, customer)
    asked: dict[str, Any] = {**HELLO, "tools": [PATCH], "include": ["reasoning.encrypted_content"], "store": True}
    if streamed:
        async with client.responses.stream(**asked) as events:
            response: Any = await events.get_final_response()
    else:
        response = await client.responses.create(**asked)
    thought, called = response.output
    assert (thought.encrypted_content, called.input) == (SEAL, "*** x")
    items = [item.model_dump(exclude_none=True) for item in response.output]
    asked["input"] = [
        {"role": "user", "content": "Hello"},
        *items,
        {"type": "custom_tool_call_output", "call_id": "call_1", "output": "done"},
    ]
    await client.responses.create(**asked)
    assert vendor.bodies[-1]["input"][1:3] == items


async def test_a_thought_that_is_neither_told_nor_sealed_is_left_out_and_named(
    instance: Instance, customer: Customer, vendor: ResponsesApi
) -> None:
    items = [
        {"role": "user", "content": "Hello"},
        {"type": "reasoning", "id": "rs_1", "summary": []},
        {"role": "assistant", "content": "Hi."},
        {"role": "user", "content": "And?"},
    ]
    answer = await ask(instance, customer, input=items)
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-farebox-dropped"] == "input.1"
    assert len(vendor.bodies[-1]["input"]) == 3


@pytest.mark.parametrize("store", [{}, {"store": True}, {"store": None}])
async def test_a_client_that_trusts_in_storage_keeps_its_thoughts_in_a_loop(
    instance: Instance, customer: Customer, vendor: ResponsesApi, store: dict[str, Any]
) -> None:
    vendor.output = (CALL,)
    first = await ask(instance, customer, model=THINKER, **store)
    again = [{"role": "user", "content": "Hello"}, *first.json()["output"], OUTPUT]
    second = await ask(instance, customer, model=THINKER, input=again, **store)
    assert second.status_code == 200, second.text
    assert "x-farebox-dropped" not in second.headers
    assert [body["include"] for body in vendor.bodies] == [["reasoning.encrypted_content"]] * 2
    assert vendor.bodies[1]["input"][1]["encrypted_content"] == SEAL


async def test_nothing_is_asked_for_that_a_client_or_a_model_has_no_use_for(
    instance: Instance, customer: Customer, vendor: ResponsesApi
) -> None:
    await ask(instance, customer, model=THINKER, store=False)
    await ask(instance, customer)
    assert [body.get("include") for body in vendor.bodies] == [None, None]


async def test_a_call_whose_thought_is_lost_is_sent_without_the_id_that_binds_it_to_it(
    instance: Instance, customer: Customer, vendor: ResponsesApi
) -> None:
    thought = {"type": "reasoning", "id": "rs_1", "summary": []}
    said = [{"role": "user", "content": "Hello"}, thought, CALL, OUTPUT]
    answer = await ask(instance, customer, input=said)
    assert (answer.status_code, answer.headers["x-farebox-dropped"]) == (200, "input.1")
    assert vendor.bodies[0]["input"][1] == {name: value for name, value in CALL.items() if name != "id"}


@pytest.mark.parametrize("streamed", [False, True])
async def test_who_speaks_chat_alone_is_asked_in_chat_after_one_that_failed(
    sqlite_store: Store, instance: Instance, customer: Customer, upstream: StandIn, other: StandIn, streamed: bool
) -> None:
    upstream.script(status(503))
    answer = await ask(instance, customer, instructions="Be brief.", stream=streamed)
    assert answer.headers["x-farebox-upstream"] == "openai, other"
    assert other.last.json["messages"][0] == {"role": "system", "content": "Be brief."}
    assert b'"status":"completed"' in answer.content
    assert sum(record["charged"] for record in (await books_of(sqlite_store, customer.uid)).records) == COST


async def test_an_error_before_the_first_word_of_a_stream_goes_to_the_next(
    instance: Instance, customer: Customer, vendor: ResponsesApi
) -> None:
    vendor.fails_after = 2
    answer = await ask(instance, customer, stream=True)
    assert answer.headers["x-farebox-upstream"] == "openai, other"
    assert b"fell over" not in answer.content


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("status", ["in_progress", "queued", "cancelled"])
async def test_a_last_word_that_says_it_is_not_done_is_no_answer(
    instance: Instance, customer: Customer, upstream: StandIn, stream: bool, status: str
) -> None:
    told = {"id": "resp_1", "object": "response", "status": status, "model": MODEL, "output": []}
    events = (
        named_event({"type": "response.created", "response": told}),
        named_event({"type": "response.completed", "response": told}),
    )
    upstream.script(raw(*events, headers={"content-type": "text/event-stream"}) if stream else json_reply(told))
    answer = await ask(instance, customer, stream=stream)
    assert (answer.status_code, answer.headers["x-farebox-upstream"]) == (200, "openai, other")


@pytest.mark.parametrize("fault", ["fails_after", "breaks_after"])
async def test_a_stream_that_breaks_off_ends_in_an_error_and_costs_what_came(
    sqlite_store: Store, instance: Instance, customer: Customer, vendor: ResponsesApi, fault: str
) -> None:
    setattr(vendor, fault, 8)
    answer = await ask(instance, customer, stream=True)
    last = orjson.loads(answer.content.split(b"data: ")[-1])
    assert (last["type"], last["code"]) == ("error", "upstream_error")
    assert b"response.completed" not in answer.content
    [record] = (await books_of(sqlite_store, customer.uid)).records
    assert record["status"] == "error"
    assert 0 < record["charged"] < COST


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_key_replays_what_was_passed_on(
    instance: Instance, customer: Customer, upstream: StandIn, streamed: bool
) -> None:
    headers = {**customer.bearer, "idempotency-key": "k"}
    first, again = [
        await instance.client.post("/v1/responses", headers=headers, json={**HELLO, "stream": streamed})
        for _ in range(2)
    ]
    assert again.content == first.content
    assert len(upstream.requests) == 1


@pytest.mark.parametrize("fields", [{"truncation": "auto"}, {"max_tool_calls": 1}, {"reasoning": {"context": "all"}}])
async def test_a_key_stands_for_all_that_its_client_sent(
    instance: Instance, customer: Customer, fields: dict[str, Any]
) -> None:
    headers = {**customer.bearer, "idempotency-key": "k"}
    first, other = [
        await instance.client.post("/v1/responses", headers=headers, json={**HELLO, **each}) for each in ({}, fields)
    ]
    assert (first.status_code, other.status_code) == (200, 422), (first.text, other.text)


@pytest.mark.parametrize("streamed", [False, True])
async def test_chats_go_to_it_as_chats(
    instance: Instance, customer: Customer, upstream: StandIn, streamed: bool
) -> None:
    body = {"model": "test-model", "messages": [{"role": "user", "content": "Hello"}], "stream": streamed}
    answer = await instance.ask(customer.bearer, body)
    assert answer.status_code == 200
    assert upstream.last.path == "/v1/chat/completions"
    assert "max_completion_tokens" in upstream.last.json
